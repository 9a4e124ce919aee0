"""The model of who must be who: who holds whose session, who set out for what, what is whose."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flask_social.sandbox import PEOPLE
from flask_social.sandbox.scripts import GENERIC
from flask_social.sandbox.shapes import subject_of

USERS = ("one@example.org", "two@example.org")
PROVIDERS = ("acme", "plain")
ACCOUNTS = {
    (script.id, person.key): (script.id, str(subject_of(script, person)))
    for person in PEOPLE
    for script in GENERIC
}
"""Provider and person -> what stands in the row."""
LIFETIME, CODE_LIFETIME = 600, 60


@dataclass(eq=False)
class Trip:
    """What somebody set out for, and the cookie that says so."""

    visitor: int
    provider_id: str
    intent: str
    user: str | None
    started_at: int
    cookie: tuple[str, str] = field(repr=False)
    url: str = field(repr=False, default="")
    jar: dict[str, str] = field(repr=False, default_factory=dict)
    """All cookies of that moment."""
    session: str | None = None
    """Whose session was among them."""
    spent: bool = False


@dataclass(eq=False)
class Answer:
    """What a provider sent back: a person's code, or a refusal."""

    trip: Trip
    person: str | None
    sent_at: int
    path: str = field(repr=False)


class Model:
    """What must be so, by the rules alone."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.session: list[str | None] = [None] * 3
        """Whose session cookie each browser holds."""
        self.active = dict.fromkeys(USERS, True)
        self.owner: dict[tuple[str, str], str] = {}
        """Provider and person -> the user who has it connected."""
        self.token_requests = Counter(dict.fromkeys(PROVIDERS, 0))

    def who(self, visitor: int) -> str | None:
        """Whom the application must take a visitor for."""
        user = self.session[visitor]
        return user if user is not None and self.active[user] else None

    def rows(self) -> dict[tuple[str, str], str]:
        """What must stand in the table."""
        return {ACCOUNTS[account]: user for account, user in self.owner.items()}

    def take_away(self, user: str | None, provider_id: str, person: str | None) -> int:
        """How many accounts *user* loses by disconnecting."""
        gone = [
            (provider, whose)
            for (provider, whose), owner in self.owner.items()
            if user == owner and provider == provider_id and person in (None, whose)
        ]
        for account in gone:
            del self.owner[account]
        return len(gone)

    def refusal(self, intent: str, provider_id: str, user: str | None) -> tuple[int, str] | None:
        """What a start is answered that leads nowhere."""
        connected = any(user == owner and provider_id == p for (p, _), owner in self.owner.items())
        if intent == "login":
            return None if user is None else (200, "signed_in")
        if user is None:
            return 401, ""
        if intent == "connect" or connected:
            cannot = intent == "verify" and provider_id == "plain"
            return (403, "cannot_verify") if cannot else None
        return 404, "not_found"

    def obstacle(self, trip: Trip, visitor: int, cookies: dict[str, str]) -> str | None:
        """Why *trip* cannot end in this browser, if it cannot."""
        user = self.who(visitor)
        mine = user is None if trip.intent == "login" else user is not None and user == trip.user
        if cookies.get(trip.cookie[0]) != trip.cookie[1]:
            return "rejected: not held"
        if self.now - trip.started_at > LIFETIME:
            return "rejected: expired"
        if not mine:
            return "rejected: not mine"
        return "rejected: spent" if trip.spent else None

    def expected(self, answer: Answer, visitor: int, cookies: dict[str, str]) -> str:
        """The outcome of an answer that comes to its own address."""
        trip, user = answer.trip, self.who(visitor)
        if obstacle := self.obstacle(trip, visitor, cookies):
            return obstacle
        if answer.person is None:
            return "denied"
        if self.now >= answer.sent_at + CODE_LIFETIME:
            return "invalid_grant"
        owner = self.owner.get((trip.provider_id, answer.person))
        return self.ending(trip.intent, owner, user)

    def ending(self, intent: str, owner: str | None, user: str | None) -> str:
        if intent == "login":
            if owner is None:
                return "not_linked"
            return "logged_in" if self.active[owner] else "not_allowed"
        if intent == "connect":
            if owner is None:
                return "connected"
            return "already_connected" if owner == user else "somebody_elses"
        done = {"verify": "verified", "reconnect": "reconnected"}[intent]
        return done if owner == user else "wrong_account"

    def remember(self, outcome: str, answer: Answer, visitor: int) -> None:
        """Change the model as the outcome must have changed the world."""
        trip, account = answer.trip, (answer.trip.provider_id, str(answer.person))
        if outcome.startswith("rejected"):
            return
        trip.spent = True
        self.token_requests[trip.provider_id] += outcome != "denied"
        if outcome == "logged_in":
            self.session[visitor] = self.owner[account]
        if outcome == "connected":
            self.owner[account] = str(trip.user)
