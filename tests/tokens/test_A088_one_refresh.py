"""A88: an expired token, and two processes of twenty threads that all need it at once.

The provider is npm oidc-provider, which rotates refresh tokens and ends the whole grant when one
is used a second time: a second refresh would be the end of the connection.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.bed import Bed, close, make_app, served
from tests.hostile.databases import KINDS, Database
from tests.peers.conftest import CLIENT_ID, SECRET, Peer, Visitor
from tests.tokens.askers import EMAIL
from tests.tokens.on_mongo import served_by

pytestmark = pytest.mark.peers

ROOT = Path(__file__).parent.parent.parent
PROCESSES, THREADS = 2, 20
KEY = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
POOL = {"pool_size": 5, "max_overflow": 0, "pool_timeout": 100}
"""Fewer connections than threads: nobody may hold one while they wait for a refresh."""
TTL = {"AccessToken": 3600, "RefreshToken": 3600, "AuthorizationCode": 600, "Grant": 3600}
TTL |= {"IdToken": 3600, "Interaction": 3600, "Session": 3600}


def config(peer: Peer) -> dict[str, Any]:
    """The application's own, for each of the processes."""
    return {
        "SOCIAL_PEER": {
            "consumer_key": CLIENT_ID,
            "consumer_secret": SECRET,
            "issuer": peer.url,
            "api_url": peer.url,
            "scopes": ["openid", "profile", "email", "offline_access"],
            "authorize_params": {"prompt": "consent"},
        },
        "SOCIAL_TOKEN_KEYS": [KEY],
    }


@pytest.fixture
def granted(peer: Peer) -> Iterator[Any]:
    """The row of an account that was connected at the provider, with a refresh token."""
    with served(make_app(config(peer))) as bed:
        client = {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [f"{bed.url}/connect/peer"],
        }
        peer.start(client, {"rotateRefreshToken": True, "ttl": TTL})
        bed.add_user(EMAIL)
        visitor = Visitor(bed)
        visitor.sign_in(EMAIL)
        assert visitor.trip_to_peer("/connect/peer").headers["Location"] == "/connections"
        [row] = bed.rows()
        assert row.refresh_token
        yield row


def expired(row: Any) -> dict[str, Any]:
    """The columns of *row*, its token out of date."""
    names = ("issuer", "access_token", "refresh_token", "id_token", "token_type", "scopes")
    return {**{name: getattr(row, name) for name in names}, "expires_at": row.expires_at - 7200}


@pytest.mark.parametrize("kind", KINDS)
def test_A088_one_refresh_for_two_processes_of_twenty_threads(
    kind: str, open_database: Callable[[str], Database], peer: Peer, granted: Any
) -> None:
    database = open_database(kind)
    keys = {**config(peer), "SQLALCHEMY_ENGINE_OPTIONS": POOL}
    bed = make_app(keys, database=database.url)
    bed.add_user(EMAIL)
    with bed.app.app_context():
        store = bed.social.datastore
        user = bed.app.extensions["security"].datastore.find_user(email=EMAIL)
        store.create_connection(
            user=user, provider_id="peer", provider_user_id="ada", **expired(granted)
        )
        store.commit()
    close(bed)

    one_refresh(peer, {"config": keys, "database": database.url, "threads": THREADS})

    [row] = bed.rows()
    assert row.access_token not in (None, granted.access_token)
    assert row.refresh_token not in (None, granted.refresh_token)
    assert (row.needs_reauth, row.lease_until) == (False, None)
    assert_newest_pair(bed)
    close(bed)


def test_A088_one_refresh_on_mongodb(mongodb_uri: str, peer: Peer, granted: Any) -> None:
    name = f"social_askers_{uuid4().hex}"
    keys = config(peer)
    with served_by(mongodb_uri, name, keys) as bed:
        bed.add_user(EMAIL)
        store = bed.app.extensions["social"].datastore
        with bed.app.app_context():
            user = bed.User.objects.get(email=EMAIL)
            account = {"provider_id": "peer", "provider_user_id": "ada"}
            store.create_connection(user=user, **account, **expired(granted))
            store.commit()

        given = {"config": keys, "database": mongodb_uri, "name": name, "threads": THREADS}
        one_refresh(peer, given)

        with bed.app.app_context():
            [token] = store.stored_tokens()
            assert token.refresh_token not in (None, granted.refresh_token)
            assert (token.needs_reauth, token.lease_until) == (False, None)
            store.swap_token(token, expires_at=1)
            assert bed.social.peer.get_api(user).get("me").json()["sub"] == "ada"
        bed.Connection._get_collection().database.client.drop_database(name)


def one_refresh(peer: Peer, given: dict[str, Any]) -> None:
    """All ask, all get an answer, and the provider's token endpoint was asked once."""
    before = peer.counts()
    answers = ask_at_once(given)
    made = peer.counts() - before
    assert answers == ["ada"] * (PROCESSES * THREADS)
    assert (made["/token"], made["/me"]) == (1, PROCESSES * THREADS)


def assert_newest_pair(bed: Bed) -> None:
    """What is stored is what the provider gave last: it refreshes once more."""
    with bed.app.app_context():
        [token] = bed.social.datastore.stored_tokens()
        bed.social.datastore.swap_token(token, expires_at=1)
        user = bed.app.extensions["security"].datastore.find_user(email=EMAIL)
        assert bed.social.peer.get_api(user).get("me").json()["sub"] == "ada"


def ask_at_once(given: dict[str, Any]) -> list[str]:
    """What the API answered to each thread of each process."""
    with ExitStack() as stack:
        processes = [stack.enter_context(asker(given)) for _ in range(PROCESSES)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate()[0]) for process in processes]
        assert [process.returncode for process in processes] == [0] * PROCESSES
    return [answer for each in answers for answer in each]


@contextmanager
def asker(given: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """A process of :mod:`.askers`, which ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.tokens.askers"],
        cwd=ROOT,
        env={**os.environ, "SOCIAL_ASKERS": json.dumps(given)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
