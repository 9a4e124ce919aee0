"""What a hostile reviewer tried, beyond the numbered attacks: each over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_social.sandbox import Hang, Status
from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox
from tests.bed import Bed

ADA = "ada@example.com"


def ada_at(box: ServedSandbox, provider_id: str) -> str:
    return str(subject_of(box[provider_id].script, box.people["ada"]))


# What a provider says.


@pytest.mark.parametrize("scope", ["read \ud800", "read a\x00b", ["read", "\ud800"], "read 😀"])
@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_a_scope_that_no_database_can_hold_is_passed_over(
    bed: Bed, box: ServedSandbox, provider_id: str, scope: Any
) -> None:
    bed.add_user(ADA)
    box[provider_id].set("token", scope=scope)
    answer = bed.browser().sign_in(ADA).trip(f"/connect/{provider_id}")
    assert answer.status_code == 303
    assert [row.scopes for row in bed.rows()] == ["read"]


# What a browser sends.


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain;charset=UTF-8", '{"provider_user_id": "1"}'),
        ("application/octet-stream", "provider_user_id=1"),
        ("", "provider_user_id=1"),
        # A boundary that the header does not name: a script set the type of a FormData itself.
        (
            "multipart/form-data",
            '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
        ),
    ],
)
def test_a_body_that_cannot_be_read_never_means_all(bed: Bed, kind: str, body: str) -> None:
    bed.add_user(ADA)
    for subject in ("1", "2"):
        bed.connect(ADA, "acme", subject)
    browser = bed.browser().sign_in(ADA)
    headers = {"Content-Type": kind, "Accept": "application/json"}
    answer = browser.post("/disconnect/acme", data=body, headers=headers)
    assert (answer.status_code, answer.json()["response"]["code"]) == (400, "malformed")
    assert len(bed.rows()) == 2
    assert browser.post("/disconnect/acme").status_code == 303
    assert bed.rows() == []


def test_a_file_in_place_of_a_name_never_means_all(bed: Bed) -> None:
    bed.add_user(ADA)
    for subject in ("1", "2"):
        bed.connect(ADA, "acme", subject)
    browser = bed.browser().sign_in(ADA)
    for form in ({}, {"next": "/x"}):
        files = {"provider_user_id": ("1", b"1")}
        assert browser.post("/disconnect/acme", data=form, files=files).status_code == 400
    assert len(bed.rows()) == 2


# What changes while a provider is asked.


@pytest.mark.parametrize("change", ["deleted", "deactivated", "signed out everywhere"])
@pytest.mark.parametrize("intent", ["connect", "reconnect", "verify"])
def test_a_user_who_is_gone_when_the_provider_answers_gets_nothing(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path, intent: str, change: str
) -> None:
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.db")
    bed.add_user(ADA)
    if intent != "connect":
        bed.connect(ADA, "acme", ada_at(box, "acme"))
    browser = bed.browser().sign_in(ADA)
    callback = browser.at_provider(browser.set_out(f"/{intent}/acme"))
    hang = Hang()
    box["acme"].fail("token", hang)
    answers: list[requests.Response] = []
    trip = threading.Thread(target=lambda: answers.append(browser.get(callback)))
    trip.start()
    assert hang.entered.wait(60)
    if change == "deleted":
        with bed.app.app_context():
            bed.db.session.execute(sa.delete(bed.Connection))
            bed.db.session.execute(sa.delete(bed.User))
            bed.db.session.commit()
    elif change == "deactivated":
        bed.change_user(ADA, active=False)
    else:
        bed.change_user(ADA, fs_uniquifier="another")
    before = [(row.access_token, row.version) for row in bed.rows()]
    hang.release()
    trip.join()
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [(303, "/login")]
    assert [each["reason"] for each in bed.signals("flow_rejected")] == ["not_signed_in"]
    assert [(row.access_token, row.version) for row in bed.rows()] == before


def test_a_connection_removed_at_the_moment_of_a_login_signs_nobody_in(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.db")
    bed.add_user(ADA)
    bed.connect(ADA, "plain", ada_at(box, "plain"))

    def remove(session: Session, *rest: Any) -> None:
        if any(isinstance(row, bed.Connection) for row in session.dirty):
            with bed.db.engine.begin() as connection:
                connection.execute(sa.delete(bed.Connection.__table__))

    sa.event.listen(bed.db.session, "before_flush", remove)
    browser = bed.browser()
    assert browser.trip("/login/plain").status_code == 400
    assert browser.who() is None
    assert bed.signals("login_completed") == []


# How much a request takes.


def test_a_request_never_holds_two_connections_of_the_pool(
    make_bed: Callable[..., Bed], tmp_path: Path
) -> None:
    bed = make_bed(
        database=f"sqlite:///{tmp_path}/app.db",
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 1, "max_overflow": 0, "pool_timeout": 1},
    )
    bed.add_user(ADA)
    browser = bed.browser().sign_in(ADA)
    assert browser.get("/login/acme?state=unknown&code=x").status_code == 400
    assert browser.trip("/connect/acme").status_code == 303
    assert browser.trip("/verify/acme").status_code == 303
    assert bed.browser().trip("/login/acme").status_code == 303
    assert browser.post("/disconnect/acme").status_code == 303


# What an error says.


@pytest.mark.parametrize("provider_id", ["foursquare", "facebook"])
def test_what_raise_for_status_says_holds_no_token_and_no_proof(
    make_bed: Callable[..., Bed], box: ServedSandbox, provider_id: str
) -> None:
    keys = {"consumer_key": "key", "consumer_secret": "secret"}
    config = {f"SOCIAL_{provider_id.upper()}": keys, "SOCIAL_SANDBOX": box.url}
    bed = make_bed(**config)
    bed.add_user(ADA)
    bed.connect(ADA, provider_id, "1", access_token="canary")
    box[provider_id].fail("api", Status(403))
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(ADA))
        api = getattr(bed.social, provider_id).get_api(user)
        answer = api.get("users/self/nothing?limit=1")
    with pytest.raises(requests.HTTPError) as caught:
        answer.raise_for_status()
    assert str(caught.value).endswith(f"/{provider_id}/api/users/self/nothing?limit=1")
    assert "canary" not in answer.url
    assert "proof" not in answer.url
