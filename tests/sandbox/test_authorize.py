"""The authorization endpoint refuses what an honest one refuses."""

from __future__ import annotations

import pytest
import requests

from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox, sandbox

from .walk import CALLBACK, VERIFIER, Walk, came_back, part


def test_an_approval_comes_back_with_code_state_and_issuer(acme: Walk) -> None:
    back = acme.back()
    assert set(back) == {"code", "state", "iss"}
    assert back["state"] == "S"
    assert back["iss"] == f"{acme.box.url}acme"


def test_a_plain_oauth_provider_sends_no_issuer(plain: Walk) -> None:
    assert set(plain.back()) == {"code", "state"}


def test_google_adds_parameters_of_its_own(box: ServedSandbox) -> None:
    back = Walk(box, "google").back(scope="openid email")
    assert (back["scope"], back["authuser"]) == ("openid email", "0")


def test_nobody_unknown_can_be_picked(acme: Walk) -> None:
    acme.box.ask()
    assert acme.choose({"person": "eve"}).status_code == 400


def test_a_callback_with_a_query_keeps_it(acme: Walk) -> None:
    location = acme.authorize(redirect_uri=CALLBACK + "?a=1").headers["Location"]
    assert location.startswith(f"{CALLBACK}?a=1&code=")


def test_the_consent_page_names_provider_application_scopes_and_people(acme: Walk) -> None:
    acme.box.ask()
    page = acme.authorize(scope="openid email")
    assert page.status_code == 200
    for text in ("Acme", "app", "openid", "See your e-mail address", "Ada Lovelace", "Cancel"):
        assert text in page.text
    assert "<script" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    style = requests.get(f"{acme.box.url}static/sandbox.css", timeout=60)
    assert style.headers["Content-Type"].startswith("text/css")


def test_a_client_id_with_markup_is_escaped(acme: Walk) -> None:
    acme.box.ask()
    assert "<b>app</b>" not in acme.authorize(client_id="<b>app</b>").text


def test_the_person_who_is_picked_signs_in(acme: Walk) -> None:
    acme.box.ask()
    code = came_back(acme.choose({"person": "grace"}))["code"]
    assert part(acme.token(code).json()["id_token"], 1)["name"] == "Grace Hopper"


def test_a_scope_that_is_unticked_is_not_granted(acme: Walk) -> None:
    acme.box.ask()
    form = {"person": "ada", "choosing": "1", "scope": ["profile"]}
    code = came_back(acme.choose(form, scope="openid profile email"))["code"]
    answer = acme.token(code).json()
    assert answer["scope"] == "openid profile"
    assert "email" not in part(answer["id_token"], 1)


def test_cancel_comes_back_as_access_denied(acme: Walk) -> None:
    acme.box.ask()
    back = came_back(acme.choose({"cancel": "1"}))
    assert (back["error"], back["state"]) == ("access_denied", "S")
    assert "code" not in back


def test_facebook_gives_its_own_reason_for_a_denial(box: ServedSandbox) -> None:
    box["facebook"].deny()
    back = Walk(box, "facebook").back()
    assert back["error"] == "access_denied"
    assert back["error_reason"] == "user_denied"


def test_a_redirect_uri_elsewhere_is_refused_with_a_page(acme: Walk) -> None:
    for address in ("https://evil.test/", "javascript:alert(1)", "http://127.0.0.1/#fragment"):
        answer = acme.authorize(redirect_uri=address)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def test_a_registered_redirect_uri_is_exact(acme: Walk) -> None:
    acme.box["acme"].register_client(Client(id="app", redirect_uris=(CALLBACK,)))
    assert acme.authorize().status_code == 302
    assert acme.authorize(redirect_uri=CALLBACK + "/").status_code == 400


def test_a_strict_sandbox_knows_registered_clients_only() -> None:
    with sandbox(strict=True) as box:
        box.login_as("ada")
        walk = Walk(box, "acme")
        assert walk.authorize().status_code == 400
        box["acme"].register_client(Client(id="app", secret="secret"))
        assert walk.authorize().status_code == 302


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
def test_a_bad_request_comes_back_as_an_error(
    acme: Walk, changes: dict[str, str | None], error: str
) -> None:
    back = acme.back(**changes)
    assert (back["error"], back["state"]) == (error, "S")


def test_a_parameter_given_twice_is_refused(acme: Walk) -> None:
    twice = [*acme.asked().items(), ("state", "T")]
    answer = requests.get(acme.url("authorize"), params=twice, timeout=60, allow_redirects=False)
    assert answer.status_code == 400


def test_prompt_none_needs_somebody_signed_in(acme: Walk) -> None:
    acme.box.ask()
    assert acme.back(prompt="none")["error"] == "login_required"
    acme.choose({"person": "grace"})
    code = acme.back(prompt="none")["code"]
    assert part(acme.token(code).json()["id_token"], 1)["name"] == "Grace Hopper"


def auth_time(walk: Walk, **changes: str) -> int:
    claims = part(walk.tokens(**changes)["id_token"], 1)
    assert isinstance(claims["auth_time"], int)
    return claims["auth_time"]


def test_a_session_keeps_its_time_until_prompt_login_or_max_age(acme: Walk) -> None:
    first = auth_time(acme)
    acme.box.skew = 100
    assert auth_time(acme) == first
    assert auth_time(acme, max_age="3000") == first
    renewed = auth_time(acme, max_age="50")
    assert renewed >= first + 100
    acme.box.skew = 200
    assert auth_time(acme, prompt="login") >= first + 200


def test_form_post_answers_with_a_form_that_works_without_script(box: ServedSandbox) -> None:
    page = Walk(box, "posty").authorize()
    assert page.status_code == 200
    assert f'action="{CALLBACK}"' in page.text
    assert 'name="code"' in page.text
    assert 'name="state" value="S"' in page.text
    assert "<button" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_form_post_denial_is_a_form_too(box: ServedSandbox) -> None:
    box.deny()
    assert 'name="error" value="access_denied"' in Walk(box, "posty").authorize().text


def test_what_comes_back_can_be_bent(acme: Walk) -> None:
    provider = acme.box["acme"]
    provider.set("callback", iss="https://other.test", state="T")
    back = acme.back()
    assert (back["iss"], back["state"]) == ("https://other.test", "T")
    provider.honest()
    provider.delete("callback", "iss")
    assert "iss" not in acme.back()
    provider.set("callback", code=["one", "two"])
    assert acme.authorize().headers["Location"].count("code=") == 2


def test_fewer_scopes_than_asked_can_be_granted(acme: Walk) -> None:
    acme.box["acme"].login_as("ada", scopes=["openid"])
    assert acme.tokens(scope="openid email")["scope"] == "openid"
