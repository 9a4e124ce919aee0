"""A070: disconnecting cleans up, here in any case and at the provider as far as that goes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flask_social.sandbox import Fault, Hang, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.faulty import TRIES
from tests.revocable import JSON, U1, connected, is_dead, with_revocation

PATIENCE = 120
REMOVALS: dict[str, Callable[..., Any]] = {
    "DELETE one": lambda browser, at, subject: browser.delete(
        f"/connect/{at}/{subject}", headers=JSON
    ),
    "POST one": lambda browser, at, subject: browser.post(f"/connect/{at}/{subject}", headers=JSON),
    "DELETE all": lambda browser, at, subject: browser.delete(f"/connect/{at}", headers=JSON),
    "POST all": lambda browser, at, subject: browser.post(f"/disconnect/{at}", headers=JSON),
}
ANSWERS: dict[str, Callable[[], Fault | None]] = {
    "200": lambda: None,
    "400": lambda: Status(
        400, '{"error": "unsupported_token_type"}', {"Content-Type": "application/json"}
    ),
    "503": lambda: Status(503, "", {"Retry-After": "30"}),
}


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    return with_revocation(make_bed, box)


@contextmanager
def hasty(bed: Bed, seconds: float) -> Iterator[None]:
    """The application gives a call to a provider no more than *seconds*."""
    wire = bed.app.extensions["social"].wire
    patient = wire.options
    wire.options = replace(patient, call_timeout=seconds)
    try:
        yield
    finally:
        wire.options = patient


@pytest.mark.parametrize("provider_id", ["plain", "acme"])
@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("way", REMOVALS)
def test_A070_row_and_tokens_are_gone_whatever_the_provider_answers(
    bed: Bed,
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    provider_id: str,
    said: str,
    way: str,
) -> None:
    browser = connected(bed, provider_id)
    [row] = bed.rows()
    if fault := ANSWERS[said]():
        box[provider_id].fail("revoke", fault)
    caplog.clear()

    with caplog.at_level(logging.INFO, "flask_social"):
        answer = REMOVALS[way](browser, provider_id, row.provider_user_id)

    code = "removed_all" if "all" in way else "removed"
    code = code if said == "200" else f"{code}_not_revoked"
    assert (answer.status_code, answer.json()["response"]["code"]) == (200, code)
    assert bed.rows() == []
    assert box.count(provider_id, "revoke") == 1
    assert is_dead(bed, provider_id, row.access_token) is (said == "200")
    assert [name for name, _ in bed.told] == ["connection_removed"]
    [told] = [each for each in caplog.messages if each.startswith(f"{provider_id}: a token was")]
    assert ("not revoked" in told) is (said != "200")
    for secret in (row.access_token, row.refresh_token, f"{provider_id} secret"):
        assert secret not in caplog.text


@pytest.mark.parametrize("provider_id", ["plain", "acme"])
def test_A070_a_provider_that_hangs_holds_nobody(
    bed: Bed, box: ServedSandbox, provider_id: str
) -> None:
    """Its silence is never ended here, so that an answer is proof of a deadline."""
    for seconds in TRIES:
        browser = connected(bed, provider_id)
        box[provider_id].fail("revoke", Hang())
        with hasty(bed, seconds):
            answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)
        assert answer.json()["response"]["code"] == "removed_all_not_revoked"
        assert bed.rows() == []
        if box.count(provider_id, "revoke"):
            break
        box[provider_id].clear()
    assert box.count(provider_id, "revoke") == 1


def test_A070_the_row_is_gone_before_the_provider_is_asked(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    """And no transaction waits for the answer."""
    bed = with_revocation(make_bed, box, database=f"sqlite:///{tmp_path / 'app.sqlite'}")
    browser = connected(bed, "plain")
    hang = Hang()
    box["plain"].fail("revoke", hang)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(browser.delete, "/connect/plain", headers=JSON)
        try:
            assert hang.entered.wait(PATIENCE)
            with bed.app.app_context():
                assert bed.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            assert bed.rows() == []
            assert len(bed.signals("connection_removed")) == 1
            assert not answer.done()
        finally:
            hang.release()
        assert answer.result(PATIENCE).json()["response"]["code"] == "removed_all"


def test_A070_each_of_several_is_given_back_once(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "plain", "ada", "grace")
    tokens = [row.access_token for row in bed.rows()]
    assert len(tokens) == 2

    answer = browser.post("/disconnect/plain", headers=JSON)

    assert answer.json()["response"]["code"] == "removed_all"
    assert box.count("plain", "revoke") == 2
    assert all(is_dead(bed, "plain", token) for token in tokens)


def test_A070_one_of_several_that_fails_is_told_and_the_others_are_asked(
    bed: Bed, box: ServedSandbox
) -> None:
    browser = connected(bed, "plain", "ada", "grace")
    tokens = [row.access_token for row in bed.rows()]
    box["plain"].fail("revoke", Status(500, times=1))

    answer = browser.post("/disconnect/plain", headers=JSON)

    assert answer.json()["response"]["code"] == "removed_all_not_revoked"
    assert bed.rows() == []
    assert box.count("plain", "revoke") == 2
    assert [is_dead(bed, "plain", token) for token in tokens] == [False, True]


def test_A070_only_the_account_that_goes_is_given_back(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "plain", "ada", "grace")
    ada, grace = bed.rows()

    browser.post("/disconnect/plain", data={"provider_user_id": grace.provider_user_id})

    assert [row.provider_user_id for row in bed.rows()] == [ada.provider_user_id]
    assert is_dead(bed, "plain", grace.access_token)
    assert not is_dead(bed, "plain", ada.access_token)


def test_A070_a_provider_without_a_way_is_not_asked(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make_bed()
    bed.add_user(U1)
    browser = connected(bed, "plain")
    assert browser.post("/disconnect/plain", headers=JSON).json()["response"]["code"] == (
        "removed_all"
    )
    assert (bed.rows(), box.count("plain")) == ([], 0)


def test_A070_the_operator_may_leave_it_to_the_people(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = with_revocation(make_bed, box, SOCIAL_REVOKE_ON_DISCONNECT=False)
    browser = connected(bed, "plain")
    [row] = bed.rows()
    assert browser.delete("/connect/plain", headers=JSON).json()["response"]["code"] == (
        "removed_all"
    )
    assert (bed.rows(), box.count("plain", "revoke")) == ([], 0)
    assert not is_dead(bed, "plain", row.access_token)


def test_A070_what_is_not_removed_is_not_given_back(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "plain")
    [row] = bed.rows()
    bed.add_user("two@example.org")
    thief = bed.browser().sign_in("two@example.org")
    bed.change_user(U1, password=None)

    assert thief.post("/disconnect/plain", headers=JSON).status_code == 404
    assert browser.delete("/connect/plain/another", headers=JSON).status_code == 404
    assert browser.delete("/connect/plain", headers=JSON).status_code == 409, "the last way in"

    assert box.count("plain", "revoke") == 0
    assert not is_dead(bed, "plain", row.access_token)


def test_A070_a_connection_to_a_provider_that_is_gone_is_removed_alone(bed: Bed) -> None:
    bed.connect(U1, "gone", "1")
    browser = bed.browser().sign_in(U1)
    answer = browser.delete("/connect/gone/1", headers=JSON)
    assert answer.json()["response"]["code"] == "removed"
    assert bed.rows() == []


# By an application that deletes a user itself.


def test_A070_an_application_gives_back_what_it_is_about_to_delete(
    bed: Bed, box: ServedSandbox
) -> None:
    connected(bed, "plain", "ada", "grace")
    tokens = [row.access_token for row in bed.rows()]
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        for connection in bed.social.connections(user):
            remote = bed.social.providers[connection.provider_id]
            assert remote.revoke(connection) is True
            assert connection.access_token in tokens, "the row stays as it is"
        bed.db.session.delete(user)
        bed.db.session.commit()
    assert box.count("plain", "revoke") == 2
    assert all(is_dead(bed, "plain", token) for token in tokens)


def test_A070_and_is_told_where_that_was_in_vain(bed: Bed, box: ServedSandbox) -> None:
    connected(bed, "plain")
    box["plain"].fail("revoke", Status(503))
    with bed.app.app_context():
        connection = bed.social.connections(bed.db.session.get(bed.User, bed.user_id(U1)))[0]
        assert bed.social.plain.revoke(connection) is False
        box["plain"].clear()
        connection.access_token, connection.refresh_token = None, None
        assert bed.social.plain.revoke(connection) is False
    assert box.count("plain", "revoke") == 1, "nothing was there to be given back"
