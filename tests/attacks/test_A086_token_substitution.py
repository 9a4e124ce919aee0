"""A086: a token from the browser signs nobody in, whichever address it is sent to, and however."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from flask_social.testing import ServedSandbox
from tests import formpost, tls_proxy
from tests.attacks.logins import accepted, linked
from tests.bed import Bed, Browser, query_of

U2 = "two@example.org"
ASKED = ("token", "jwks", "userinfo", "api")
"""Where a provider would be asked about a token."""


def tokens_of(bed: Bed, client_id: str, client_secret: str) -> dict[str, str]:
    """Good tokens about Ada that ``acme`` gives to an application, be it ours or another."""
    issuer, callback = f"{bed.sandbox.url}acme", "http://127.0.0.1:9/"
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": callback}
    asked |= {"scope": "openid email", "code_challenge_method": "S256", "nonce": "n"}
    asked |= {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}
    answer = requests.get(f"{issuer}/authorize", params=asked, allow_redirects=False, timeout=60)
    form = {
        "grant_type": "authorization_code",
        "code": query_of(answer.headers["Location"])["code"],
        "redirect_uri": callback,
        "client_id": client_id,
        "client_secret": client_secret,
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }
    said = requests.post(f"{issuer}/token", data=form, timeout=60).json()
    return {name: said[name] for name in ("access_token", "id_token", "refresh_token")}


def disguised(tokens: dict[str, str]) -> dict[str, str]:
    """*tokens* under every name by which some library takes them, without nonce or CSRF token."""
    named = {"token": "access_token", "oauth_token": "access_token", "credential": "id_token"}
    named |= {"assertion": "id_token", "id_token_hint": "id_token", "signed_request": "id_token"}
    return {
        **tokens,
        **{name: tokens[which] for name, which in named.items()},
        "token_type": "Bearer",
        "provider_id": "acme",
        "g_csrf_token": "wrong",
        "expires_in": "3600",
    }


@pytest.mark.parametrize("code", [{}, {"code": ""}], ids=["no code", "empty code"])
def test_A086_tokens_in_place_of_a_code(bed: Bed, code: dict[str, str]) -> None:
    """In an answer to a flow of one's own, as the implicit grant has it."""
    linked(bed, "acme")
    tokens = tokens_of(bed, "other key", "other")
    bed.sandbox.reset_counters()
    browser = bed.browser()
    state = query_of(browser.set_out("/login/acme"))["state"]
    issuer = f"{bed.sandbox.url}acme"

    params = {**disguised(tokens), **code, "state": state, "iss": issuer}
    answer = browser.get("/login/acme", params=params)

    assert answer.status_code == 502
    assert tokens["access_token"] not in answer.text
    nothing_was_asked(bed, browser)
    accepted(bed)


def nothing_was_asked(bed: Bed, browser: Browser) -> None:
    assert not any(bed.calls("acme", endpoint) for endpoint in ASKED)
    assert browser.who() is None
    assert not bed.signals("login_completed")


@pytest.mark.parametrize("beside", ["code", "nothing"])
def test_A086_tokens_in_a_form_post_answer(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path, beside: str
) -> None:
    """Without a code it is no answer, and beside one what it carries is not even looked at."""
    with tls_proxy.proxy(tmp_path / "ca.pem") as proxy:
        keys = {"consumer_key": "acme key", "consumer_secret": "acme secret"}
        keys |= {"issuer": f"{box.url}acme", "response_mode": "form_post"}
        bed = make_bed(SOCIAL_ACME=keys, SOCIAL_APP_URL=proxy.url)
        proxy.stand_before(bed)
        browser = proxy.browser(bed)
        tokens = tokens_of(bed, "other key", "other")
        box.login_as("grace")
        action, fields = formpost.form_at(browser, browser.set_out("/login/acme"))
        box.reset_counters()
        if beside == "nothing":
            del fields["code"]
        del tokens["refresh_token"]  # a cookie holds only so much

        answer = formpost.hand_in(browser, action, {**fields, **tokens})

        assert browser.who() is None
        assert answer.status_code == (303 if beside == "code" else 502)
        if beside == "nothing":
            nothing_was_asked(bed, browser)
        else:
            [told] = bed.signals("login_failed")
            assert told["oauth_response"]["access_token"] not in tokens.values()
