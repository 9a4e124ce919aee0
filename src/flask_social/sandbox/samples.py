"""What a played provider says of a person: its sample, with the person put into it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .people import SAMPLE, Person

if TYPE_CHECKING:
    from .played import Path, Play

PICTURES = "https://pictures.example"
SHORTEST = 6
"""Digits or letters of an id, below which two people might have the same."""
NOTHING = object()


def document(play: Play, name: str, person: Person) -> Any:
    """The sample *name* as it is for *person*; for the person of the samples as it stands."""
    found = deepcopy(play.samples[name])
    if person.key == SAMPLE.key:
        return found
    for role, paths in play.person.get(name, {}).items():
        for path in paths:
            found = with_role(play, found, path, role, person)
    if isinstance(found, dict) and name in ("profile", "id_token"):
        found |= dict(person.claims)
    return found


def with_role(play: Play, found: Any, path: Path, role: str, person: Person) -> Any:
    """*found* with what *role* says of *person* at *path*, or without what they do not have."""
    steps = steps_of(path)
    value = ROLES[role](play, look(found, steps), person)
    if value is NOTHING:
        remove(found, entry_of(steps))
    else:
        put(found, steps, value)
    return found


def id_of(play: Play, sample: Any, person: Person) -> Any:
    """An id of the sample's form and type: the same in every run, another for everybody."""
    made = random.Random(f"{play.id}:{person.key}:{sample}")  # noqa: S311 - the same every time
    if isinstance(sample, int):
        length = max(SHORTEST, len(str(sample)))
        return made.randrange(10 ** (length - 1), 10**length)
    head, text, tail = apart(sample)
    hexadecimal = not re.search(r"[g-zG-Z]", text)
    lower = "abcdef" if hexadecimal else "abcdefghijklmnopqrstuvwxyz"
    renewed = "".join(another(each, lower, made) for each in text)
    short = len(re.sub(r"\W", "", text)) < SHORTEST
    more = "".join(made.choice("123456789") for _ in range(SHORTEST)) if short else ""
    return f"{head}{renewed}{more}{tail}"


def apart(sample: str) -> tuple[str, str, str]:
    """What an id begins with whoever it is of, the part that is somebody's own, and the rest."""
    body, at, host = sample.partition("@")
    body, ending = (body[:-1], body[-1:]) if body.endswith(("/", "}", "=")) else (body, "")
    cut = max(body.rfind(mark) for mark in "/:|_.") + 1
    return body[:cut], body[cut:], ending + at + host


def another(character: str, lower: str, made: random.Random) -> str:
    """A digit for a digit, a letter for a letter, and all else as it is."""
    if character.isdecimal():
        return made.choice("123456789")
    if not character.isascii() or not character.isalpha():
        return character
    letter = made.choice(lower)
    return letter.upper() if character.isupper() else letter


def handle_of(play: Play, sample: Any, person: Person) -> str:
    """Their username where that is their id, which the person of the samples does not have too."""
    return "-".join(filter(None, (person.username, person.family_name.lower())))


def email_of(play: Play, sample: Any, person: Person) -> Any:
    """Their address."""
    return person.email or NOTHING


def checked_of(play: Play, sample: Any, person: Person) -> Any:
    """Their address, at a provider that tells none that nobody checked."""
    return (person.email if person.email_verified else None) or NOTHING


def verified_of(play: Play, sample: Any, person: Person) -> Any:
    """The flag in the sample's type; of a time or a word what says that it is not so."""
    if not person.email:
        return NOTHING
    if isinstance(sample, bool):
        return person.email_verified
    if isinstance(sample, int):
        return int(person.email_verified)
    if sample in ("true", "false"):
        return str(person.email_verified).lower()
    if person.email_verified or sample is None:
        return sample
    return None if sample[:1].isdecimal() else f"un{sample}"


def picture_of(play: Play, sample: Any, person: Person) -> str:
    """An address of a portrait; nothing is served there."""
    return f"{PICTURES}/{play.id}/{person.key}.png"


ROLES: dict[str, Callable[[Any, Any, Person], Any]] = {
    "id": id_of,
    "handle": handle_of,
    "username": lambda play, sample, person: person.username,
    "name": lambda play, sample, person: person.name,
    "first": lambda play, sample, person: person.given_name,
    "last": lambda play, sample, person: person.family_name,
    "email": email_of,
    "checked": checked_of,
    "verified": verified_of,
    "picture": picture_of,
    "page": lambda play, sample, person: sample,
}


# Places in a document


def steps_of(path: Path) -> list[str | int]:
    """A path as the keys and indexes on the way."""
    if isinstance(path, list):
        return path
    return [int(step) if step.isdecimal() else step for step in path.split(".")]


def look(found: Any, steps: list[str | int]) -> Any:
    """What stands there; ``None`` where nothing does."""
    for step in steps:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def put(found: Any, steps: list[str | int], value: Any) -> None:
    """Let *value* stand there; nothing, where the way is gone."""
    place = look(found, steps[:-1])
    if isinstance(place, dict):
        place[steps[-1]] = value
    elif isinstance(place, list) and int(steps[-1]) < len(place):
        place[int(steps[-1])] = value


def entry_of(steps: list[str | int]) -> list[str | int]:
    """The way to the whole entry, where *steps* lead into a list of addresses."""
    for position, step in enumerate(steps):
        before = str(steps[position - 1]) if position else "emails"
        if isinstance(step, int) and re.search("mail|values", before):
            return steps[: position + 1]
    return steps


def remove(found: Any, steps: list[str | int]) -> None:
    """Take away what stands there."""
    place = look(found, steps[:-1])
    if isinstance(place, dict):
        place.pop(steps[-1], None)
    elif isinstance(place, list) and int(steps[-1]) < len(place):
        del place[int(steps[-1])]


def filled(found: Any, **places: str) -> Any:
    """*found* with ``{name}`` in its texts filled, for the names in *places* alone."""
    if isinstance(found, dict):
        return {name: filled(value, **places) for name, value in found.items()}
    if isinstance(found, list):
        return [filled(value, **places) for value in found]
    if isinstance(found, str):
        return re.sub(r"\{(\w+)\}", lambda place: places.get(place[1], place[0]), found)
    return found


def roles_in(play: Play, name: str, found: Any) -> dict[str, Any]:
    """What *found*, the sample *name* as somebody's, says in each role."""
    return {
        role: value
        for role, paths in play.person.get(name, {}).items()
        if (value := look(found, steps_of(paths[0]))) is not None
    }
