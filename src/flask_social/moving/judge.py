"""What a row is worth by itself: whether it says whose account it is, and what else it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ProviderError
from ..protocols.identity import NO_SUBJECT, read_email, read_link, read_subject, read_text
from .entries import Entry, Note, Outcome
from .sources import Lengths, Raw, Source, text_of

CLEANED: Mapping[str, Callable[[Any], str | None]] = {
    "display_name": read_text,
    "full_name": read_text,
    "email": read_email,
    "profile_url": read_link,
    "image_url": read_link,
}
"""What is shown to people is read as if the provider had just said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What the application says to the rows of a table."""

    issuers: Mapping[str, str | None]
    """The configured providers by their id, and the issuer of those that have one."""
    finders: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    """What finds the issuer of an account, by its id, of those that have several."""
    has_user: Callable[[Any], bool]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Providers by their names in the table, as the operator says."""
    addresses: frozenset[str] = frozenset()
    """The providers whose ids are addresses, as the operator says."""


def judge(key: Any, raw: Raw, source: Source, lengths: Lengths, here: Here) -> Entry:
    """The entry of a row, as if it were the only one in its table.

    :param key: its primary key.
    """
    name = text_of(raw.get(source.provider))
    entry = Entry(
        row=key,
        name=name,
        provider_id=provider_of(name or "", source, here),
        subject=text_of(raw.get(source.subject)),
        user=raw.get(source.user),
    )
    if (outcome := _problem(entry, raw.get(source.subject), here)) is not None:
        return replace(entry, outcome=outcome)
    return _with_values(entry, source, raw, lengths, here)


def provider_of(name: str, source: Source, here: Here) -> str | None:
    """The id of the configured provider that the table calls *name*."""
    known = here.renamed.get(name) or (name if name in here.issuers else source.renamed.get(name))
    return known if known in here.issuers else None


def _problem(entry: Entry, given: Any, here: Here) -> Outcome | None:
    """Why the row can never be a connection."""
    if entry.provider_id is None:
        return Outcome.NO_PROVIDER
    if given is None or _is_none(entry.subject):
        return Outcome.NO_ID
    if (outcome := _misfit(entry.provider_id, entry.subject, here)) is not None:
        return outcome
    if entry.user is None or entry.user == "":
        return Outcome.NO_USER
    return None if here.has_user(entry.user) else Outcome.USER_GONE


def _misfit(provider_id: str, given: Any, here: Here) -> Outcome | None:
    """Why what is *given* is no account's id at the provider."""
    try:
        subject = read_subject(given)
    except ProviderError:
        return Outcome.UNFIT_ID
    if (find := here.finders.get(provider_id)) is not None:
        return Outcome.PARTIAL if find(subject) is None else None
    is_odd = provider_id not in here.addresses and _is_address(subject)
    return Outcome.ADDRESS if is_odd else None


def _is_none(subject: str | None) -> bool:
    """Whether it is empty, or what programs write in place of none."""
    return subject is not None and subject.strip().lower() in {"", *NO_SUBJECT}


def _is_address(subject: str) -> bool:
    return read_email(subject) is not None and "." in subject.partition("@")[2]


def _with_values(entry: Entry, source: Source, raw: Raw, lengths: Lengths, here: Here) -> Entry:
    """*entry* with what its connection's columns are to hold."""
    brought = source.read(raw, lengths)
    profile = {name: clean(brought.values.get(name)) for name, clean in CLEANED.items()}
    has_token = brought.values.get("access_token") is not None
    find = here.finders.get(entry.provider_id or "")
    issuer = here.issuers[entry.provider_id or ""] if find is None else find(entry.subject or "")
    account = {
        "provider_id": entry.provider_id,
        "provider_user_id": entry.subject,
        "issuer": issuer,
        "needs_reauth": not has_token,
    }
    note = brought.lost or (None if has_token else Note.NO_TOKEN)
    notes = () if note is None else (note,)
    return replace(entry, values={**brought.values, **profile, **account}, notes=notes)
