"""A stock provider's configuration, judged without its file, where it says little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import naming, places, providers
from .client_keys import CLIENT_KEYS, read_client
from .options import without_none
from .values import Client

FORMS = {*places.FORMS, places.ADDRESS, places.CREDENTIAL}
"""What can be told from its form."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a provider that nobody has read yet."""

    name: str
    client: Client


def judge(key: str, name: str, options: Mapping[str, Any], stock: str) -> Judged | None:
    """The client, and the provider's name for people, where nothing can be wrong with *options*.

    That is so where they give what the stock provider knows an application by, and what it needs
    besides, and no more. Else ``None``: its file has to be read, and tells what is wrong.
    """
    needs, given = providers.needs(stock), without_none(options)
    proofs, wanted = providers.proofs(stock), needs.keys() - places.OF_THE_CLIENT
    members = {CLIENT_KEYS[each] for each in CLIENT_KEYS.keys() & given.keys()}
    more = given.keys() - CLIENT_KEYS.keys() - {"provider"}
    if (
        not members.issuperset(CLIENT_KEYS[each] for each in proofs)
        or more != wanted
        or not all(given.values())
        or not FORMS.issuperset(needs.values())
    ):
        return None
    credentials = tuple(each for each in needs if needs[each] == places.CREDENTIAL)
    client = read_client(key, options, credentials=credentials, needs=proofs)
    known = {**given, "client_id": client.id}
    kinds = {each: kind for each, kind in needs.items() if each not in credentials}
    found = {each: places.fitting(kind, known[each]) for each, kind in kinds.items()}
    if any(text is None or text.lower().startswith("http:") for text in found.values()):
        return None
    named_by = kinds.keys() & wanted  # where an address stands is no place, but a field
    kinds = {each: kinds[each] for each in named_by if kinds[each] != places.ADDRESS}
    return Judged(naming.name_of(name, stock, naming.told_apart(found, kinds)), client)
