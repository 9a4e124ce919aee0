"""Errors go to another process, as a queue of jobs sends them, and take no token along."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace

import pytest

from flask_social.errors import (
    ColumnTooShort,
    Denied,
    FlowStopped,
    ProviderError,
    ProviderUnavailable,
    ReconnectNeeded,
    StoreUnavailable,
)
from flask_social.values import Secret

UNPICKLED = SimpleNamespace(access_token=Secret("hush"), provider_id="acme")
ERRORS = [
    Denied("denied", "access_denied"),
    StoreUnavailable("the server closed the connection"),
    ColumnTooShort("widen Connection.access_token"),
    ProviderError("refreshing the token", "bad_answer", "not JSON"),
    ProviderUnavailable("refreshing the token", "too_slow", "late", status=504, retry_after=7),
    ReconnectNeeded("acme", "person-1", "invalid_grant", connection=UNPICKLED),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_arrives_as_it_was_sent(error: FlowStopped) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (str(again), again.args) == (str(error), error.args)
        assert again.status == error.status
        told = vars(error) | ({"connection": None} if hasattr(error, "connection") else {})
        assert {name: getattr(again, name) for name in told} == told


def test_a_connection_that_has_to_be_reconnected_stays_where_its_tokens_are() -> None:
    error = ReconnectNeeded("acme", "person-1", "invalid_grant", connection=UNPICKLED)
    error.reconnect_url = "/reconnect/acme"
    sent = pickle.dumps(error)
    assert b"hush" not in sent
    arrived = pickle.loads(sent)
    assert arrived.connection is None
    assert (arrived.provider_user_id, arrived.reason) == ("person-1", "invalid_grant")
    assert arrived.reconnect_url == "/reconnect/acme"
