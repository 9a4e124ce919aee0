"""What each of the harder providers wants that no other does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey

from flask_social import clock, limits
from flask_social.api import ApiSession
from flask_social.errors import ConfigurationError, FlowRejected, ProviderError
from flask_social.flows.pending import Pending
from flask_social.http import Request
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.registration import register
from flask_social.testing import ServedSandbox
from flask_social.values import Client, Grant, Intent, Token
from tests.bed import Bed
from tests.faulty import PATIENT
from tests.formpost import fields_of
from tests.protocols.paper import CLIENT, NOW, Paper, answer, flow, public, rsa, sign
from tests.providers.golden import SIGNING, golden, registration, settings, stock
from tests.providers.on_paper import complete, network
from tests.test_bounce import CROSS, HERE, U1, Https


@pytest.fixture(autouse=True)
def _still(request: pytest.FixtureRequest) -> Iterator[None]:
    """On paper the time stands still; between servers it goes on."""
    if "box" in request.fixturenames:
        yield
        return
    with clock.replaced(lambda: NOW):
        yield


def oauth2(provider_id: str) -> OAuth2:
    provider = stock(provider_id)
    assert isinstance(provider, OAuth2)
    return provider


def on_paper(provider_id: str, **changes: Any) -> Paper:
    """The provider with its golden answers, members of a document replaced by *changes*."""
    profile = deepcopy(golden(provider_id, "profile"))
    for document, members in changes.items():
        name = next(each for each in profile if each.replace("/", "_") == document)
        profile[name] |= members
        for member in [each for each, value in members.items() if value is ...]:
            del profile[name][member]
    return network(stock(provider_id), golden(provider_id, "token"), profile)


def asked(provider_id: str, intent: Intent = Intent.LOGIN) -> dict[str, str]:
    """The parameters that a person is sent away with."""
    client = registration(provider_id).client
    trip = flow(intent=intent, nonce="", state="")
    _, url = oauth2(provider_id).begin(client, trip, on_paper(provider_id))
    query = parse_qs(urlsplit(url).query)
    return {name: values[0] for name, values in query.items()}


def come(provider_id: str, send: Paper | None = None, **params: str) -> Grant:
    """What an answer with *params* makes of the golden answers, or of what *send* has."""
    send = send or on_paper(provider_id)
    client = registration(provider_id).client
    return oauth2(provider_id).complete(client, flow(), {"code": "c", **params}, send)


def token_form(send: Paper) -> dict[str, str]:
    """The form that the token endpoint was sent."""
    forms = [each.form for each in send.sent if each.form and "grant_type" in each.form]
    return dict(forms[-1])


OFFLINE = {
    "microsoft": "offline_access",
    "azure_b2c": "offline_access",
    "oidc": "offline_access",
    "fusionauth": "offline_access",
    "logto": "offline_access",
    "globus": "offline_access",
    "twitter2": "offline.access",
}


@pytest.mark.parametrize("provider_id", OFFLINE)
def test_connecting_asks_for_a_refresh_token_and_a_login_does_not(provider_id: str) -> None:
    scope = OFFLINE[provider_id]
    assert scope in asked(provider_id, Intent.CONNECT)["scope"].split()
    assert scope not in asked(provider_id)["scope"].split()


# Apple


def test_apples_secret_is_a_statement_of_the_team_made_on_demand() -> None:
    send = on_paper("apple")
    come("apple", send)
    form = token_form(send)
    assert "client_assertion" not in form
    token = jwt.decode(form["client_secret"], SIGNING["apple"], algorithms=["ES256"])
    assert token.header["kid"] == SIGNING["apple"].kid
    claims = dict(token.claims)
    assert claims.pop("jti")
    assert claims == {
        "iss": "the-team_id",
        "sub": CLIENT.id,
        "aud": "https://appleid.apple.com",
        "iat": NOW,
        "exp": NOW + 300,
    }
    again = on_paper("apple")
    come("apple", again)
    assert token_form(again)["client_secret"] != form["client_secret"]


def test_apple_is_configured_by_a_key_in_place_of_a_secret() -> None:
    keys = settings("apple")
    del keys["consumer_secret"]
    assert register("apple", keys, sandbox_url=None, allow_http=False).client.secret is None
    for missing in ("team_id", "private_key"):
        lacking = {name: value for name, value in keys.items() if name != missing}
        with pytest.raises(ConfigurationError):
            register("apple", lacking, sandbox_url=None, allow_http=False)


def test_apple_answers_by_form_post() -> None:
    assert asked("apple")["response_mode"] == "form_post"
    assert asked("apple")["scope"] == "openid name email"


def user(**members: Any) -> str:
    """The field that comes with the first consent."""
    name = {"firstName": "Ada", "lastName": "Example"}
    return json.dumps({"name": name, "email": "eve@example.org", **members})


def test_what_apple_posts_beside_the_code_is_a_name_and_nothing_else() -> None:
    grant = come("apple", user=user(sub="somebody else", email_verified=True))
    assert grant.identity.name == "Ada Example"
    assert grant.identity.email == "x7@privaterelay.appleid.com"
    assert grant.identity.subject == golden("apple", "identity")["subject"]
    without = on_paper("apple", id_token={"email": ..., "email_verified": ...})
    identity = come("apple", without, user=user()).identity
    assert (identity.email, identity.email_verified) == (None, False)


@pytest.mark.parametrize(
    "field",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '{"name": "Ada"}',
        '{"name": {}}',
        '{"name": {"firstName": 1.5}}',
        '{"name": {"firstName": ["Ada"], "lastName": null}}',
        '{"name": {"firstName": "A"}, "name": {}}',
        "[" * 100,
        "\ud800",
    ],
)
def test_a_user_field_that_nobody_can_read_is_passed_over(field: str) -> None:
    identity = come("apple", user=field).identity
    assert (identity.name, identity.email_verified) == (None, True)


def test_apple_tells_the_name_once() -> None:
    assert come("apple").identity.name is None


@pytest.mark.parametrize(
    ("flag", "private"),
    [("true", True), (True, True), ("false", False), (False, False), (..., False)],
)
def test_an_address_of_apples_relay_is_known_as_one(flag: Any, private: bool) -> None:
    send = on_paper("apple", id_token={"is_private_email": flag})
    assert come("apple", send).identity.raw["is_private_email"] is private


def test_a_long_name_of_apples_survives_the_detour() -> None:
    pending = Pending(keys=["a secret"], cookies={}, secure=True)
    name = {"firstName": "Ž" * 64, "lastName": "漢" * 64}
    params = {"state": "s" * 43, "code": "c" * 80, "user": user(name=name)}
    cookie = pending.keep_answer(params["state"], params)
    kept = replace(pending, cookies={cookie.name: cookie.value}).kept_answer(params["state"])
    assert kept == params
    assert len(cookie.value) <= limits.FLOW_COOKIES
    grant = come("apple", user=kept["user"])
    assert grant.identity.name == f"{'Ž' * 64} {'漢' * 64}"
    with pytest.raises(FlowRejected, match="too long"):
        pending.keep_answer("s", {**params, "user": "x" * limits.FLOW_COOKIES})


def test_a_first_login_by_apple_brings_the_name_and_the_second_keeps_it(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"SOCIAL_SANDBOX": box.url, "SOCIAL_APPLE": settings("apple"), "SOCIAL_APP_URL": HERE}
    bed = make_bed(**keys)
    bed.add_user(U1)
    browser = Https(bed)
    browser.sign_in()
    told: list[dict[str, str]] = []
    for path in ("/connect/apple", "/connect/apple"):
        address = browser.post(path).headers["Location"]
        fields = fields_of(requests.get(address, timeout=60).text)
        told.append(fields)
        bounce = browser.post("/callback/apple", data=fields, headers=CROSS)
        assert bounce.status_code == 200
        assert fields["code"] not in bounce.text
        onward = browser.get(f"/callback/apple?state={fields['state']}")
        assert onward.status_code == 303
        [row] = bed.rows()
        assert row.full_name == "Ada Lovelace"
    assert ["user" in each for each in told] == [True, False]


# Those who sign with the client secret, and those who never do


def signed_by(key: Any, algorithm: str, provider_id: str) -> Paper:
    """The provider, whose ID token is signed otherwise than it ought to be."""
    send = on_paper(provider_id)
    provider = oauth2(provider_id)
    told = {"aud": CLIENT.id, "iat": NOW, "exp": NOW + 300, "nonce": flow().nonce}
    claims = {**golden(provider_id, "profile")["id_token"], **told}
    forged = sign(claims, key, {"alg": algorithm, "kid": key.kid or ...})
    url = provider.endpoints(send).token_url
    send.answers[url] = answer({**golden(provider_id, "token"), "id_token": forged})
    for page in send.answers:
        if page.endswith("/keys"):
            send.answers[page] = answer({"keys": [public(rsa())]})
    return send


def test_line_takes_its_own_kind_of_signature_alone() -> None:
    secret = OctKey.import_key(CLIENT.secret or "")
    assert come("line", signed_by(secret, "HS256", "line")).identity.subject
    for key, algorithm in (
        (rsa(), "RS256"),
        (secret, "HS512"),
        (OctKey.generate_key(256), "HS256"),
    ):
        with pytest.raises(ProviderError, match="bad_id_token"):
            come("line", signed_by(key, algorithm, "line"))


@pytest.mark.parametrize("provider_id", ["google", "slack", "apple", "microsoft", "kanidm"])
def test_nobody_else_takes_the_client_secret_for_a_key(provider_id: str) -> None:
    secret = OctKey.import_key(CLIENT.secret or "")
    with pytest.raises(ProviderError, match="bad_id_token"):
        come(provider_id, signed_by(secret, "HS256", provider_id))


@pytest.mark.parametrize("provider_id", ["kanidm", "roblox", "logto", "globus"])
def test_some_sign_by_another_algorithm_than_most(provider_id: str) -> None:
    with pytest.raises(ProviderError, match="bad_id_token"):
        come(provider_id, signed_by(rsa(), "RS256", provider_id))


def test_line_gives_back_the_access_token_by_its_own_name() -> None:
    token = Token(access_token="t", refresh_token="r")
    request = oauth2("line").revocation(CLIENT, token, on_paper("line"))
    assert request is not None
    assert request.form == {
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
        "access_token": "t",
    }


# Microsoft


def test_microsoft_is_known_by_its_tenant_and_its_own_id() -> None:
    subject = come("microsoft").identity.subject
    tenant, _, own = subject.partition(".")
    told = golden("microsoft", "profile")["id_token"]
    assert (tenant, own) == (told["tid"], told["oid"])


@pytest.mark.parametrize("status", [403, 404])
def test_microsofts_graph_may_be_out_of_reach(status: int) -> None:
    send = on_paper("microsoft")
    send.answers["https://graph.microsoft.com/v1.0/me"] = answer({}, status)
    identity = come("microsoft", send).identity
    assert (identity.name, identity.email) == ("Ada Example", None)


def test_microsofts_names_for_signing_in_are_no_addresses() -> None:
    send = on_paper("microsoft", me={"mail": None})
    identity = come("microsoft", send).identity
    assert (identity.username, identity.email) == ("ada@example.com", None)


def test_microsofts_word_on_an_address_is_about_the_claim_alone() -> None:
    proved = {"xms_edov": True}
    identity = come("microsoft", on_paper("microsoft", id_token=proved)).identity
    assert (identity.email, identity.email_verified) == ("ada@example.com", False), "of Graph"
    claimed = {**proved, "email": "a@example.org"}
    identity = come("microsoft", on_paper("microsoft", id_token=claimed)).identity
    assert (identity.email, identity.email_verified) == ("a@example.org", True)


def test_microsoft_has_other_tenants_and_other_clouds() -> None:
    tenant = "11111111-2222-3333-4444-555555555555"
    keys = {**settings("microsoft"), "tenant": tenant, "host": "login.microsoftonline.us"}
    provider: Any = register("microsoft", keys, sandbox_url=None, allow_http=False).provider
    assert provider.issuer == f"https://login.microsoftonline.us/{tenant}/v2.0"
    assert oauth2("microsoft").issuer == "https://login.microsoftonline.com/common/v2.0"
    for wrong in ([], ["acme.example"], [None], "11111111"):
        with pytest.raises(ConfigurationError, match=r"SOCIAL_MICROSOFT.*tenants"):
            register(
                "microsoft",
                {**settings("microsoft"), "tenants": wrong},
                sandbox_url=None,
                allow_http=False,
            )


# Those who want a signature, and those who encrypt


@pytest.mark.parametrize(
    ("provider_id", "audience"),
    [
        ("logingov", "https://secure.login.gov//token"),
        ("itsme", "https://idp.prd.itsme.services/v2/token"),
    ],
)
def test_a_signature_is_for_the_address_that_it_is_sent_to(provider_id: str, audience: str) -> None:
    send = on_paper(provider_id)
    come(provider_id, send)
    form = token_form(send)
    assert "client_secret" not in form
    token = jwt.decode(form["client_assertion"], SIGNING[provider_id], algorithms=["RS256"])
    assert token.claims["aud"] == audience
    assert token.claims["iss"] == token.claims["sub"] == CLIENT.id


def test_login_gov_is_told_how_sure_it_has_to_be() -> None:
    params = asked("logingov")
    assert params["acr_values"] == "urn:acr.login.gov:auth-only"
    assert min(len(params["state"]), len(params["nonce"])) >= 22


def test_itsme_is_asked_for_the_service_that_was_ordered() -> None:
    assert asked("itsme")["scope"] == "openid service:the-service_code profile email"
    for missing in ("service_code", "encryption_key"):
        keys = {name: value for name, value in settings("itsme").items() if name != missing}
        with pytest.raises(ConfigurationError, match=f"SOCIAL_ITSME has no {missing}"):
            register("itsme", keys, sandbox_url=None, allow_http=False)


@pytest.mark.parametrize("provider_id", ["franceconnect", "proconnect", "bankid_no", "itsme"])
def test_userinfo_that_is_signed_has_to_be_ours(provider_id: str) -> None:
    for changes in ({"iss": "https://evil.example"}, {"aud": "another"}, {"sub": "another"}):
        with pytest.raises(ProviderError):
            come(provider_id, on_paper(provider_id, signed_userinfo=changes))


# Access tokens and answers that are signed


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": ["EVE Online"]},
        {"aud": "our-id-but-another"},
        {"azp": "another"},
        {"exp": NOW - 61},
        {"owner": ...},
    ],
)
def test_eves_token_has_to_be_ours_and_name_an_owner(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        come("eveonline", on_paper("eveonline", access_token=changes))


def test_eves_character_that_changes_hands_is_another_account() -> None:
    send = on_paper("eveonline", access_token={"owner": "another hash"})
    assert come("eveonline", send).identity.subject == "another hash"
    assert come("eveonline").identity.issuer == "https://login.eveonline.com"


def test_dexcoms_token_tells_whose_it_is() -> None:
    assert come("dexcom").identity.subject == "1234567890"
    for access_token in ("opaque", "a.b.c", sign(b"[]"), sign({"aud": "x"})):
        send = on_paper("dexcom")
        token = {**golden("dexcom", "token"), "access_token": access_token}
        send.answers["https://api.dexcom.com/v2/oauth2/token"] = answer(token)
        with pytest.raises(ProviderError, match="no_subject"):
            come("dexcom", send)


def test_mediawiki_is_told_the_consumer_and_signs_what_it_says() -> None:
    provider, profile = stock("mediawiki_oauth1"), golden("mediawiki_oauth1", "profile")
    assert isinstance(provider, OAuth1)
    assert provider.token_url.startswith("https://meta.wikimedia.org/w/index.php?title=")
    for changes in ({"iss": "https://evil.example"}, {"sub": 0}, {"sub": None}):
        told = {"w/index.php": {**profile["w/index.php"], **changes}}
        with pytest.raises(ProviderError):
            complete(provider, network(provider, golden("mediawiki_oauth1", "token"), told))


# The others, by their names


def test_azure_b2c_needs_to_be_told_all_that_it_is_made_of() -> None:
    keys = settings("azure_b2c")
    for missing in ("tenant", "tenant_id", "policy"):
        lacking = {name: value for name, value in keys.items() if name != missing}
        with pytest.raises(ConfigurationError, match=missing):
            register("azure_b2c", lacking, sandbox_url=None, allow_http=False)


@pytest.mark.parametrize("provider_id", ["oidc", "fusionauth"])
def test_an_issuer_has_to_be_told(provider_id: str) -> None:
    keys = {name: value for name, value in settings(provider_id).items() if name != "issuer"}
    for given in ({}, {"issuer": "acme.example"}, {"issuer": "https://a.example/?b"}):
        with pytest.raises(ConfigurationError, match="issuer"):
            register(provider_id, {**keys, **given}, sandbox_url=None, allow_http=False)


def test_kanidm_has_an_issuer_for_every_application() -> None:
    keys = {**settings("kanidm"), "consumer_key": "another"}
    provider: Any = register("kanidm", keys, sandbox_url=None, allow_http=False).provider
    assert provider.issuer == "https://host.example/oauth2/openid/another"
    assert oauth2("kanidm").issuer == f"https://host.example/oauth2/openid/{CLIENT.id}"


def test_battle_net_is_another_in_china() -> None:
    keys = {**settings("battlenet"), "host": "oauth.battlenet.com.cn"}
    provider: Any = register("battlenet", keys, sandbox_url=None, allow_http=False).provider
    assert provider.issuer == "https://oauth.battlenet.com.cn"


def test_slacks_people_are_their_teams() -> None:
    assert come("slack").identity.subject == "T0R7GR_U0R7JM"
    for missing in ("https://slack.com/team_id", "https://slack.com/user_id"):
        with pytest.raises(ProviderError, match="no_subject"):
            come("slack", on_paper("slack", id_token={missing: ...}))


def test_slacks_error_comes_with_status_200() -> None:
    send = on_paper("slack")
    url = oauth2("slack").endpoints(send).token_url
    for error, code in (("invalid_code", "invalid_grant"), ("ratelimited", "unknown_error")):
        send.answers[url] = answer({"ok": False, "error": error})
        with pytest.raises(ProviderError, match=code):
            come("slack", send)


def test_a_team_of_slacks_can_be_required() -> None:
    keys = {**settings("slack"), "required_claims": ["https://slack.com/team_id=T0R7GR"]}
    provider: Any = register("slack", keys, sandbox_url=None, allow_http=False).provider
    assert provider.complete(CLIENT, flow(), {"code": "c"}, on_paper("slack")).identity.subject
    other = on_paper("slack", id_token={"https://slack.com/team_id": "T2"})
    with pytest.raises(Exception, match="refused"):
        provider.complete(CLIENT, flow(), {"code": "c"}, other)


def test_netid_is_told_which_claims_are_wanted() -> None:
    params = asked("netid")
    wanted = ("given_name", "family_name", "email", "email_verified")
    assert json.loads(params["claims"]) == {"userinfo": dict.fromkeys(wanted)}
    assert params["scope"] == "openid"


def test_paypal_is_told_which_form_its_profile_takes() -> None:
    send = on_paper("paypal")
    come("paypal", send)
    assert send.sent[-1].url.endswith("/v1/identity/oauth2/userinfo?schema=paypalv1.1")
    assert send.sent[-1].headers["Authorization"] == "Bearer the-token"
    other = on_paper("paypal", v1_identity_oauth2_userinfo={"sub": "somebody else"})
    with pytest.raises(ProviderError, match="wrong_subject"):
        come("paypal", other)


def test_huaweis_profile_is_a_form_with_the_token_in_it() -> None:
    send = on_paper("huawei")
    come("huawei", send)
    request = send.sent[-1]
    assert request.url == "https://account.cloud.huawei.com/rest.php?nsp_svc=GOpen.User.getInfo"
    assert (request.method, request.form) == (
        "POST",
        {"getNickName": "1", "access_token": "the-token"},
    )
    assert "Authorization" not in request.headers
    assert asked("huawei", Intent.CONNECT)["access_type"] == "offline"
    assert "access_type" not in asked("huawei")


def test_claveunicas_userinfo_is_asked_for_by_post() -> None:
    send = on_paper("claveunica")
    come("claveunica", send)
    request = send.sent[-1]
    assert (request.method, request.form) == ("POST", None)
    assert request.headers["Authorization"] == "Bearer the-token"
    with pytest.raises(ProviderError, match="wrong_subject"):
        come("claveunica", on_paper("claveunica", userinfo={"sub": "3"}))


def test_cognito_says_yes_in_a_text_and_calls_the_username_by_two_names() -> None:
    told = {"username": ..., "cognito:username": "ada2", "email_verified": "true"}
    identity = come("cognito", on_paper("cognito", id_token=told)).identity
    assert (identity.username, identity.email_verified) == ("ada2", True)


# QuickBooks


def test_quickbooks_company_is_kept_with_the_token() -> None:
    grant = come("quickbooks", realmId="9130 1")
    assert grant.token.secret == "9130 1"
    with pytest.raises(ProviderError, match="missing_parameter"):
        come("quickbooks")


@pytest.mark.parametrize(
    ("company", "below"), [("91301", "91301/"), ("..", ""), ("9130 1/x", ""), (None, "")]
)
def test_quickbooks_api_is_one_companys(company: str | None, below: str) -> None:
    provider = oauth2("quickbooks")
    session = ApiSession(
        base_url=provider.api_url,
        token=Token(access_token="t", secret=company),
        client=CLIENT,
        token_use=provider.as_person,
        options=PATIENT,
    )
    assert provider.api is not None
    api = provider.api(session, None, CLIENT)
    home = "https://quickbooks.api.intuit.com/v3/company/"
    assert api.url_for("query") == f"{home}{below}query"


@pytest.mark.parametrize(("refresh_token", "given"), [("r", "r"), (None, "t")])
def test_quickbooks_takes_a_token_back_in_json(refresh_token: str | None, given: str) -> None:
    token = Token(access_token="t", refresh_token=refresh_token)
    request = oauth2("quickbooks").revocation(CLIENT, token, on_paper("quickbooks"))
    assert isinstance(request, Request)
    assert json.loads(request.body or b"") == {"token": given}
    scheme, _, pair = request.headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(pair).startswith(b"our-id:")
    assert str(CLIENT.secret) not in request.url


def test_slack_takes_back_what_is_in_the_header() -> None:
    client = Client(id="id", secret="s")
    request = oauth2("slack").revocation(client, Token(access_token="t"), on_paper("slack"))
    assert request is not None
    assert (request.method, request.form) == ("POST", None)
    assert request.headers["Authorization"] == "Bearer t"
