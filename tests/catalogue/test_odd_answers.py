"""Every stock provider's answers, spoilt where they say who somebody is, and by which address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from flask_social import clock, providers
from flask_social.errors import Denied, ProviderError
from flask_social.protocols.atproto import Atproto
from flask_social.protocols.calls import from_token
from flask_social.protocols.identity import PART, PLACE, standard_claims
from flask_social.protocols.identity import STEP as PROFILE_STEP
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.openid2 import OpenID2
from flask_social.values import Identity
from tests.protocols.paper import NOW, flow
from tests.providers.golden import golden, registration, stock
from tests.providers.on_paper import complete, network

NOBODY = ["", "0", 0, True, False, 1.5, 42.0, [], {}, None]
"""What names nobody, or could be anybody's."""
IN_FORMS = ["", "0", "null", "None", "false"]
"""The same in a form, where all is text."""
GONE = object()
"""In place of a value: its member is not there at all."""
NAMES = [each for each in providers.names() if getattr(providers.find(each), "identity", 1)]
Answers = tuple[dict[str, Any], dict[str, Any]]
"""What the token endpoint and the API answer."""


def answers(provider_id: str) -> Answers:
    """The golden ones, to be spoilt."""
    return deepcopy(golden(provider_id, "token")), deepcopy(golden(provider_id, "profile"))


def identity_of(provider_id: str, spoilt: Answers) -> Identity:
    """Whom the provider's answers make of a person who has said yes."""
    token, profile = spoilt
    provider = stock(provider_id)
    with clock.replaced(lambda: NOW):
        return complete(provider, network(provider, token, profile), profile).identity


def sources(provider_id: str) -> dict[str, Any]:
    """Where the provider's identity comes from, by its fields."""
    found: dict[str, Any] = getattr(
        stock(provider_id).identity or standard_claims, "sources", None
    ) or pytest.skip("an identity of its own")
    return found


def paths(source: Any) -> list[str]:
    """The paths in *source*: one, alternatives, or the places of a template."""
    if callable(source) or source is None:
        return []
    if isinstance(source, tuple):
        return [path for each in source for path in paths(each)]
    return PLACE.findall(source) if "{" in source else [source]


def documents(spoilt: Answers, *, deep: bool = False) -> Iterator[Any]:
    """Everything in which a path may begin: the answers, or *deep* everything in them."""
    token, profile = spoilt
    if deep:
        yield from (each for answered in (token, *profile.values()) for each in within(answered))
        return
    yield from ({"token": token}, token, *profile.values())
    calls = {path.rpartition("/")[2]: each for path, each in profile.items()}
    yield {name: each for name, each in calls.items() if isinstance(each, list)}


def within(answered: Any) -> Iterator[Any]:
    """Every object in *answered*, outermost first."""
    if isinstance(answered, dict):
        yield answered
    members = answered.values() if isinstance(answered, dict) else answered
    for each in members if isinstance(members, list) or isinstance(answered, dict) else ():
        yield from within(each)


def put(spoilt: Answers, path: str, value: Any) -> int:
    """Put *value* wherever something stands at *path*; in how many places."""
    return _put(spoilt, path, value) or _put(spoilt, path, value, deep=True)


def _put(spoilt: Answers, path: str, value: Any, *, deep: bool = False) -> int:
    count = 0
    *way, last = PART.finditer(path)
    for place in list(documents(spoilt, deep=deep)):
        for part in way:
            place = step(part, place)  # noqa: PLW2901
        key = last["name"] or last["plain"] or (int(last["index"]) if last["index"] else None)
        there = isinstance(place, dict) and key in place
        if there or (isinstance(place, list) and last["index"] and place):
            if value is GONE:
                del place[key]
            else:
                place[key] = value
            count += 1
    return count


def everywhere(spoilt: Answers, path: str, value: Any) -> int:
    """Put *value* at *path*, wherever that begins."""
    return put(spoilt, path, value) + _put(spoilt, path, value, deep=True)


def step(part: Any, place: Any) -> Any:
    """One part of a path further down, or ``None``."""
    if isinstance(place, list) and part["index"]:
        return place[int(part["index"])]
    if isinstance(place, list) and part["key"]:
        wanted = part["value"].lower()
        return next((e for e in place if str(e.get(part["key"])).lower() == wanted), None)
    return place.get(part["name"] or part["plain"]) if isinstance(place, dict) else None


def spoil(provider_id: str, field: str, change: Callable[[Answers, str], int]) -> Iterator[Answers]:
    """The answers with *field*'s source changed: all alternatives, or each place of a template."""
    source = sources(provider_id)[field]
    together = isinstance(source, tuple)
    groups = [paths(source)] if together else [[path] for path in paths(source)]
    for group in groups:
        spoilt = answers(provider_id)
        if sum(change(spoilt, path) for path in group):
            yield spoilt


@pytest.mark.parametrize("provider_id", NAMES)
def test_nobody_is_nobody(provider_id: str) -> None:
    """Without an id, or with one that is none, no connection is made."""
    tried = 0
    provider = stock(provider_id)
    if isinstance(provider, OpenID2):
        return  # who it is says a signed address, see test_openid2.py
    as_form = isinstance(provider, OAuth1) and provider.profile is from_token
    for value in [*(IN_FORMS if as_form else NOBODY), GONE]:
        for spoilt in spoil(provider_id, "subject", lambda a, p, v=value: put(a, p, v)):  # type: ignore[misc]
            tried += 1
            with pytest.raises((ProviderError, Denied)):
                identity_of(provider_id, spoilt)
    assert tried or callable(sources(provider_id)["subject"])


@pytest.mark.parametrize("provider_id", NAMES)
def test_a_number_and_its_text_are_one_person(provider_id: str) -> None:
    """But in OpenID Connect, where a subject is a text and a number is refused."""
    expected = golden(provider_id, "identity")["subject"]
    for number, other in ((int, str), (str, int)):

        def turn(spoilt: Answers, path: str, number: type = number, other: Any = other) -> int:
            for place in documents(spoilt):
                for part in PART.finditer(path):
                    place = step(part, place)  # noqa: PLW2901
                text = str(place)
                if type(place) is number and text.isdecimal() and str(int(text)) == text:
                    return put(spoilt, path, other(place))
            return 0

        for spoilt in spoil(provider_id, "subject", turn):
            try:
                assert identity_of(provider_id, spoilt).subject == expected
            except ProviderError:
                assert "sub" in paths(sources(provider_id)["subject"])
                assert "id_token" in spoilt[1]


@pytest.mark.parametrize("provider_id", NAMES)
def test_without_an_address_nothing_is_verified(provider_id: str) -> None:
    if not sources(provider_id).get("email"):
        assert golden(provider_id, "identity")["email"] is None
        return
    for value in (GONE, None, "", "not an address"):
        for spoilt in spoil(provider_id, "email", lambda a, p, v=value: everywhere(a, p, v)):  # type: ignore[misc]
            identity = identity_of(provider_id, spoilt)
            assert (identity.email, identity.email_verified) == (None, False)


@pytest.mark.parametrize("provider_id", NAMES)
def test_a055_an_address_is_verified_by_the_providers_own_yes_alone(provider_id: str) -> None:
    trust = registration(provider_id).provider.email_trust  # type: ignore[attr-defined]
    email = golden(provider_id, "identity")["email"]
    source = sources(provider_id).get("email_verified")
    if trust in ("never", "none", "always"):
        for value in (True, "true", False, GONE):
            for spoilt in spoil(provider_id, "email_verified", lambda a, p, v=value: put(a, p, v)):  # type: ignore[misc]
                verified = identity_of(provider_id, spoilt).email_verified
                assert verified is (trust == "always" and email is not None)
        return
    assert source is not None
    for value in (False, "false", 0, 1, "1", None, "yes", "True ", [], {"a": 1}, GONE):
        for spoilt in spoil(provider_id, "email_verified", lambda a, p, v=value: put(a, p, v)):  # type: ignore[misc]
            assert identity_of(provider_id, spoilt).email_verified is False
    for value in (True, "true"):
        for spoilt in spoil(provider_id, "email_verified", lambda a, p, v=value: put(a, p, v)):  # type: ignore[misc]
            assert identity_of(provider_id, spoilt).email_verified is (email is not None)


@pytest.mark.parametrize("provider_id", NAMES)
def test_who_presses_cancel_is_told_so(provider_id: str) -> None:
    """Nothing is asked of the provider then, and no error that it names is taken for a yes."""
    provider, client = stock(provider_id), registration(provider_id).client
    send = network(provider, *answers(provider_id))
    beside = golden(provider_id, "profile").get("callback", {})
    if isinstance(provider, Atproto):  # whose answers name their issuer, a refusal too
        beside = {"iss": provider.issuer}
    if isinstance(provider, OAuth1):
        trip = flow(request_token="the-request-token", request_secret="its-secret")
        with pytest.raises(Denied):
            provider.complete(client, trip, {"denied": "the-request-token"}, send)
    elif isinstance(provider, OAuth2):
        with pytest.raises(Denied):
            provider.complete(client, flow(), {**beside, "error": "access_denied"}, send)
    assert not [each for each in send.sent if each.method == "POST"]


@pytest.mark.parametrize("provider_id", NAMES)
def test_a_token_answer_that_is_an_error_is_one_whatever_its_status(provider_id: str) -> None:
    """Also where there is a token beside it; and one without a token is of no use."""
    provider = stock(provider_id)
    if not isinstance(provider, OAuth2):
        return
    for error in ({"error": "bad_verification_code"}, {"error": {"code": 100}}, {"errcode": 40029}):
        token, profile = answers(provider_id)
        said = {**token, **error} if "error" in error else error
        send = network(provider, said, profile)
        with pytest.raises(ProviderError), clock.replaced(lambda: NOW):
            complete(provider, send, profile)
        assert len([each for each in send.sent if each.purpose == PROFILE_STEP]) == 0
