"""What becomes of one row of an old table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What becomes of a row. Only the first two change anything here."""

    IMPORTED = "imported"
    """It is a connection now."""
    REPAIRED = "repaired"
    """It was one, in the same table, and is one of today now."""
    PRESENT = "present"
    """Its user is connected to the account already. Nothing was changed: tokens here are newer."""
    SOMEBODY_ELSES = "somebody_elses"
    """The account is connected to another user here."""
    REPEATED = "repeated"
    """Its user has the account in another row too."""
    SHARED = "shared"
    """Another user has the account as well."""
    NO_ID = "no_id"
    """It has no account id, or a word that programs write for none."""
    UNFIT_ID = "unfit_id"
    """Its account id is too long, or no printable text."""
    ADDRESS = "address"
    """Its account id is an e-mail address, which may pass to somebody else."""
    PARTIAL = "partial"
    """Its account id does not say of which tenant, or instance, it is."""
    NO_USER = "no_user"
    """It is nobody's."""
    USER_GONE = "user_gone"
    """Its user does not exist here."""
    NO_PROVIDER = "no_provider"
    """Its provider is not configured here."""
    REFUSED = "refused"
    """The database refused it; ``because`` says why."""


class Note(StrEnum):
    """What is to be known of a row besides."""

    CUT = "cut"
    """A token is as long as its column was. All of its tokens are dropped."""
    UNREADABLE = "unreadable"
    """What should hold its tokens is no JSON, or has what no database stores."""
    NO_TOKEN = "no_token"
    """It never had a token."""
    ALIKE = "alike"
    """Another account's id differs in nothing but case, accents, width or spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of an old table, and what becomes of it."""

    row: Any
    """Its primary key there."""
    name: str | None
    """What the provider is called there."""
    provider_id: str | None = None
    """What it is called here, if it is configured."""
    subject: str | None = None
    user: Any = None
    """The user's key."""
    outcome: Outcome = Outcome.IMPORTED
    notes: tuple[Note, ...] = ()
    because: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The connection's columns."""

    @property
    def account(self) -> tuple[str | None, str | None]:
        """What two rows must not have in common."""
        return self.provider_id, self.subject
