"""Every provider of the catalogue, from end to end."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from joserfc import jwk, jws
from werkzeug.test import TestResponse

from flask_social.sandbox import PEOPLE, Sandbox
from flask_social.sandbox.samples import look, steps_of

from .played_facts import CLIENT_ID, IDS, NONCE, SECRET, description, opened, part
from .played_walk import PlayedWalk

OAUTH1 = [each for each in IDS if description(each)["kind"] == "oauth1"]
OIDC = [each for each in IDS if description(each)["kind"] == "oidc"]
BOUND = [each for each in IDS if description(each).get("quirk") == "atproto"]
"""Those whose every request carries a proof: :mod:`.test_atproto` walks there."""
OTHERS = ["lastfm", "launchpad", "steam"]
"""Those of another protocol: :mod:`.test_openid2` and :mod:`.test_lastfm` walk there."""
OAUTH2 = [each for each in IDS if each not in OAUTH1 + BOUND + OTHERS]
REFRESHING = [each for each in OAUTH2 if description(each)["refresh"]["when"] != "never"]
REVOKING = [each for each in OAUTH2 if "revoke" in description(each)]
ADA = PEOPLE[0]


@pytest.fixture(scope="module")
def shared() -> Sandbox:
    """One sandbox for all, as each provider has a state of its own."""
    return Sandbox()


def walk_at(box: Sandbox, provider_id: str, person: str) -> PlayedWalk:
    provider = box[provider_id]
    provider.consented.clear()
    provider.login_as(person)
    walk = PlayedWalk(box, provider_id)
    walk.profile = walk.says["samples"].get("profile")
    return walk


def documents(walk: PlayedWalk, answer: dict[str, Any]) -> dict[str, Any]:
    """What the calls of the description answer, by the samples' names; the token's is one."""
    found: dict[str, Any] = {"token": answer}
    token = walk.member(answer, "access_token")
    for number, call in enumerate(walk.says.get("calls", [])):
        if call.get("open"):
            continue
        response = walk.call(number, token, answer)
        assert response.status_code == 200, (call, response.text)
        found[call.get("says", "profile")] = json.loads(unpacked(response))
    return found


def unpacked(response: TestResponse) -> bytes:
    """The body of an answer, which one provider compresses."""
    body: bytes = response.data
    return gzip.decompress(body) if "Content-Encoding" in response.headers else body


def expected(name: str, sample: Any) -> Any:
    """What of a sample must come back to the letter."""
    if name == "mediawiki_oauth1":
        return {each: sample[each] for each in sample if each not in ("aud", "exp", "iat", "nonce")}
    return json.loads(json.dumps(sample).replace("{client_id}", CLIENT_ID))


@pytest.mark.parametrize("provider_id", OAUTH2)
def test_the_person_of_the_samples_is_told_of_to_the_letter(
    shared: Sandbox, provider_id: str
) -> None:
    walk = walk_at(shared, provider_id, "sample")
    said = documents(walk, walk.tokens())
    for name, found in said.items():
        sample = expected(provider_id, walk.says["samples"].get(name))
        if name == "token":
            assert walk.member(found, "access_token")
            if sample and provider_id not in ("shopify", "wecom"):
                assert found.keys() <= {*sample, "refresh_token"}
        elif provider_id == "alipay":
            assert {**found, "sign": "x"} == sample
        else:
            assert found == sample
    assert (
        "profile" in said
        or provider_id in ("withings", "taobao", "dexcom", "eveonline")
        or provider_id in OIDC
    )


@pytest.mark.parametrize("provider_id", OAUTH2)
def test_anybody_else_is_put_into_the_samples(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    theirs = documents(walk, walk.tokens())
    walk = walk_at(shared, provider_id, "ada")
    walk.profile = None
    if provider_id in ("clever", "edx", "etsy", "bitbucket_dc", "wecom"):
        walk.profile = shared_profile(shared, provider_id)
    said = documents(walk, walk.tokens())
    for name, roles in walk.says["person"].items():
        if name not in said:
            continue
        for path in [*roles.get("email", []), *roles.get("checked", [])]:
            assert look(said[name], steps_of(path)) == ADA.email
        for path in roles.get("name", []):
            assert look(said[name], steps_of(path)) == ADA.name
        for path in [*roles.get("id", []), *roles.get("handle", [])]:
            ours, other = look(said[name], steps_of(path)), look(theirs[name], steps_of(path))
            if ours is not None:
                assert ours != other
                assert type(ours) is type(other)


def shared_profile(box: Sandbox, provider_id: str) -> Any:
    from flask_social.sandbox.samples import document

    play = box[provider_id].script.play
    assert play
    return document(play, "profile", ADA)


@pytest.mark.parametrize("provider_id", REFRESHING)
def test_a_token_is_refreshed(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    first = walk.tokens()
    refresh_token = walk.member(first, "refresh_token")
    assert refresh_token
    second = walk.read(walk.refresh(refresh_token))
    access_token = walk.member(second, "access_token")
    assert access_token not in (None, walk.member(first, "access_token"))
    documents(walk, {**first, **second})
    renewed = walk.member(second, "refresh_token")
    if not walk.says["refresh"].get("rotates"):
        assert renewed is None
        return
    assert renewed not in (None, refresh_token)
    walk.refresh(refresh_token)
    assert shared[provider_id].access_tokens[access_token].grant.revoked


@pytest.mark.parametrize("provider_id", REVOKING)
def test_a_token_is_given_back(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    answer = walk.tokens()
    token = walk.member(answer, "access_token")
    given = walk.give_back(answer)
    assert given.status_code == 200, given.text
    assert shared[provider_id].access_tokens[token].grant.revoked


@pytest.mark.parametrize("provider_id", OAUTH1)
def test_oauth1_tells_of_the_person_of_the_samples(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "sample")
    said = walk.credentials()
    sample = walk.says["samples"].get("token", {})
    made = {"oauth_token": "x", "oauth_token_secret": "y", "edam_expires": "z"}
    assert {**said, **made}.items() >= {**sample, **made}.items()
    for number, call in enumerate(walk.says.get("calls", [])):
        answer = walk.signed_call(number, said)
        assert answer.status_code == 200, answer.text
        found = (
            part(answer.text, 1) if provider_id == "mediawiki_oauth1" else json.loads(answer.text)
        )
        wanted = expected(provider_id, walk.says["samples"][call.get("says", "profile")])
        assert {each: found[each] for each in wanted} == wanted


@pytest.mark.parametrize("provider_id", OIDC)
def test_an_id_token_and_userinfo_say_the_same(shared: Sandbox, provider_id: str) -> None:
    walk = walk_at(shared, provider_id, "ada")
    metadata = walk.web.get(walk.path(".well-known/openid-configuration")).get_json()
    answer = walk.tokens()
    token = answer["id_token"]
    token = opened(token) if provider_id == "itsme" else token
    claims = verified(walk, token, metadata)
    assert claims["aud"] == CLIENT_ID
    assert claims["nonce"] == NONCE
    assert claims["iss"] == metadata["issuer"].replace("{tenantid}", claims.get("tid", ""))
    assert isinstance(claims["sub"], str)
    if "userinfo_endpoint" not in metadata:
        assert "profile" not in walk.says["samples"]
        return
    method = "POST" if provider_id == "claveunica" else "GET"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    said = walk.web.open(walk.path("userinfo"), method=method, headers=headers)
    assert said.status_code == 200, said.text
    text = opened(said.text) if provider_id == "itsme" else said.text
    found = (
        verified(walk, text, metadata) if said.mimetype == "application/jwt" else json.loads(text)
    )
    assert found["sub"] == claims["sub"]


def verified(walk: PlayedWalk, token: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """The claims of a JWS by the provider's keys, or by the secret."""
    [alg] = metadata["id_token_signing_alg_values_supported"]
    if alg == "HS256":
        key: Any = jwk.OctKey.import_key(SECRET)
    else:
        key = jwk.KeySet.import_key_set(walk.web.get(walk.path("jwks")).get_json())
    found: dict[str, Any] = json.loads(
        jws.deserialize_compact(token, key, algorithms=[alg]).payload
    )
    return found
