"""No query string means anything to a callback without a flow, and no addition spoils one (S17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bed import UNSERVED, Bed, close, make_app, usual_config

from .strategies import often, texts
from .visitors import Visitor, at_provider, where

U1 = "one@example.org"
CANARY = "c4n4ry"
PROVIDERS = ("acme", "plain", "posty", "twitter", "nobody", "%00")
ROUTES = [f"/{view}/{each}" for view in ("login", "connect", "callback") for each in PROVIDERS]
OTHERS = ["/reconnect/acme", "/verify/acme", "/connect/acme/1", "/disconnect/acme", "/connections"]
"""Those that ask somebody unknown to sign in first, and then lead back to where they were."""
KNOWN = (
    *("state", "code", "error", "error_description", "error_uri", "iss", "scope", "session_state"),
    *("oauth_token", "oauth_verifier", "denied", "oauth_problem", "id_token", "response", "user"),
    *("next", "provider_user_id", "access_token", "STATE", "state[]", "state\0"),
)
VALUES = (
    *(
        "access_denied",
        "invalid_client",
        "login_required",
        "server_error",
        "1",
        "https://op.example",
    ),
    *("s" * 5_000, f"<script>{CANARY}</script>", f"{CANARY}\r\nSet-Cookie: session={CANARY}"),
)


def quoted(raw: bytes) -> bytes:
    return quote_from_bytes(raw).encode()


words = st.one_of(
    st.sampled_from(VALUES),
    texts.map(lambda text: text + CANARY),
    st.just(CANARY),
).map(lambda text: quoted(text.encode("utf-8", "surrogatepass")))
raw = st.one_of(
    st.binary(max_size=20).map(quoted),
    st.binary(max_size=20).map(lambda some: some.replace(b"#", b"") + CANARY.encode()),
    st.sampled_from([b"%", b"%f", b"%ff%fe", b"%u0041", b"+", b"%00", b"%ed%a0%80", b"\xff" * 300]),
)
names = st.one_of(st.sampled_from([quoted(each.encode()) for each in KNOWN]), words, raw)
pairs = st.one_of(
    st.tuples(names, st.one_of(words, raw)).map(b"=".join),
    st.tuples(names, st.just(b"")).map(b"=".join),
    names,
)
queries = st.lists(pairs, max_size=6).flatmap(
    lambda some: st.sampled_from([b"&", b"&", b"&", b";", b"&&"]).map(lambda sign: sign.join(some))
)
"""Query strings: known names and others, none, one or several times, in any bytes."""


@pytest.fixture
def bed(box: Any) -> Iterator[Bed]:
    """An application with a provider of every kind: one answers by form post, one is OAuth 1.0a."""
    keys = {"consumer_key": "k", "consumer_secret": "s"}
    posty = {**keys, "issuer": f"{box.url}acme", "response_mode": "form_post"}
    config = {"SOCIAL_POSTY": posty, "SOCIAL_TWITTER": keys, "SOCIAL_SANDBOX": box.url}
    made = make_app({**usual_config(box.url), **config})
    UNSERVED.remove(made)
    made.sandbox = box
    yield made
    close(made)


@pytest.fixture
def somebody(bed: Bed) -> Visitor:
    bed.add_user(U1)
    bed.connect(U1, "acme", "1")
    visitor = Visitor(bed)
    assert visitor.sign_in(U1) == 200
    return visitor


def nothing_happens(
    visitor: Visitor, method: str, path: str, given: dict[str, Any], query: bytes = b""
) -> None:
    """Any request to *path* is answered, by a page that shows nothing of it, and that is all."""
    bed, before = visitor.bed, visitor.who()
    requests, rows = bed.sandbox.counters()["requests"], bed.accounts()
    held = dict(visitor.cookies)
    answer = visitor.ask(method, path, query=query, **given)
    assert answer.status_code < 500
    said = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    assert said.isascii()
    assert path in OTHERS or CANARY not in said + answer.text
    assert bed.sandbox.counters()["requests"] == requests
    assert bed.accounts() == rows
    assert visitor.who() == before
    visitor.cookies = held


HTML = {"Accept": "text/html"}


@often(100)
@given(
    st.sampled_from(ROUTES + OTHERS),
    queries,
    st.booleans(),
    st.sampled_from(["GET", "GET", "HEAD"]),
)
@example("/login/acme", b"state=%ff&code=%00", True, "GET")
@example("/login/acme", b"state=%ed%a0%80", False, "GET")
@example("/login/acme", b"state=\xff", False, "GET")
@example("/login/acme", b"\xff\xfe", True, "HEAD")
@example("/login/twitter", b"denied", False, "GET")
@example("/connect/acme", b"error=" + CANARY.encode(), True, "GET")
def test_a_visitor_without_a_flow(
    bed: Bed, path: str, query: bytes, html: bool, method: str
) -> None:
    visitor = Visitor(bed)
    nothing_happens(visitor, method, path, {"headers": HTML if html else {}}, query)
    assert visitor.who() is None


@often(40)
@given(st.sampled_from(ROUTES + OTHERS), queries, st.booleans())
@example("/connect/acme", b"state=\xff", False)
def test_somebody_signed_in_without_a_flow(
    somebody: Visitor, path: str, query: bytes, html: bool
) -> None:
    nothing_happens(somebody, "GET", path, {"headers": HTML if html else {}}, query)
    assert somebody.who() == U1


@often(50)
@given(st.sampled_from(PROVIDERS), queries, queries)
@example("posty", b"state=\xff", b"")
@example("posty", b"", b"\xff")
def test_a_form_post_without_a_flow(bed: Bed, provider_id: str, body: bytes, query: bytes) -> None:
    form = {"data": body, "content_type": "application/x-www-form-urlencoded"}
    nothing_happens(Visitor(bed), "POST", f"/callback/{provider_id}", form, query)


cookies = st.one_of(
    st.text("abcXYZ019-_=.", max_size=60),
    st.binary(max_size=40).map(quote_from_bytes),
    st.sampled_from(["x" * 4_000, '"a\\054b"', "=", "%00"]),
)


@often(40)
@given(st.sampled_from(["/login/acme", "/connect/acme", "/callback/posty"]), cookies, st.data())
def test_a_cookie_that_is_made_up_is_no_flow(
    bed: Bed, path: str, value: str, data: st.DataObject
) -> None:
    visitor = Visitor(bed)
    trip = Visitor(bed)
    callback = at_provider(bed, where(trip.set_out("/login/acme")))
    [name] = (each for each in trip.cookies if each.startswith("social-flow-"))
    kind = data.draw(st.sampled_from(["flow", "answer", "x"]))
    visitor.cookies = {name.replace("flow", kind): value, "session": value}
    query = callback.partition("?")[2].encode()
    nothing_happens(visitor, "GET", path, {}, query)


# And with a flow.


extra_names = st.one_of(st.sampled_from(KNOWN), texts).filter(
    lambda name: name not in ("state", "code", "error", "iss", "session_state", "scope")
)
extras = st.dictionaries(
    extra_names.map(lambda name: name.encode("utf-8", "replace")),
    texts.map(lambda text: text.encode("utf-8", "replace")),
    max_size=5,
)


@pytest.fixture
def known(bed: Bed) -> Bed:
    """Ada's accounts at ``acme`` and ``plain`` are connected to U1."""
    bed.add_user(U1)
    visitor = Visitor(bed)
    visitor.sign_in(U1)
    for provider_id in ("acme", "plain"):
        answer = visitor.set_out(f"/connect/{provider_id}")
        visitor.ask("GET", at_provider(bed, where(answer)))
    assert len(bed.accounts()) == 2
    return bed


@often(30)
@given(st.sampled_from(["acme", "plain"]), extras, st.booleans())
@example("plain", {b"authuser": b"0", b"hd": b"example.org", b"prompt": b"consent"}, False)
@example("plain", {b"oauth_token": b"x", b"denied": b"x", b"oauth_problem": b"user_refused"}, True)
def test_S17_parameters_that_nobody_knows_are_ignored(
    known: Bed, provider_id: str, more: dict[bytes, bytes], first: bool
) -> None:
    visitor = Visitor(known)
    path, _, query = at_provider(known, where(visitor.set_out(f"/login/{provider_id}"))).partition(
        "?"
    )
    added = urlencode(more)
    query = "&".join(filter(None, [added, query] if first else [query, added]))
    answer = visitor.ask("GET", path, query=query.encode())
    assert answer.status_code == 200, answer.text
    assert visitor.who() == U1
