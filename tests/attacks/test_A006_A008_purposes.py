"""Every purpose at every address, and every purpose that is somebody's for somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from flask_social.sandbox.shapes import subject_of
from tests.attacks.test_A003_to_A009_flow_binding import callback_of, freshness
from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"
STARTS = ("/login/acme", "/connect/acme", "/reconnect/acme", "/verify/acme")


def linked(bed: Bed) -> Browser:
    """U1's browser, in a *bed* where U1 has Ada's account at ``acme`` and U2 another."""
    for email, person in ((U1, "ada"), (U2, "grace")):
        bed.add_user(email)
        subject = subject_of(bed.sandbox["acme"].script, bed.sandbox.people[person])
        bed.connect(email, "acme", str(subject))
    return bed.browser().sign_in(U1)


def begun(bed: Bed) -> tuple[Browser, dict[str, str]]:
    """A browser where U1 is signed in, and the callbacks of its four flows."""
    browser = bed.browser()
    callbacks = {STARTS[0]: callback_of(browser, STARTS[0])}
    browser.sign_in(U1)
    callbacks |= {path: callback_of(browser, path) for path in STARTS[1:]}
    bed.sandbox.reset_counters()
    bed.told.clear()
    return browser, callbacks


def moved(callback: str, to: str) -> str:
    return re.sub(r"/(login|connect|callback)/acme\?", f"{to}?", callback, count=1)


def test_A006_every_purpose_at_every_other_address(bed: Bed) -> None:
    linked(bed)
    browser, callbacks = begun(bed)
    rows, fresh = [row.version for row in bed.rows()], freshness(browser, bed)
    at = {path: "/login/acme" if path == STARTS[0] else "/connect/acme" for path in STARTS}
    wrong = [
        "/login/acme", "/connect/acme", "/callback/acme", "/login/plain", "/connect/plain",
        "/callback/plain",
    ]  # fmt: skip
    for path, callback in callbacks.items():
        for to in wrong:
            if to == at[path]:
                continue
            answer = browser.get(moved(callback, to))
            assert answer.status_code == 400, (path, to)
            assert "Location" not in answer.headers

    assert bed.calls("acme") + bed.calls("plain") == 0
    assert {name for name, _ in bed.told} == {"flow_rejected"}
    assert {more["reason"] for _, more in bed.told} == {"foreign"}
    assert ([row.version for row in bed.rows()], freshness(browser, bed)) == (rows, fresh)
    for path in STARTS[1:]:
        assert browser.get(callbacks[path]).status_code == 303, "usable still"
    assert bed.calls("acme") == 3


def test_A006_where_all_come_home_to_one_address_each_does_what_it_set_out_for(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(SOCIAL_SINGLE_CALLBACK=True)
    linked(bed)
    browser, callbacks = begun(bed)
    for callback in callbacks.values():
        assert callback.startswith(f"{bed.url}/callback/acme?")
        for to in ("/login/acme", "/connect/acme"):
            assert browser.get(moved(callback, to)).status_code == 400
    assert bed.calls("acme") == 0
    bed.told.clear()

    # A login ends nowhere while somebody is signed in, and is not spent by coming too late.
    assert browser.get(callbacks["/login/acme"]).headers["Location"] == "/home"
    assert (bed.calls("acme"), bed.told) == (0, [])
    expected = {
        "/connect/acme": ["connection_failed", "connection_updated"],  # it is connected already
        "/reconnect/acme": ["connection_updated"],
        "/verify/acme": [],
    }
    for path, signals in expected.items():
        bed.told.clear()
        before = [row.version for row in bed.rows()]
        assert browser.get(callbacks[path]).headers["Location"] == "/connections"
        assert [name for name, _ in bed.told] == signals
        changed = [row.version for row in bed.rows()] != before
        assert changed is bool(signals)
    browser.sign_out()
    assert browser.get(callbacks["/login/acme"]).headers["Location"] == "/home"
    assert [name for name, _ in bed.told] == ["login_completed"]


@pytest.mark.parametrize("path", STARTS[1:])
def test_A007_a_flow_of_another_user_of_the_same_browser(bed: Bed, path: str) -> None:
    browser = linked(bed)
    callback = callback_of(browser, path)
    browser.sign_out()
    browser.sign_in(U2)
    rows, fresh = [row.version for row in bed.rows()], freshness(browser, bed)
    bed.sandbox.reset_counters()

    answer = browser.get(callback)

    assert answer.status_code == 400
    assert ([row.version for row in bed.rows()], freshness(browser, bed)) == (rows, fresh)
    assert (browser.who(), bed.calls("acme")) == (U2, 0)
    browser.sign_out()
    browser.sign_in(U1)
    assert browser.get(callback).status_code == 303, "U1's own still"


@pytest.mark.parametrize("path", STARTS[1:])
def test_A007_an_account_of_another_user_proves_nothing(bed: Bed, path: str) -> None:
    browser = linked(bed)
    bed.sandbox.login_as("grace")
    rows, fresh = [row.version for row in bed.rows()], freshness(browser, bed)
    answer = browser.trip(path)
    assert answer.headers["Location"] == "/connections"
    assert ([row.version for row in bed.rows()], freshness(browser, bed)) == (rows, fresh)
    assert bed.accounts()[0][0] == U1
    assert bed.signals("connection_updated") + bed.signals("connection_created") == []
    page = browser.get("/connections").text
    assert U2 not in page
    assert "another" in page


@pytest.mark.parametrize("path", STARTS[1:])
def test_A008_a_callback_after_the_session_is_over(bed: Bed, path: str) -> None:
    browser = linked(bed)
    callback = callback_of(browser, path)
    del browser.http.cookies["session"]
    rows = [row.version for row in bed.rows()]
    bed.sandbox.reset_counters()

    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "start again" in browser.get("/login").text
    assert (browser.who(), bed.calls("acme")) == (None, 0)
    assert ([row.version for row in bed.rows()], bed.users()) == (rows, [U1, U2])
    assert [more["reason"] for _, more in bed.told] == ["not_signed_in"]
    assert browser.sign_in(U1).get(callback).status_code == 303, "nothing was spent"
