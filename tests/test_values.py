"""The nouns: frozen, and silent about their secrets."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.errors import (
    ConfigurationError,
    CrossSite,
    Denied,
    FlowRejected,
    FlowStopped,
    NotHere,
    ProviderError,
    ProviderUnavailable,
    SocialError,
)
from flask_social.values import Client, Flow, Grant, Identity, Intent, Secret, Token

CANARY = "canary-of-a-secret"


def flow(**changes: Any) -> Flow:
    return Flow(provider_id="acme", intent=Intent.LOGIN, callback_url="x", created_at=1, **changes)


@pytest.mark.parametrize(
    "value",
    [
        Client(id="id", secret=CANARY, private_key=CANARY),
        flow(state=CANARY, code_verifier=CANARY, nonce=CANARY),
        flow(request_token=CANARY, request_secret=CANARY),
        Token(
            access_token=CANARY,
            secret=CANARY,
            refresh_token=CANARY,
            id_token=CANARY,
            raw={"access_token": CANARY},
        ),
        Identity(subject="7", raw={"access_token": CANARY}),
        Grant(
            provider_id="acme",
            token=Token(access_token=CANARY, raw={"x": CANARY}),
            identity=Identity(subject="7", raw={"x": CANARY}),
        ),
        Secret(CANARY),
        [Secret(CANARY)],
        {"token": Secret(CANARY)},
    ],
)
def test_nothing_shows_a_secret_of_its_own(value: Any) -> None:
    assert CANARY not in repr(value)
    assert CANARY not in f"{value!r} %r" % (value,)


def test_a_masked_text_is_the_text_for_everyone_who_sends_it() -> None:
    secret = Secret(CANARY)
    assert secret == CANARY
    assert hash(secret) == hash(CANARY)
    assert f"Bearer {secret}" == f"Bearer {CANARY}"
    assert json.dumps([secret]) == json.dumps([CANARY])
    assert secret.encode() == CANARY.encode()


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.deepcopy, dataclasses.asdict])
def test_a_masked_text_is_not_taken_along_by_what_takes_everything(
    duplicate: Callable[[Any], object],
) -> None:
    with pytest.raises(TypeError, match="secret") as caught:
        duplicate(Client(id="id", secret=CANARY))
    assert CANARY not in str(caught.value)


def test_a_masked_text_is_its_own_copy_and_an_ordinary_text_when_asked() -> None:
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert type(str(secret)) is str
    assert pickle.loads(pickle.dumps(str(secret))) == CANARY


@pytest.mark.parametrize(
    "value",
    [
        Client(id="id", secret=CANARY, private_key=CANARY),
        flow(state=CANARY, code_verifier=CANARY, request_secret=CANARY),
        Token(access_token=CANARY, secret=CANARY, refresh_token=CANARY, id_token=CANARY),
    ],
)
def test_what_a_value_hides_is_masked_when_it_is_taken_out(value: Any) -> None:
    taken = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    assert CANARY in taken.values()
    assert CANARY not in repr(taken)
    assert dataclasses.replace(value) == value


def test_a_traceback_that_quotes_a_masked_value_shows_nothing() -> None:
    try:
        raise KeyError(Secret(CANARY))
    except KeyError as error:
        shown = "".join(traceback.format_exception(error))
    assert CANARY not in shown


@pytest.mark.parametrize("kind", [Client, Flow, Token, Identity, Grant])
def test_a_value_cannot_be_changed_nor_given_more_than_it_has(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not hasattr(kind(**dict.fromkeys(required(kind), "x")), "__dict__")
    with pytest.raises(TypeError):
        kind("by", "position")


def required(kind: Any) -> list[str]:
    missing = dataclasses.MISSING
    return [
        each.name
        for each in dataclasses.fields(kind)
        if each.default is missing and each.default_factory is missing
    ]


def test_a_flow_is_never_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        flow().state = "s"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"state": "s"}, "s"),
        ({"request_token": "t"}, "t"),
        ({"state": "s", "request_token": "t"}, "t"),
    ],
)
def test_a_flow_is_named_by_what_comes_back(changes: dict[str, str], key: str) -> None:
    assert flow(**changes).key == key


def test_an_address_counts_as_unverified_until_somebody_says_otherwise() -> None:
    assert Identity(subject="7", email="anna@acme.test").email_verified is False


# Errors.


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FlowRejected("missing"), 400),
        (NotHere("unknown_provider"), 404),
        (CrossSite("cross_site"), 403),
        (Denied("denied"), 403),
        (ProviderError("exchanging the code", "bad_answer"), 502),
        (ProviderUnavailable("exchanging the code", "busy"), 503),
        (ProviderUnavailable("exchanging the code", "too_slow", status=504), 504),
    ],
)
def test_every_early_end_has_its_status(error: FlowStopped, status: int) -> None:
    assert error.status == status
    assert isinstance(error, SocialError)
    assert not isinstance(error, ConfigurationError)


def test_one_unavailable_provider_does_not_change_the_status_of_the_next() -> None:
    ProviderUnavailable("x", "too_slow", status=504)
    assert ProviderUnavailable("x", "busy").status == 503
    assert ProviderError("x", "y").status == 502


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FlowRejected("missing"), "missing"),
        (FlowRejected("missing", "no cookie"), "missing: no cookie"),
        (ProviderError("reading keys", "bad"), "bad: reading keys"),
        (ProviderError("reading keys", "bad", "no JSON"), "bad: reading keys: no JSON"),
    ],
)
def test_an_error_says_its_code_and_the_step(error: FlowStopped, text: str) -> None:
    assert str(error) == text


def test_a_provider_s_wish_to_wait_is_kept() -> None:
    error = ProviderUnavailable("x", "busy", retry_after=120)
    assert (error.retry_after, ProviderUnavailable("x", "busy").retry_after) == (120, None)
    assert (error.step, error.code) == ("x", "busy")


def test_what_else_an_application_was_given_keeps_itself_out_of_sight() -> None:
    client = Client(id="id", more={"encryption_key": CANARY, "team_id": "t"})
    for shown in (repr(client), repr(client.more), repr(vars_of(client)), f"{client}"):
        assert CANARY not in shown
    assert client.fill("{encryption_key}/{team_id}") == f"{CANARY}/t"


def vars_of(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
