"""What providers say in words of their own, one by one: :mod:`.test_golden` has all of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from flask_social import clock
from flask_social.errors import ConfigurationError, Denied, ProviderError
from flask_social.http import Request
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.openid2 import OpenID2
from flask_social.protocols.refreshing import Known
from flask_social.protocols.token_answer import FORM
from flask_social.registration import register
from flask_social.values import Client, Identity, Intent, Token
from tests.protocols.paper import CLIENT, NOW, Paper, answer, flow
from tests.providers import others
from tests.providers.golden import golden, registration, settings, stock
from tests.providers.on_paper import KEPT, complete, network, signed_callback

KNOWN = Known(subject="7")
HELD = Token(access_token="old", refresh_token="the-refresh-token")


def oauth2(provider_id: str) -> OAuth2:
    provider = stock(provider_id)
    assert isinstance(provider, OAuth2)
    return provider


def paper(provider_id: str, **pages: Any) -> Paper:
    """The provider as its golden files have it, but for *pages* of its API."""
    provider = stock(provider_id)
    send = network(provider, golden(provider_id, "token"), golden(provider_id, "profile"))
    for path, page in pages.items():
        send.answers[provider.api_url + path] = page
    return send


def signed_in(provider_id: str, send: Paper) -> Identity:
    with clock.replaced(lambda: NOW):
        return complete(stock(provider_id), send, golden(provider_id, "profile")).identity


def setting_out(provider_id: str, intent: Intent = Intent.LOGIN) -> dict[str, str]:
    """The parameters that people are sent away with."""
    client = registration(provider_id).client
    _, url = stock(provider_id).begin(client, flow(intent=intent), Paper({}))
    return query_of(url)


def query_of(url: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def form_of(request: Request) -> dict[str, str]:
    return dict(request.form or {})


def refreshed(provider_id: str, said: Any, held: Token = HELD) -> tuple[Token, Request]:
    """The token in place of *held*, and how it was asked for."""
    provider, client = oauth2(provider_id), registration(provider_id).client
    send = Paper({provider.refresh_url or provider.token_url: said})
    with clock.replaced(lambda: NOW):
        return provider.refresh(client, held, KNOWN, send), send.sent[0]


def given_back(provider_id: str, token: Token = HELD) -> Request:
    """The request by which *token* is."""
    provider, client = stock(provider_id), registration(provider_id).client
    request = provider.revocation(client, token, Paper({}))
    assert request is not None
    return request


# Refused refresh tokens, wherever a provider has a word of its own for that.


@pytest.mark.parametrize(
    ("provider_id", "said"),
    [
        ("alipay", {"error_response": {"code": "40002", "sub_code": "isv.refresh-token-invalid"}}),
        ("alipay", {"error_response": {"code": "40002", "sub_code": "isv.refresh-token-time-out"}}),
        ("douyin", {"data": {"error_code": 10010, "description": "x"}}),
        ("douyin", {"data": {"error_code": 10020, "description": "x"}}),
        ("wechat", {"errcode": 40030, "errmsg": "x"}),
        ("wechat", {"errcode": 42002, "errmsg": "x"}),
        ("withings", {"status": 503, "body": {}, "error": "Invalid Params: invalid refresh_token"}),
        ("zoho", {"error": "invalid_code"}),
    ],
)
def test_a_refresh_token_of_no_use_any_more_needs_the_person(provider_id: str, said: Any) -> None:
    with pytest.raises(ProviderError, match="invalid_grant"):
        refreshed(provider_id, answer(said, media=oauth2(provider_id).token_media))


@pytest.mark.parametrize("provider_id", ["instagram", "threads"])
def test_so_does_a_lasting_token_that_has_expired(provider_id: str) -> None:
    said = answer({"error": {"code": 190, "type": "OAuthException", "message": "x"}}, 400)
    with pytest.raises(ProviderError, match="invalid_grant"):
        refreshed(provider_id, said)


@pytest.mark.parametrize(
    ("provider_id", "said"),
    [
        ("alipay", {"error_response": {"code": "20000", "sub_code": "isp.unknow-error"}}),
        ("deezer", b"wrong code"),
        ("douyin", {"data": {"error_code": 2100004, "description": "x"}}),
        ("naver", {"error": "invalid_request", "error_description": "x"}),
        ("odnoklassniki", {"error_code": 100, "error_msg": "x"}),
        ("qq", {"error": 100016, "error_description": "x"}),
        ("taobao", {"error": "invalid_client_x", "error_description": "x"}),
        ("untappd", {"meta": {"http_code": 500, "error_detail": "x"}, "response": []}),
        ("wechat", {"errcode": -1, "errmsg": "x"}),
        ("wecom", {"errcode": 40013, "errmsg": "x"}),
        ("withings", {"status": 601, "body": {}, "error": "Too many requests"}),
        ("xiaomi", {"error": 96013, "error_description": "x"}),
        ("yammer", {"access_token": {"token": None}}),
        ("zalo", {"error": -14003, "error_name": "x", "error_description": "x"}),
    ],
)
def test_a50_an_error_that_comes_with_status_200_is_no_token(provider_id: str, said: Any) -> None:
    provider = oauth2(provider_id)
    send = Paper({provider.token_url: answer(said, media=provider.token_media)})
    with pytest.raises(ProviderError):
        complete(provider, send)
    assert len(send.sent) == 1


@pytest.mark.parametrize(
    ("provider_id", "path", "said"),
    [
        ("deezer", "user/me", {"error": {"type": "OAuthException", "code": 300}}),
        ("dingtalk", "contact/users/me", {"code": "x", "message": "x"}),
        ("douyin", "oauth/userinfo/", {"data": {"error_code": 2190002}, "message": "error"}),
        ("hubspot", "oauth/2026-03/token/introspect", {"active": False}),
        ("naver", "nid/me", {"resultcode": "024", "message": "x"}),
        ("odnoklassniki", "fb.do", {"error_code": 102, "error_msg": "x"}),
        ("qq", "oauth2.0/me", {"error": 100016}),
        ("qq", "user/get_user_info", {"ret": 1002, "msg": "x", "nickname": ""}),
        ("tiktok", "user/info/", {"data": {}, "error": {"code": "access_token_invalid"}}),
        ("vkid", "oauth2/user_info", {"error": "invalid_token"}),
        ("wechat", "userinfo", {"errcode": 40003, "errmsg": "x"}),
        ("wecom", "auth/getuserinfo", {"errcode": 40029, "errmsg": "x"}),
        ("xiaomi", "user/profile", {"result": "error", "code": 96008, "data": {}}),
        ("zalo", "me", {"error": 452, "message": "x"}),
    ],
)
def test_a50_an_error_that_comes_with_status_200_is_nobody(
    provider_id: str, path: str, said: Any
) -> None:
    page = answer(said, media=oauth2(provider_id).api_media)
    with pytest.raises(ProviderError, match=r"no_subject|bad_answer"):
        signed_in(provider_id, paper(provider_id, **{path: page}))


def test_alipay_has_no_secret_to_send_and_nobody_without_an_id() -> None:
    send = paper("alipay")
    signed_in("alipay", send)
    for request in send.sent:
        form = form_of(request)
        assert (form["app_id"], form["sign_type"], request.method) == (CLIENT.id, "RSA2", "POST")
        assert CLIENT.secret not in form.values()
    assert form_of(send.sent[1])["auth_token"] == "the-token"
    asked = setting_out("alipay")
    assert asked["app_id"] == CLIENT.id
    assert "client_id" not in asked
    profile = {"gateway.do": {"alipay_user_info_share_response": {"code": "40006"}}}
    nobody = network(stock("alipay"), golden("alipay", "token"), profile)
    with pytest.raises(ProviderError, match="no_subject"):
        signed_in("alipay", nobody)


@pytest.mark.parametrize(("name", "given"), [("alipay", "auth_code"), ("dingtalk", "authCode")])
def test_a_code_by_another_name_is_one(name: str, given: str) -> None:
    send = paper(name)
    with clock.replaced(lambda: NOW):
        oauth2(name).complete(registration(name).client, flow(), {given: "theirs"}, send)
    asked = send.sent[0]
    form = json.loads(asked.body) if asked.body else form_of(asked)
    assert form["code"] == "theirs"


def test_bitbucket_dc_is_asked_for_the_person_whom_a_header_names() -> None:
    send = paper("bitbucket_dc")
    signed_in("bitbucket_dc", send)
    assert [url.rpartition("/latest/")[2] for url in send.asked] == [
        "token",
        "application-properties",
        "users/ada",
    ]
    assert send.sent[1].headers["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    ("header", "found"),
    [("", {"name": ""}), ("ada", {"name": "eve", "id": 2}), ("ada", {"id": 2}), ("a%2Fb", {})],
)
def test_bitbucket_dc_says_nothing_of_anybody_else(header: str, found: Any) -> None:
    named = answer({})
    named = replace(named, headers={**named.headers, "x-ausername": header})
    pages = {f"users/{header}": answer(found), "application-properties": named}
    with pytest.raises(ProviderError, match="no_subject"):
        signed_in("bitbucket_dc", paper("bitbucket_dc", **pages))


def test_bitbucket_dc_without_the_header_says_nothing() -> None:
    send = paper("bitbucket_dc", **{"application-properties": answer({})})
    with pytest.raises(ProviderError, match="no_subject"):
        signed_in("bitbucket_dc", send)


def test_deezer_asks_in_the_query_and_tells_who_cancelled() -> None:
    send = paper("deezer")
    signed_in("deezer", send)
    assert send.sent[0].method == "GET"
    asked = query_of(send.sent[0].url)
    assert (asked["app_id"], asked["secret"], asked["output"]) == (CLIENT.id, CLIENT.secret, "json")
    assert setting_out("deezer")["perms"] == "basic_access,email"
    assert setting_out("deezer", Intent.CONNECT)["perms"] == "basic_access,email,offline_access"
    with pytest.raises(Denied):
        oauth2("deezer").complete(CLIENT, flow(), {"error_reason": "user_denied"}, Paper({}))


@pytest.mark.parametrize(("expires", "ends"), [(3600, NOW + 3600), (0, None), ("0", None)])
def test_deezers_token_may_have_no_end(expires: Any, ends: int | None) -> None:
    send = paper("deezer")
    said = {"access_token": "the-token", "expires": expires}
    send.answers[oauth2("deezer").token_url] = answer(said)
    with clock.replaced(lambda: NOW):
        assert complete(stock("deezer"), send).token.expires_at == ends


def test_dingtalk_is_asked_in_json_with_words_of_its_own() -> None:
    got, asked = refreshed("dingtalk", answer(golden("dingtalk", "token")))
    assert json.loads(asked.body or b"") == {
        "clientId": CLIENT.id,
        "clientSecret": CLIENT.secret,
        "grantType": "refresh_token",
        "refreshToken": "the-refresh-token",
    }
    assert (got.access_token, got.expires_at) == ("the-token", NOW + 7200)
    assert setting_out("dingtalk")["client_id"] == CLIENT.id


def test_douyin_is_told_whose_the_token_is_and_refreshed_elsewhere() -> None:
    send = paper("douyin")
    signed_in("douyin", send)
    assert form_of(send.sent[0])["client_key"] == CLIENT.id
    assert form_of(send.sent[1]) == {"open_id": "o1", "access_token": "the-token"}
    assert "Authorization" not in send.sent[1].headers
    got, asked = refreshed("douyin", answer(golden("douyin", "token")))
    assert asked.url == "https://open.douyin.com/oauth/refresh_token/"
    assert got.access_token == "the-token"


@pytest.mark.parametrize("text", ["nobody", "x.y", ".y", "12.345/..%2f.y"])
def test_etsy_is_asked_for_nobody_whom_a_token_does_not_begin_with(text: str) -> None:
    send = paper("etsy")
    send.answers[stock("etsy").token_url] = answer({"access_token": text})
    send.answers[stock("etsy").api_url + "users/12"] = answer({})
    with pytest.raises(ProviderError, match=r"no_subject|bad_answer"):
        signed_in("etsy", send)


def test_etsy_is_shown_key_and_secret_with_every_call() -> None:
    send = paper("etsy")
    signed_in("etsy", send)
    shown = {each.headers["x-api-key"] for each in send.sent}
    assert shown == {f"{CLIENT.id}:{CLIENT.secret}"}
    assert "client_secret" not in form_of(send.sent[0])


def oauth1(provider_id: str) -> OAuth1:
    provider = stock(provider_id)
    assert isinstance(provider, OAuth1)
    return provider


def test_evernotes_token_has_an_empty_secret_and_an_end() -> None:
    with clock.replaced(lambda: NOW):
        token = complete(stock("evernote"), paper("evernote")).token
    assert (token.secret, token.expires_at) == ("", 1_395_118_279)


@pytest.mark.parametrize("ends", [None, "", "soon", "7", "9" * 15, "9" * 5_000, "٣" * 13])
def test_evernotes_token_may_end_nobody_knows_when(ends: str | None) -> None:
    expires = {} if ends is None else {"edam_expires": ends}
    told = {"oauth_token": "t", "edam_userId": "7", **expires, "oauth_token_secret": ""}
    send = Paper({stock("evernote").token_url: answer(urlencode(told).encode(), media=FORM)})
    with clock.replaced(lambda: NOW):
        token = complete(stock("evernote"), send).token
    assert (token.access_token, token.secret, token.expires_at) == ("t", "", None)


def test_evernote_without_a_secret_at_all_is_refused() -> None:
    send = Paper({stock("evernote").token_url: answer(b"oauth_token=t", media=FORM)})
    with pytest.raises(ProviderError, match="bad_answer"), clock.replaced(lambda: NOW):
        complete(stock("evernote"), send)


def test_who_cancels_at_evernote_comes_back_without_a_verifier() -> None:
    trip = flow(request_token="ours", request_secret="s")
    with pytest.raises(Denied):
        oauth1("evernote").complete(CLIENT, trip, {"oauth_token": "ours"}, Paper({}))
    for params in ({"oauth_token": "another"}, {"oauth_token": "ours", "oauth_verifier": ""}):
        with pytest.raises(ProviderError):
            oauth1("evernote").complete(CLIENT, trip, params, Paper({}))


@pytest.mark.parametrize("server", [0, "0", None])
def test_who_has_no_picture_at_flickr_has_none(server: Any) -> None:
    profile = golden("flickr", "profile")
    profile["rest"]["person"]["iconserver"] = server
    if server is None:
        del profile["rest"]["person"]["iconserver"]
    send = network(stock("flickr"), golden("flickr", "token"), profile)
    assert signed_in("flickr", send).image_url is None


def test_flickrs_error_comes_with_status_200() -> None:
    with pytest.raises(ProviderError):
        signed_in("flickr", paper("flickr", rest=answer({"stat": "fail", "code": 1})))


def test_flickr_is_told_what_is_asked_for() -> None:
    told = {"oauth_token": "t", "oauth_token_secret": "s", "oauth_callback_confirmed": "true"}
    provider = oauth1("flickr")
    send = Paper({provider.request_token_url: answer(urlencode(told).encode(), media=FORM)})
    _, url = provider.begin(CLIENT, flow(), send)
    assert query_of(url) == {"perms": "read", "oauth_token": "t"}


def test_hubspot_introspects_the_token() -> None:
    send = paper("hubspot")
    signed_in("hubspot", send)
    assert form_of(send.sent[1]) == {
        "token": "the-token",
        "token_type_hint": "access_token",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
    }
    assert "Authorization" not in send.sent[1].headers
    assert form_of(given_back("hubspot"))["token"] == "the-refresh-token"


@pytest.mark.parametrize(
    "said", [{"access_token": "t", "user_id": 7}, {"data": [{"access_token": "t"}]}]
)
def test_instagrams_token_comes_in_a_list_or_not(said: Any) -> None:
    send = paper("instagram")
    send.answers[oauth2("instagram").token_url] = answer(said)
    assert signed_in("instagram", send).subject == "17841405793187218"
    assert query_of(send.sent[1].url)["access_token"] == "t"


@pytest.mark.parametrize("said", [{"data": []}, {"data": [{}, {}]}, {"data": 7}, {"data": ["x"]}])
def test_instagrams_list_of_another_shape_is_no_token(said: Any) -> None:
    send = Paper({oauth2("instagram").token_url: answer(said)})
    with pytest.raises(ProviderError, match="bad_answer"):
        complete(stock("instagram"), send)


@pytest.mark.parametrize(("provider_id", "short"), [("instagram", "ig"), ("threads", "th")])
def test_a_lasting_token_is_asked_for_when_an_account_is_connected(
    provider_id: str, short: str
) -> None:
    provider, send = stock(provider_id), paper(provider_id)
    home = "/".join(provider.api_url.split("/")[:3])
    lasting = {"access_token": "lasting", "token_type": "bearer", "expires_in": 5_184_000}
    send.answers[f"{home}/access_token"] = answer(lasting)
    with clock.replaced(lambda: NOW):
        trip = flow(intent=Intent.CONNECT)
        token = provider.complete(CLIENT, trip, {"code": "c"}, send).token
    assert query_of(send.sent[1].url)["grant_type"] == f"{short}_exchange_token"
    assert (token.refresh_token, token.expires_at) == ("lasting", NOW + 2_592_000)
    got, asked = refreshed(provider_id, answer({**lasting, "access_token": "next"}), token)
    assert asked.url.startswith(f"{home}/refresh_access_token?")
    assert query_of(asked.url) == {
        "grant_type": f"{short}_refresh_token",
        "access_token": "lasting",
    }
    assert (got.access_token, got.refresh_token) == ("next", "next")


def test_facebooks_token_is_exchanged_where_it_was_asked_for() -> None:
    provider, send = oauth2("facebook"), paper("facebook")
    with clock.replaced(lambda: NOW):
        provider.complete(CLIENT, flow(intent=Intent.CONNECT), {"code": "c"}, send)
    assert send.asked[:2] == [provider.token_url] * 2
    assert form_of(send.sent[1]) == {
        "grant_type": "fb_exchange_token",
        "fb_exchange_token": "EAAG-example",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
    }


def test_lastfm_brings_no_state_of_its_own() -> None:
    client = registration("lastfm").client
    sent, url = stock("lastfm").begin(client, flow(), Paper({}))
    assert query_of(url)["cb"] == f"{sent.callback_url}?state={sent.state}"


def test_myanimelist_is_shown_the_verifier_itself() -> None:
    sent, url = stock("myanimelist").begin(CLIENT, flow(), Paper({}))
    asked = query_of(url)
    assert asked["code_challenge"] == sent.code_verifier
    assert asked["code_challenge_method"] == "plain"


def test_naver_is_told_the_state_again_and_takes_back_by_its_token_address() -> None:
    send = paper("naver")
    signed_in("naver", send)
    assert form_of(send.sent[0])["state"] == flow().state
    asked = given_back("naver")
    assert asked.url == oauth2("naver").token_url
    assert form_of(asked) == {
        "grant_type": "delete",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
        "access_token": "old",
        "service_provider": "NAVER",
    }


def test_odnoklassniki_is_called_with_the_signature_of_an_oracle() -> None:
    client = Client(id="x", secret="the-secret", more={"application_key": "the-key"})
    call = Request(url="https://api.ok.ru/fb.do?method=users.getCurrentUser", purpose="x")
    token = Token(access_token="the-token")
    asked = stock("odnoklassniki").token_use(call, token, client)
    assert query_of(asked.url) == {
        "method": "users.getCurrentUser",
        "application_key": "the-key",
        "format": "json",
        "access_token": "the-token",
        # key=$(printf the-tokenthe-secret | openssl dgst -md5), and then
        # printf application_key=...method=users.getCurrentUser$key | openssl dgst -md5
        "sig": "36054ddb648d49b79746418c38a43a69",
    }
    posted = replace(
        call, url="https://api.ok.ru/fb.do", method="POST", form={"method": "users.getCurrentUser"}
    )
    sent = stock("odnoklassniki").token_use(posted, token, client)
    assert (form_of(sent), sent.url) == (query_of(asked.url), posted.url)


def test_odnoklassniki_cannot_do_without_its_third_credential() -> None:
    options = {**settings("odnoklassniki"), "application_key": None}
    with pytest.raises(ConfigurationError, match="application_key"):
        assert register("odnoklassniki", options, sandbox_url=None, allow_http=False).client


def test_qiitas_token_is_created_and_deleted_by_its_name() -> None:
    provider, send = oauth2("qiita"), paper("qiita")
    send.answers[provider.token_url] = answer(golden("qiita", "token"), 201)
    with clock.replaced(lambda: NOW):
        token = complete(provider, send).token
    assert (token.access_token, token.scopes) == ("the-token", ("read_qiita",))
    assert json.loads(send.sent[0].body or b"")["client_id"] == CLIENT.id
    asked = given_back("qiita")
    assert (asked.method, asked.url) == ("DELETE", "https://qiita.com/api/v2/access_tokens/old")


@pytest.mark.parametrize("status", [400, 403, 202])
def test_qiitas_other_answers_are_no_token(status: int) -> None:
    send = Paper({oauth2("qiita").token_url: answer(golden("qiita", "token"), status)})
    with pytest.raises(ProviderError, match="bad_answer"):
        complete(stock("qiita"), send)


def test_qq_is_asked_twice_and_told_the_application() -> None:
    send = paper("qq")
    signed_in("qq", send)
    asked, me, person = (query_of(each.url) for each in send.sent)
    assert (send.sent[0].method, asked["fmt"], asked["client_secret"]) == (
        "GET",
        "json",
        CLIENT.secret,
    )
    assert me == {"fmt": "json", "access_token": "x", "oauth_consumer_key": CLIENT.id}
    assert person["openid"] == "A9DBEB54B0F2CE95F6BEA5C0CA9E6FAF"


# Shopify.


def shopify(token: Any, **changes: str) -> Identity:
    """Who comes of *token*, as the shop answers with *changes*."""
    provider = stock("shopify")
    params = {"code": "c", "shop": "example.myshopify.com", "timestamp": "1", "state": "s"}
    send = network(provider, token, golden("shopify", "profile"))
    return provider.complete(CLIENT, flow(), {**signed_callback(params), **changes}, send).identity


def test_shopifys_shop_has_to_have_signed_the_callback() -> None:
    assert shopify(golden("shopify", "token")).subject == "902541635"
    for changes in ({"hmac": 64 * "0"}, {"code": "d"}, {"shop": "other.myshopify.com"}):
        with pytest.raises(ProviderError, match="bad_signature"):
            shopify(golden("shopify", "token"), **changes)


def test_shopifys_offline_token_is_the_shops_and_no_persons() -> None:
    identity = shopify({"access_token": "shpat_x", "scope": "read_products"})
    assert (identity.subject, identity.name) == ("shop-548380009", "Example Shop")
    assert (identity.email, identity.email_verified) == (None, False)


def test_shopifys_person_may_not_have_checked_an_address() -> None:
    token = golden("shopify", "token")
    token["associated_user"]["email_verified"] = False
    identity = shopify(token)
    assert (identity.email, identity.email_verified) == ("ada@example.com", False)


@pytest.mark.parametrize("shop", ["evil.example/", "a.b", "-a", "example.myshopify.com", "", "A"])
def test_shopifys_shop_is_one_name(shop: str) -> None:
    options = {**settings("shopify"), "shop": shop}
    with pytest.raises(ConfigurationError):
        assert register("shopify", options, sandbox_url=None, allow_http=False).provider


def test_shopifys_tokens_are_one_persons_unless_the_operator_says_otherwise() -> None:
    assert setting_out("shopify")["grant_options[]"] == "per-user"
    options = {**settings("shopify"), "authorize_params": {"grant_options[]": None}}
    there = register("shopify", options, sandbox_url=None, allow_http=False)
    _, url = there.provider.begin(there.client, flow(), Paper({}))
    assert "grant_options" not in url


def test_shopifys_token_goes_into_a_header_of_its_own_and_is_deleted_by_it() -> None:
    asked = given_back("shopify")
    assert (asked.method, asked.headers["X-Shopify-Access-Token"]) == ("DELETE", "old")
    assert asked.url == "https://example.myshopify.com/admin/api_permissions/current.json"


# OpenID 2.0.


def test_steams_profile_is_asked_for_with_the_key_of_the_application() -> None:
    send = paper("steam")
    signed_in("steam", send)
    assert query_of(send.sent[1].url) == {"steamids": "76561197960435530", "key": CLIENT.secret}


@pytest.mark.parametrize(
    "claimed",
    [
        "https://steamcommunity.com/openid/id/",
        "https://steamcommunity.com/openid/id/7x",
        "https://steamcommunity.com/id/7",
        "http://steamcommunity.com/openid/id/7",
        "https://steamcommunity.com.evil.example/openid/id/7",
    ],
)
def test_steam_speaks_for_its_own_people_alone(claimed: str) -> None:
    provider: Any = stock("steam")
    assert isinstance(provider, OpenID2)
    params = others.assertion(provider, {"openid.claimed_id": claimed})
    with pytest.raises(ProviderError, match="no_subject"), clock.replaced(lambda: NOW):
        provider.complete(CLIENT, flow(), params, Paper({}))


def test_launchpad_without_consent_to_tell_more_tells_an_id() -> None:
    profile = golden("launchpad", "profile")
    claimed = profile["callback"]["openid.claimed_id"]
    profile["callback"] = {"openid.claimed_id": claimed}
    send = network(stock("launchpad"), golden("launchpad", "token"), profile)
    with clock.replaced(lambda: NOW):
        identity = complete(stock("launchpad"), send, profile).identity
    assert (identity.subject, identity.username, identity.email) == (claimed, None, None)
    assert (identity.email_verified, identity.profile_url) == (False, None)


# And on.


def test_stripe_knows_an_application_by_its_secret() -> None:
    send = paper("stripe")
    signed_in("stripe", send)
    form = form_of(send.sent[0])
    assert (form["client_secret"], "client_id" in form) == (CLIENT.secret, False)


def test_stripe_takes_back_an_accounts_consent() -> None:
    provider, send = oauth2("stripe"), paper("stripe")
    asked = provider.revocation(CLIENT, HELD, send)
    assert asked is not None
    assert send.sent[0].headers["Authorization"] == "Bearer old"
    assert form_of(asked) == {
        "client_id": CLIENT.id,
        "stripe_user_id": "acct_1LUYJiECsxMRIeT8",
    }
    assert asked.headers["Authorization"] == f"Bearer {CLIENT.secret}"


def test_taobaos_names_come_quoted() -> None:
    send = paper("taobao")
    token = {**golden("taobao", "token"), "taobao_user_nick": "%E5%BC%A0"}
    send.answers[stock("taobao").token_url] = answer(token)
    assert signed_in("taobao", send).name == "\u5f20"
    send.answers[stock("taobao").token_url] = answer({**token, "taobao_user_nick": None})
    assert signed_in("taobao", send).name is None


def test_tiktok_is_asked_without_a_challenge_and_for_a_client_key() -> None:
    asked = setting_out("tiktok")
    assert asked["client_key"] == CLIENT.id
    assert not {"client_id", "code_challenge", "code_challenge_method"} & asked.keys()
    send = paper("tiktok")
    signed_in("tiktok", send)
    form = form_of(send.sent[0])
    assert (form["client_key"], "code_verifier" in form) == (CLIENT.id, False)
    assert form_of(given_back("tiktok")) == {
        "client_key": CLIENT.id,
        "client_secret": CLIENT.secret,
        "token": "old",
    }


def test_trello_deletes_a_token_with_key_and_token() -> None:
    asked = given_back("trello", Token(access_token="t", secret="s"))
    assert (asked.method, asked.url) == (
        "DELETE",
        f"https://api.trello.com/1/tokens/t?key={CLIENT.id}&token=t",
    )


def test_untappd_is_asked_in_the_query_by_an_application_that_says_its_name() -> None:
    send = paper("untappd")
    signed_in("untappd", send)
    asked = query_of(send.sent[0].url)
    assert (send.sent[0].method, asked["response_type"]) == ("GET", "code")
    assert asked["redirect_url"] == flow().callback_url
    assert "redirect_uri" not in asked
    assert setting_out("untappd")["redirect_url"] == flow().callback_url
    assert {each.headers["User-Agent"] for each in send.sent} == {f"Flask-Social ({CLIENT.id})"}


def test_vkid_is_told_the_device_in_every_request_for_a_token() -> None:
    send = paper("vkid")
    signed_in("vkid", send)
    form = form_of(send.sent[0])
    assert (form["device_id"], form["state"]) == (KEPT, flow().state)
    assert "client_secret" not in form
    assert form_of(send.sent[1]) == {"client_id": CLIENT.id, "access_token": "the-token"}
    held = replace(HELD, secret="the-device")
    got, asked = refreshed("vkid", answer(golden("vkid", "token")), held)
    assert (form_of(asked)["device_id"], got.secret) == ("the-device", "the-device")
    assert len(form_of(asked)["state"]) == 43
    assert form_of(given_back("vkid")) == {"client_id": CLIENT.id, "access_token": "old"}


@pytest.mark.parametrize("params", [{"code": "c"}, {"code": "c", "device_id": ""}])
def test_vkid_without_a_device_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ProviderError, match="missing_parameter"):
        oauth2("vkid").complete(CLIENT, flow(), params, Paper({}))


def test_wechat_calls_its_clients_otherwise_and_in_order() -> None:
    _, url = stock("wechat").begin(CLIENT, flow(), Paper({}))
    names = [name for name, _ in parse_qsl(urlsplit(url).query)]
    assert names == sorted(names)
    assert names[0] == "appid"
    got, asked = refreshed("wechat", answer(golden("wechat", "token"), media="text/plain"))
    told = query_of(asked.url)
    assert asked.url.startswith("https://api.weixin.qq.com/sns/oauth2/refresh_token?")
    assert (asked.method, told["appid"], told["secret"]) == ("GET", CLIENT.id, CLIENT.secret)
    assert (got.access_token, got.refresh_token) == ("x", "y")


def test_wechat_knows_a_person_by_the_id_of_this_application_where_there_is_no_other() -> None:
    profile = golden("wechat", "profile")
    del profile["userinfo"]["unionid"]
    send = network(stock("wechat"), golden("wechat", "token"), profile)
    assert signed_in("wechat", send).subject == "ohS-VwAJ9GEXlplngwybJ3Z-ZHrI"


def test_wecom_asks_for_the_applications_token_and_then_who_has_the_code() -> None:
    send = paper("wecom")
    signed_in("wecom", send)
    asked, who, person = (query_of(each.url) for each in send.sent)
    assert (asked["corpid"], asked["corpsecret"]) == (CLIENT.id, CLIENT.secret)
    assert who == {"code": KEPT, "access_token": "the-token"}
    assert person == {"userid": "ada", "access_token": "the-token"}
    out = setting_out("wecom")
    assert (out["appid"], out["agentid"]) == (CLIENT.id, "the-agent_id")


def test_wecoms_guests_have_but_an_openid() -> None:
    page = answer({"errcode": 0, "openid": "o1"})
    identity = signed_in("wecom", paper("wecom", **{"auth/getuserinfo": page}))
    assert (identity.subject, identity.name) == ("openid:o1", None), "no member is called so"


def test_wecoms_member_stays_the_one_whose_code_it_was() -> None:
    page = answer({"errcode": 0, "userid": "eve", "name": "Eve"})
    assert signed_in("wecom", paper("wecom", **{"user/get": page})).subject == "ada"


def test_weibos_address_is_for_applications_with_a_privilege() -> None:
    page = answer({"error_code": 10014}, 403)
    identity = signed_in("weibo", paper("weibo", **{"account/profile/email.json": page}))
    assert (identity.subject, identity.email) == ("3195025850", None)
    assert form_of(given_back("weibo")) == {"access_token": "old"}


def test_withings_is_told_what_to_do_when_a_token_is_refreshed_too() -> None:
    got, asked = refreshed("withings", answer(golden("withings", "token")))
    assert form_of(asked)["action"] == "requesttoken"
    assert (got.access_token, got.refresh_token) == ("x", "y")


@pytest.mark.parametrize("prefix", [b"&&&START&&&", b""])
def test_xiaomis_token_comes_after_a_prefix(prefix: bytes) -> None:
    send = paper("xiaomi")
    body = prefix + json.dumps(golden("xiaomi", "token")).encode()
    send.answers[stock("xiaomi").token_url] = answer(body, media="text/html")
    assert signed_in("xiaomi", send).subject == "u1"
    assert query_of(send.sent[1].url) == {"clientId": CLIENT.id, "token": "the-token"}


def test_xiaomis_people_without_an_id_are_not_known_by_their_name() -> None:
    page = answer({"result": "ok", "data": {"miliaoNick": "Ada"}})
    with pytest.raises(ProviderError, match="no_subject"):
        signed_in("xiaomi", paper("xiaomi", **{"user/profile": page}))


def test_zalo_is_shown_the_secret_in_a_header_when_a_token_is_asked_for_and_never_else() -> None:
    send = paper("zalo")
    signed_in("zalo", send)
    asked, profile = send.sent
    assert asked.headers["secret_key"] == CLIENT.secret
    assert (form_of(asked)["app_id"], "client_secret" in form_of(asked)) == (CLIENT.id, False)
    assert profile.headers["access_token"] == "the-token"
    assert not {"secret_key", "Authorization"} & profile.headers.keys()
    assert CLIENT.secret not in repr(asked)


def test_zoho_sends_its_secret_to_none_but_its_own_centres() -> None:
    for server in ("https://evil.example", "https://accounts.zoho.evil", "accounts.zoho.eu"):
        send = Paper({})
        params = {"code": "c", "accounts-server": server}
        with pytest.raises(ProviderError, match="wrong_server"):
            oauth2("zoho").complete(CLIENT, flow(), params, send)
        assert send.sent == []


def test_zoho_takes_a_token_back_where_it_gave_it() -> None:
    asked = given_back("zoho", replace(HELD, secret="https://accounts.zoho.in"))
    assert asked.url == ("https://accounts.zoho.in/oauth/v2/token/revoke?token=the-refresh-token")
    asked = given_back("zoho", Token(access_token="t"))
    assert asked.url == "https://accounts.zoho.com/oauth/v2/token/revoke?token=t"


def test_zoho_gives_a_refresh_token_when_an_account_is_connected() -> None:
    assert setting_out("zoho", Intent.CONNECT)["access_type"] == "offline"
    assert "access_type" not in setting_out("zoho")


@pytest.mark.parametrize(
    "said", [[], None, "acct_1", {}, {"id": None}, {"id": ["acct"]}, {"id": 0}]
)
def test_stripe_that_does_not_say_which_account_it_is_takes_nothing_back(said: Any) -> None:
    provider, send = oauth2("stripe"), paper("stripe")
    send.answers[f"{provider.api_url}account"] = answer(said)
    with pytest.raises(ProviderError, match=r"revoking the token|reading the profile"):
        provider.revoke(CLIENT, HELD, send)


@pytest.mark.parametrize("header", [".", "..", "..."])
def test_bitbucket_dc_is_asked_for_nobody_whose_name_is_a_place(header: str) -> None:
    named = answer({})
    named = replace(named, headers={**named.headers, "x-ausername": header})
    send = paper("bitbucket_dc", **{"application-properties": named})
    with pytest.raises(ProviderError, match="no_subject"):
        signed_in("bitbucket_dc", send)
    assert send.asked[-1].endswith("/application-properties")


@pytest.mark.parametrize("uri", [None, 7.5, True, ["/users/1"], "/users/", "/users/0"])
def test_vimeo_that_tells_no_path_tells_nobody(uri: Any) -> None:
    page = answer({"uri": uri, "name": "Ada"})
    with pytest.raises(ProviderError, match=r"no_subject|bad_answer"):
        signed_in("vimeo", paper("vimeo", me=page))
