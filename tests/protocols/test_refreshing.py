"""A token made new by its refresh token, on paper (RFC 6749 section 6, OpenID Connect Core 12)."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.protocols import credentials
from flask_social.protocols.identity import fields
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.refreshing import Known, claims_of
from flask_social.values import Token

from .paper import CLIENT, ISSUER, NOW, Paper, answer, claims, public, rsa, sign, token

TOKEN_URL = f"{ISSUER}/token"
PLAIN = OAuth2(
    id="op",
    name="Op",
    authorize_url=f"{ISSUER}/auth",
    token_url=TOKEN_URL,
    api_url=f"{ISSUER}/api/",
)
CONNECT = OIDC(
    id="op",
    name="Op",
    issuer=ISSUER,
    authorize_url=f"{ISSUER}/auth",
    token_url=TOKEN_URL,
    jwks_url=f"{ISSUER}/jwks",
    userinfo_url=f"{ISSUER}/me",
)
GRANTED = {"access_token": "new", "token_type": "Bearer", "expires_in": 3600}
OLD = token(
    refresh_token="spend me",
    expires_at=NOW - 1,
    scopes=("a", "b"),
    id_token="an.odd.one",
    secret="s",
)
PERSON = Known(subject="person-1", issuer=ISSUER)
LATER: dict[str, Any] = {"nonce": ..., "name": ...}
"""What an ID token of a refresh need not have."""


def network(members: Any = None, **changes: Any) -> Paper:
    """A provider whose token endpoint answers GRANTED with *members*."""
    answers = {
        TOKEN_URL: answer({**GRANTED, **(members or {})}),
        f"{ISSUER}/jwks": answer({"keys": [public(rsa())]}),
        f"{ISSUER}/me": answer({"sub": "person-1", "name": "Ada", "number": 7}),
    }
    return Paper({**answers, **{f"{ISSUER}/{name}": each for name, each in changes.items()}})


def refresh(
    send: Paper, provider: OAuth2 = PLAIN, old: Token = OLD, known: Known | None = None
) -> Token:
    return provider.refresh(CLIENT, old, known or Known(subject="person-1"), send)


def refusal(send: Paper, provider: OAuth2 = PLAIN, **given: Any) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        refresh(send, provider, **given)
    return stopped.value


# OAuth 2.0


def test_the_request_is_that_of_rfc_6749_section_6() -> None:
    send = network()
    refresh(send)
    [request] = send.sent
    assert (request.method, request.url, request.purpose) == (
        "POST",
        TOKEN_URL,
        "refreshing the token",
    )
    assert request.headers["Accept"] == "application/json"
    assert request.form == {
        "grant_type": "refresh_token",
        "refresh_token": "spend me",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
    }


def test_it_is_made_as_the_exchange_of_a_code_is() -> None:
    provider = replace(
        PLAIN,
        client_auth=credentials.basic,
        token_params={"audience": "x", "grant_type": "evil"},
        shape_token_request=lambda request: request.with_headers(X_Shaped="yes"),
    )
    send = network()
    refresh(send, provider)
    [request] = send.sent
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.headers["X-Shaped"] == "yes"
    assert request.form == {
        "audience": "x",
        "grant_type": "refresh_token",
        "refresh_token": "spend me",
    }


def test_by_get_where_the_provider_takes_nothing_else() -> None:
    send = network()
    refresh(send, replace(PLAIN, token_method="GET"))
    [request] = send.sent
    assert (request.method, request.form) == ("GET", None)
    assert "grant_type=refresh_token&refresh_token=spend+me" in request.url


def test_the_answer_is_read_as_that_to_a_code_is() -> None:
    members = {"data": {"access_token": "nested", "token_type": "Bearer"}}
    nested = replace(PLAIN, shape_token=lambda found: dict(found["data"]))
    assert refresh(network(members), nested).access_token == "nested"
    send = Paper({TOKEN_URL: answer(b"access_token=form&token_type=bearer", media=FORM)})
    assert refresh(send, replace(PLAIN, token_media=FORM)).access_token == "form"
    send = Paper({TOKEN_URL: answer({"access_token": "bare"})})
    assert refresh(send, replace(PLAIN, assume_bearer=True)).access_token == "bare"


FORM = "application/x-www-form-urlencoded"


def test_a_new_pair_replaces_the_old_one() -> None:
    new = refresh(network({"refresh_token": "next", "scope": "a", "id_token": "x.y.z"}))
    assert (new.access_token, new.refresh_token) == ("new", "next")
    assert (new.scopes, new.expires_at, new.id_token) == (("a",), NOW + 3600, "x.y.z")


def test_what_the_answer_does_not_bring_stays_but_for_the_expiry() -> None:
    new = refresh(network({"expires_in": None}))
    assert (new.refresh_token, new.scopes) == ("spend me", ("a", "b"))
    assert (new.secret, new.id_token) == ("s", "an.odd.one")
    assert new.expires_at is None


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ("invalid_grant", 400, "invalid_grant"),
        ("bad_verification_code", 200, "invalid_grant"),
        ("bad_refresh_token", 200, "invalid_grant"),
        ("invalid_refresh_token", 200, "invalid_grant"),
        ("interaction_required", 400, "interaction_required"),
        ("a word of theirs", 400, "unknown_error"),
    ],
)
def test_errors_go_by_the_names_of_the_standard(told: str, status: int, code: str) -> None:
    error = refusal(Paper({TOKEN_URL: answer({"error": told, "ok": False}, status)}))
    assert (error.code, error.step) == (code, "refreshing the token")


def test_a_wrong_secret_is_the_operators() -> None:
    error = refusal(Paper({TOKEN_URL: answer({"error": "invalid_client"}, 401)}))
    assert isinstance(error, ProviderUnavailable)
    assert error.code == "invalid_client"


@pytest.mark.parametrize("broken", [answer(b"<html>", media="text/html"), answer([]), answer({})])
def test_an_answer_that_is_none_grants_nothing(broken: Any) -> None:
    assert refusal(Paper({TOKEN_URL: broken})).code == "bad_answer"


def test_a_refresh_token_of_another_issuer_is_not_sent() -> None:
    for provider in (replace(PLAIN, issuer=ISSUER), CONNECT):
        send = network()
        known = Known(subject="person-1", issuer="https://former.example")
        assert refusal(send, provider, known=known).code == "issuer_changed"
        assert TOKEN_URL not in send.asked
        assert refresh(network(), provider, known=PERSON).access_token == "new"


# OpenID Connect


def connect(id_token: Any, old: Any = None, **given: Any) -> Token:
    """What a refresh gives whose answer has *id_token*, for one that had *old*."""
    send = network({"id_token": id_token} if id_token else None, **given.pop("answers", {}))
    earlier = replace(OLD, id_token=old)
    return refresh(send, given.pop("provider", CONNECT), earlier, given.pop("known", PERSON))


def code_of(*args: Any, **given: Any) -> str:
    with pytest.raises(ProviderError) as stopped:
        connect(*args, **given)
    return stopped.value.code


def test_an_answer_without_an_id_token_keeps_the_old_one() -> None:
    first = sign(claims())
    new = connect(None, first)
    assert (new.access_token, new.id_token) == ("new", first)
    assert connect(None).id_token is None


@pytest.mark.parametrize("old", [None, sign(claims()), "an odd text", "a.b.c", "e30.W10.x"])
def test_one_that_goes_on_is_taken(old: Any) -> None:
    second = sign(claims(**LATER))
    assert connect(second, old).id_token == second


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "person-2"},
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"aud": "somebody else"},
        {"aud": [CLIENT.id, "another"], "azp": CLIENT.id},
        {"azp": "somebody else"},
    ],
)
@pytest.mark.parametrize("has_old", [True, False])
def test_a54_another_person_issuer_or_audience_is_told_apart(
    changes: dict[str, Any], has_old: bool
) -> None:
    old = sign(claims()) if has_old else None
    assert code_of(sign(claims(**{**LATER, **changes})), old) == "changed"


def test_a54_the_person_is_that_of_the_row_and_that_of_the_last_id_token() -> None:
    new = sign(claims(**LATER))
    assert code_of(new, sign(claims(sub="person-2"))) == "changed"
    assert code_of(new, known=Known(subject="person-2", issuer=ISSUER)) == "changed"


@pytest.mark.parametrize(
    "new",
    [
        sign(claims(**LATER), rsa("another")),
        sign(claims(**LATER), header={"alg": "RS512"}),
        sign(claims(**LATER, exp=NOW - 60)),
        sign(claims(**{**LATER, "iat": NOW - 61})),
        sign(claims(**{**LATER, "iat": NOW + 61})),
        sign(claims(**{**LATER, "iat": ...})),
        sign(claims(**{**LATER, "nonce": "another trip's"})),
        sign(claims(**LATER, at_hash="of another")),
        "no.id.token",
    ],
)
def test_one_that_proves_nothing_is_a_bad_answer(new: str) -> None:
    assert code_of(new, sign(claims())) == "bad_id_token"


def test_whose_clock_is_wrong_is_told() -> None:
    with pytest.raises(ProviderError, match="the answer has no Date"):
        connect(sign(claims(**LATER, exp=NOW - 60)))


def test_no_refresh_token_is_spent_for_an_answer_that_cannot_be_checked() -> None:
    away = ProviderUnavailable("reading the keys", "unavailable", "status 503")
    network_without_keys = network(jwks=away)
    with pytest.raises(ProviderUnavailable):
        CONNECT.refresh(CLIENT, OLD, PERSON, network_without_keys)
    assert network_without_keys.asked == [f"{ISSUER}/jwks"]
    never_had_one = replace(OLD, id_token=None)
    assert (
        CONNECT.refresh(CLIENT, never_had_one, PERSON, network_without_keys).access_token == "new"
    )


def test_a_nonce_may_be_given_back_once_more() -> None:
    assert connect(sign(claims()), sign(claims())).access_token == "new"
    assert connect(sign(claims()), None).access_token == "new"  # nobody knows it any more
    odd = sign(claims(nonce=["no text"]))
    assert connect(sign(claims()), odd).access_token == "new"


def test_the_time_of_signing_in_stays() -> None:
    old = sign(claims(auth_time=NOW - 999))
    assert connect(sign(claims(**LATER, auth_time=NOW - 999)), old).access_token == "new"
    assert connect(sign(claims(**LATER)), old).access_token == "new"
    assert connect(sign(claims(**LATER, auth_time=NOW)), sign(claims())).access_token == "new"
    assert code_of(sign(claims(**LATER, auth_time=NOW)), old) == "bad_id_token"


def test_a_subject_that_is_no_claim_of_it_is_asked_for_once_nothing_else_vouches() -> None:
    by_number = replace(CONNECT, identity=fields(subject="number", name="name"))
    number = Known(subject="7", issuer=ISSUER)
    new = sign(claims(**LATER))
    assert connect(new, sign(claims()), provider=by_number, known=number).access_token == "new"
    assert connect(new, provider=by_number, known=number).access_token == "new"
    other = Known(subject="8", issuer=ISSUER)
    assert code_of(new, provider=by_number, known=other) == "changed"
    assert code_of(new, sign(claims(sub="person-2")), provider=by_number, known=number) == "changed"


def test_aliases_of_the_issuer_may_take_turns() -> None:
    provider = replace(CONNECT, issuer_aliases=("op.example",))
    old = sign(claims(iss="op.example"))
    assert connect(sign(claims(**LATER)), old, provider=provider).access_token == "new"


def test_keys_are_asked_for_anew_where_one_is_unknown() -> None:
    old_keys, new_keys = answer({"keys": [public(rsa("old"))]}), answer({"keys": [public(rsa())]})
    answers = iter([old_keys, new_keys])

    def jwks(request: Request) -> Any:
        return next(answers)

    assert connect(sign(claims(**LATER)), answers={"jwks": jwks}).access_token == "new"


def test_claims_of_an_odd_text_are_none() -> None:
    listed = base64.urlsafe_b64encode(json.dumps([1]).encode()).decode()
    for text in (None, "", "a", "a.b", "a.b.c", "a.é.c", f"a.{listed}.c"):
        assert claims_of(text) == {}
    assert claims_of(sign(claims()))["sub"] == "person-1"
