"""The Foundation's Basic tests once more, with answers that come by form post over https."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_social.testing import ServedSandbox
from tests import formpost

from .party import USER, Party, party, without_profile


def test_oidcc_client_test(by_form: Party, box: ServedSandbox) -> None:
    browser = by_form.browser()
    url = browser.set_out("/login/acme")
    assert "response_mode=form_post" in url
    action, fields = formpost.form_at(browser, url)
    assert action == f"{by_form.bed.url}/callback/acme"
    assert set(fields) == {"code", "state", "iss"}
    assert formpost.hand_in(browser, action, fields).status_code == 303
    assert browser.who() == USER


def test_oidcc_client_test_invalid_iss(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", iss="https://invalid.example")
    by_form.reject()


def test_oidcc_client_test_missing_sub(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].delete("claims", "sub")
    by_form.reject()


def test_oidcc_client_test_invalid_aud(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", aud="invalid")
    by_form.reject()


def test_oidcc_client_test_missing_iat(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].delete("claims", "iat")
    by_form.reject()


def test_oidcc_client_test_kid_absent_single_jwks(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].delete("header", "kid")
    by_form.accept()


def test_oidcc_client_test_kid_absent_multiple_jwks(
    served_sandbox: ServedSandbox, tmp_path: Path
) -> None:
    with party(served_sandbox, tmp_path, spare_keys=2) as own:  # keys are kept: one of its own
        served_sandbox["acme"].delete("header", "kid")
        own.reject()


def test_oidcc_client_test_idtoken_sig_rs256(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].sign("RS256")
    by_form.accept()


def test_oidcc_client_test_idtoken_sig_none(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].sign("none")
    by_form.reject()


def test_oidcc_client_test_invalid_sig_rs256(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].sign("RS256", broken=True)
    by_form.reject()


def test_oidcc_client_test_userinfo_bearer_header(by_form: Party, box: ServedSandbox) -> None:
    by_form.accept("op-a")
    [asked] = [each for each in box.requests if each.endpoint == "userinfo"]
    assert asked.headers["Authorization"].startswith("Bearer ")
    assert (asked.query, asked.body) == ("", "")


def test_oidcc_client_test_userinfo_invalid_sub(by_form: Party, box: ServedSandbox) -> None:
    box["op-a"].set("userinfo", sub="invalid")
    by_form.reject("op-a")


def test_oidcc_client_test_nonce_invalid(by_form: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", nonce="invalid")
    by_form.reject()


def test_oidcc_client_test_scope_userinfo_claims(by_form: Party, box: ServedSandbox) -> None:
    box["op-a"].change("claims", without_profile)
    box["op-a"].set("userinfo", name="Ada Byron", email="byron@example.org")
    by_form.accept("op-a")
    [shown] = [
        (row.full_name, row.email) for row in by_form.bed.rows() if row.provider_id == "op-a"
    ]
    assert shown == ("Ada Byron", "byron@example.org")


def test_oidcc_client_test_client_secret_basic(by_form: Party, box: ServedSandbox) -> None:
    by_form.accept("op-b")
    [asked] = [each for each in box.requests if each.endpoint == "token"]
    assert asked.headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in asked.body


@pytest.mark.parametrize(
    ("error", "page"),
    [
        ("access_denied", "cancelled"),
        ("login_required", "wants you to sign in there first"),
        ("made_up", "did not answer as expected"),
    ],
)
def test_oidcc_client_test_form_post_error(
    by_form: Party, box: ServedSandbox, error: str, page: str
) -> None:
    box["acme"].set("callback", error=error, error_description="somebody else's words")
    box["acme"].delete("callback", "code")
    browser = by_form.browser()

    answer = by_form.trip(browser, "/login/acme")

    if error == "access_denied":
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        answer = browser.get("/login")
    else:
        assert answer.status_code == 502
    assert page in answer.text
    assert "somebody else's words" not in answer.text
    assert browser.who() is None
    assert by_form.bed.calls("acme") == 0
    box["acme"].honest()
    by_form.accept()
