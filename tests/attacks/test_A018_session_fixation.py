"""A018: what an attacker planted in the session does not survive a social login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import session

from flask_social import clock
from tests.attacks.test_A003_to_A009_flow_binding import freshness
from tests.bed import TWO_FACTOR, Bed, Browser

U1, U2 = "one@example.org", "two@example.org"


def with_planting(bed: Bed) -> None:
    """Routes to plant keys in the session, and to look at it, added before the first request."""

    @bed.app.get("/plant")
    def plant() -> str:
        session.update(
            tf_state="ready",
            tf_user_id="planted",
            social_second_factor=["acme", "planted", 0],
            cart="three apples",
            planted="by the attacker",
        )
        return ""

    @bed.app.get("/session")
    def look() -> dict[str, Any]:
        return {key: str(value) for key, value in session.items()}


def signed_in(bed: Bed) -> dict[str, Any]:
    """What is in the session after a login that began in a planted one."""
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    victim = bed.browser()
    victim.get("/plant")
    assert victim.get("/session").json()["planted"]
    victim.trip("/login/acme")
    assert victim.who() == U1
    found: dict[str, Any] = victim.get("/session").json()
    return found


def test_A018_only_an_allow_list_of_keys_survives(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SOCIAL_SESSION_KEEP=["cart"], SECURITY_TWO_FACTOR=False)
    with_planting(bed)

    found = signed_in(bed)

    assert found["cart"] == "three apples"
    assert not {"planted", "tf_state", "tf_user_id", "social_second_factor"} & found.keys()


def test_A018_without_a_list_the_application_keeps_its_own_keys_alone(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(**TWO_FACTOR)
    with_planting(bed)

    found = signed_in(bed)

    assert found["cart"] == "three apples"
    assert not {"tf_state", "tf_user_id", "social_second_factor"} & found.keys()


def test_A018_a_server_side_session_gets_a_new_id(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed()
    asked: list[list[str]] = []
    interface = bed.app.session_interface

    class Regenerating(type(interface)):  # type: ignore[misc]
        """An interface that can renew the session's id, as server-side ones can."""

        def regenerate(self, session: Any) -> None:
            asked.append(sorted(session))

    bed.app.session_interface = Regenerating()
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")

    bed.browser().trip("/login/acme")

    assert len(asked) == 1
    assert "_user_id" not in asked[0], "renewed before anybody is signed in"


def test_A018_a_pending_connect_of_an_earlier_user_does_not_survive(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user(U2)
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser().sign_in(U2)
    pending = browser.at_provider(browser.set_out("/connect/plain"))
    browser.sign_out()

    browser.trip("/login/acme")
    assert browser.who() == U1
    answer = browser.get(pending)

    assert answer.status_code == 400
    assert [account[:2] for account in bed.accounts()] == [(U1, "acme")]


def test_A018_a_pending_verification_of_an_earlier_user_does_not_survive(bed: Bed) -> None:
    for email in (U1, U2):
        bed.add_user(email)
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser().sign_in(U2)
    bed.connect(U2, "acme", "another")
    pending = browser.at_provider(browser.set_out("/verify/acme"))
    browser.sign_out()

    browser.trip("/login/acme")
    fresh = freshness(browser, bed)
    answer = browser.get(pending)

    assert answer.status_code == 400
    assert (browser.who(), freshness(browser, bed)) == (U1, fresh)


def test_A018_a_planted_freshness_is_replaced_and_a_planted_user_is_nobody(bed: Bed) -> None:
    @bed.app.get("/plant-more")
    def plant_more() -> str:
        session.update(fs_paa=9e9, fs_gexp=9e9, _user_id="planted", _id="x", _fresh=True)
        return ""

    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    victim = bed.browser()
    victim.get("/plant-more")
    assert victim.who() is None

    victim.trip("/login/acme")

    assert victim.who() == U1
    assert freshness(victim, bed) <= clock.now() + 1
    held = held_by(victim, bed)
    assert held["_user_id"] != "planted"
    assert held.get("fs_gexp", 0) < 9e9


def held_by(browser: Browser, bed: Bed) -> dict[str, Any]:
    """What the session of *browser* holds."""
    serializer = bed.app.session_interface.get_signing_serializer(bed.app)  # type: ignore[attr-defined]
    found: dict[str, Any] = serializer.loads(browser.http.cookies.get_dict()["session"])
    return found
