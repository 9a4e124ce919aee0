"""The main job with a real OAuth 1.0a provider: PyPI django-oauth10a-mod and its own signatures."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
import requests

from tests.bed import Bed, make_app, query_of, served
from tests.peers.conftest import CLIENT_ID, SECRET, Visitor, control, running

pytestmark = pytest.mark.peers
EMAIL, EMAIL_OF_ADA = "user@example.org", "ada@example.com"
REQUEST_TOKEN, ACCESS_TOKEN, ME = "/oauth/request_token/", "/oauth/access_token/", "/api/me"


@dataclass(frozen=True)
class Peer:
    """The provider's process."""

    url: str

    def start(self) -> None:
        """Begin anew, with one consumer registered and no tokens."""
        control(self.url, "PUT", json={"key": CLIENT_ID, "secret": SECRET})

    def calls(self) -> list[str]:
        """The paths that the application asked for by itself, in order."""
        return [each["path"] for each in self._signed()]

    def signature_methods(self) -> set[str]:
        """How it signed what it asked for."""
        return {each["signature_method"] for each in self._signed()}

    def _signed(self) -> list[dict[str, str]]:
        return [each for each in control(self.url, "GET") if each["signature_method"]]


class DjangoVisitor(Visitor):
    """A browser that fills in Django's login and the consent page."""

    def _fill_in(self, page: requests.Response, person: str, *, cancel: bool) -> requests.Response:
        [action] = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {"username": person, "password": "any will do"} | dict(hidden)
        if not cancel:
            form["authorize_access"] = "on"
        url = urljoin(page.url, unescape(action))
        return self.http.post(url, data=form, allow_redirects=False, timeout=60)


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The provider's process, for the whole run."""
    log = tmp_path_factory.mktemp("peers") / "oauth10a.log"
    with running(log, sys.executable, "oauth10a_server.py") as url:
        yield Peer(url)


@pytest.fixture
def peer(process: Peer) -> Peer:
    """The provider, begun anew."""
    process.start()
    return process


@pytest.fixture
def make_bed(peer: Peer) -> Iterator[Callable[..., Bed]]:
    """A function that serves an application whose ``SOCIAL_PEER`` has further *options*."""
    with ExitStack() as beds:

        def make(**options: Any) -> Bed:
            social = {
                "consumer_key": CLIENT_ID,
                "consumer_secret": SECRET,
                "request_token_url": peer.url + REQUEST_TOKEN,
                "authorize_url": f"{peer.url}/oauth/authorize/",
                "access_token_url": peer.url + ACCESS_TOKEN,
                "base_url": f"{peer.url}/api/",
                "profile_call": "me",
                "identity": {"subject": "id", "name": "name", "email": "email"},
            }
            return beds.enter_context(served(make_app({"SOCIAL_PEER": {**social, **options}})))

        yield make


def connected(bed: Bed, email: str = EMAIL, person: str = "ada") -> DjangoVisitor:
    """The browser of a new user who has just connected *person*'s account."""
    bed.add_user(email)
    visitor = DjangoVisitor(bed)
    visitor.sign_in(email)
    answer = visitor.trip_to_peer("/connect/peer", person)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    return visitor


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT"])
def test_a_user_connects_and_then_logs_in_with_the_account(
    make_bed: Callable[..., Bed], peer: Peer, method: str
) -> None:
    bed = make_bed(signature_method=method)
    connected(bed)

    [row] = bed.rows()
    assert (row.provider_id, row.full_name, row.email) == ("peer", "Ada Lovelace", EMAIL_OF_ADA)
    assert row.email_verified is not True
    assert row.access_token
    assert row.secret
    [created] = bed.signals("connection_created")
    assert (created["account"], created["email"]) == (("peer", row.provider_user_id), EMAIL)
    assert peer.calls() == [REQUEST_TOKEN, ACCESS_TOKEN, ME]

    stranger = DjangoVisitor(bed)
    answer = stranger.trip_to_peer("/login/peer", next="/there?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/there?x=1")
    assert stranger.who() == EMAIL
    assert len(bed.signals("login_completed")) == 1
    assert peer.calls() == [REQUEST_TOKEN, ACCESS_TOKEN, ME] * 2
    assert peer.signature_methods() == {method}


def test_two_accounts_of_one_provider_are_two_people(bed: Bed) -> None:
    connected(bed, EMAIL, "ada")
    connected(bed, "other@example.org", "grace")

    for person, email in (("ada", EMAIL), ("grace", "other@example.org")):
        visitor = DjangoVisitor(bed)
        visitor.trip_to_peer("/login/peer", person)
        assert visitor.who() == email


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT"])
def test_the_stored_token_calls_the_provider(
    make_bed: Callable[..., Bed], peer: Peer, method: str
) -> None:
    bed = make_bed(signature_method=method)
    connected(bed)
    odd = {"q": "ä + b & c = 'd' ~ e/f", "empty": "", "*": "!"}

    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
        api = bed.social.peer.get_api(user=user)
        assert api is not None
        answers = [api.get("me"), api.get("me", params=odd), api.post("me", data=odd)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert peer.signature_methods() == {method}
    for answer in answers:
        assert (answer.json()["name"], answer.json()["email"]) == ("Ada Lovelace", EMAIL_OF_ADA)


def test_a_token_that_the_provider_has_forgotten_calls_nothing(bed: Bed, peer: Peer) -> None:
    connected(bed)
    peer.start()

    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
        api = bed.social.peer.get_api(user=user)
        assert api is not None
        assert api.get("me").status_code == 401


# What the provider refuses.


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT"])
@pytest.mark.parametrize("path", ["/login/peer", "/connect/peer"])
def test_a_wrong_secret_is_the_operators_fault_and_not_the_visitors(
    make_bed: Callable[..., Bed], peer: Peer, method: str, path: str
) -> None:
    bed = make_bed(consumer_secret="a wrong one", signature_method=method)
    bed.add_user(EMAIL)
    visitor = DjangoVisitor(bed)
    if path.startswith("/connect"):
        visitor.sign_in(EMAIL)

    answer = visitor.post(path)

    assert answer.status_code == 503
    assert "Signing in with Peer is not available at the moment." in answer.text
    assert "a wrong one" not in answer.text
    [failed] = bed.signals("provider_failed")
    assert failed["error"].code == "invalid_client"
    assert peer.calls() == [REQUEST_TOKEN]
    assert bed.rows() == []


def test_an_application_that_the_provider_does_not_know_is_told_so(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(consumer_key="another")

    answer = DjangoVisitor(bed).post("/login/peer")

    assert answer.status_code == 502
    [failed] = bed.signals("provider_failed")
    assert failed["error"].code == "bad_answer"


@pytest.mark.parametrize("verifier_of", ["another trip", "nobody", "an unsaid yes"])
def test_a_verifier_of_another_token_is_refused(bed: Bed, peer: Peer, verifier_of: str) -> None:
    visitor = connected(bed)
    visitor.sign_out()
    url = visitor.set_out("/login/peer")
    another = query_of(visitor.at_peer(visitor.set_out("/login/peer")))["oauth_verifier"]
    token = query_of(url)["oauth_token"]
    if verifier_of != "an unsaid yes":
        token = query_of(visitor.at_peer(url))["oauth_token"]
    verifier = "0" if verifier_of == "nobody" else another

    answer = visitor.get(
        f"/login/peer?{urlencode({'oauth_token': token, 'oauth_verifier': verifier})}"
    )

    assert answer.status_code == 502
    assert peer.calls()[-1] == ACCESS_TOKEN
    [failed] = bed.signals("provider_failed")
    assert failed["error"].step == "exchanging the verifier"
    assert visitor.who() is None


def test_a_request_token_that_the_provider_has_forgotten_is_refused(bed: Bed, peer: Peer) -> None:
    bed.add_user(EMAIL)
    visitor = DjangoVisitor(bed)
    visitor.sign_in(EMAIL)
    callback = visitor.at_peer(visitor.set_out("/connect/peer"))
    peer.start()

    answer = visitor.get(callback)

    assert answer.status_code == 502
    assert peer.calls() == [ACCESS_TOKEN]
    assert bed.rows() == []


# What the person and the browser do.


@pytest.mark.parametrize("path", ["/login/peer", "/connect/peer"])
def test_a_no_that_names_no_request_token_ends_on_a_page_and_changes_nothing(
    bed: Bed, peer: Peer, path: str
) -> None:
    bed.add_user(EMAIL)
    visitor = DjangoVisitor(bed)
    if path.startswith("/connect"):
        visitor.sign_in(EMAIL)

    callback = visitor.at_peer(visitor.set_out(path), cancel=True)
    assert query_of(callback) == {"error": "Access not granted by user."}
    answer = visitor.get(callback)

    assert answer.status_code == 400
    assert "Access not granted" not in answer.text
    assert peer.calls() == [REQUEST_TOKEN]
    assert bed.rows() == []
    again = visitor.trip_to_peer(path)
    assert again.status_code == 303


def test_an_answer_serves_once(bed: Bed, peer: Peer) -> None:
    connected(bed)
    visitor = DjangoVisitor(bed)
    callback = visitor.at_peer(visitor.set_out("/login/peer"))

    assert visitor.get(callback).headers["Location"] == "/home"
    assert visitor.get(callback).headers["Location"] == "/home"
    assert visitor.who() == EMAIL
    visitor.sign_out()
    answer = visitor.get(callback)

    assert answer.status_code == 400
    assert visitor.who() is None
    assert peer.calls().count(ACCESS_TOKEN) == 2
    [rejected] = bed.signals("flow_rejected")
    assert rejected["reason"] == "used"
