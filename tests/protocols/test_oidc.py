"""OpenID Connect, on paper: by the names of the OpenID Foundation's relying-party tests too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from flask_social.errors import ConfigurationError, ProviderError, ProviderUnavailable
from flask_social.protocols.identity import fields
from flask_social.protocols.oidc import OIDC
from flask_social.values import Flow, Grant, Intent

from .paper import CLIENT, ISSUER, NOW, Paper, answer, claims, flow, public, rsa, sign

PROVIDER = OIDC(id="op", name="Op", issuer=ISSUER)
WELL_KNOWN = f"{ISSUER}/.well-known/openid-configuration"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/me",
}
GRANTED = {"access_token": "granted", "token_type": "Bearer"}


def network(id_token: Any = None, **changes: Any) -> Paper:
    """A provider that grants *id_token* (``...``: none)."""
    members = GRANTED if id_token is ... else {**GRANTED, "id_token": id_token or sign(claims())}
    answers = {
        WELL_KNOWN: answer(METADATA),
        f"{ISSUER}/token": answer(members),
        f"{ISSUER}/jwks": answer({"keys": [public(rsa())]}),
        f"{ISSUER}/me": answer({"sub": "person-1", "name": "Ada Example"}),
    }
    return Paper({**answers, **{f"{ISSUER}/{name}": each for name, each in changes.items()}})


def complete(send: Paper, provider: OIDC = PROVIDER, trip: Flow | None = None) -> Grant:
    return provider.complete(CLIENT, trip or flow(), {"code": "c"}, send)


def refusal(send: Paper, provider: OIDC = PROVIDER, trip: Flow | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        complete(send, provider, trip)
    return stopped.value


def begin(provider: OIDC = PROVIDER, **changes: Any) -> tuple[Flow, dict[str, str]]:
    sent, url = provider.begin(CLIENT, flow(**changes), network())
    query = parse_qs(urlsplit(url).query)
    return sent, {name: values[0] for name, values in query.items()}


# Out


def test_the_request_asks_for_openid_with_a_nonce_of_its_own() -> None:
    sent, params = begin(nonce="")
    assert params["scope"] == "openid profile email"
    assert params["nonce"] == sent.nonce
    assert len(sent.nonce) == 43
    assert params["code_challenge_method"] == "S256"
    assert sent.issuer == ISSUER
    assert len({begin()[0].nonce for _ in range(20)}) == 20


def test_the_nonce_cannot_be_overridden() -> None:
    sent, params = begin(replace(PROVIDER, authorize_params={"nonce": "evil", "state": "evil"}))
    assert (params["nonce"], params["state"]) == (sent.nonce, sent.state)


@pytest.mark.parametrize("scopes", [(), ("email",), ("openid", "email"), ("email", "openid")])
def test_openid_is_asked_for_even_if_the_configuration_forgets_it(scopes: Any) -> None:
    provider = OIDC(id="op", name="Op", issuer=ISSUER, scopes=scopes)
    assert begin(provider)[1]["scope"].split().count("openid") == 1
    assert replace(PROVIDER, scopes=scopes).scopes == provider.scopes


def test_a_verify_trip_asks_for_a_new_sign_in() -> None:
    _, params = begin(intent=Intent.VERIFY)
    assert (params["prompt"], params["max_age"]) == ("login", "0")
    assert "prompt" not in begin()[1]


def test_oidcc_client_test_discovery_openid_config() -> None:
    _, url = PROVIDER.begin(CLIENT, flow(), network())
    assert url.startswith(f"{ISSUER}/auth?")


@pytest.mark.parametrize("issuer", ["https://evil.example", f"{ISSUER}/", None])
def test_oidcc_client_test_discovery_issuer_mismatch(issuer: Any) -> None:
    send = network()
    send.answers[WELL_KNOWN] = answer({**METADATA, "issuer": issuer})
    for _ in range(2):
        with pytest.raises(ProviderUnavailable) as stopped:
            PROVIDER.begin(CLIENT, flow(), send)
        assert stopped.value.code == "wrong_issuer"
    assert send.kept == {}


def test_an_issuer_that_ends_in_a_slash_is_one_all_the_same() -> None:
    issuer = f"{ISSUER}/"
    send = network(sign(claims(iss=issuer)))
    send.answers[WELL_KNOWN] = answer({**METADATA, "issuer": issuer})
    grant = complete(send, OIDC(id="op", name="Op", issuer=issuer))
    assert grant.identity.issuer == issuer


def test_the_metadata_may_stand_elsewhere() -> None:
    send = network()
    send.answers["https://elsewhere.example/doc"] = send.answers.pop(WELL_KNOWN)
    provider = replace(PROVIDER, discovery_url="https://elsewhere.example/doc")
    assert complete(send, provider).identity.subject == "person-1"


# ... and back


def test_oidcc_client_test() -> None:
    grant = complete(network())
    assert (grant.identity.subject, grant.identity.issuer) == ("person-1", ISSUER)
    assert grant.identity.name == "Ada Example"
    assert grant.token.id_token is not None


def test_a_returning_login_makes_one_request_and_imports_no_key_again() -> None:
    send = network()
    PROVIDER.begin(CLIENT, flow(), send)
    complete(send)
    kept = dict(send.kept)
    send.sent.clear()
    PROVIDER.begin(CLIENT, flow(), send)
    assert send.asked == []
    complete(send)
    assert send.asked == [f"{ISSUER}/token"]
    assert all(send.kept[key] is each for key, each in kept.items())
    assert len(send.kept) == 2


def test_addresses_that_are_given_need_no_discovery() -> None:
    provider = replace(
        PROVIDER,
        authorize_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        jwks_url=f"{ISSUER}/jwks",
    )
    send = network()
    assert complete(send, provider).identity.subject == "person-1"
    assert send.asked == [f"{ISSUER}/token", f"{ISSUER}/jwks"]
    asking = network()
    complete(asking, replace(provider, userinfo=True))
    assert WELL_KNOWN in asking.asked
    telling = network()
    complete(telling, replace(provider, userinfo=True, userinfo_url=f"{ISSUER}/me"))
    assert WELL_KNOWN not in telling.asked


def test_a_provider_that_signs_with_the_secret_needs_no_keys() -> None:
    provider = replace(
        PROVIDER,
        algorithms=("HS256",),
        authorize_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
    )
    key = OctKey.import_key(str(CLIENT.secret))
    send = network(sign(claims(), key, {"alg": "HS256", "kid": ...}))
    assert complete(send, provider).identity.subject == "person-1"
    assert send.asked == [f"{ISSUER}/token"]


def test_an_address_that_is_given_wins_over_discovery() -> None:
    send = network()
    send.answers[f"{ISSUER}/other"] = send.answers.pop(f"{ISSUER}/token")
    complete(send, replace(PROVIDER, token_url=f"{ISSUER}/other"))
    assert send.asked[:2] == [WELL_KNOWN, f"{ISSUER}/other"]


REJECTED = {
    "oidcc-client-test-invalid-iss": sign(claims(iss="https://evil.example")),
    "oidcc-client-test-missing-sub": sign(claims(sub=...)),
    "oidcc-client-test-invalid-aud": sign(claims(aud="other")),
    "oidcc-client-test-missing-aud": sign(claims(aud=...)),
    "oidcc-client-test-missing-iat": sign(claims(iat=...)),
    "oidcc-client-test-invalid-sig-rs256": sign(claims(), rsa("other"), {"kid": "one"}),
    "oidcc-client-test-nonce-invalid": sign(claims(nonce="other")),
    "oidcc-client-test-invalid-athash": sign(claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
}


@pytest.mark.parametrize("token", REJECTED.values(), ids=REJECTED.keys())
def test_the_foundations_bad_tokens_are_rejected(token: str) -> None:
    stopped = refusal(network(token))
    assert (stopped.step, stopped.code) == ("checking the ID token", "bad_id_token")


def test_a50_an_answer_without_an_id_token_is_refused() -> None:
    assert refusal(network(...)).code == "bad_id_token"


@pytest.mark.parametrize("id_token", [{"sub": "person-1"}, '{"sub": "person-1"}', 7])
def test_a50_an_id_token_that_is_json_is_refused(id_token: Any) -> None:
    assert refusal(network(id_token)).code in ("bad_answer", "bad_id_token")


def test_oidcc_client_test_kid_absent_single_jwks() -> None:
    assert complete(network(sign(claims(), header={"kid": ...})))


def test_oidcc_client_test_kid_absent_multiple_jwks() -> None:
    several = answer({"keys": [public(rsa()), public(rsa("two"))]})
    send = network(sign(claims(), header={"kid": ...}), jwks=several)
    assert refusal(send).code == "bad_id_token"


def test_oidcc_client_test_signing_key_rotation_just_before_signing() -> None:
    send = network()
    complete(send)
    send.answers[f"{ISSUER}/jwks"] = answer({"keys": [public(rsa("two"))]})
    send.answers[f"{ISSUER}/token"] = answer({**GRANTED, "id_token": sign(claims(), rsa("two"))})
    send.sent.clear()
    assert complete(send)
    assert send.asked == [f"{ISSUER}/token", f"{ISSUER}/jwks"]
    send.sent.clear()
    assert complete(send)
    assert send.asked == [f"{ISSUER}/token"]


def test_a73_a_verify_trip_needs_auth_time_unless_the_provider_file_says_otherwise() -> None:
    trip = flow(intent=Intent.VERIFY)
    assert "auth_time" in refusal(network(), trip=trip).detail
    assert complete(network(sign(claims(auth_time=NOW))), trip=trip)
    assert complete(network(), replace(PROVIDER, auth_time=False), trip)


def test_a45_an_alias_of_the_issuer_is_recorded_as_the_issuer() -> None:
    send = network(sign(claims(iss="op.example")))
    grant = complete(send, replace(PROVIDER, issuer_aliases=("op.example",)))
    assert grant.identity.issuer == ISSUER
    assert refusal(network(sign(claims(iss="op.example")))).code == "bad_id_token"


def test_a_provider_that_gives_no_nonce_back_is_taken_at_its_files_word() -> None:
    silent = sign(claims(nonce=...))
    assert complete(network(silent), replace(PROVIDER, nonce=False))
    assert refusal(network(silent)).code == "bad_id_token"
    assert "nonce" in begin(replace(PROVIDER, nonce=False))[1]


def test_standard_claims_make_the_identity() -> None:
    token = sign(
        claims(
            preferred_username="ada",
            email="ada@a.example",
            email_verified=True,
            profile="https://op.example/ada",
            picture="https://op.example/ada.png",
        )
    )
    identity = complete(network(token)).identity
    assert (identity.username, identity.name) == ("ada", "Ada Example")
    assert (identity.email, identity.email_verified) == ("ada@a.example", True)
    assert identity.profile_url == "https://op.example/ada"
    assert identity.image_url == "https://op.example/ada.png"
    assert identity.raw["iat"] == NOW


@pytest.mark.parametrize(
    ("flag", "verified"),
    [(True, True), ("true", True), (False, False), ("false", False), (1, False), (None, False)],
)
def test_an_address_is_verified_only_by_true_and_its_text(flag: Any, verified: bool) -> None:
    token = sign(claims(email="ada@a.example", email_verified=flag))
    assert complete(network(token)).identity.email_verified is verified


def test_an_identity_of_its_own_is_read_from_the_claims() -> None:
    provider = replace(PROVIDER, identity=fields(subject="oid"))
    assert complete(network(sign(claims(oid="7"))), provider).identity.subject == "7"
    assert refusal(network(), provider).code == "no_subject"


BARE = sign(claims(name=...))


def test_oidcc_client_test_userinfo_bearer_header() -> None:
    send = network(BARE)
    assert complete(send).identity.name == "Ada Example"
    assert send.sent[-1].url == f"{ISSUER}/me"
    assert send.sent[-1].headers["Authorization"] == "Bearer granted"
    assert "granted" not in send.sent[-1].url


def test_userinfo_is_asked_only_when_the_id_token_shows_nothing() -> None:
    for shown in ("name", "preferred_username", "email", "picture"):
        send = network(sign(claims(**{"name": ..., shown: "x"})))
        complete(send)
        assert f"{ISSUER}/me" not in send.asked


def test_userinfo_is_asked_always_or_never_where_that_is_configured() -> None:
    always, never = network(), network(BARE)
    complete(always, replace(PROVIDER, userinfo=True))
    complete(never, replace(PROVIDER, userinfo=False))
    assert f"{ISSUER}/me" in always.asked
    assert f"{ISSUER}/me" not in never.asked


def test_a_provider_without_userinfo_is_asked_for_none() -> None:
    without = {name: each for name, each in METADATA.items() if name != "userinfo_endpoint"}
    send = network(BARE)
    send.answers[WELL_KNOWN] = answer(without)
    assert complete(send).identity.name is None
    assert refusal(send, replace(PROVIDER, userinfo=True)).code == "bad_metadata"


@pytest.mark.parametrize("claims_", [{"sub": "person-2"}, {"name": "Eve"}, {"sub": 1}])
def test_oidcc_client_test_userinfo_invalid_sub(claims_: dict[str, Any]) -> None:
    assert refusal(network(BARE, me=answer(claims_))).code == "wrong_subject"


def test_oidcc_client_test_userinfo_signed() -> None:
    body = sign({"iss": ISSUER, "aud": CLIENT.id, "sub": "person-1", "name": "Signed"})
    send = network(BARE, me=answer(body.encode(), media="application/jwt"))
    assert complete(send).identity.name == "Signed"


def test_a_profile_call_adds_to_the_claims_and_overrides_none() -> None:
    provider = replace(
        PROVIDER,
        api_url=f"{ISSUER}/api/",
        profile_call="me",
        identity=fields(subject="sub", name="name", username="nick"),
    )
    extra = {"name": "Eve", "nick": "ada"}
    send = network()
    send.answers[f"{ISSUER}/api/me"] = answer(extra)
    identity = complete(send, provider).identity
    assert (identity.subject, identity.name, identity.username) == (
        "person-1",
        "Ada Example",
        "ada",
    )
    send.answers[f"{ISSUER}/api/me"] = answer([extra])
    assert refusal(send, provider).code == "bad_answer"


@pytest.mark.parametrize("sub", ["person-2", None, 1, ""])
def test_a_profile_call_about_somebody_else_ends_the_trip(sub: Any) -> None:
    provider = replace(PROVIDER, api_url=f"{ISSUER}/api/", profile_call="me")
    send = network()
    send.answers[f"{ISSUER}/api/me"] = answer({"sub": sub, "nick": "eve"})
    assert refusal(send, provider).code == "wrong_subject"
    send.answers[f"{ISSUER}/api/me"] = answer({"sub": "person-1", "nick": "ada"})
    assert complete(send, provider).identity.raw["nick"] == "ada"


@pytest.mark.parametrize(
    ("date", "told"),
    [
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), "90 s ahead of us"),
        (format_datetime(datetime.fromtimestamp(NOW - 5, UTC), usegmt=True), "5 s behind us"),
        ("Fri, 15 Jan 2027 08:00:00", "no Date"),
        ("noon", "no Date"),
        (None, "no Date"),
    ],
)
def test_a_token_from_another_time_tells_whose_clock_is_wrong(date: str | None, told: str) -> None:
    send = network(sign(claims(iat=NOW + 90)))
    said = answer({**GRANTED, "id_token": sign(claims(iat=NOW + 90))})
    send.answers[f"{ISSUER}/token"] = replace(
        said, headers={**said.headers, **({"date": date} if date else {})}
    )
    stopped = refusal(send)
    assert stopped.code == "bad_id_token"
    assert told in stopped.detail


@pytest.mark.parametrize("needs_keys", [True, False])
def test_metadata_need_no_keys_where_the_client_secret_is_the_key(needs_keys: bool) -> None:
    secret = OctKey.import_key(CLIENT.secret or "")
    send = network(sign(claims(), secret, {"alg": "HS256", "kid": ...}))
    send.answers[WELL_KNOWN] = answer({**METADATA, "jwks_uri": None})
    provider = replace(PROVIDER, algorithms=("RS256", "HS256") if needs_keys else ("HS256",))
    if needs_keys:
        with pytest.raises(ProviderUnavailable, match="lacks jwks_uri"):
            complete(send, provider)
    else:
        assert complete(send, provider).identity.subject == "person-1"


# Configuration


@pytest.mark.parametrize("algorithms", [(), ("none",), ("RS256", "none"), ("rs256",), ("XX",)])
def test_an_algorithm_that_checks_nothing_cannot_be_configured(algorithms: Any) -> None:
    with pytest.raises(ConfigurationError, match="algorithms"):
        replace(PROVIDER, algorithms=algorithms)


@pytest.mark.parametrize(
    "issuer", ["", "op.example", "ftp://op.example", f"{ISSUER}?a", f"{ISSUER}#a"]
)
def test_an_issuer_that_is_no_address_cannot_be_configured(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="issuer"):
        replace(PROVIDER, issuer=issuer)


def test_an_issuer_must_be_configured() -> None:
    with pytest.raises(TypeError, match="issuer"):
        OIDC(id="op", name="Op")  # type: ignore[call-arg]


def test_a_provider_moves_to_the_sandbox_where_all_is_discovered() -> None:
    provider = replace(
        PROVIDER,
        authorize_url="https://a",
        token_url="https://b",
        jwks_url="https://c",
        userinfo_url="https://d",
        discovery_url="https://e",
        issuer_aliases=("op.example",),
    )
    moved = provider.moved_to("http://localhost:5001/")
    home = "http://localhost:5001/op"
    assert (moved.issuer, moved.issuer_aliases, moved.api_url) == (home, (), f"{home}/api/")
    local = {
        name: each.replace(ISSUER, home) if isinstance(each, str) else each
        for name, each in METADATA.items()
    }
    send = Paper({f"{home}/.well-known/openid-configuration": answer(local)})
    assert moved.endpoints(send).token_url == f"{home}/token"


@pytest.mark.parametrize("params", [{}, {"iss": "https://evil.example"}, {"iss": f"{ISSUER}/"}])
def test_a32_what_the_metadata_announce_is_required_before_any_token_request(
    params: dict[str, str],
) -> None:
    send = network()
    announced = {**METADATA, "authorization_response_iss_parameter_supported": True}
    send.answers[WELL_KNOWN] = answer(announced)
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.complete(CLIENT, flow(), {"code": "c", **params}, send)
    assert stopped.value.step == "reading the callback"
    assert send.asked == [WELL_KNOWN]
    assert PROVIDER.complete(CLIENT, flow(), {"code": "c", "iss": ISSUER}, send)
