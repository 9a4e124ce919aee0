"""What is signed, by the numbers that are published and as servers read it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import HTTPErrorProcessor, build_opener

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_social import clock
from flask_social.api import ApiSession
from flask_social.http import Request
from flask_social.protocols import oauth1
from flask_social.protocols.identity import fields
from flask_social.protocols.oauth1 import SIGNATURE_METHODS, OAuth1
from flask_social.testing import ServedSandbox
from flask_social.transport import Wire
from flask_social.values import Client, Token
from tests.bed import query_of
from tests.faulty import PATIENT, Exchange, Faulty

from .paper import NOW, Paper, answer, flow
from .signed import Signed, altered, base_string, sent, signature

PHOTOS = Client(id="dpf43f3p2l4k3l03", secret="kd94hf93k423kf44")
CLIENT = Client(id="key & ü", secret="s%cret + ü")
TOKEN = Token(access_token='tok"en,=', secret="other+ secret", token_type="OAuth")
SECRETS = ("s%cret + ü", "other+ secret")
PROVIDER = OAuth1(
    id="photos",
    name="Photos",
    request_token_url="https://photos.example.net/initiate",
    authorize_url="https://photos.example.net/authorize",
    token_url="https://photos.example.net/token",
    api_url="http://photos.example.net/",
    profile_call="photos?file=vacation.jpg&size=original",
    identity=fields(subject="id"),
)
FORM = "application/x-www-form-urlencoded"


def sign(request: Request, method: str = "HMAC-SHA1") -> Signed:
    return sent(replace(PROVIDER, signature_method=method).sign(request, CLIENT, pair()))


def pair() -> tuple[str | None, str | None]:
    return TOKEN.access_token, TOKEN.secret


def request(url: str, method: str = "GET", **more: Any) -> Request:
    return Request(url=url, purpose="testing", method=method, **more)


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that lets the next signatures be made at these moments, with these nonces."""

    def fix(*moments: tuple[int, str]) -> None:
        times, nonces = iter(moments), iter(moments)
        monkeypatch.setattr(secrets, "token_hex", lambda octets: next(nonces)[1])
        monkeypatch.setattr(clock, "_source", lambda: next(times)[0])

    return fix


# Numbers that are published.


def test_the_example_of_rfc_5849_section_1_2_is_signed_as_printed(
    fixed: Callable[..., None],
) -> None:
    fixed((137131200, "wIjqoS"), (137131201, "walatlh"), (137131202, "chapoH"))
    send = Paper(
        {
            "https://photos.example.net/initiate": answer(
                b"oauth_token=hh5s93j4hdidpola&oauth_token_secret=hdhd0244k9j7ao03"
                b"&oauth_callback_confirmed=true",
                media=FORM,
            ),
            "https://photos.example.net/token": answer(
                b"oauth_token=nnch734d00sl2jdk&oauth_token_secret=pfkkdhi9sl3r4s00", media=FORM
            ),
            "http://photos.example.net/photos": answer({"id": "vacation.jpg"}),
        }
    )
    started, url = PROVIDER.begin(
        PHOTOS, flow(callback_url="http://printer.example.com/ready"), send
    )
    back = {"oauth_token": "hh5s93j4hdidpola", "oauth_verifier": "hfdp7dh39dks9884"}
    PROVIDER.complete(PHOTOS, started, back, send)

    assert url == "https://photos.example.net/authorize?oauth_token=hh5s93j4hdidpola"
    printed = [
        ("hdhd0244k9j7ao03", "gKgrFCywp7rO0OXSjdot/IHF7IU="),
        ("pfkkdhi9sl3r4s00", "MdpQcU8iPSUjWoN/UDMsK2sui9I="),
    ]
    for signed, (secret, number) in zip(
        map(sent, send.sent), [("", "74KNZJeDHnMBp0EMJ9ZHt/XKycU="), *printed], strict=True
    ):
        assert signed.is_by(str(PHOTOS.secret), secret)
        # The RFC's client does not name the version, which is optional; X asks for it.
        unversioned = [each for each in signed.pairs if each != ("oauth_version", "1.0")]
        assert len(unversioned) == len(signed.pairs) - 1
        base = base_string(signed.method, signed.url, unversioned)
        assert signature(base, "HMAC-SHA1", str(PHOTOS.secret), secret) == number


def test_what_is_signed_of_the_example_of_section_3_4_1_is_the_printed_text(
    fixed: Callable[..., None],
) -> None:
    fixed((137131201, "7d8f3e4a"))
    signed = sent(
        PROVIDER.sign(
            request(
                "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
                "POST",
                body=b"c2&a3=2+q",
                headers={"Content-Type": FORM},
            ),
            Client(id="9djdj82h48djs9d2", secret="j49sk3j29djd"),
            ("kkk9d7dh3k39sjv7", "dh893hdasih9"),
        )
    )
    assert signed.is_by("j49sk3j29djd", "dh893hdasih9")
    assert base_string(signed.method, signed.url, signed.pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da"
        "%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2"
        "%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        "%26oauth_version%3D1.0"
    )


def test_the_examples_of_oauth_core_1_0_and_of_x_are_signed_as_printed(
    fixed: Callable[..., None],
) -> None:
    fixed(
        (1191242096, "kllo9940pd9333jh"), (1318622958, "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg")
    )
    photo = PROVIDER.sign(
        request("http://photos.example.net/photos?file=vacation.jpg&size=original"),
        PHOTOS,
        ("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"),
    )
    post = PROVIDER.sign(
        request(
            "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
            "POST",
            form={"status": "Hello Ladies + Gentlemen, a signed OAuth request!"},
        ),
        Client(id="xvz1evFS4wEEPTGEFPHBog", secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"),
        (
            "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
            "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        ),
    )
    assert sent(photo).oauth["oauth_signature"] == "tR3+Ty81lMeYAr/Fid0kMTYa/WM="
    assert sent(post).oauth["oauth_signature"] == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


# Whatever is signed verifies.

WEIRD = [
    "a=&b",
    "a=1&a=2&a=1&A=3",
    "q=%20+%2B&q=a%20b",
    "=nameless",
    "t=~-._*'()!",
    "u=%C3%BC%E2%82%AC%F0%9F%98%80&%C3%BC=",
    "e=%3D%26%253D&x=a=b=c",
    "url=https://a.example/?b=c;d",
    'f[]=1&g={|}&"=^`',
    "ü=€&p=100%&z=%zz",
    "",
]


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
@pytest.mark.parametrize("query", WEIRD)
def test_a_query_however_it_is_written_is_signed_for_what_it_says(method: str, query: str) -> None:
    address = f"https://API.Example:8443/a%20b/%C3%BC;v=1?{query}"
    signed = sign(request(address), method)
    assert signed.url == address
    assert signed.is_by(*SECRETS)
    body = {"body": query.encode(), "headers": {"content-type": f"{FORM.title()}; charset=utf-8"}}
    assert sign(request("http://api.example:80?x=1#top", "POST", **body), method).is_by(*SECRETS)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(TEXT.filter(lambda name: not name.startswith("oauth_")), TEXT))


@given(query=PAIRS, form=PAIRS, spaces=st.sampled_from([quote, None]))
def test_any_query_and_any_form_is_signed(
    query: list[tuple[str, str]], form: list[tuple[str, str]], spaces: Any
) -> None:
    written = urlencode(query, quote_via=spaces) if spaces else urlencode(query)
    whole = request(
        f"https://api.example/x?{written}",
        "PUT",
        body=urlencode(form).encode(),
        headers={"Content-Type": FORM},
    )
    signed = sign(whole)
    assert signed.is_by(*SECRETS)
    more = replace(signed, form=f"{signed.form}&more=1".lstrip("&"))
    assert not more.is_by(*SECRETS)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_verb_signs_its_form_except_those_without_a_body(method: str) -> None:
    signed = sent(PROVIDER.sign(request("https://a.example/", method, form={"a": "ü b"}), CLIENT))
    if method in ("GET", "HEAD"):
        assert replace(signed, form="").is_by(SECRETS[0], "")
    else:
        assert signed.is_by(SECRETS[0], "")


def test_a_body_that_is_no_form_is_not_signed() -> None:
    for body, headers in (
        (b'{"a": 1}', {"Content-Type": "application/json"}),
        (b"a=1", {}),
        (b"\xff\x00", {"Content-Type": "application/octet-stream"}),
        (None, {"Content-Type": FORM}),
    ):
        whole = request("https://a.example/", "POST", body=body, headers=headers)
        signed = PROVIDER.sign(whole, CLIENT, pair())
        assert replace(sent(signed), form="").is_by(*SECRETS)
        assert signed.body == body


def test_a_signature_is_in_the_header_and_changes_nothing_else() -> None:
    whole = request(
        "https://a.example/?a=%20#top", "POST", form={"a": "1"}, headers={"Accept": "x"}
    )
    signed = PROVIDER.sign(whole, CLIENT, pair())
    assert signed.headers.keys() == {"Accept", "Authorization"}
    assert replace(signed, headers=whole.headers) == whole


def test_every_signature_is_of_now_and_has_a_nonce_of_its_own() -> None:
    signed = [sign(request("https://a.example/")) for _ in range(100)]
    assert {each.oauth["oauth_timestamp"] for each in signed} == {str(NOW)}
    assert len({each.oauth["oauth_nonce"] for each in signed}) == 100
    assert all(len(each.oauth["oauth_nonce"]) == 32 for each in signed)


@pytest.mark.parametrize("method", [each for each in SIGNATURE_METHODS if each != "PLAINTEXT"])
def test_whatever_is_changed_underway_no_longer_verifies(method: str) -> None:
    signed = sign(request("https://a.example/x?a=1", "POST", form={"b": "2"}), method)
    assert signed.is_by(*SECRETS)
    for changed in (
        replace(signed, method="PUT"),
        replace(signed, url="http://a.example/x?a=1"),
        replace(signed, url="https://b.example/x?a=1"),
        replace(signed, url="https://a.example:444/x?a=1"),
        replace(signed, url="https://a.example/X?a=1"),
        replace(signed, url="https://a.example/x?a=2"),
        replace(signed, url="https://a.example/x"),
        replace(signed, url="https://a.example/x?a=1&a=1"),
        replace(signed, form="b=3"),
        replace(signed, form=""),
        *(
            altered(signed, **{name: f"{value}0"})
            for name, value in signed.oauth.items()
            if name != "oauth_signature_method"
        ),
    ):
        assert not changed.is_by(*SECRETS), changed


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
def test_the_secrets_decide(method: str) -> None:
    signed = sign(request("https://a.example/"), method)
    assert not signed.is_by(SECRETS[0], "")
    assert not signed.is_by("", SECRETS[1])
    assert not signed.is_by(SECRETS[1], SECRETS[0])


# Through the session that applications call an API with.


def session_at(url: str, method: str = "HMAC-SHA1") -> ApiSession:
    return ApiSession(
        base_url=url,
        token=TOKEN,
        client=CLIENT,
        token_use=replace(PROVIDER, signature_method=method).token_use,
        options=PATIENT,
    )


def received(server: Faulty) -> list[Signed]:
    """What the server was sent, octet for octet."""
    return [
        Signed(
            each.method,
            server.url + each.target,
            each.headers["authorization"],
            each.body.decode() if each.headers.get("content-type") == FORM else "",
        )
        for each in server.requests
    ]


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a query": ("GET", "me?fields=a%2Cb&x=%20+", {"params": {"q": "ü & +", "empty": ""}}),
    "a repeated name": ("GET", "me", {"params": [("a", "2"), ("a", "1"), ("b", "")]}),
    "reserved characters": ("GET", "a(b)/c;d=1/ü?t=~*'()!,:@/?$[]", {}),
    "a form": ("POST", "posts?x=1", {"data": {"text": "100 % ü + &", "empty": ""}}),
    "a form that repeats a name": ("POST", "posts", {"data": [("a", "2"), ("a", "1"), ("b", "~")]}),
    "an empty form": ("POST", "posts", {"data": {}}),
    "a form's text": ("PUT", "posts", {"data": "a=%7e+b&c", "headers": {"Content-Type": FORM}}),
    "JSON": ("POST", "posts", {"json": {"text": "a=b"}}),
    "a file": ("POST", "posts", {"files": {"f": b"a=b"}, "data": {"c": "d"}}),
    "DELETE": ("DELETE", "posts/7?all=1", {}),
    "HEAD": ("HEAD", "me", {"params": {"a": "b"}}),
}


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
def test_what_a_session_sends_verifies_as_it_arrives(method: str) -> None:
    with (
        Faulty(lambda exchange: exchange.reply(b"")) as server,
        session_at(f"{server.url}/1.1", method) as session,
    ):
        for verb, path, more in CALLS.values():
            session.request(verb, path, **more)
    for call, signed in zip(CALLS, received(server), strict=True):
        assert signed.is_by(*SECRETS), call
        assert signed.oauth["oauth_token"] == TOKEN.access_token
    posted = [each.form for each in received(server)]
    assert posted[3:7] == ["text=100+%25+%C3%BC+%2B+%26&empty=", "a=2&a=1&b=~", "", "a=%7e+b&c"]


def test_a_host_is_signed_in_lower_case_and_with_its_port() -> None:
    with Faulty(lambda exchange: exchange.reply(b"")) as server:
        with session_at(f"http://LocalHost:{server.port}/") as session:
            session.get("me")
        (signed,) = received(server)
    assert replace(signed, url=f"http://localhost:{server.port}/me").is_by(*SECRETS)


@pytest.mark.parametrize(("status", "verb"), [(302, "GET"), (303, "GET"), (307, "POST")])
def test_a_redirect_within_the_origin_is_signed_anew(status: int, verb: str) -> None:
    def lead(exchange: Exchange) -> None:
        if exchange.received.target.startswith("/old"):
            exchange.reply(b"", status, Location="/new?moved=ü%20+".encode().decode("latin-1"))
        else:
            exchange.reply(b"")

    with Faulty(lead) as server, session_at(server.url) as session:
        session.post("old?a=b", data={"c": "d"})
        first, second = received(server)
    assert (second.method, second.form) == (verb, "c=d" if verb == "POST" else "")
    assert second.url.startswith(f"{server.url}/new?moved=")
    assert first.is_by(*SECRETS)
    assert second.is_by(*SECRETS)
    assert first.oauth["oauth_nonce"] != second.oauth["oauth_nonce"]


# Nothing of it is logged.

LOUD = ("oauthlib", "oauthlib.oauth1.rfc5849", "oauthlib.oauth1.rfc5849.signature", "flask_social")


class _Stay(HTTPErrorProcessor):
    """A browser that follows no redirect, and that logs nothing."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is logged but what we silence ourselves: the sandbox, being here, does so too."""
    caplog.set_level(logging.DEBUG)
    for name in LOUD:
        caplog.set_level(logging.DEBUG, name)
        ours = [each for each in logging.getLogger(name).filters if each is oauth1._no_secrets]
        monkeypatch.setattr(logging.getLogger(name), "filters", ours)


@pytest.mark.usefixtures("loud")
def test_no_log_holds_what_a_trip_is_made_of(
    box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(id="classic-key", secret="classic-secret")
    provider = replace(PROVIDER, id="classic", profile_call="me").moved_to(box.url)
    send = Wire(PATIENT)

    started, url = provider.begin(client, flow(callback_url="http://127.0.0.1:9/back"), send)
    back = query_of(build_opener(_Stay).open(url, timeout=60).headers["Location"])
    grant = provider.complete(client, started, back, send)
    with ApiSession(
        base_url=provider.api_url,
        token=grant.token,
        client=client,
        token_use=provider.token_use,
        options=PATIENT,
    ) as session:
        assert session.get("me", params={"q": "asked"}).json()["id"] == int(grant.identity.subject)
    other = request(url, "POST", form={"a": "t3xt"})
    signed = sent(provider.sign(other, client, ("t0ken", "s3cret")))
    assert not signed.is_by("classic-secret", "wrong"), "of what fails more would be told"

    whole = "\n".join(f"{each.getMessage()} {each.__dict__}" for each in caplog.records)
    for secret in (
        "classic-secret",
        "oauth_signature",
        "oauth_nonce",
        "%26oauth_",
        "GET&http",
        "POST&http",
        "t3xt",
        "t0ken",
        "s3cret",
        started.request_token,
        started.request_secret,
        back["oauth_verifier"],
        grant.token.access_token,
        str(grant.token.secret),
    ):
        assert str(secret) not in whole, str(secret)[:8]


@pytest.mark.usefixtures("loud")
def test_without_the_filters_it_would_be(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LOUD:
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    signed = sign(request("https://a.example/"))
    assert f"oauth_nonce%3D{signed.oauth['oauth_nonce']}" in caplog.text


@pytest.mark.usefixtures("loud")
def test_what_is_above_debugging_is_still_told(caplog: pytest.LogCaptureFixture) -> None:
    for name in LOUD[1:3]:
        logging.getLogger(name).warning("of %s", name)
        assert f"of {name}" in caplog.text
