"""Whatever a provider publishes or answers is read into a value of ours or ends in our error."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_social import limits
from flask_social.errors import ProviderError
from flask_social.http import Request, Response, read_json
from flask_social.protocols import discovery, userinfo
from flask_social.protocols.endpoints import Endpoints
from flask_social.protocols.id_token import Rules
from flask_social.protocols.keys import VerifyingKey, read_keys
from flask_social.protocols.signatures import take_apart
from flask_social.protocols.token_answer import FORM, JSON, masked, read_answer, read_token
from flask_social.values import Secret, Token
from tests.protocols.paper import (
    CLIENT,
    ISSUER,
    NONCE,
    NOW,
    Paper,
    answer,
    ec,
    okp,
    public,
    rsa,
    sign,
)

from .strategies import ODD_BODIES, bodies, documents, json_values, often, texts

pytestmark = pytest.mark.usefixtures("_still")

T = TypeVar("T")
TYPES = (JSON, "application/json; charset=utf-8", FORM, "application/jwt", "text/html", "", "json")
STATUSES = (200, 200, 200, 200, 201, 204, 400, 401, 403, 404)

plainly = st.just((200, JSON))
answers = st.one_of(plainly, plainly, st.tuples(st.sampled_from(STATUSES), st.sampled_from(TYPES)))


def answered(body: bytes, kind: tuple[int, str] = (200, JSON)) -> Response:
    return Response(status=kind[0], headers={"content-type": kind[1]}, body=body)


def read(reader: Callable[[], T]) -> T | None:
    """What *reader* makes of it; ``None`` for our error, and nothing else may be raised."""
    try:
        return reader()
    except ProviderError as error:
        stopped = error
    assert 500 < stopped.status < 505
    assert len(str(stopped)) < 600
    return None


# Any JSON


@often(80)
@given(st.one_of(bodies(json_values), st.binary(max_size=200)))
def test_json_is_read_or_refused_as_the_library_does_it(body: bytes) -> None:
    try:
        found = read_json(body)
    except ValueError:
        return
    assert json.dumps(found) == json.dumps(json.loads(body.decode("utf-8-sig")))


@pytest.mark.parametrize("body", ODD_BODIES)
def test_odd_json_is_read_or_refused(body: bytes) -> None:
    read(lambda: read_keys(answered(body)))
    read(lambda: read_token(read_answer(answered(body), JSON, "step"), "step"))


@pytest.mark.parametrize(
    "text", [b"a" * 900_000, b"\\n" * 450_000, b"\\" * 900_000, b'"a",' * 200_000]
)
def test_a_long_string_takes_no_more_memory_than_a_few_times_its_length(text: bytes) -> None:
    body = b"[" * 33 + b'"' + text
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="nested too deeply"):
            read_json(body)
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


# Metadata


urls = st.one_of(
    json_values,
    st.sampled_from(["https://op.example/x", "http://op.example", "https://[::1", "https://a:b@c"]),
    st.sampled_from(["https://op.example:99999/", "https://op.example/ä", "https:op.example"]),
    texts.map(lambda text: f"https://op.example/{text}"),
    texts.map(lambda text: f"https://{text}"),
)
MEMBERS = (*discovery.MEMBERS.values(), discovery.ISS_SUPPORTED, "revocation_endpoint")
metadata = st.fixed_dictionaries(
    {"issuer": st.one_of(st.just(ISSUER), st.just(ISSUER), json_values)},
    optional=dict.fromkeys(MEMBERS, urls),
)


@often(100)
@given(st.one_of(bodies(metadata), bodies(documents("issuer", *MEMBERS))), answers)
@example(b'{"issuer": "https://op.example"}', (200, JSON))
def test_metadata_are_endpoints_or_refused(body: bytes, kind: tuple[int, str]) -> None:
    given_urls = {"token_url": "https://op.example/t", "jwks_url": "https://op.example/k"}
    found = read(lambda: discovery.read_metadata(answered(body, kind), ISSUER, given_urls))
    if found is not None:
        assert isinstance(found, Endpoints)
        for url in (found.authorize_url, found.token_url, found.jwks_url, found.userinfo_url):
            assert url is None or (url.startswith("https://") and url.isascii())
        assert isinstance(found.iss_required, bool)


# Keys


GOOD_KEYS = [public(rsa()), public(ec()), public(okp())]
KEY_MEMBERS = ("kty", "n", "e", "crv", "x", "y", "kid", "alg", "use", "key_ops", "d", "x5c")
WORDS = ("RSA", "EC", "OKP", "oct", "AQAB", "AA", "AQ", "P-256", "P-521", "Ed25519", "sig", "enc")
key_values = st.one_of(
    json_values,
    st.sampled_from([*WORDS, "", "____" * 100, ["verify"]]),
    st.text("AQB_-", max_size=90),
)
bent_keys = st.tuples(
    st.sampled_from(GOOD_KEYS),
    st.dictionaries(st.sampled_from(KEY_MEMBERS), key_values, max_size=2),
).map(lambda two: {**two[0], **two[1]})
key_sets = st.one_of(
    st.lists(st.one_of(bent_keys, json_values), max_size=4).map(lambda keys: {"keys": keys}),
    documents("keys"),
)


@often(100)
@given(bodies(key_sets), answers)
@example(json.dumps({"keys": [{**GOOD_KEYS[0], "e": "AA"}]}).encode(), (200, JSON))
@example(json.dumps({"keys": [{**GOOD_KEYS[0], "e": GOOD_KEYS[0]["n"]}]}).encode(), (200, JSON))
@example(json.dumps({"keys": [{**GOOD_KEYS[1], "x": "AA"}]}).encode(), (200, JSON))
def test_a_key_set_is_keys_that_answer_yes_or_no_or_refused(
    body: bytes, kind: tuple[int, str]
) -> None:
    found = read(lambda: read_keys(answered(body, kind)))
    for key in found or ():
        assert isinstance(key, VerifyingKey)
        for token, algorithm in SIGNED:
            if key.fits(algorithm):
                assert take_apart(token, (algorithm,)).is_by(key.key) in (True, False)


SIGNED = [
    (sign(b"{}"), "RS256"),
    (sign(b"{}", header={"alg": "PS512"}), "PS512"),
    (sign(b"{}", ec(), {"alg": "ES256"}), "ES256"),
    (sign(b"{}", okp(), {"alg": "Ed25519"}), "Ed25519"),
]


# Token answers


TOKEN_MEMBERS = ("access_token", "token_type", "refresh_token", "id_token", "expires_in", "scope")
token_answers = st.fixed_dictionaries(
    {
        "access_token": st.one_of(st.just("abc"), texts, json_values),
        "token_type": st.sampled_from(["bearer", "Bearer", "BEARER", "mac", None]),
    },
    optional=dict.fromkeys(TOKEN_MEMBERS[2:], st.one_of(texts, json_values)),
)
forms = st.lists(st.tuples(st.sampled_from([*TOKEN_MEMBERS, "error"]), st.text()), max_size=6).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode()
)


@often(120)
@given(
    st.one_of(bodies(token_answers), bodies(documents("error", *TOKEN_MEMBERS)), forms),
    answers,
    st.sampled_from([JSON, FORM, "text/html"]),
    st.booleans(),
)
def test_a_token_answer_is_a_token_or_refused(
    body: bytes, kind: tuple[int, str], media: str, assume_bearer: bool
) -> None:
    def reader() -> Token:
        found = read_answer(answered(body, kind), media, "step")
        return read_token(found, "step", assume_bearer=assume_bearer)

    token = read(reader)
    if token is None:
        return
    for secret in (token.access_token, token.refresh_token, token.id_token):
        if secret is not None:
            assert isinstance(secret, Secret)
            assert 0 < len(secret) <= limits.ACCESS_TOKEN
            assert all("!" <= each <= "~" for each in secret)
    assert token.expires_at is None or NOW < token.expires_at <= NOW + 315_360_000
    assert token.scopes is None or all(each.isascii() and each for each in token.scopes)


@often(60)
@given(documents("access_token", "a", "authed_user"))
def test_what_is_masked_says_the_same(document: dict[str, Any]) -> None:
    assert masked(document) == document


# UserInfo


RULES = Rules(
    issuers=(ISSUER,), client_id=CLIENT.id, algorithms=("RS256",), nonce=NONCE, started_at=NOW
)
claims = st.fixed_dictionaries(
    {"sub": st.one_of(st.just("1"), json_values)},
    optional={
        "iss": st.just(ISSUER),
        "aud": st.just(CLIENT.id),
        "email": json_values,
        "name": json_values,
    },
)
KEYS = read_keys(answer({"keys": [public(rsa())]}))


@often(80)
@given(
    st.one_of(bodies(claims), claims.map(lambda made: sign(made).encode()), st.binary(max_size=50)),
    answers,
)
def test_userinfo_is_claims_of_the_same_person_or_refused(
    body: bytes, kind: tuple[int, str]
) -> None:
    request = Request(url=f"{ISSUER}/userinfo", purpose=userinfo.STEP)
    send = Paper({request.url: answered(body, kind)})
    found = read(lambda: userinfo.fetch(request, "1", RULES, lambda anew: KEYS, send))
    assert found is None or found["sub"] == "1"
