"""Modules of the FAPI 2 client plans that hold for any relying party; named after what they do."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social import clock
from flask_social.testing import ServedSandbox
from tests.bed import query_of

from .party import USER, Party


def test_fapi2_client_test_invalid_authorization_response_iss(
    by_query: Party, box: ServedSandbox
) -> None:
    box["acme"].set("callback", iss=f"{box.url}op-b")
    by_query.reject()
    assert by_query.bed.calls("acme") == 1, "that of the honest login alone"


def test_fapi2_client_test_remove_authorization_response_iss(
    by_query: Party, box: ServedSandbox
) -> None:
    box["acme"].delete("callback", "iss")
    by_query.reject()
    assert by_query.bed.calls("acme") == 1, "that of the honest login alone"


@pytest.mark.parametrize("state", ["invalid", "", None], ids=repr)
def test_fapi2_client_test_ensure_invalid_or_missing_state_fails(
    by_query: Party, box: ServedSandbox, state: str | None
) -> None:
    if state is None:
        box["acme"].delete("callback", "state")
    else:
        box["acme"].set("callback", state=state)
    by_query.reject(status=400)
    assert by_query.bed.calls("acme") == 1, "that of the honest login alone"


@pytest.mark.parametrize("alg", ["none", "None", "NONE"])
def test_fapi2_client_test_null_algorithm(by_query: Party, box: ServedSandbox, alg: str) -> None:
    box["acme"].sign(alg)
    by_query.reject()


@pytest.mark.parametrize("alg", ["PS256", "RS512", "ES256", "HS256"])
def test_fapi2_client_test_alternate_algorithm(
    by_query: Party, box: ServedSandbox, alg: str
) -> None:
    box["acme"].set("discovery", id_token_signing_alg_values_supported=[alg, "RS256"])
    box["acme"].sign(alg, "secret" if alg == "HS256" else "current")
    by_query.reject()


@pytest.mark.parametrize(
    "aud", [["acme key", "another"], ["another", "acme key"], ["acme key", "acme key", "another"]]
)
def test_fapi2_client_test_additional_audience(
    by_query: Party, box: ServedSandbox, aud: list[str]
) -> None:
    box["acme"].set("claims", aud=aud)
    by_query.reject()


def test_fapi2_client_test_audience_as_array(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", aud=["acme key"])
    by_query.accept()


@pytest.mark.parametrize("ago", [61, 3600])
def test_fapi2_client_test_expired_id_token(by_query: Party, box: ServedSandbox, ago: int) -> None:
    now = clock.now()
    box["acme"].set("claims", exp=now - ago)
    with clock.replaced(lambda: now):
        by_query.reject()


@pytest.mark.parametrize("claim", ["exp", "aud", "iss", "nonce", "iat", "sub"])
def test_fapi2_client_test_id_token_lacks_a_claim(
    by_query: Party, box: ServedSandbox, claim: str
) -> None:
    box["acme"].delete("claims", claim)
    by_query.reject()


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "bEaReR"])
def test_fapi2_client_test_token_type_case_insensitivity(
    by_query: Party, box: ServedSandbox, kind: str
) -> None:
    box["acme"].set("token", token_type=kind)
    by_query.accept()


@pytest.mark.parametrize("kind", ["DPoP", "mac", "N_A", None, ["Bearer"]], ids=repr)
def test_fapi2_client_test_token_of_a_type_that_was_not_asked_for(
    by_query: Party, box: ServedSandbox, kind: Any
) -> None:
    box["acme"].set("token", token_type=kind)
    by_query.reject()


def test_fapi2_client_test_happy_path(by_query: Party, box: ServedSandbox) -> None:
    """PKCE, state, nonce and ``iss``, all there and all right."""
    browser = by_query.browser()
    url = browser.set_out("/login/acme")
    asked = query_of(url)
    assert {"code_challenge", "state", "nonce"} <= asked.keys()
    back = query_of(callback := browser.at_provider(url))
    assert (back["state"], back["iss"]) == (asked["state"], f"{box.url}acme")
    assert browser.get(callback).status_code == 303
    assert browser.who() == USER
