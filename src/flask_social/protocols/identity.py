"""From a provider's own words for a person to ours.

A :class:`Source` says where one thing stands in a profile: a dotted path (``"user.id"``,
``"emails[0].value"``, ``"emails[primary=true].email"``), a template (``"{first} {last}"``,
``"https://example.com/{login}"``), a tuple of such of which the first that gives something
counts, or a function called with the profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from .. import limits
from ..errors import ProviderError
from ..values import Identity

Profile = Any
Source = str | tuple[str, ...] | Callable[[Profile], Any]

STEP = "reading the profile"
PLACE = re.compile(r"\{([^{}]+)\}")
PART = re.compile(
    r'\["(?P<name>[^"]+)"\]'
    r"|\[(?P<index>-?\d+)\]"
    r"|\[(?P<key>\w+)=(?P<value>[^\]]*)\]"
    r"|(?P<plain>[^.\[\]]+)"
)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators, overrides of the writing direction, lone surrogates."""
NOTHING: tuple[Any, ...] = (None, "", [])
NO_SUBJECT = frozenset(
    {"0", "none", "null", "undefined", "nan", "true", "false", "[object object]"}
)
"""What programs write when they have no id, and what would then be everybody's."""


def fields(
    *, subject: Source, email_verified: Source | None = None, **sources: Source
) -> Callable[[Profile], Identity]:
    """A function that reads an identity out of a profile; its ``sources`` tell from where.

    :param subject: where the stable id stands; integers are taken in their decimal form.
    :param email_verified: where the provider says whether it checked the address; only JSON's
        ``true`` and the text ``"true"`` count. Without it no address is ever verified. Where both
        are tuples, each flag is about the address at its own place, and about no other.
    :param sources: any of ``username``, ``name``, ``email``, ``profile_url``, ``image_url``.
    :raises TypeError: for another name.
    """
    if unknown := sources.keys() - CLEANERS.keys():
        raise TypeError(
            f"identity has no {', '.join(sorted(unknown))}; known are {', '.join(CLEANERS)}"
        )

    def identity(profile: Profile) -> Identity:
        found = {name: CLEANERS[name](look_up(source, profile)) for name, source in sources.items()}
        flag = _flag(email_verified, sources.get("email"), profile)
        verified = flag is not None and is_true(look_up(flag, profile))
        return Identity(
            subject=_subject(subject, profile),
            email_verified=verified and found.get("email") is not None,
            raw=profile if isinstance(profile, Mapping) else {},
            **found,
        )

    told = {"subject": subject, "email_verified": email_verified, **sources}
    identity.sources = told  # type: ignore[attr-defined]  # for people: see the package words
    return identity


def _flag(flag: Source | None, address: Source | None, profile: Profile) -> Source | None:
    """The one flag that is about the address which counts."""
    if not isinstance(flag, tuple) or not isinstance(address, tuple):
        return flag
    chosen = _first(address, profile)
    flags = (each for told, each in zip(address, flag, strict=False) if told is chosen)
    return next(flags, None)


def _subject(source: Source, profile: Profile) -> str:
    """The stable id at *source*. One that is made of several is none if one of them is none."""
    if isinstance(source, tuple):
        return _subject(_first(source, profile) or source[0], profile)
    if isinstance(source, str) and "{" in source:
        for place in PLACE.findall(source):
            if re.search(r"\s", read_subject(look_up(place, profile))):
                raise ProviderError(STEP, "no_subject", "a part of the stable id has blanks in it")
    return read_subject(look_up(source, profile))


def read_subject(value: Any, *, text_only: bool = False) -> str:
    """The stable id of a person, as a text.

    :param text_only: refuse integers too, as OpenID Connect Core 2 does.
    :raises ProviderError: for a missing, empty, overlong or unprintable one, and for numbers
        that are not whole, of which nobody could say twice the same.
    """
    if isinstance(value, int) and not isinstance(value, bool) and not text_only:
        value = str(value)
    if not isinstance(value, str) or not value.strip() or value.strip().lower() in NO_SUBJECT:
        raise ProviderError(STEP, "no_subject", "the provider names no stable id")
    if len(value) > limits.SUBJECT or UNPRINTABLE.search(value):
        raise ProviderError(STEP, "no_subject", "the stable id is too long or unprintable")
    return value


def read_text(value: Any) -> str | None:
    """A name for people: printable, at most 255 characters; ``None`` when there is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return UNPRINTABLE.sub("", str(value)).strip()[: limits.NAME] or None


def read_email(value: Any) -> str | None:
    """An e-mail address of one ``@`` and no white space or control character, else ``None``."""
    if not isinstance(value, str) or len(value) > limits.EMAIL or UNPRINTABLE.search(value):
        return None
    return value if re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+", value) else None


def read_link(value: Any) -> str | None:
    """An ``http`` or ``https`` address, else ``None``. It is shown, never fetched."""
    if not isinstance(value, str) or len(value) > limits.LINK or UNPRINTABLE.search(value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.netloc and "@" not in parts.netloc
    return value if plain else None


def is_true(value: Any) -> bool:
    """Whether a provider says yes: JSON's ``true`` or the text ``"true"``, nothing else."""
    return value is True or value == "true"


def look_up(source: Source, profile: Profile) -> Any:
    """What stands at *source* in *profile*; ``None`` when nothing does."""
    if callable(source):
        return source(profile)
    if isinstance(source, tuple):
        found = (look_up(each, profile) for each in source)
        return next((value for value in found if value not in NOTHING), None)
    if "{" in source:
        return _fill(source, profile)
    for part in PART.finditer(source):
        profile = _step(part, profile)
    return profile


def _first(sources: tuple[str, ...], profile: Profile) -> str | None:
    """The first of *sources* at which there is something."""
    return next((each for each in sources if look_up(each, profile) not in NOTHING), None)


def _step(part: re.Match[str], place: Any) -> Any:
    """One part of a path further down from *place*."""
    if part["index"]:
        index = int(part["index"])
        fits = isinstance(place, list) and -len(place) <= index < len(place)
        return place[index] if fits else None
    if part["key"]:
        entries = place if isinstance(place, list) else []
        matches = (entry for entry in entries if _says(entry, part["key"], part["value"]))
        return next(matches, None)
    return place.get(part["name"] or part["plain"]) if isinstance(place, Mapping) else None


def _says(entry: Any, key: str, value: str) -> bool:
    found = entry.get(key) if isinstance(entry, Mapping) else None
    return str(found).lower() == value.lower() if isinstance(found, bool) else str(found) == value


def _fill(template: str, profile: Profile) -> str | None:
    """*template* with its places filled.

    One with white space is a name, and does with what is there: ``"{first} {last}"``. Any other
    is made of one piece and needs all its places. One that itself begins an address quotes
    them: ``"https://example.com/{login}"``, but not ``"{prefix}original{suffix}"``.
    """
    quoted = template.startswith(("https://", "http://"))
    found = [_text(look_up(place, profile)) for place in PLACE.findall(template)]
    if not (any(found) if " " in template else all(found)):
        return None
    texts = iter(quote(text, safe="") if quoted else text for text in found)
    return " ".join(PLACE.sub(lambda _: next(texts), template).split())


def _text(value: Any) -> str:
    """What fills a place of a template: texts and whole numbers, nothing else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


CLEANERS: dict[str, Callable[[Any], str | None]] = {
    "username": read_text,
    "name": read_text,
    "email": read_email,
    "profile_url": read_link,
    "image_url": read_link,
}

STANDARD: dict[str, Source] = {
    "subject": "sub",
    "username": "preferred_username",
    "name": "name",
    "email": "email",
    "email_verified": "email_verified",
    "profile_url": "profile",
    "image_url": "picture",
}
"""Where an identity stands among the standard claims (Core 5.1)."""


def claims(**others: Source) -> Callable[[Profile], Identity]:
    """A function that reads an identity out of the standard claims, *others* in their place.

    It takes what :func:`fields` takes.
    """
    return fields(**(STANDARD | others))


standard_claims = claims()
