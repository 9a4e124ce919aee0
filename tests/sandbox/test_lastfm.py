"""The sandbox's Last.fm, by a client that is written here: sessions, signatures, and errors."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import Client as Browser

from flask_social.sandbox import Client, Sandbox

BACK = "http://127.0.0.1:5000/login/lastfm?state=a-state"
KEY, SECRET = "our-key", "our-secret"
"""Which go together without being registered."""


@pytest.fixture
def box() -> Sandbox:
    box = Sandbox()
    box.login_as("sample")
    return box


def token(box: Sandbox, key: str = KEY) -> str:
    query = {"api_key": key, "cb": BACK}
    answer = Browser(box).get("/lastfm/authorize", query_string=query)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{BACK}&token=")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["token"]


def signed(secret: str = SECRET, **given: str) -> dict[str, str]:
    """*given*, signed over all but the format."""
    text = "".join(name + given[name] for name in sorted(given) if name != "format")
    return {**given, "api_sig": hashlib.md5((text + secret).encode()).hexdigest()}


def post(box: Sandbox, path: str = "token", **given: str) -> Any:
    answer = Browser(box).post(f"/lastfm/{path}", data=given)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def session_asked(brought: str, **changes: str) -> dict[str, str]:
    good = {"method": "auth.getSession", "api_key": KEY, "token": brought, "format": "json"}
    return {**good, **changes}


def session(box: Sandbox) -> str:
    said = post(box, **signed(**session_asked(token(box))))["session"]
    assert said["key"].startswith("sbx_")
    return str(said["key"])


def test_a_token_is_good_for_one_session(box: Sandbox) -> None:
    brought = token(box)
    said = post(box, **signed(**session_asked(brought)))
    assert {**said["session"], "key": "x"} == {"subscriber": 0, "name": "ada", "key": "x"}
    assert post(box, **signed(**session_asked(brought)))["error"] == 4
    assert post(box, **signed(**session_asked("unknown")))["error"] == 4
    late = token(box)
    box.skew = 3600
    assert post(box, **signed(**session_asked(late)))["error"] == 15
    box.skew = 3599
    assert "session" in post(box, **signed(**session_asked(token(box))))


def test_a_session_is_asked_for_by_who_signs(box: Sandbox) -> None:
    brought = token(box)
    assert post(box, **session_asked(brought))["error"] == 13
    assert post(box, **signed("another", **session_asked(brought)))["error"] == 13
    good = signed(**session_asked(brought))
    assert post(box, **{**good, "api_sig": good["api_sig"].upper()})["error"] == 13
    assert post(box, **{**good, "more": "of it"})["error"] == 13
    stranger = signed("stranger-secret", **session_asked(brought, api_key="stranger-key"))
    assert post(box, **stranger)["error"] == 4
    unnamed = signed("", **session_asked(brought, api_key="unnamed"))
    assert post(box, **unnamed)["error"] == 13
    assert post(box, **signed(**session_asked(brought, method="auth.getToken")))["error"] == 3
    assert post(box, **signed(**session_asked(brought, format="xml")))["error"] == 5
    assert "session" in post(box, **good)


def test_a_strict_sandbox_knows_the_registered_alone() -> None:
    box = Sandbox(strict=True)
    box.login_as("ada")
    query = {"api_key": KEY, "cb": BACK}
    assert Browser(box).get("/lastfm/authorize", query_string=query).status_code == 400
    box["lastfm"].register_client(Client(id=KEY, secret="its own"))
    brought = token(box)
    assert post(box, **signed(**session_asked(brought)))["error"] == 13
    assert "session" in post(box, **signed("its own", **session_asked(brought)))


def test_an_account_is_told_of_by_name_or_by_session(box: Sandbox) -> None:
    asked = {"method": "user.getInfo", "api_key": KEY, "format": "json"}
    web = Browser(box)

    def info(**given: str) -> Any:
        answer = web.get("/lastfm/api/", query_string={**asked, **given})
        assert answer.status_code == 200
        return answer.get_json()

    assert info(user="ada")["user"]["realname"] == "Ada"
    assert info(user="grace-hopper")["user"]["realname"] == "Grace Hopper"
    assert info(user="nobody")["error"] == 6
    assert info()["error"] == 6
    key = session(box)
    mine = web.get("/lastfm/api/", query_string=signed(**asked, sk=key)).get_json()
    assert mine["user"]["name"] == "ada"
    assert info(sk=key)["error"] == 13
    unknown = web.get("/lastfm/api/", query_string=signed(**asked, sk="unknown"))
    assert unknown.get_json()["error"] == 9
    other = {**asked, "api_key": "other-key", "sk": key}
    theirs = web.get("/lastfm/api/", query_string=signed("other-secret", **other))
    assert theirs.get_json()["error"] == 9


def test_any_other_call_is_echoed_to_a_signed_session(box: Sandbox) -> None:
    asked = {"method": "track.love", "api_key": KEY, "format": "json", "sk": session(box)}
    assert post(box, "api/", **signed(**asked))["account"] == "Ada Example"
    assert post(box, "api/", **asked)["error"] == 13
    del asked["sk"]
    assert post(box, "api/", **signed(**asked))["error"] == 9


def test_the_account_of_another_has_another_name(box: Sandbox) -> None:
    box.login_as("ada")
    said = post(box, **signed(**session_asked(token(box))))
    assert said["session"]["name"] == "ada-lovelace"


def test_a_no_ends_at_the_provider(box: Sandbox) -> None:
    box.deny()
    query = {"api_key": KEY, "cb": BACK}
    answer = Browser(box).get("/lastfm/authorize", query_string=query)
    assert (answer.status_code, "The person said no." in answer.text) == (400, True)
    box.ask()
    elsewhere = {"api_key": KEY, "cb": "https://evil.test/"}
    assert Browser(box).get("/lastfm/authorize", query_string=elsewhere).status_code == 400
