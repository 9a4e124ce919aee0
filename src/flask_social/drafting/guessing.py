"""Which part of a sample is the id, which the name, and so on: by what providers call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProviderError
from ..protocols.identity import Source, read_email, read_link, read_subject, read_text
from .leaves import Leaf, comparable, leaves, path_of, primary_mark

SUBJECTS = ("sub", "id", "userid", "uid", "uuid", "accountid", "openid", "idstr", "guid", "pk")
USERNAMES = ("preferredusername", "username", "login", "screenname", "nickname", "nick", "handle")
NAMES = ("name", "displayname", "display", "fullname", "realname", "formattedname", "globalname")
FIRST = ("givenname", "firstname", "first")
LAST = ("familyname", "lastname", "surname", "last")
EMAILS = ("email", "mail", "emailaddress", "primaryemail")
IN_EMAILS = (*EMAILS, "value", "address")
VERIFIED = ("emailverified", "verifiedemail", "isemailverified", "emailconfirmed")
IN_VERIFIED = ("verified", "confirmed", "isverified", "isconfirmed", *VERIFIED)
PICTURES = (
    "picture", "avatarurl", "avatar", "profileimageurl", "profileimage", "imageurl", "image",
    "photourl", "photo", "profilepicture", "pictureurl", "avatarlarge",
)  # fmt: skip
PROFILES = ("htmlurl", "profileurl", "weburl", "link", "permalinkurl", "permalink", "profile")
ROLES = {
    "subject": "id",
    "username": "username",
    "name": "name",
    "email": "email",
    "email_verified": "verified",
    "profile_url": "profile",
    "image_url": "picture",
}
"""The parts of an identity, and what they are called here and in the sandbox."""
HALVES = ("first", "last")
PEOPLE = ("user", "me", "person", "account", "member", "viewer", "profile", "data")
"""Members that are about the person, where several have an id."""


class NoSubject(Exception):
    """The sample names nothing by which the person could be known again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Where the parts of an identity stand, and what a person has to look at."""

    sources: dict[str, Source]
    ways: dict[str, Leaf]
    """What was found for each role: a name may be made of ``first`` and ``last``."""
    email_trust: str
    to_check: list[str] = field(default_factory=list)


def guess(sample: Any) -> Guess:
    """What each part of *sample* is. :raises NoSubject: when nothing in it can be the id."""
    found = Finder(list(leaves(sample)), sample)
    subject = found.subject()
    ways = {"id": subject, **found.others(subject)}
    sources: dict[str, Source] = {
        part: path_to(ways[role], sample) for part, role in ROLES.items() if role in ways
    }
    if "name" not in sources and (parts := [ways[role] for role in HALVES if role in ways]):
        sources["name"] = " ".join(f"{{{path_to(part, sample)}}}" for part in parts)
    sources = {part: sources[part] for part in ROLES if part in sources}
    trust, said = trust_in(sources, found.all)
    checks = [
        f"`{sources['subject']}` is taken for the account's id. It has to be one that never "
        "changes and is never given to somebody else.",
        *said,
    ]
    return Guess(sources=sources, ways=ways, email_trust=trust, to_check=checks)


class Finder:
    """The values of one sample, and who among them is what."""

    def __init__(self, found: list[Leaf], sample: Any) -> None:
        self.all = found
        self.sample = sample

    def subject(self) -> Leaf:
        """The id: not deep, of somebody, by the most usual name."""

        def order(leaf: Leaf) -> tuple[int, bool, int]:
            return len(leaf.way), leaf.parent not in PEOPLE, SUBJECTS.index(leaf.key)

        ids = [leaf for leaf in self.all if leaf.key in SUBJECTS and _reads(read_subject, leaf)]
        if not ids:
            raise NoSubject
        return min(ids, key=order)

    def others(self, subject: Leaf) -> dict[str, Leaf]:
        """What else there is of the person whose id is *subject*, by role."""
        home = subject.way[:-1]
        ways = {
            "username": self.best(USERNAMES, home, read_text),
            "name": self.best(NAMES, home, read_text),
            "first": self.best(FIRST, home, read_text),
            "last": self.best(LAST, home, read_text),
            "picture": self.picture(home),
            "profile": self.best(PROFILES, home, read_link),
        }
        if (email := self.email(home)) is not None:
            ways |= {"email": email, "verified": self.flag_beside(email, home)}
        return {role: leaf for role, leaf in ways.items() if leaf is not None}

    def best(
        self, names: Sequence[str], home: tuple[Any, ...], reads: Callable[[Any], Any]
    ) -> Leaf | None:
        """The value by one of *names*, rather within *home* and not deep."""

        def order(leaf: Leaf) -> tuple[bool, int, int]:
            return leaf.way[: len(home)] != home, len(leaf.way), names.index(leaf.key)

        named = (leaf for leaf in self.all if leaf.key in names and isinstance(leaf.way[-1], str))
        fits = [leaf for leaf in named if _reads(reads, leaf)]
        return min((leaf for leaf in fits if not _is_others(leaf, home)), key=order, default=None)

    def picture(self, home: tuple[Any, ...]) -> Leaf | None:
        """An address by a name of pictures, or within a member that has one."""
        named = self.best(PICTURES, home, read_link)
        inside = [leaf for leaf in self.all if _is_in(leaf, PICTURES) and _reads(read_link, leaf)]
        return named or min(inside, key=lambda leaf: len(leaf.way), default=None)

    def email(self, home: tuple[Any, ...]) -> Leaf | None:
        """The address; of a list of them the one that is marked as the primary."""
        if (found := self.best(EMAILS, home, read_email)) and not found.is_listed:
            return found
        listed = [
            leaf
            for leaf in self.all
            if _is_in(leaf, ("emails", "emailaddresses"))
            and (leaf.key in IN_EMAILS or isinstance(leaf.way[-1], int))
            and _reads(read_email, leaf)
        ]
        return min(listed, key=lambda leaf: len(leaf.way), default=found)

    def flag_beside(self, email: Leaf, home: tuple[Any, ...]) -> Leaf | None:
        """The provider's word on the address, where it is beyond doubt."""
        if email.is_listed:
            beside = [leaf for leaf in self.all if leaf.way[:-1] == email.way[:-1]]
            flags = [leaf for leaf in beside if leaf.key in IN_VERIFIED and _is_flag(leaf.value)]
            return flags[0] if flags else None
        return self.best(VERIFIED, home, lambda value: _is_flag(value) or None)


def trust_in(sources: dict[str, Source], found: Iterable[Leaf]) -> tuple[str, list[str]]:
    """What the word on an address is worth, and what to look at for it."""
    if "email" not in sources:
        return "none", ["No e-mail address was found. A further scope may be needed for it."]
    if flag := sources.get("email_verified"):
        return "flag", [f"`{flag}` is taken for the provider's word on the address."]
    doubtful = [leaf.path for leaf in found if leaf.key in (*IN_VERIFIED, *VERIFIED)]
    said = [
        "No flag says that the address was checked: none ever counts as verified. If the provider "
        'documents that it tells checked addresses alone, email_trust is "always".'
    ]
    if doubtful:
        said.append(f"`{doubtful[0]}` may be about the address: read what it means.")
    return "never", said


def path_to(leaf: Leaf, sample: Any) -> str:
    """The path to *leaf*: in a list by the mark of the primary entry, where there is one."""
    path, place = "", sample
    for number, step in enumerate(leaf.way):
        mark = primary_mark(place[step]) if isinstance(step, int) else None
        if mark:
            path += f"[{mark}=true]"
        else:
            part = path_of((step,))
            path += f".{part}" if number and not part.startswith("[") else part
        place = place[step]
    return path


def _reads(read: Callable[[Any], Any], leaf: Leaf) -> bool:
    """Whether *read* makes anything of the value."""
    try:
        return read(leaf.value) is not None
    except ProviderError:
        return False


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or value in ("true", "false")


def _is_in(leaf: Leaf, names: Sequence[str]) -> bool:
    """Whether a member around the value has one of *names*."""
    return any(comparable(step) in names for step in leaf.way[:-1] if isinstance(step, str))


def _is_others(leaf: Leaf, home: tuple[Any, ...]) -> bool:
    """Whether it is of something beside the person: a company's name, say."""
    inside = leaf.way[: len(home)] == home
    between = leaf.way[len(home) : -1] if inside else leaf.way[:-1]
    return any(isinstance(step, str) and step.lower() not in OWN for step in between)


OWN = {
    *PEOPLE,
    "contact",
    "contacts",
    "name",
    "names",
    "attributes",
    "emails",
    "email",
    "kakao_account",
    "properties",
}
"""Members that hold more about the same person."""
