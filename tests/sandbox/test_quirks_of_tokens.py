"""How single providers of the catalogue give, exchange and take back tokens."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest

from flask_social.sandbox import Sandbox

from .played_facts import (
    CALLBACK,
    CLIENT_ID,
    SECRET,
    VERIFIER,
)
from .test_catalogue import walk_at


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def test_answers_are_forms_unless_json_is_asked_for(box: Sandbox) -> None:
    walk = walk_at(box, "bitly", "ada")
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = walk.token({**form, "code": walk.back()}, headers={"Accept": "*/*"})
    assert dict(parse_qsl(answer.text))["access_token"]
    deezer = walk_at(box, "deezer", "ada")
    assert deezer.exchange(deezer.back()).mimetype == "application/x-www-form-urlencoded"
    assert deezer.exchange(deezer.back(), output="json").get_json()["expires"] == 3600
    qq = walk_at(box, "qq", "ada")
    assert dict(parse_qsl(qq.exchange(qq.back()).text))["expires_in"] == "7776000"
    assert qq.exchange(qq.back(), fmt="json").get_json()["access_token"]


def test_answers_are_labelled_and_begin_as_the_provider_likes(box: Sandbox) -> None:
    xiaomi = walk_at(box, "xiaomi", "ada")
    assert xiaomi.exchange(xiaomi.back()).text.startswith("&&&START&&&{")
    wechat = walk_at(box, "wechat", "ada")
    answer = wechat.exchange(wechat.back())
    assert answer.mimetype == "text/plain"
    assert json.loads(answer.text)["openid"]
    assert wechat.exchange("unknown").mimetype == "application/json"
    said = json.loads(wechat.exchange("unknown").text)
    assert said["errcode"] == 40029


def test_a_spent_refresh_token_has_a_number_of_its_own(box: Sandbox) -> None:
    wechat = walk_at(box, "wechat", "ada")
    assert json.loads(wechat.refresh("unknown").text)["errcode"] == 40030
    assert walk_at(box, "zalo", "ada").refresh("unknown").get_json()["error"] == -14014


def test_tokens_do_not_expire_by_a_scope(box: Sandbox) -> None:
    for provider_id, scope in (("stackexchange", "no_expiry"), ("deezer", "offline_access")):
        walk = walk_at(box, provider_id, "ada")
        answer = walk.tokens(scope=scope)
        assert "expires" not in answer
        assert box[provider_id].access_tokens[answer["access_token"]].expires_at is None


def test_stripe_knows_who_asks_by_the_secret_alone(box: Sandbox) -> None:
    walk = walk_at(box, "stripe", "ada")
    code = walk.back()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    form["code_verifier"] = VERIFIER
    headers = {"Authorization": f"Bearer {SECRET}"}
    answer = walk.web.post("/stripe/token", data=form, headers=headers)
    assert answer.get_json()["stripe_user_id"].startswith("acct_")
    walk.client.secret = "another"
    answer = walk.web.post("/stripe/token", data=form, headers=headers)
    assert answer.get_json()["error"] == "invalid_client"


def test_naver_gives_a_token_back_at_either_address(box: Sandbox) -> None:
    walk = walk_at(box, "naver", "ada")
    token = walk.tokens()["access_token"]
    query = {"client_id": CLIENT_ID, "client_secret": SECRET, "access_token": token}
    query |= {"grant_type": "delete", "service_provider": "NAVER"}
    assert walk.web.get("/naver/revoke", query_string=query).status_code == 200
    assert walk.call(0, token).get_json()["resultcode"] == "024"


def test_meta_exchanges_a_token_for_one_of_sixty_days(box: Sandbox) -> None:
    walk = walk_at(box, "instagram", "ada")
    token = walk.tokens()["access_token"]
    query = {"grant_type": "ig_exchange_token", "client_secret": SECRET, "access_token": token}
    longer = walk.web.get("/instagram/exchange", query_string=query).get_json()
    assert longer["expires_in"] == 60 * 86400
    assert walk.web.get("/instagram/api/access_token", query_string=query).status_code == 200
    renewing = {"grant_type": "ig_refresh_token", "access_token": longer["access_token"]}
    renewed = walk.web.get("/instagram/refresh", query_string=renewing).get_json()
    assert walk.call(0, renewed["access_token"]).get_json()["username"] == "ada"
    wrong = walk.web.get("/instagram/exchange", query_string={**query, "client_secret": "x"})
    assert wrong.get_json()["error"] == "invalid_client"


def test_wecom_has_a_token_of_the_application_and_a_code_that_says_who(box: Sandbox) -> None:
    walk = walk_at(box, "wecom", "ada")
    code = walk.back()
    query = {"corpid": CLIENT_ID, "corpsecret": SECRET}
    token = walk.web.get("/wecom/token", query_string=query).get_json()["access_token"]
    who = walk.call(0, token).get_json()
    user = walk.web.get(
        "/wecom/api/user/get", query_string={"access_token": token, "userid": who["userid"]}
    ).get_json()
    assert user["name"] == "Ada Lovelace"
    again = walk.web.get(
        "/wecom/api/cgi-bin/auth/getuserinfo", query_string={"access_token": token, "code": code}
    )
    assert again.get_json()["errcode"] == 40029
    wrong = walk.web.get("/wecom/token", query_string={**query, "corpsecret": "x"}).get_json()
    assert wrong["errcode"] == 40125
