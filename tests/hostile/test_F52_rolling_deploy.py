"""F52: flows that one version or key began and another ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.flows import pending
from flask_social.seal import seal, unseal
from tests.bed import Bed, Browser

U1 = "one@example.org"
OLD, NEW = "the secret of the last release", "the secret of this release"
MakeBed = Callable[..., Bed]


@pytest.fixture
def old(make_bed: MakeBed) -> Bed:
    bed = make_bed(SECRET_KEY=OLD)
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    return bed


def deploy(bed: Bed, **config: Any) -> None:
    """The next release of the same application, which takes the same database over."""
    bed.app.config.update(config)


@pytest.mark.parametrize("action", ["login", "connect"])
def test_F52_a_trip_begun_under_the_old_key_ends_under_the_new_one(old: Bed, action: str) -> None:
    browser = old.browser() if action == "login" else old.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out(f"/{action}/acme", next="/there"))

    deploy(old, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/there")
    assert browser.who() == U1
    assert len(old.rows()) == 1
    assert old.browser().trip("/login/acme").headers["Location"] == "/home"


def test_F52_a_worker_of_the_old_release_politely_refuses_what_the_new_one_began(old: Bed) -> None:
    deploy(old, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    browser = old.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))

    deploy(old, SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=None)
    answer = browser.get(callback)

    assert answer.status_code == 400
    assert 'href="/login/acme">Start again' in answer.text
    assert old.calls("acme") == 0
    assert browser.trip("/login/acme").headers["Location"] == "/home"


def test_F52_an_answer_that_waits_in_a_cookie_survives_the_new_key(make_bed: MakeBed) -> None:
    bed = make_bed(SECRET_KEY=OLD, SESSION_COOKIE_SAMESITE="Strict")
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    bounce = browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"})
    assert bounce.status_code == 200

    deploy(bed, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    state = callback.partition("state=")[2].partition("&")[0]
    answer = browser.get(f"/connect/acme?state={state}", headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.headers["Location"] == "/connections"
    assert len(bed.rows()) == 1


def repack(browser: Browser, change: Callable[[list[Any]], Any]) -> None:
    """What the flow in *browser* holds, as another release would have packed it."""
    [cookie] = [each for each in browser.http.cookies if "social-flow" in each.name]
    packed = json.loads(unseal(str(cookie.value), [OLD], cookie.name))
    cookie.value = seal(json.dumps(change(packed)).encode(), [OLD], cookie.name)


OTHERS: dict[str, Callable[[list[Any]], Any]] = {
    "next format": lambda packed: [packed[0] + 1, *packed[1:]],
    "format before": lambda packed: [packed[0] - 1, *packed[1:]],
    "one more member": lambda packed: [*packed, "a member of tomorrow"],
    "one less member": lambda packed: packed[:-1],
    "unknown intent": lambda packed: ["share" if each == "login" else each for each in packed],
    "odd intent": lambda packed: [[] if each == "login" else each for each in packed],
    "a mapping": lambda packed: {"format": 9, "flow": packed},
    "nothing": lambda packed: [],
}


def test_F52_a_record_of_another_format_is_refused_politely(old: Bed) -> None:
    for name, change in OTHERS.items():
        browser = old.browser()
        callback = browser.at_provider(browser.set_out("/login/acme"))
        repack(browser, change)
        old.sandbox.reset_counters()
        old.told.clear()

        answer = browser.get(callback)

        assert answer.status_code == 400, name
        assert 'href="/login/acme">Start again' in answer.text
        assert [told["reason"] for told in old.signals("flow_rejected")] == ["missing"]
        assert old.calls("acme") == 0
        assert browser.trip("/login/acme").headers["Location"] == "/home"


def test_F52_the_same_record_packed_again_is_taken(old: Bed) -> None:
    # So that the refusals above are about what was changed.
    browser = old.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    repack(browser, lambda packed: packed)
    assert browser.get(callback).headers["Location"] == "/home"


def test_F52_a_record_carries_its_format(old: Bed) -> None:
    browser = old.browser()
    browser.set_out("/login/acme")
    seen: list[Any] = []

    def look(packed: list[Any]) -> list[Any]:
        seen.append(packed[0])
        return packed

    repack(browser, look)
    assert seen == [pending.FORMAT]
