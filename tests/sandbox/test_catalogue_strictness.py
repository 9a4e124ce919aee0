"""What the providers of the catalogue refuse, each in its own words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from flask_social.sandbox import Sandbox

from .played_facts import CLIENT_ID, IDS, SECRET, basic, came_back, description
from .played_walk import PlayedWalk
from .test_catalogue import OAUTH2, REFRESHING, walk_at

CALLING = [
    each
    for each in OAUTH2
    if any(not call.get("open") for call in description(each).get("calls", []))
]
CODED = [each for each in OAUTH2 if each != "wecom"]
"""Those whose token is that of a person, not the application's own."""
PROVING = [
    each
    for each in OAUTH2
    if len(description(each)["token"].get("auth", ())) == 1 and each not in ("alipay", "apple")
]
"""Those with one of the usual ways to prove who an application is."""
NEEDING = [each for each in IDS if description(each)["authorize"].get("needs")]


@pytest.fixture(scope="module")
def shared() -> Sandbox:
    return Sandbox()


def refused(walk: PlayedWalk, response: TestResponse, where: str) -> bool:
    """Whether *response* is an error as the provider words it at *where*."""
    errors = walk.says.get("errors", {})
    template = errors.get(where, {"error": "", "error_description": ""})
    if "status" in errors and response.status_code != errors["status"]:
        return False
    if "status" not in errors and response.status_code < 400:
        return False
    if isinstance(template, str):
        return bool(response.text == template)
    text = response.text.removeprefix(walk.words.get("prefix", ""))
    found = json.loads(text)
    return bool(found.keys() == template.keys())


def spend(walk: PlayedWalk) -> tuple[str, Any]:
    answer = walk.tokens()
    return walk.member(answer, "access_token"), answer


@pytest.mark.parametrize("provider_id", CODED)
def test_a_code_is_bound_to_its_request_and_good_once(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    verifier = "another-verifier-of-more-than-forty-three-characters"
    assert refused(walk, walk.exchange(walk.back(), code_verifier=verifier), "token")
    assert refused(walk, walk.exchange("unknown"), "token")
    changed = walk.exchange(walk.back(), redirect_uri="http://127.0.0.1:5000/elsewhere")
    assert refused(walk, changed, "token")
    code = walk.back()
    first = walk.read(walk.exchange(code))
    assert refused(walk, walk.exchange(code), "token")
    token = walk.member(first, "access_token")
    assert shared[provider_id].access_tokens[token].grant.revoked


@pytest.mark.parametrize("provider_id", PROVING)
def test_a_client_proves_itself_in_one_way_alone(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    methods = walk.words.get("auth", ["client_secret_post"])
    if methods == ["client_secret_basic"]:
        form = {"client_id": CLIENT_ID, "client_secret": SECRET}
        changed: dict[str, Any] = {"headers": {"Authorization": ""}}
    else:
        form = {}
        changed = {"headers": {"Authorization": basic(CLIENT_ID, SECRET)}}
    form |= {
        "grant_type": "authorization_code",
        "code": walk.back(),
        "redirect_uri": walk.redirect_uri,
        **walk.needed(walk.words.get("needs", {})),
    }
    assert refused(walk, walk.token(form, **changed), "token")
    if methods[0] in ("client_secret_post", "client_secret_basic"):
        walk.client.secret = "another"
        assert refused(walk, walk.exchange(walk.back()), "token")


@pytest.mark.parametrize("provider_id", OAUTH2)
def test_the_token_endpoint_wants_all_that_it_wants(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    for name in walk.words.get("needs", {}):
        if (provider_id, name) == ("alipay", "method") or name in ("grant_type",):
            continue
        assert refused(walk, walk.exchange(walk.back(), **{name: None}), "token"), name
    for name in walk.words.get("headers", {}):
        assert refused(walk, walk.token(asked(walk), headers={name: ""}), "token"), name
    if walk.words.get("body") == "json":
        assert refused(walk, walk.token(asked(walk), data={"code": "x"}, json=None), "token")
    elif walk.words.get("body", "form") == "form" and "method" not in walk.words:
        assert refused(walk, walk.token(asked(walk), json={"code": "x"}, data=None), "token")
        assert refused(walk, walk.web.get(walk.path("token"), query_string=asked(walk)), "token")
    if walk.words.get("method") == "GET":
        assert refused(walk, walk.web.post(walk.path("token"), data=asked(walk)), "token")


def asked(walk: PlayedWalk) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": walk.back(),
        "redirect_uri": walk.redirect_uri,
        **walk.needed(walk.words.get("needs", {})),
    }


@pytest.mark.parametrize("provider_id", NEEDING)
def test_the_authorization_request_carries_what_it_must(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    needs = walk.says["authorize"]["needs"]
    if walk.says["kind"] == "oauth1":
        pair = walk.temporary()
        answer = walk.web.get(f"{walk.path('authorize')}?oauth_token={pair[0]}")
        assert (answer.status_code, next(iter(needs)) in answer.text) == (400, True)
        return
    for name in needs:
        said = came_back(walk.authorize(**{name: None}))
        assert said["error"] == "invalid_request", name
        assert name in said["error_description"]


@pytest.mark.parametrize("provider_id", OAUTH2)
def test_another_name_of_a_parameter_is_not_known(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    for name, theirs in walk.names("authorize").items():
        if name in ("client_id", "redirect_uri"):
            asked = {**walk.asked(), name: walk.asked()[theirs]}
            del asked[theirs]
            assert walk.web.get(walk.path("authorize"), query_string=asked).status_code == 400
    elsewhere = walk.authorize(redirect_uri="https://evil.test/")
    assert elsewhere.status_code == 400
    if lengths := walk.says["authorize"].get("lengths"):
        for name, length in lengths.items():
            said = came_back(walk.authorize(**{name: "x" * (length - 1)}))
            assert said["error"] == "invalid_request"


@pytest.mark.parametrize("provider_id", CALLING)
def test_an_api_call_is_as_the_provider_wants_it(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    token, answer = spend(walk)
    call = walk.says["calls"][0]
    wanted = {**walk.says.get("headers", {}), **call.get("headers", {}), **call.get("needs", {})}
    for name in () if provider_id == "alipay" else wanted:
        assert refused(walk, walk.call(0, token, answer, without=(name,)), "api"), name
    for name in call.get("form", {}):
        form = {k: v for k, v in walk.needed(call["form"], token=answer).items() if k != name}
        carry = call.get("carry", walk.says.get("carry", ["scheme Bearer"]))[0]
        form |= {carry.partition(" ")[2]: token} if carry.startswith("form") else {}
        assert refused(walk, walk.call(0, token, answer, data=form), "api"), name
    other = "GET" if call.get("method") == "POST" else "POST"
    assert refused(walk, walk.call(0, token, answer, method=other), "api")
    assert refused(walk, walk.call(0, "unknown", answer), "api")
    if call.get("fields", {}).get("needed"):
        assert refused(walk, walk.call(0, token, answer, without=("fields",)), "api")
    if call.get("graphql"):
        assert refused(
            walk, walk.call(0, token, answer, json={"query": "{ unheard { of } }"}), "api"
        )
        assert refused(walk, walk.call(0, token, answer, json={"query": "{"}), "api")
        assert refused(walk, walk.call(0, token, answer, json={}), "api")


@pytest.mark.parametrize("provider_id", CALLING)
def test_a_token_elsewhere_is_no_token(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    token, answer = spend(walk)
    call = walk.says["calls"][0]
    ways = call.get("carry", walk.says.get("carry", ["scheme Bearer"]))
    tries: dict[str, dict[str, Any]] = {
        "scheme Bearer": {"headers": {"Authorization": f"Bearer {token}"}},
        "scheme OAuth": {"headers": {"Authorization": f"OAuth {token}"}},
        "raw": {"headers": {"Authorization": token}},
        "query access_token": {"query": {"access_token": token}},
        "query oauth_token": {"query": {"oauth_token": token}},
    }
    kind, _, name = ways[0].partition(" ")
    without = (name,) if kind in ("header", "query", "form") else ("Authorization",)
    for way, options in tries.items():
        if way.lower() not in (each.lower() for each in ways):
            changed = {**options, "data": {}} if kind == "form" else options
            response = walk.call(0, token, answer, without=without, **changed)
            assert refused(walk, response, "api"), way


@pytest.mark.parametrize("provider_id", REFRESHING)
def test_refreshing_wants_what_it_wants(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    refresh = walk.says["refresh"]
    assert refused(walk, walk.refresh("unknown"), "token")
    token = walk.member(walk.tokens(), "refresh_token")
    for name in refresh.get("needs", {}).keys() - {"state"}:
        assert refused(walk, walk.refresh(token, **{name: "another"}), "token"), name


@pytest.mark.parametrize("provider_id", [each for each in CALLING if each != "wecom"])
def test_calls_are_known_by_the_end_of_their_address(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    token, answer = spend(walk)
    whole = walk.call(0, token, answer)
    url = urlsplit(walk.value(walk.says["calls"][0]["url"], "url", token=answer))
    short = walk.call(0, token, answer, path="api/" + url.path.lstrip("/").split("/", 1)[-1])
    assert short.data == whole.data
    at = walk.call(0, token, answer, path=f"at/{url.netloc}{url.path}")
    assert at.data == whole.data
    if "{" not in urlsplit(walk.says["calls"][0]["url"]).netloc:
        other = walk.call(0, token, answer, path=f"at/elsewhere.example{url.path}")
        assert json.loads(other.text)["provider"] == provider_id
