"""What single providers of the catalogue have in their APIs, and how it is asked for."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from flask_social.sandbox import Client, Sandbox

from .played_facts import (
    CALLBACK,
    CLIENT_ID,
    part,
    query_of,
)
from .played_walk import PlayedWalk
from .test_catalogue import walk_at


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def bearer(walk: PlayedWalk) -> dict[str, str]:
    return {"Authorization": f"Bearer {walk.member(walk.tokens(), 'access_token')}"}


def test_qq_tells_an_id_apart(box: Sandbox) -> None:
    walk = walk_at(box, "qq", "ada")
    answer = dict(parse_qsl(walk.exchange(walk.back()).text))
    query = {"access_token": answer["access_token"]}
    said = walk.web.get("/qq/api/oauth2.0/me", query_string=query)
    found = json.loads(said.text.removeprefix("callback( ").removesuffix(" );\n"))
    assert found["client_id"] == CLIENT_ID
    query |= {"oauth_consumer_key": CLIENT_ID, "openid": "another"}
    assert walk.web.get("/qq/api/user/get_user_info", query_string=query).get_json()["ret"] == -1
    query["openid"] = found["openid"]
    profile = walk.web.get("/qq/api/user/get_user_info", query_string=query)
    assert json.loads(profile.text)["nickname"] == "Ada Lovelace"


def test_etsy_begins_a_token_with_the_users_id(box: Sandbox) -> None:
    walk = walk_at(box, "etsy", "ada")
    token = walk.tokens()["access_token"]
    user_id = token.partition(".")[0]
    headers = {"Authorization": f"Bearer {token}", "x-api-key": f"{CLIENT_ID}:secret"}
    address = f"/etsy/api/v3/application/users/{user_id}"
    assert walk.web.get(address, headers=headers).get_json()["user_id"] == int(user_id)
    other = walk.web.get("/etsy/api/v3/application/users/1", headers=headers)
    assert other.status_code == 404
    headers["x-api-key"] = CLIENT_ID
    assert walk.web.get(address, headers=headers).status_code == 403


def test_a_call_tells_of_the_fields_that_it_names(box: Sandbox) -> None:
    walk = walk_at(box, "twitter2", "ada")
    token = walk.tokens()["access_token"]
    said = walk.call(0, token, without=("user.fields",)).get_json()
    assert said["data"].keys() == {"id", "name", "username"}
    said = walk.call(0, token, query={"user.fields": "confirmed_email"}).get_json()
    assert said["data"]["confirmed_email"] == "ada@example.com"
    monday = walk_at(box, "monday", "ada")
    token = monday.tokens()["access_token"]
    said = monday.call(0, token, json={"query": "query { me { id name } }"}).get_json()
    assert said["data"]["me"].keys() == {"id", "name"}
    other = monday.call(0, token, json={"query": "mutation { me { id } }"}).get_json()
    assert "errors" in other


def test_graphql_wants_a_selection_of_an_object(box: Sandbox) -> None:
    walk = walk_at(box, "anilist", "ada")
    token = walk.tokens()["access_token"]
    for query in ("{ Viewer }", "{ Viewer { id avatar } }", "{ Viewer { id } } }", "Viewer"):
        assert "errors" in walk.call(0, token, json={"query": query}).get_json(), query
    data = walk.says["samples"]["profile"]["data"]
    assert "Viewer" in walk.call(0, token, json={"query": query_of(data)}).get_json()["data"]


def test_a_further_call_needs_its_scope(box: Sandbox) -> None:
    walk = walk_at(box, "lichess", "ada")
    token = walk.tokens(scope="preference:read")["access_token"]
    assert walk.call(0, token).status_code == 200
    assert walk.call(1, token).status_code == 403


def test_edx_and_clever_tell_more_of_oneself_alone(box: Sandbox) -> None:
    walk = walk_at(box, "edx", "ada")
    headers = bearer(walk)
    mine = walk.web.get("/edx/api/user/v1/accounts/ada-lovelace", headers=headers)
    assert mine.get_json()["email"] == "ada@example.com"
    other = walk.web.get("/edx/api/user/v1/accounts/grace", headers=headers)
    assert other.status_code == 404


def test_bitbucket_dc_says_who_asks_in_a_header(box: Sandbox) -> None:
    walk = walk_at(box, "bitbucket_dc", "ada")
    said = walk.web.get("/bitbucket_dc/api/application-properties", headers=bearer(walk))
    assert said.headers["X-AUSERNAME"] == "ada"


def test_mastodon_registers_whoever_asks(box: Sandbox) -> None:
    box.login_as("ada")
    walk = PlayedWalk(box, "mastodon~one")
    asked: dict[str, Any] = {"client_name": "App", "redirect_uris": CALLBACK, "scopes": "profile"}
    made = walk.web.post("/mastodon~one/api/v1/apps", data=asked).get_json()
    known = box["mastodon~one"].clients[made["client_id"]]
    assert known == Client(
        id=made["client_id"], secret=made["client_secret"], redirect_uris=(CALLBACK,)
    )
    assert walk.web.post("/mastodon~one/api/api/v1/apps", json=asked).status_code == 200
    assert walk.web.post("/mastodon~one/api/v1/apps", data={}).status_code == 422
    assert walk.web.get("/mastodon~one/api/v1/apps").status_code == 405
    assert made["client_id"] not in box["mastodon"].clients


def test_flickr_answers_json_on_demand(box: Sandbox) -> None:
    walk = walk_at(box, "flickr", "ada")
    said = walk.credentials()
    pair = (said["oauth_token"], said["oauth_token_secret"])
    nsid = said["user_nsid"].replace("@", "%40")
    query = f"format=json&method=flickr.people.getInfo&user_id={nsid}"
    answer = walk.signed("GET", f"api/services/rest?{query}", pair)
    assert answer.text.startswith("jsonFlickrApi({")
    other = walk.signed("GET", f"api/services/rest?{query}0", pair)
    assert other.get_json()["stat"] == "fail"


def test_evernote_has_no_token_secret(box: Sandbox) -> None:
    walk = walk_at(box, "evernote", "ada")
    said = walk.credentials()
    assert said["oauth_token_secret"] == ""
    assert int(said["edam_expires"]) // 1000 - box.now() in range(31_000_000, 31_536_001)
    echo = walk.signed("GET", "api/anything", (said["oauth_token"], ""))
    assert echo.get_json()["account"] == "Ada Lovelace"


def test_trello_deletes_a_token_by_key_and_token(box: Sandbox) -> None:
    walk = walk_at(box, "trello", "ada")
    said = walk.credentials()
    pair = (said["oauth_token"], said["oauth_token_secret"])
    address = f"/trello/api/1/tokens/{pair[0]}"
    query = {"key": "another", "token": pair[0]}
    assert walk.web.delete(address, query_string=query).status_code == 400
    query["key"] = CLIENT_ID
    assert walk.web.delete(address, query_string=query).status_code == 200
    assert walk.signed("GET", "api/1/members/me", pair).status_code == 401


def test_userinfo_by_another_shape(box: Sandbox) -> None:
    walk = walk_at(box, "paypal", "ada")
    headers = bearer(walk)
    plain = walk.web.get("/paypal/userinfo", headers=headers).get_json()
    assert (plain["email"], plain["email_verified"]) == ("ada@example.com", True)
    own = walk.web.get("/paypal/userinfo?schema=paypalv1.1", headers=headers).get_json()
    assert own["emails"][0]["value"] == "ada@example.com"
    git = walk_at(box, "gitlab", "barbara")
    said = git.web.get("/gitlab/userinfo", headers=bearer(git)).get_json()
    assert said["email_verified"] is False
    answer = git.tokens()
    profile = git.call(0, answer["access_token"]).get_json()
    assert said["sub"] == str(profile["id"]) == part(answer["id_token"], 1)["sub"]
    clave = walk_at(box, "claveunica", "ada")
    assert clave.web.get("/claveunica/userinfo", headers=bearer(clave)).status_code == 405


def test_microsoft_names_a_tenant_in_its_issuer(box: Sandbox) -> None:
    walk = walk_at(box, "microsoft", "ada")
    home = f"{box.url}microsoft"
    metadata = walk.web.get("/microsoft/.well-known/openid-configuration").get_json()
    assert metadata["issuer"] == home + "/{tenantid}/v2.0"
    claims = part(walk.tokens()["id_token"], 1)
    assert claims["iss"] == f"{home}/{claims['tid']}/v2.0"
    assert claims["oid"] != claims["sub"]
    box["microsoft"].set("claims", tid="contoso", iss=f"{home}/contoso/v2.0")
    assert part(walk.tokens()["id_token"], 1)["tid"] == "contoso"
