"""Two OpenID providers at one application, each with an ``ada`` of its own: tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.bed import UNSERVED, Bed, make_app, served
from tests.docpages import ROOT, reader
from tests.peers.conftest import CLIENT_ID, NODE, SECRET, Peer, Visitor, running

pytestmark = pytest.mark.peers
ANN, BOB = "ann@here.example", "bob@here.example"
PEOPLE = {"umbrella": ANN, "initech": BOB}
"""Who here is ``ada`` at which tenant."""


@pytest.fixture(scope="module")
def other(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The second tenant's process."""
    with running(tmp_path_factory.mktemp("peers") / "other.log", NODE, "op.mjs") as url:
        yield Peer(url)


@pytest.fixture
def peers(peer: Peer, other: Peer) -> dict[str, Peer]:
    """The tenants' servers, by the names of the tenants."""
    return dict(zip(PEOPLE, (peer, other), strict=True))


@pytest.fixture
def serve(peers: dict[str, Peer]) -> Iterator[Callable[[Bed], Bed]]:
    """A function that serves an application and registers it with both."""
    with ExitStack() as beds:

        def make(bed: Bed) -> Bed:
            beds.enter_context(served(bed))
            paths = [f"{action}/{each}" for action in ("login", "connect") for each in peers]
            registration = {
                "client_id": CLIENT_ID,
                "client_secret": SECRET,
                "token_endpoint_auth_method": "client_secret_post",
                "redirect_uris": [f"{bed.url}/{path}" for path in paths],
            }
            for each in peers.values():
                each.start(registration, {})
            return bed

        yield make


def keys(**issuers: str) -> dict[str, Any]:
    """A configuration with these tenants."""
    client = {"consumer_key": CLIENT_ID, "consumer_secret": SECRET}
    return {f"SOCIAL_{name.upper()}": {**client, "issuer": url} for name, url in issuers.items()}


def connect(bed: Bed) -> None:
    """Let both connect: each is ``ada`` at their own tenant."""
    for provider_id, email in PEOPLE.items():
        bed.add_user(email)
        visitor = Visitor(bed)
        visitor.sign_in(email)
        answer = visitor.trip_to_peer(f"/connect/{provider_id}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")


def test_one_subject_at_two_tenants_is_two_people_and_swapped_names_are_refused(
    peers: dict[str, Peer], serve: Callable[[Bed], Bed], tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'app.sqlite'}"
    issuers = {name: peer.url for name, peer in peers.items()}
    bed = serve(make_app(keys(**issuers), database=database))
    connect(bed)
    assert bed.accounts() == [(ANN, "umbrella", "ada"), (BOB, "initech", "ada")]
    assert [row.issuer for row in bed.rows()] == list(issuers.values())
    for provider_id, email in PEOPLE.items():
        visitor = Visitor(bed)
        visitor.trip_to_peer(f"/login/{provider_id}")
        assert visitor.who() == email

    swapped = dict(zip(issuers, reversed(issuers.values()), strict=True))
    again = serve(make_app(keys(**swapped), database=database))
    for provider_id in PEOPLE:
        visitor = Visitor(again)
        assert visitor.trip_to_peer(f"/login/{provider_id}").status_code == 502
        assert visitor.who() is None
    told = again.signals("provider_failed")
    assert [each["error"].code for each in told] == ["issuer_changed", "issuer_changed"]
    assert again.accounts() == [(ANN, "umbrella", "ada"), (BOB, "initech", "ada")]


def test_the_documented_table_of_tenants_lets_people_in(
    peers: dict[str, Peer],
    serve: Callable[[Bed], Bed],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with reader(ROOT / "docs" / "tenants.md", tmp_path, monkeypatch) as somebody:
        somebody.build()
        page = somebody.module.__dict__
        app = page["create_app"](
            SOCIAL_PROVIDER_SOURCE=page["provider_of"],
            SOCIAL_PRIVATE_HOSTS=["localhost"],
            SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
            WTF_CSRF_ENABLED=False,
        )
        bed = serve(of_the_page(app, page))
        with app.app_context():
            page["db"].session.delete(page["db"].session.get(page["Tenant"], "umbrella"))
            for name, peer in peers.items():
                page["db"].session.add(tenant(page, name, peer))
            page["db"].session.commit()
        connect(bed)
        assert bed.accounts() == [(ANN, "umbrella", "ada"), (BOB, "initech", "ada")]
        assert [row.email_verified for row in bed.rows()] == [False, False]

        newcomer = Visitor(bed)
        answer = newcomer.trip_to_peer("/login/initech", "grace")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert bed.accounts()[2:] == [("grace@example.com", "initech", "grace")]
        stranger = Visitor(bed).trip_to_peer("/login/umbrella", "grace")
        assert stranger.headers["Location"] == "/login", "of another domain than umbrella's"


def of_the_page(app: Flask, page: dict[str, Any]) -> Bed:
    """The application that the page tells to build."""
    models = {name: page[name] for name in ("User", "Connection")}
    bed = Bed(app, page["social"], page["db"], **models, SpentFlow=None, sandbox=None)
    UNSERVED.append(bed)
    return bed


def tenant(page: dict[str, Any], name: str, peer: Peer) -> Any:
    """A tenant's row."""
    return page["Tenant"](
        id=name,
        name=name.title(),
        domain="example.com" if name == "initech" else "umbrella.example",
        issuer=peer.url,
        client_id=CLIENT_ID,
        client_secret=SECRET,
    )
