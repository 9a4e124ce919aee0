"""Whatever order things happen in, nobody becomes who they are not (P6; 0.4: 1, 2, 4, 8, 11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bed import Bed

from .machine import Trips
from .model import USERS
from .strategies import often


@pytest.fixture
def machine(inside: Bed) -> type[Trips]:
    """The machine, at an application of its own."""
    for user in USERS:
        inside.add_user(user)

    class Here(Trips):
        bed = inside

    Here.reached = Counter()
    return Here


@pytest.fixture
def trips(machine: type[Trips]) -> Iterator[Trips]:
    made = machine()
    made.begin()
    try:
        yield made
        made.every_account_is_whose_it_was_made()
        made.a_code_is_spent_once()
    finally:
        made.teardown()


def test_the_model_and_the_application_agree_after_every_step(machine: type[Trips]) -> None:
    bounds = settings(often(15), stateful_step_count=25, phases=set(Phase) - {Phase.explain})
    run_state_machine_as_test(machine, settings=bounds)
    assert machine.reached.total() > 10, "the runs get somewhere"


def test_the_model_knows_every_outcome(trips: Trips) -> None:
    one, two = USERS
    trips.straight(0, "connect", "plain", "ada", 0)
    trips.straight(0, "connect", "plain", "ada", 0)
    trips.straight(0, "connect", "plain", "grace", 0)
    trips.straight(0, "verify", "acme", "ada", 0)
    trips.straight(0, "verify", "acme", "grace", 0)
    trips.straight(0, "reconnect", "plain", "ada", 0)
    trips.straight(1, None, "plain", "radia", 0)
    trips.straight(1, None, "plain", "ada", 61)
    trips.straight(1, None, "plain", None, 0)
    again = trips.straight(1, None, "plain", "grace", 0)
    trips.come_back(again, None, None)
    trips.switch(one)
    trips.straight(2, None, "acme", "ada", 0)

    assert trips.model.who(0) is None
    assert trips.model.who(1) == two
    assert trips.reached == {
        "connected": 1,
        "already_connected": 1,
        "somebody_elses": 1,
        "verified": 1,
        "wrong_account": 1,
        "reconnected": 1,
        "not_linked": 1,
        "invalid_grant": 1,
        "denied": 1,
        "logged_in": 1,
        "rejected: not held": 1,
        "not_allowed": 1,
    }


def test_a_jar_put_back_does_not_bring_a_code_back(trips: Trips) -> None:
    answer: Any = trips.straight(1, None, "plain", "grace", 0)
    trips.restore(answer.trip, None, whole=True)
    trips.come_back(answer, None, None)
    assert trips.model.who(1) is None
    assert trips.reached == {"logged_in": 1, "rejected: spent": 1}


def test_a_connect_that_another_user_ends_connects_nothing(trips: Trips) -> None:
    trip: Any = trips.set_out(0, "connect", "plain")
    answer = trips.at_provider(trip, "radia")
    trips.come_or_go(0, USERS[1])
    trips.come_back(answer, None, None)
    assert trips.reached == {"rejected: not mine": 1}
