"""Providers played from a description: what that says, who stands in it, and the knobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client as Browser

from flask_social.sandbox import Client, Sandbox, Status, catalogue, played
from flask_social.sandbox.quirks import QUIRKS
from flask_social.sandbox.samples import look, steps_of

from .played_facts import CALLBACK, IDS, SECRET, came_back, description, part
from .played_walk import PlayedWalk
from .test_catalogue import walk_at

FORGE: dict[str, Any] = {
    "id": "forge",
    "name": "Forge",
    "kind": "oauth2",
    "scopes": ["me"],
    "authorize": {"url": "https://forge.example/authorize"},
    "token": {"url": "https://forge.example/token"},
    "refresh": {"when": "always", "rotates": True},
    "calls": [{"url": "https://forge.example/api/me"}],
    "samples": {"profile": {"id": 7, "login": "ada", "mails": [{"mail": "ada@example.com"}]}},
    "person": {
        "profile": {"id": ["id"], "username": ["login"], "email": ["mails.0.mail"]},
    },
}


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def profile_of(walk: PlayedWalk) -> Any:
    answer = walk.tokens()
    return json.loads(walk.call(0, walk.member(answer, "access_token"), answer).text)


# Descriptions


@pytest.mark.parametrize("provider_id", IDS)
def test_a_description_is_complete(provider_id: str) -> None:
    says, script = description(provider_id), catalogue.find(provider_id)
    assert script is not None
    play = script.play
    assert play is not None
    assert (script.id, script.kind) == (provider_id, says["kind"])
    assert play.authorize.url.startswith("https://")
    assert play.token.url.startswith("https://")
    assert play.quirk == "" or play.quirk in QUIRKS
    assert {"id", "handle"} & {role for roles in play.person.values() for role in roles}
    for name, roles in play.person.items():
        for path in (path for paths in roles.values() for path in paths):
            assert look(play.samples[name], steps_of(path)) is not None, path
    for call in play.calls:
        assert call.open or call.says in play.samples


def test_every_quirk_is_somebodys() -> None:
    assert {description(each)["quirk"] for each in IDS if "quirk" in description(each)} == {*QUIRKS}


def test_the_catalogue_is_small() -> None:
    here = Path(catalogue.__file__).parent
    assert len(IDS) == 218
    assert sum(path.stat().st_size for path in here.glob("*.json")) < 250 * 1024


def test_a_description_that_makes_no_sense_is_refused() -> None:
    for changed in ({"colour": "blue"}, {"token": {"urn": "x"}}, {"calls": [{"path": "me"}]}):
        with pytest.raises(ValueError, match="forge"):
            played({**FORGE, **changed})
    with pytest.raises(ValueError, match="authorize"):
        played({name: value for name, value in FORGE.items() if name != "authorize"})


def test_a_file_is_read_when_its_provider_is_first_asked_for(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    found = catalogue.read

    def reading(name: str) -> Any:
        read.append(name)
        return found(name)

    monkeypatch.setattr(catalogue, "read", reading)
    web = Browser(box)
    assert "/gitlab" in web.get("/").text
    assert "gitlab" in web.get("/nobody/authorize").text
    assert read == []
    web.get("/gitlab/.well-known/openid-configuration")
    assert read == ["gitlab"]


def test_a_provider_that_is_not_in_the_catalogue() -> None:
    box = Sandbox(providers=[played(FORGE)])
    box.login_as("grace")
    web = Browser(box)
    asked = {"client_id": "a", "redirect_uri": CALLBACK, "response_type": "code"}
    code = came_back(web.get("/forge/authorize", query_string=asked))["code"]
    form = {"grant_type": "authorization_code", "client_id": "a", "client_secret": "s"}
    form |= {"code": code, "redirect_uri": CALLBACK}
    token = web.post("/forge/token", data=form).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    said = web.get("/forge/api/me", headers=headers).get_json()
    assert said["login"] == "grace"
    assert said["mails"] == [{"mail": "grace@example.com"}]
    assert said["id"] > 99999


def test_a_description_comes_over_http_too(box: Sandbox) -> None:
    web = Browser(box)
    assert web.post("/control/providers", json=FORGE).status_code == 200
    assert box["forge"].script.title == "Forge"
    for changed in ({**FORGE, "id": "a~b"}, {**FORGE, "colour": "blue"}):
        assert web.post("/control/providers", json=changed).status_code == 400


# Several of one


def test_several_of_one_provider_have_each_their_own_state(box: Sandbox) -> None:
    box.login_as("ada")
    first, second = PlayedWalk(box, "keycloak~a"), PlayedWalk(box, "keycloak~b")
    said = [part(walk.tokens()["id_token"], 1) for walk in (first, second)]
    assert [each["iss"] for each in said] == [f"{box.url}keycloak~a", f"{box.url}keycloak~b"]
    assert said[0]["sub"] == said[1]["sub"]
    token = first.tokens()["access_token"]
    assert first.call(0, token).status_code == 200
    assert second.call(0, token).status_code == 401
    assert box["google~work"].script.shape == "oidc"
    assert box.find("keycloak~") is None
    assert box.find("nobody~x") is None


# The knobs of all providers


def test_answers_can_be_bent(box: Sandbox) -> None:
    walk = walk_at(box, "discord", "ada")
    provider = box["discord"]
    provider.set("api", id=0)
    provider.delete("api", "email")
    found = profile_of(walk)
    assert found["id"] == 0
    assert "email" not in found
    provider.change("api", lambda said: [said])
    assert isinstance(profile_of(walk), list)
    provider.replace("token", {"error": "server_error"})
    assert walk.exchange(walk.back()).get_json() == {"error": "server_error"}
    provider.honest()
    assert profile_of(walk)["email"] == "ada@example.com"
    emails = walk_at(box, "bitbucket", "ada")
    box["bitbucket"].set("emails", values=[])
    answer = emails.tokens()
    assert emails.call(1, answer["access_token"]).get_json()["values"] == []


def test_faults_strike_and_requests_are_counted(box: Sandbox) -> None:
    walk = walk_at(box, "figma", "ada")
    refresh_token = walk.tokens()["refresh_token"]
    box["figma"].fail("refresh", Status(503, times=1))
    assert walk.refresh(refresh_token).status_code == 503
    assert walk.refresh(refresh_token).status_code == 200
    assert box.count("figma", "refresh") == 2
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    assert walk.token(form).get_json()["error"] == "unsupported_grant_type"


def test_where_nothing_is_refreshed_or_given_back_nothing_is_there(box: Sandbox) -> None:
    walk = walk_at(box, "discord", "ada")
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert walk.token(form, at="refresh").status_code == 404
    assert walk.web.post("/figma/revoke", data={"token": "x"}).status_code == 404
    assert walk.web.post("/plain/refresh").status_code == 404
    assert walk.web.post("/tumblr/revoke").status_code == 404


def test_a_policy_and_the_control_interface_reach_providers_of_the_catalogue(box: Sandbox) -> None:
    web = Browser(box)
    told = web.post("/control/login_as", json={"person": "sample", "provider": "osu"})
    assert told.status_code == 200
    web.put("/control/osu/edits/api", json={"set": {"username": "eve"}})
    walk = PlayedWalk(box, "osu")
    assert profile_of(walk)["username"] == "eve"
    box["osu"].deny()
    assert came_back(walk.authorize())["error"] == "access_denied"
    box["osu"].ask()
    chosen = walk.web.post(
        walk.path("authorize"), query_string=walk.asked(), data={"person": "grace"}
    )
    assert "code" in came_back(chosen)


def test_any_other_call_is_echoed_with_what_every_call_carries(box: Sandbox) -> None:
    walk = walk_at(box, "twitch", "ada")
    token = walk.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Client-Id": "application-key"}
    said = walk.web.get("/twitch/api/helix/streams?first=2", headers=headers).get_json()
    assert (said["account"], said["path"]) == ("Ada Lovelace", "helix/streams")
    assert said["query"] == {"first": "2"}
    del headers["Client-Id"]
    assert walk.web.get("/twitch/api/helix/streams", headers=headers).status_code == 400
    assert walk.web.get("/twitch/api/helix/streams").status_code == 401


def test_a_strict_sandbox_knows_registered_clients_alone() -> None:
    box = Sandbox(strict=True)
    box.login_as("ada")
    walk = PlayedWalk(box, "discord")
    assert walk.authorize().status_code == 302
    box["discord"].clients.clear()
    assert walk.authorize().status_code == 400
    box["discord"].register_client(Client(id="application-key", secret=SECRET))
    assert walk.tokens()["access_token"]


def test_metadata_tell_what_is_so(box: Sandbox) -> None:
    web = Browser(box)
    found = {
        each: web.get(f"/{each}/.well-known/openid-configuration").get_json()
        for each in ("gitlab", "apple", "line", "logto", "globus", "roblox", "oidc")
    }
    assert found["gitlab"]["issuer"] == f"{box.url}gitlab"
    assert "userinfo_endpoint" not in found["apple"]
    assert "jwks_uri" not in found["line"]
    algs = {each: said["id_token_signing_alg_values_supported"] for each, said in found.items()}
    assert algs["logto"] == ["ES384"]
    assert algs["globus"] == ["RS512"]
    assert algs["roblox"] == ["ES256"]
    assert found["oidc"]["authorization_response_iss_parameter_supported"] is True
    assert web.get("/discord/.well-known/openid-configuration").status_code == 404
