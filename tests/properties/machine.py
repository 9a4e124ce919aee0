"""Visitors who set out, come back, repeat, swap cookies and change their mind, in any order.

Beside the application stands a model of who must be who (P6): what each visitor holds, who set out
for what, and whose account is whose. After every step the two are compared.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import sqlalchemy as sa
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)
from hypothesis.strategies import booleans, sampled_from

from flask_social import clock
from tests.bed import Bed

from .model import ACCOUNTS, PROVIDERS, USERS, Answer, Model, Trip
from .visitors import Visitor, at_provider, code_of, cookies_of, require, where

visitors = sampled_from(range(3))
elsewhere = sampled_from([None, None, None, None, 0, 1, 2])
providers = sampled_from(PROVIDERS)
intents = sampled_from([None, None, None, "login", "connect", "verify", "reconnect"])
astray = sampled_from([*[None] * 8, "provider", "intent"])
anybody = sampled_from(["ada", "ada", "grace", "grace", "radia", None])


class Trips(RuleBasedStateMachine):
    """One application, three browsers, two users, three people with accounts at two providers."""

    bed: Bed
    reached: Counter[str]
    """How often each outcome came about, over all runs."""

    trips = Bundle("trips")
    answers = Bundle("answers")

    def __init__(self) -> None:
        super().__init__()
        # Long ago, so that no clock runs ahead of Flask-Security's.
        self.model = Model(int(time.time()) - 86_000)
        self.time = clock.replaced(lambda: self.model.now)
        self.time.__enter__()
        empty(self.bed)
        self.browsers = [Visitor(self.bed) for _ in range(3)]
        self.doubtful = {0, 1, 2}
        """Browsers that something happened to."""

    def teardown(self) -> None:
        self.doubtful = {0, 1, 2}
        try:
            self.nobody_is_anybody_else()
        finally:
            self.time.__exit__(None, None, None)

    # Steps

    @initialize()
    def begin(self) -> None:
        """Both users have an account connected, and one of them is here."""
        for user, account in zip(USERS, (("acme", "ada"), ("plain", "grace")), strict=True):
            self.bed.connect(user, *ACCOUNTS[account])
            self.model.owner[account] = user
        self.come_or_go(0, USERS[0])

    @rule(target=trips, visitor=visitors, intent=intents, provider_id=providers)
    def set_out(self, visitor: int, intent: str | None, provider_id: str) -> Any:
        """To what makes sense, a login or a connect, or to *intent*."""
        user = self.model.who(visitor)
        intent = intent or ("connect" if user else "login")
        answer = self.browsers[visitor].set_out(f"/{intent}/{provider_id}")
        self.doubtful.add(visitor)
        if refusal := self.model.refusal(intent, provider_id, user):
            assert (answer.status_code, code_of(answer)) == refusal
            return multiple()
        jar = dict(self.browsers[visitor].cookies)
        [name] = (c.name for c in cookies_of(answer) if c.value and c.name.startswith("social-"))
        trip = Trip(visitor, provider_id, intent, user, self.model.now, (name, jar[name]))
        trip.url, trip.jar, trip.session = where(answer), jar, self.model.session[visitor]
        return trip

    @rule(
        target=answers,
        trip=trips,
        person=anybody,
        elsewhere=elsewhere,
        astray=astray,
        seconds=sampled_from([0, 0, 0, 0, 540, 601]),
    )
    def return_from(
        self,
        trip: Trip,
        person: str | None,
        elsewhere: int | None,
        astray: str | None,
        seconds: int,
    ) -> Answer:
        """Answer at the provider, after a while, and come back."""
        self.model.now += seconds
        answer = self.at_provider(trip, person)
        self.come_back(answer, elsewhere, astray)
        return answer

    def at_provider(self, trip: Trip, person: str | None) -> Answer:
        box = self.bed.sandbox
        box.deny() if person is None else box.login_as(person)
        return Answer(trip, person, self.model.now, at_provider(self.bed, trip.url))

    @rule(answer=answers, elsewhere=elsewhere, astray=astray)
    def come_back(self, answer: Answer, elsewhere: int | None, astray: str | None) -> None:
        """To the browser that set out or *elsewhere*.

        With *astray* to another address: the other provider's, or another intent's.
        """
        trip, path = answer.trip, answer.path
        visitor = trip.visitor if elsewhere is None else elsewhere
        expected = "rejected: astray"
        if astray == "provider":
            other = "plain" if trip.provider_id == "acme" else "acme"
            path = path.replace(f"/{trip.provider_id}?", f"/{other}?")
        elif astray == "intent":
            one, two = ("login", "connect") if trip.intent == "login" else ("connect", "login")
            path = path.replace(f"/{one}/", f"/{two}/", 1)
        else:
            expected = self.model.expected(answer, visitor, self.browsers[visitor].cookies)
        got = self.browsers[visitor].ask("GET", path)
        self.doubtful.add(visitor)
        self.reached[expected] += 1
        require(expected, got)
        self.model.remember(expected, answer, visitor)

    @rule(
        target=answers,
        visitor=visitors,
        intent=intents,
        provider_id=providers,
        person=anybody,
        seconds=sampled_from([0, 0, 0, 0, 0, 61]),
    )
    def straight(
        self, visitor: int, intent: str | None, provider_id: str, person: str | None, seconds: int
    ) -> Any:
        """A whole trip in one go. Its answer may come again."""
        trip = self.set_out(visitor, intent, provider_id)
        if not isinstance(trip, Trip):
            return multiple()
        answer = self.at_provider(trip, person)
        self.model.now += seconds
        self.come_back(answer, None, None)
        return answer

    @rule(trip=trips, elsewhere=elsewhere, whole=booleans())
    def restore(self, trip: Trip, elsewhere: int | None, whole: bool) -> None:
        """Cookies as they were when *trip* set out: all, or its own beside those that are there."""
        visitor = trip.visitor if elsewhere is None else elsewhere
        self.doubtful.add(visitor)
        if whole:
            self.browsers[visitor].cookies, self.model.session[visitor] = (
                dict(trip.jar),
                trip.session,
            )
        else:
            self.browsers[visitor].cookies |= dict([trip.cookie])

    @rule(
        what=sampled_from(["come or go", "come or go", "disconnect", "switch"]),
        visitor=visitors,
        user=sampled_from([*USERS, None]),
        provider_id=providers,
        person=anybody,
    )
    def meanwhile(
        self, what: str, visitor: int, user: str | None, provider_id: str, person: str | None
    ) -> None:
        """Something that is no trip."""
        if what == "come or go":
            self.come_or_go(visitor, user)
        elif what == "disconnect":
            self.disconnect(visitor, provider_id, person)
        else:
            self.switch(user or USERS[0])

    def come_or_go(self, visitor: int, user: str | None) -> None:
        """Sign out, and in by a password as *user*."""
        browser = self.browsers[visitor]
        self.doubtful.add(visitor)
        browser.ask("POST", "/logout", json={})
        if self.model.who(visitor) is not None:
            self.model.session[visitor] = None
        if user is not None:
            assert browser.sign_in(user) == (200 if self.model.active[user] else 400)
            if self.model.active[user]:
                self.model.session[visitor] = user

    def disconnect(self, visitor: int, provider_id: str, person: str | None) -> None:
        """Somebody's account, or with no *person* every account at a provider."""
        form = {} if person is None else {"provider_user_id": ACCOUNTS[provider_id, person][1]}
        answer = self.browsers[visitor].set_out(f"/disconnect/{provider_id}", **form)
        user = self.model.who(visitor)
        gone = self.model.take_away(user, provider_id, person)
        assert answer.status_code == (401 if user is None else 200 if gone else 404)

    def switch(self, user: str) -> None:
        """Deactivate a user, or activate them again."""
        self.model.active[user] = not self.model.active[user]
        self.bed.change_user(user, active=self.model.active[user])
        self.doubtful |= {0, 1, 2}

    # What must be so after each

    @invariant()
    def nobody_is_anybody_else(self) -> None:
        """0.4, 1 and 11: signed in is who ended a trip of their own, or typed a password."""
        for visitor in self.doubtful:
            assert self.browsers[visitor].who() == self.model.who(visitor)
        self.doubtful = set()

    @invariant()
    def every_account_is_whose_it_was_made(self) -> None:
        """0.4, 1, 4 and 8: rows are the model's, and no user came or went."""
        rows = {(p, s): user for user, p, s in self.bed.accounts()}
        assert rows == self.model.rows()
        assert len(rows) == len(self.bed.accounts())
        assert self.bed.users() == list(USERS)

    @invariant()
    def a_code_is_spent_once(self) -> None:
        """0.4, 2: one token request for each trip that ended, none for any other."""
        made = {each: self.bed.calls(each) for each in PROVIDERS}
        assert made == dict(self.model.token_requests)


def empty(bed: Bed) -> None:
    """The application and the provider as at the beginning; everybody is active."""
    bed.sandbox.reset_counters()
    with bed.app.app_context():
        for model in (bed.Connection, bed.SpentFlow):
            bed.db.session.execute(sa.delete(model))
        bed.db.session.execute(sa.update(bed.User).values(active=True))
        bed.db.session.commit()
