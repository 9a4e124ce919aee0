"""The people who have accounts at the sandbox's providers, and their ids there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

SubjectKind = Literal["integer", "digits", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in at every provider."""

    key: str
    """What tests and the consent page call them by."""
    name: str
    username: str
    email: str | None = None
    email_verified: bool = True
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Further members of every profile, such as ``{"hd": "example.com"}``."""

    @property
    def given_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def family_name(self) -> str:
        return self.name.partition(" ")[2]


PEOPLE: tuple[Person, ...] = (
    Person(key="ada", name="Ada Lovelace", username="ada", email="ada@example.com"),
    Person(key="grace", name="Grace Hopper", username="grace", email="grace@example.com"),
    Person(key="alan", name="Alan Turing", username="alan", email="alan@example.com"),
    Person(
        key="barbara",
        name="Barbara Liskov",
        username="barbara",
        email="barbara@example.com",
        email_verified=False,
    ),
    Person(key="radia", name="Radia Perlman", username="radia"),
)
"""Three ordinary people, one whose address nobody checked, and one without an address."""


def subject(provider_id: str, person: Person, kind: SubjectKind, length: int) -> str | int:
    """The id of *person* at a provider: the same in every run, different at each provider."""
    if person is SAMPLE and provider_id in SAMPLES:
        return SAMPLES[provider_id][0]
    digest = sha256(f"{provider_id}:{person.key}".encode()).hexdigest()
    if kind == "text":
        return digest[:length]
    lowest = 10 ** (length - 1)
    number = lowest + int(digest, 16) % (9 * lowest)
    return number if kind == "integer" else str(number)


SAMPLES: dict[str, tuple[str | int, str]] = {
    "facebook": ("10158000000000001", "https://platform-lookaside.example/p.jpg"),
    "foursquare": ("76077726", ""),
    "github": (583231, "https://avatars.githubusercontent.com/u/583231?v=4"),
    "google": ("110169484474386276334", "https://lh3.googleusercontent.com/a/x=s96-c"),
    "linkedin": ("782bbtaQ", "https://media.licdn.com/dms/image/x"),
    "twitter": ("783214", "https://pbs.twimg.com/profile_images/1/a_normal.jpg"),
    "vk": (210700286, "https://pp.userapi.com/x.jpg"),
}
"""Id and portrait of the person of the samples at providers that scripts play."""
SAMPLE = Person(key="sample", name="Ada Example", username="ada", email="ada@example.com")
"""Of whom played providers say what stands in their samples, to the letter. Not on any page."""
