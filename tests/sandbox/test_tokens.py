"""The token endpoint and revocation."""

from __future__ import annotations

import pytest
import requests

from flask_social.sandbox import ProviderScript
from flask_social.testing import ServedSandbox

from .walk import CALLBACK, Walk


def error_of(response: requests.Response) -> str:
    assert response.status_code >= 400
    return str(response.json()["error"])


def test_a_code_gives_tokens(plain: Walk) -> None:
    answer = plain.token(plain.back()["code"])
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.json()
    assert said["token_type"] == "Bearer"
    assert said["expires_in"] == 3600
    assert said["scope"] == "profile email"
    assert plain.get("api/me", said["access_token"]).json()["name"] == "Ada Lovelace"


def test_a_code_used_twice_is_refused_and_its_tokens_are_revoked(plain: Walk) -> None:
    code = plain.back()["code"]
    said = plain.token(code).json()
    assert error_of(plain.token(code)) == "invalid_grant"
    assert plain.get("api/me", said["access_token"]).status_code == 401
    assert error_of(plain.refresh(said["refresh_token"])) == "invalid_grant"


def test_a_code_expires(plain: Walk) -> None:
    code = plain.back()["code"]
    plain.box.skew = 61
    assert error_of(plain.token(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": None},
        {"code_verifier": "another-verifier-of-more-than-forty-three-characters"},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"client_id": "somebody-else"},
        {"code": "unknown"},
    ],
)
def test_a_code_is_bound_to_its_request(plain: Walk, changes: dict[str, str | None]) -> None:
    form = {"code": plain.back()["code"], **changes}
    assert error_of(plain.token(str(form.pop("code")), **form)) == "invalid_grant"


def test_a_verifier_without_a_challenge_is_refused(box: ServedSandbox) -> None:
    walk = Walk(box, "google")
    code = walk.back(code_challenge=None, code_challenge_method=None)["code"]
    assert error_of(walk.token(code)) == "invalid_grant"


def test_only_a_posted_form_is_taken(plain: Walk) -> None:
    assert plain.session.get(plain.url("token")).status_code == 405
    assert plain.session.post(plain.url("token"), json={}).status_code == 405


def test_a_form_parameter_given_twice_is_refused(plain: Walk) -> None:
    answer = plain.session.post(
        plain.url("token"),
        data="code=1&code=2",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert error_of(answer) == "invalid_request"


def test_an_unknown_grant_type_is_refused(plain: Walk) -> None:
    answer = plain.token("x", grant_type="password")
    assert error_of(answer) == "unsupported_grant_type"


def test_refreshing_rotates_and_reuse_ends_the_family(plain: Walk) -> None:
    first = plain.tokens()
    second = plain.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert plain.get("api/me", second["access_token"]).status_code == 200
    assert error_of(plain.refresh(first["refresh_token"])) == "invalid_grant"
    assert plain.get("api/me", second["access_token"]).status_code == 401
    assert error_of(plain.refresh(second["refresh_token"])) == "invalid_grant"


def test_refreshing_cannot_widen_the_scope(plain: Walk) -> None:
    token = plain.tokens()["refresh_token"]
    assert error_of(plain.refresh(token, scope="profile admin")) == "invalid_scope"


def test_an_access_token_expires(plain: Walk) -> None:
    token = plain.tokens()["access_token"]
    plain.box.skew = 3601
    answer = plain.get("api/me", token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_google_gives_a_refresh_token_offline_and_once(box: ServedSandbox) -> None:
    walk = Walk(box, "google")
    assert "refresh_token" not in walk.tokens()
    given = walk.tokens(access_type="offline")["refresh_token"]
    assert "refresh_token" not in walk.tokens(access_type="offline")
    assert "refresh_token" in walk.tokens(access_type="offline", prompt="consent")
    again = walk.refresh(given).json()
    assert "refresh_token" not in again
    assert walk.refresh(given).status_code == 200


def test_offline_access_is_a_scope_where_the_script_says_so(box: ServedSandbox) -> None:
    box.add_provider(ProviderScript(id="careful", refresh="offline_access"))
    walk = Walk(box, "careful")
    assert "refresh_token" not in walk.tokens(scope="openid")
    assert "refresh_token" in walk.tokens(scope="openid offline_access")


def test_facebook_has_no_refresh_token_but_an_exchange(box: ServedSandbox) -> None:
    walk = Walk(box, "facebook")
    said = walk.tokens()
    assert "refresh_token" not in said
    form = {"grant_type": "fb_exchange_token", "fb_exchange_token": said["access_token"]}
    longer = walk.post("token", {"client_id": "app", "client_secret": "secret", **form}).json()
    assert longer["expires_in"] == 60 * 86400
    stolen = {"client_id": "other", "client_secret": "s", **form}
    assert walk.post("token", stolen).json()["error"]["type"] == "OAuthException"


def test_foursquare_answers_the_access_token_alone(box: ServedSandbox) -> None:
    assert set(Walk(box, "foursquare").tokens()) == {"access_token"}


def test_the_old_providers_take_a_get(box: ServedSandbox) -> None:
    walk = Walk(box, "foursquare")
    params = {
        "client_id": "app",
        "client_secret": "secret",
        "code": walk.back()["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": "a-verifier-of-more-than-forty-three-characters",
    }
    assert "access_token" in walk.session.get(walk.url("token"), params=params).json()


def test_github_answers_a_form_unless_json_is_accepted(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    asked = walk.asked(scope="read:user user:email")
    code = walk.back(**asked)["code"]
    form = {
        "client_id": "app",
        "client_secret": "secret",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "a-verifier-of-more-than-forty-three-characters",
    }
    answer = walk.session.post(walk.url("token"), data=form, headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "scope=read%3Auser%2Cuser%3Aemail" in answer.text


def test_github_reports_errors_with_status_200(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    answer = walk.token("unknown")
    assert answer.status_code == 200
    assert answer.json()["error"] == "bad_verification_code"
    wrong = walk.token("unknown", client_secret="wrong")
    assert wrong.json()["error"] == "incorrect_client_credentials"


def test_facebook_words_its_errors_in_an_object(box: ServedSandbox) -> None:
    answer = Walk(box, "facebook").token("unknown")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "OAuthException"


def test_a_token_answer_can_be_bent(plain: Walk) -> None:
    provider = plain.box["plain"]
    provider.set("token", token_type="mac")
    provider.delete("token", "scope")
    said = plain.tokens()
    assert said["token_type"] == "mac"
    assert "scope" not in said
    provider.replace("token", "no JSON at all")
    assert plain.token(plain.back()["code"]).text == "no JSON at all"
    provider.honest()
    assert plain.tokens()["token_type"] == "Bearer"


def revoke(walk: Walk, token: str, **changes: str) -> int:
    form = {"client_id": "app", "client_secret": "secret", "token": token, **changes}
    return walk.post("revoke", form).status_code


def test_revoking_either_token_ends_both(plain: Walk) -> None:
    for name in ("access_token", "refresh_token"):
        said = plain.tokens()
        assert revoke(plain, said[name]) == 200
        assert plain.get("api/me", said["access_token"]).status_code == 401
        assert plain.refresh(said["refresh_token"]).status_code == 400


def test_revoking_an_unknown_token_is_fine(plain: Walk) -> None:
    assert revoke(plain, "unknown") == 200
    assert revoke(plain, "") == 400


def test_only_its_own_client_revokes_a_token(plain: Walk) -> None:
    said = plain.tokens()
    assert revoke(plain, said["access_token"], client_secret="wrong") == 401
    assert revoke(plain, said["access_token"], client_id="other") == 400
    assert plain.get("api/me", said["access_token"]).status_code == 200


def test_google_revokes_without_a_client(box: ServedSandbox) -> None:
    walk = Walk(box, "google")
    token = walk.tokens()["access_token"]
    assert walk.post("revoke", {"token": token}).status_code == 200
    assert walk.get("userinfo", token).status_code == 401
