"""A027 and A084 over all presets: a secret is where it has to be, and nothing else tells it."""

from __future__ import annotations

import copy
import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from flask_social import providers
from flask_social.errors import FlowStopped
from flask_social.http import Request
from flask_social.protocols.refreshing import Known
from tests.attacks.leaks import everything_logged
from tests.attacks.presets import Trip, told, trip
from tests.attacks.test_A085_every_preset import session_of
from tests.protocols.paper import answer
from tests.providers.golden import registration
from tests.providers.on_paper import complete

pytestmark = pytest.mark.usefixtures("_still")

PLAIN_CHALLENGE = "myanimelist"
"""It takes no challenge but the verifier itself."""
OF_THE_CODE = "wecom"
"""Its profile is asked for by the code, which is therefore kept where token secrets are."""


@pytest.mark.parametrize("provider_id", providers.names())
def test_A084_nothing_that_is_shown_shows_a_secret(provider_id: str) -> None:
    made = trip(provider_id)
    one = registration(provider_id)
    shown = [made.provider, one, one.client, one.client.more, made.grant, made.grant.token]
    shown += [made.grant.token.raw, made.grant.identity, made.grant.identity.raw, made.flow]
    for each in [*shown, *made.send.sent, session_of(made)]:
        for text in (repr(each), f"{each!s}", f"{[each]}"):
            assert made.shown_in(text) == [], type(each)


@pytest.mark.parametrize("provider_id", providers.names())
def test_A027_no_secret_gets_into_what_is_told_of_a_person(provider_id: str) -> None:
    """Applications keep it, show it, and write it into logs of their own."""
    identity = trip(provider_id).grant.identity
    told = json.dumps(vars_of(identity), default=str)
    assert trip(provider_id).shown_in(told) == []


def vars_of(identity: Any) -> dict[str, Any]:
    return {name: getattr(identity, name) for name in identity.__slots__}


@pytest.mark.parametrize("provider_id", providers.names())
def test_A027_people_carry_no_secret_away_but_the_state(provider_id: str) -> None:
    made = trip(provider_id)
    client = {made.client.secret, made.client.private_key} - {None}
    assert not [each for each in client if str(each) in made.url]
    assert made.client.more.get("encryption_key", "-----") not in made.url
    shown = made.shown_in(made.url)
    assert set(shown) <= ({"verifier"} if provider_id == PLAIN_CHALLENGE else set())


# What goes wrong is told without what it went wrong with.


def echo(request: Request) -> str:
    """All that a request said."""
    return f"{request.url} {dict(request.headers)} {request.form} {request.body!r}"


def answers(made: Trip) -> Iterator[Any]:
    """What a provider may say that blabs: functions from a request to an answer."""
    secrets = " ".join(made.secrets().values())

    def said(request: Request) -> str:
        return f"{echo(request)} {secrets}"

    yield lambda request: answer({"error": said(request), "error_description": said(request)}, 400)
    yield lambda request: answer({"error": "invalid_grant", "error_description": said(request)})
    yield lambda request: answer({"access_token": said(request), "token_type": said(request)})
    yield lambda request: answer(said(request).encode(), 403)
    yield lambda request: answer(said(request).encode() + b"\xff")
    yield lambda request: answer([said(request)])
    yield lambda request: answer({"expires_in": said(request), said(request): said(request)})
    yield lambda request: answer(
        {"id_token": said(request), "access_token": made.token, "token_type": "Bearer"}
    )
    yield lambda request: answer(b'{"a": ' + said(request).encode() + b"}", media=said(request))


def steps(made: Trip, provider_id: str) -> Iterator[Any]:
    """Each thing that is asked of a provider, as a function of nothing."""
    client, profile = made.client, told(provider_id)
    token = made.grant.token
    held = replace(token, refresh_token=token.refresh_token or "c4n4ry-of-the-refresh-token")
    yield lambda: made.provider.begin(client, made.flow, made.send)
    yield lambda: complete(made.provider, made.send, profile)
    yield lambda: made.provider.revoke(client, held, made.send)
    if hasattr(made.provider, "refresh"):
        known = Known(subject=made.grant.identity.subject)
        yield lambda: made.provider.refresh(client, held, known, made.send)


@pytest.mark.parametrize("provider_id", providers.names())
def test_A027_no_error_and_no_log_tells_a_secret(provider_id: str) -> None:
    made = trip(provider_id)
    before = copy.copy(made.send.answers)
    with everything_logged() as written:
        for spoilt in [None, *answers(made)]:
            for url in [None, *before] if spoilt else [None]:
                made.send.kept.clear()
                changed = {url: spoilt} if url else dict.fromkeys(before, spoilt) if spoilt else {}
                made.send.answers = {**before, **changed}
                for step in steps(made, provider_id):
                    assert made.shown_in(ends(step)) == []
    assert made.shown_in(written.text) == []


def ends(step: Any) -> str:
    """All that is written of the error that *step* ends in, if it does."""
    try:
        step()
    except FlowStopped as error:
        lines = "".join(traceback.format_exception(error))
        return f"{error} {error!r} {error.detail} {error.args} {vars(error)} {lines}"
    except KeyError as error:  # an address that nobody wrote down
        assert str(error).strip("'").startswith("http")  # noqa: PT017
    return ""
