"""From any JSON about a person to an identity that every database can keep, or to our error."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_social import limits, providers
from flask_social.errors import FlowStopped, ProviderError
from flask_social.protocols.base import read_by_hook
from flask_social.protocols.identity import STEP, fields, read_subject
from flask_social.protocols.oidc import OIDC, standard_claims
from flask_social.protocols.openid2 import OpenID2
from flask_social.protocols.session_key import SessionKey
from flask_social.values import Identity
from tests.protocols.paper import answer
from tests.providers.golden import golden, stock
from tests.providers.on_paper import complete, network
from tests.providers.test_golden import OAUTH2

from .strategies import documents, json_values, often, texts

pytestmark = pytest.mark.usefixtures("_still")

CALLED = [each for each in providers.names() if not isinstance(stock(each), OIDC)]
"""Those whose API is asked who somebody is."""
NOBODY = ("", "0", "none", "null", "undefined", "nan", "true", "false", "[object object]")
LENGTHS = {
    "subject": limits.SUBJECT,
    "username": limits.NAME,
    "name": limits.NAME,
    "email": limits.EMAIL,
    "profile_url": limits.LINK,
    "image_url": limits.LINK,
}


def require_valid(identity: Identity) -> None:
    """Every text is one that a database can keep and a page can show."""
    assert isinstance(identity.subject, str)
    assert identity.subject.strip().lower() not in NOBODY
    for name, longest in LENGTHS.items():
        if (value := getattr(identity, name)) is not None:
            assert 0 < len(value) <= longest
            assert value.encode()  # no lone surrogates
            assert not any(each < " " or "\x7f" <= each <= "\x9f" for each in value)
            assert not {"\u202e", "\u2028", "\u2066"} & set(value)
    if identity.email is not None:
        assert identity.email.count("@") == 1
        assert identity.email.split() == [identity.email]
    for link in (identity.profile_url, identity.image_url):
        if link is not None and ada_url.check_url(link):
            assert ada_url.URL(link).protocol in ("http:", "https:")
    assert identity.email_verified in (False, identity.email is not None)


def read(hook: Callable[[Any], Identity], profile: Any) -> Identity | None:
    """What *hook* makes of *profile*, as the library calls it; ``None`` for our error."""
    try:
        identity = read_by_hook(lambda: hook(profile), STEP)
    except ProviderError as error:
        stopped = error
    else:
        require_valid(identity)
        return identity
    assert (stopped.step, stopped.status) == (STEP, 502)
    assert stopped.code in ("no_subject", "bad_answer")
    return None


MEMBERS = (
    *("sub", "id", "id_str", "preferred_username", "screen_name", "login", "name", "email"),
    *("email_verified", "profile", "picture", "html_url", "emails", "response", "localized"),
)
BY_HOOK = {
    "the standard claims": standard_claims,
    **{name: hook for name in OAUTH2 if (hook := stock(name).identity) is not None},
}


@pytest.mark.parametrize("hook", BY_HOOK)
@often(25)
@given(st.one_of(documents(*MEMBERS), json_values))
def test_any_profile_is_an_identity_or_refused(hook: str, profile: Any) -> None:
    read(BY_HOOK[hook], profile)


SOURCES = (
    *("a", "a.b", "b", "a[0]", "a[-1].b", "a[b=true].a", "a[a=1].b", '["odd name"]', "c"),
    *("{a}", "{a} {b}", "https://example.com/{a}", "{a}{b.c}x", "https://example.com/{a}?{b[0]}"),
)
sources = st.one_of(
    st.sampled_from(SOURCES), st.lists(st.sampled_from(SOURCES), max_size=3).map(tuple)
)
KEPT = ("username", "name", "email", "profile_url", "image_url")


@often(120)
@given(
    st.fixed_dictionaries(
        {"subject": sources}, optional=dict.fromkeys((*KEPT, "email_verified"), sources)
    ),
    st.one_of(documents("a", "b", "c", "odd name"), json_values),
)
@example({"subject": "a", "name": "https://example.com/{b}"}, {"a": "1", "b": "\ud800"})
@example({"subject": "a", "name": "b"}, {"a": "1", "b": 10**4_299})
@example({"subject": "a"}, {"a": 10**4_299})
@example({"subject": "a[b=1]"}, {"a": [{"b": "1"}]})
def test_any_source_over_any_profile_is_an_identity_or_refused(
    declared: dict[str, Any], profile: Any
) -> None:
    read(fields(**declared), profile)


flags = st.one_of(json_values, st.sampled_from([True, "true", "True", 1, "1", "yes", [True]]))


@often(80)
@given(flags, st.one_of(texts, st.just("ada@example.org")))
def test_an_address_is_verified_by_true_and_by_nothing_else(flag: Any, email: str) -> None:
    hook = fields(subject="id", email="email", email_verified="flag")
    found = read(hook, {"id": "1", "email": email, "flag": flag})
    assert found is not None
    said = flag is True or (isinstance(flag, str) and flag == "true")
    assert found.email_verified is (said and found.email is not None)


@often(80)
@given(st.one_of(json_values, texts, st.text(max_size=300), st.integers()))
@example("true")
@example("[object Object]")
@example(" None ")
def test_a_subject_is_byte_for_byte_what_the_provider_said_or_refused(value: Any) -> None:
    try:
        subject = read_subject(value)
    except ProviderError as error:
        assert error.code == "no_subject"  # noqa: PT017
        return
    assert subject == (str(value) if type(value) is int else value)
    require_valid(Identity(subject=subject))


# A provider's own answers, with one thing in them changed.


def places(document: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in *document*, as the keys that lead there."""
    inside: Any = document if isinstance(document, dict) else {}
    if isinstance(document, list):
        inside = dict(enumerate(document))
    for key, value in inside.items():
        yield (*above, key)
        yield from places(value, (*above, key))


def changed(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """*document* with *value* at *place*; ``...`` takes away what is there."""
    made = copy.deepcopy(document)
    inside = made
    for key in place[:-1]:
        inside = inside[key]
    if value is ...:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return made


@pytest.mark.parametrize("provider_id", providers.names())
@often(25)
@given(st.data())
def test_a_stock_provider_whose_answer_is_changed_grants_or_is_refused(
    provider_id: str, data: st.DataObject
) -> None:
    provider = stock(provider_id)
    answers = {kind: golden(provider_id, kind) for kind in ("token", "profile")}
    kind, place = data.draw(
        st.one_of(
            *(
                st.tuples(st.just(kind), st.sampled_from(found))
                for kind, document in answers.items()
                if (found := bendable(kind, document))
            )
        )
    )
    plain = kind == "token" and not says_json(provider_id)
    told = words if plain or place[0] in PLAIN else json_values
    asked = {each: answers["profile"][each] for each in answers["profile"] if each == "callback"}
    answers[kind] = changed(answers[kind], place, data.draw(st.one_of(st.just(...), told)))
    profile = {**answers["profile"], **asked}  # who is asked is not who came back
    send = network(provider, answers["token"], profile)
    grants_or_is_refused(provider_id, send, answers["profile"])


PLAIN = {"headers": 3, "callback": 2}
"""Members of ``profile.json`` that hold texts, and how deep these are."""
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
"""Texts that addresses and forms can carry."""


def bendable(kind: str, document: Any) -> list[tuple[Any, ...]]:
    """The places of a golden file but the addresses that answers stand at."""
    least = 2 if kind == "profile" else 1
    return [each for each in places(document) if len(each) >= PLAIN.get(each[0], least)]


def says_json(provider_id: str) -> bool:
    """Whether the provider grants tokens in JSON, and not in a form or in lines."""
    return provider_id in OAUTH2 or isinstance(stock(provider_id), SessionKey)


def grants_or_is_refused(provider_id: str, send: Any, profile: Any) -> None:
    try:
        grant = complete(stock(provider_id), send, profile)
    except FlowStopped as error:
        assert isinstance(error, ProviderError)  # noqa: PT017
        return
    require_valid(grant.identity)
    assert grant.token.access_token or isinstance(stock(provider_id), OpenID2)


@pytest.mark.parametrize("provider_id", CALLED)
@often(12)
@given(st.data())
def test_a_stock_provider_whose_profile_is_anything_grants_or_is_refused(
    provider_id: str, data: st.DataObject
) -> None:
    provider = stock(provider_id)
    profile = golden(provider_id, "profile")
    send = network(provider, golden(provider_id, "token"), profile)
    for path in profile.keys() - PLAIN.keys():
        url = urljoin(provider.api_url, path)
        send.answers[url] = answer(data.draw(json_values), media=provider.api_media)
    grants_or_is_refused(provider_id, send, profile)
