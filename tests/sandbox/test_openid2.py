"""The sandbox's OpenID 2.0, by a client that is written here: what it asserts, and of what once."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from flask_social.sandbox import PEOPLE, Client, Sandbox, Status

NS = "http://specs.openid.net/auth/2.0"
SELECT = f"{NS}/identifier_select"
SREG = "http://openid.net/extensions/sreg/1.1"
RETURN_TO = "http://127.0.0.1:5000/login/here?state=a-state"
PLAYERS = "api/ISteamUser/GetPlayerSummaries/v0002/"


@pytest.fixture
def box() -> Sandbox:
    box = Sandbox()
    box.login_as("sample")
    return box


def asked(**changes: str | None) -> dict[str, str]:
    """A good request, changed; ``None`` leaves a parameter out."""
    good = {
        "ns": NS,
        "mode": "checkid_setup",
        "claimed_id": SELECT,
        "identity": SELECT,
        "return_to": RETURN_TO,
        "realm": "http://127.0.0.1:5000/",
        "ns.sreg": SREG,
        "sreg.optional": "nickname,email,fullname",
    }
    params = {**good, **changes}
    return {f"openid.{name}": value for name, value in params.items() if value is not None}


def authorize(box: Sandbox, provider_id: str, **changes: str | None) -> TestResponse:
    query = asked(**changes)
    return Browser(box).get(f"/{provider_id}/authorize", query_string=query)


def back(answer: TestResponse) -> dict[str, str]:
    """What came back to our address, the state in it aside."""
    assert answer.status_code == 302, answer.text
    url, query = urlsplit(answer.headers["Location"]), dict[str, str]()
    assert f"{url.scheme}://{url.netloc}{url.path}" == RETURN_TO.partition("?")[0]
    query.update(parse_qsl(url.query))
    assert query.pop("state") == "a-state"
    return query


def check(box: Sandbox, provider_id: str, said: dict[str, str], **changes: str) -> str:
    """What the server says of an assertion: ``true`` or ``false``."""
    form = {**said, "openid.mode": "check_authentication", **changes}
    answer = Browser(box).post(f"/{provider_id}/authorize", data=form)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    found = dict(line.split(":", 1) for line in answer.text.splitlines())
    assert found.pop("ns") == NS
    assert found.keys() == {"is_valid"}
    return str(found["is_valid"])


def test_an_assertion_is_of_the_sample_and_is_good_once(box: Sandbox) -> None:
    said = back(authorize(box, "launchpad"))
    assert said["openid.op_endpoint"] == "http://localhost:5001/launchpad/authorize"
    assert said["openid.return_to"] == RETURN_TO
    assert said["openid.claimed_id"] == "https://login.launchpad.net/+id/AbCdEf"
    assert said["openid.identity"] == said["openid.claimed_id"]
    assert said["openid.sreg.email"] == "ada@example.com"
    assert (
        said["openid.response_nonce"] != back(authorize(box, "launchpad"))["openid.response_nonce"]
    )
    assert check(box, "launchpad", said) == "true"
    assert check(box, "launchpad", said) == "false"
    assert box.count("launchpad", "authorize") == 2
    assert box.count("launchpad", "token") == 2


def test_all_that_it_names_is_signed(box: Sandbox) -> None:
    """In the key-value form, in the order in which it names them (sections 4.1.1 and 6.1)."""
    said = back(authorize(box, "launchpad"))
    names = said["openid.signed"].split(",")
    unsigned = {f"openid.{name}" for name in ("ns", "mode", "signed", "sig")}
    assert {f"openid.{name}" for name in names} == said.keys() - unsigned
    text = "".join(f"{name}:{said[f'openid.{name}']}\n" for name in names)
    secret = box["launchpad"].assertion_secret
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    assert base64.b64decode(said["openid.sig"]) == digest


def test_whatever_is_altered_is_not_its_own(box: Sandbox) -> None:
    said = back(authorize(box, "launchpad"))
    for name in said.keys() - {"openid.ns", "openid.mode"}:
        assert check(box, "launchpad", said, **{name: said[name] + "x"}) == "false", name
    fewer = said["openid.signed"].rpartition(",")[0]
    assert check(box, "launchpad", said, **{"openid.signed": fewer}) == "false"
    assert check(box, "steam", said) == "false"
    assert check(box, "launchpad", said) == "true"


def test_an_assertion_is_good_for_a_minute(box: Sandbox) -> None:
    said = back(authorize(box, "steam"))
    box.skew = 61
    assert check(box, "steam", said) == "false"
    box.skew = -5
    assert check(box, "steam", back(authorize(box, "steam"))) == "true"


def test_edits_are_before_the_signature_and_after_it(box: Sandbox) -> None:
    box["steam"].set("claims", claimed_id="https://evil.test/openid/id/1")
    lie = back(authorize(box, "steam"))
    assert lie["openid.claimed_id"] == "https://evil.test/openid/id/1"
    assert check(box, "steam", lie) == "true"
    box["steam"].honest()
    box["steam"].set("callback", **{"openid.claimed_id": "https://evil.test/openid/id/1"})
    assert check(box, "steam", back(authorize(box, "steam"))) == "false"
    box["steam"].honest()
    box["steam"].set("claims", response_nonce="yesterday")
    assert check(box, "steam", back(authorize(box, "steam"))) == "false"
    box["steam"].set("token", is_valid="maybe")
    assert check(box, "steam", back(authorize(box, "steam"))) == "maybe"
    box["steam"].fail("token", Status(503, times=1))
    query = urlencode({"openid.ns": NS, "openid.mode": "check_authentication"})
    answer = Browser(box).post(
        "/steam/authorize", data=query, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"ns": None},
        {"mode": "associate"},
        {"claimed_id": "https://steamcommunity.com/openid/id/1"},
        {"identity": None},
        {"realm": "http://127.0.0.1:5001/"},
        {"realm": "https://127.0.0.1:5000/"},
        {"realm": "http://127.0.0.1:5000/elsewhere/"},
    ],
)
def test_what_is_no_good_request_comes_back_as_an_error(
    box: Sandbox, changes: dict[str, str | None]
) -> None:
    said = back(authorize(box, "steam", **changes))
    assert said.keys() == {"openid.ns", "openid.mode", "openid.error"}
    assert said["openid.mode"] == "error"


@pytest.mark.parametrize("return_to", [None, "https://evil.test/", "/login/here"])
def test_nobody_is_led_elsewhere(box: Sandbox, return_to: str | None) -> None:
    assert authorize(box, "steam", return_to=return_to).status_code == 400


def test_a_strict_sandbox_leads_to_registered_addresses_alone() -> None:
    box = Sandbox(strict=True)
    box.login_as("ada")
    assert authorize(box, "steam").status_code == 400
    known = Client(id="app", redirect_uris=("http://127.0.0.1:5000/login/here",))
    box["steam"].register_client(known)
    assert back(authorize(box, "steam"))["openid.mode"] == "id_res"


def test_the_person_is_asked_and_decides_what_is_told(box: Sandbox) -> None:
    box.ask()
    page = authorize(box, "launchpad")
    assert "http://127.0.0.1:5000/" in page.text
    assert "Continue as Grace Hopper" in page.text
    address = f"/launchpad/authorize?{urlencode(asked())}"
    form = {"choosing": "1", "person": "grace", "scope": "nickname"}
    said = back(Browser(box).post(address, data=form))
    assert said["openid.sreg.nickname"] == "grace"
    assert "openid.sreg.email" not in said
    assert check(box, "launchpad", said) == "true"
    cancelled = back(Browser(box).post(address, data={"cancel": "1"}))
    assert cancelled == {"openid.ns": NS, "openid.mode": "cancel"}
    assert Browser(box).post(address, data={"person": "mallory"}).status_code == 400
    at_once = back(authorize(box, "launchpad", mode="checkid_immediate"))
    assert at_once == {"openid.ns": NS, "openid.mode": "setup_needed"}


def test_a_test_decides_what_is_told(box: Sandbox) -> None:
    box["launchpad"].login_as("radia")
    assert "openid.sreg.email" not in back(authorize(box, "launchpad"))
    box["launchpad"].login_as("ada", scopes=["email"])
    said = back(authorize(box, "launchpad"))
    assert (said["openid.sreg.email"], "openid.sreg.nickname" in said) == ("ada@example.com", False)
    assert "openid.ns.sreg" not in back(authorize(box, "launchpad", **{"ns.sreg": None}))
    box["launchpad"].deny()
    assert back(authorize(box, "launchpad"))["openid.mode"] == "cancel"


def test_there_are_no_associations_and_no_other_endpoints(box: Sandbox) -> None:
    web = Browser(box)
    asked = {"openid.ns": NS, "openid.mode": "associate"}
    answer = web.post("/steam/authorize", data=asked)
    assert (answer.status_code, "error:" in answer.text) == (400, True)
    said = back(authorize(box, "steam"))
    form = {**said, "openid.mode": "check_authentication"}
    for path in ("token", "userinfo", "jwks", "revoke", ".well-known/openid-configuration"):
        assert web.post(f"/steam/{path}", data=form).status_code == 404
    assert check(box, "steam", said) == "true"


# Steam's API


def players(box: Sandbox, **query: str) -> Any:
    answer = Browser(box).get(f"/steam/{PLAYERS}", query_string=query)
    return answer.get_json()["response"]["players"] if answer.status_code == 200 else answer


def steamid(box: Sandbox, person: str) -> str:
    box["steam"].login_as(person)
    return back(authorize(box, "steam"))["openid.claimed_id"].rpartition("/")[2]


def test_steam_tells_of_whom_it_is_asked_about(box: Sandbox) -> None:
    assert steamid(box, "sample") == "76561197960435530"
    [sample] = players(box, key="k", steamids="76561197960435530")
    assert (sample["personaname"], sample["realname"]) == ("ada", "Ada")
    ids = [steamid(box, person.key) for person in PEOPLE]
    assert len({*ids, "76561197960435530"}) == len(PEOPLE) + 1
    found = players(box, key="k", steamids=",".join(ids))
    assert [each["realname"] for each in found] == [person.name for person in PEOPLE]
    assert players(box, key="k", steamids="1") == []
    assert players(box, key="k").status_code == 400
    assert players(box, key="k", steamids=",".join(ids * 21)).status_code == 400
    assert Browser(box).post(f"/steam/{PLAYERS}?key=k&steamids=1").status_code == 405
    assert Browser(box).get("/steam/api/ISteamUser/Other/v1/?key=k").status_code == 404


def test_steam_wants_the_key_of_an_application(box: Sandbox) -> None:
    assert players(box, steamids="1").status_code == 403
    assert players(Sandbox(strict=True), key="k", steamids="1").status_code == 403
    box["steam"].register_client(Client(id="app", secret="the-key"))
    refused = players(box, key="another", steamids="1")
    assert (refused.status_code, refused.mimetype) == (403, "text/plain")
    assert players(box, key="the-key", steamids="76561197960435530") != []
