"""A050 and A055 at the presets that speak OpenID Connect, or something much like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from flask_social import clock
from flask_social.errors import ProviderError
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.values import Identity
from tests.protocols.paper import NOW, Paper, answer, claims, rsa, sign
from tests.providers.golden import golden, stock
from tests.providers.on_paper import complete, network

FLAGS = {
    "apple": ("id_token", "email_verified"),
    "cognito": ("id_token", "email_verified"),
    "fusionauth": ("id_token", "email_verified"),
    "itsme": ("signed_userinfo", "email_verified"),
    "kanidm": ("id_token", "email_verified"),
    "logingov": ("userinfo", "email_verified"),
    "logto": ("id_token", "email_verified"),
    "mediawiki_oauth1": ("w/index.php", "confirmed_email"),
    "microsoft": ("id_token", "xms_edov"),
    "netid": ("userinfo", "email_verified"),
    "oidc": ("id_token", "email_verified"),
    "paypal": ("v1/identity/oauth2/userinfo", "confirmed"),
    "quickbooks": ("userinfo", "emailVerified"),
    "slack": ("id_token", "email_verified"),
}
"""Where each says whether it checked the address."""
NEVER = [
    *("asgardeo", "azure_b2c", "bankid_no", "claveunica", "franceconnect"),
    *("globus", "huawei", "line", "proconnect", "uaepass"),
]
"""Those that tell addresses which nobody need have checked."""
NONE = ("battlenet", "dexcom", "eveonline", "roblox")
"""Those that tell none."""
PRESETS = [*(FLAGS.keys() - {"mediawiki_oauth1"}), *NEVER, *NONE, "twitter2"]
PRESETS.sort()
WITH_ID_TOKENS = [each for each in PRESETS if isinstance(stock(each), OIDC)]
VICTIM = "victim@example.org"
UNVERIFIED: list[Any] = [False, "false", 0, 1, None, "", "yes", "1", [True], {}, "absent"]


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.replaced(lambda: NOW):
        yield


def identity(provider_id: str, change: Callable[[dict[str, Any]], None]) -> Identity:
    """Who comes of the golden answers, when *change* has changed them."""
    provider, profile = stock(provider_id), deepcopy(golden(provider_id, "profile"))
    change(profile)
    send = network(provider, golden(provider_id, "token"), profile)
    return complete(provider, send, profile).identity


def flagged(provider_id: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Has the provider say *value* of the victim's address."""
    document, name = FLAGS[provider_id]

    def change(profile: dict[str, Any]) -> None:
        place = profile[document]
        if provider_id == "paypal":
            [place] = place["emails"]
            place["value"] = VICTIM
        else:
            place["email"] = VICTIM
        place[name] = value
        if value == "absent":
            del place[name]

    return change


@pytest.mark.parametrize("provider_id", FLAGS)
def test_A055_a_preset_believes_its_own_flag_alone(provider_id: str) -> None:
    for value in UNVERIFIED:
        found = identity(provider_id, flagged(provider_id, value))
        assert (found.email, found.email_verified) == (VICTIM, False), value
    for value in (True, "true"):
        found = identity(provider_id, flagged(provider_id, value))
        assert (found.email, found.email_verified) == (VICTIM, True), value


@pytest.mark.parametrize("provider_id", NEVER)
def test_A055_a_preset_that_checks_nothing_is_not_believed(provider_id: str) -> None:
    def swear(profile: dict[str, Any]) -> None:
        for place in profile.values():
            place |= {"email": VICTIM, "email_verified": True, "verified": True}
            place.pop("emails", None)

    found = identity(provider_id, swear)
    assert (found.email, found.email_verified) == (VICTIM, False)


@pytest.mark.parametrize("provider_id", NONE)
def test_A055_a_preset_without_addresses_has_none_that_counts(provider_id: str) -> None:
    def swear(profile: dict[str, Any]) -> None:
        for place in profile.values():
            place |= {"email": VICTIM, "email_verified": "no"}

    assert not identity(provider_id, swear).email_verified


def test_A055_at_x_the_address_that_it_confirmed_counts_and_no_other() -> None:
    def without(profile: dict[str, Any]) -> None:
        person = profile["2/users/me"]["data"]
        del person["confirmed_email"]
        person |= {"email": VICTIM, "verified": True}

    found = identity("twitter2", without)
    assert (found.email, found.email_verified) == (None, False)
    found = identity("twitter2", lambda profile: None)
    assert (found.email, found.email_verified) == ("ada@example.com", True)


def test_A055_every_preset_says_in_which_of_these_lists_it_is() -> None:
    trusts = {"flag": [*FLAGS], "never": NEVER, "none": [*NONE], "always": ["twitter2"]}
    found = {each: stock(each).email_trust for each in (*PRESETS, "mediawiki_oauth1")}
    assert found == {each: trust for trust, ids in trusts.items() for each in ids}


# A050


def told(provider_id: str, members: Any) -> ProviderError:
    """What stops a trip whose token endpoint answers *members* with status 200."""
    provider, profile = stock(provider_id), golden(provider_id, "profile")
    assert isinstance(provider, OAuth2)
    send = network(provider, golden(provider_id, "token"), profile)
    send.answers[token_url(provider, send)] = answer(members, media=provider.token_media)
    with pytest.raises(ProviderError) as stopped:
        complete(provider, send, profile)
    return stopped.value


def token_url(provider: OAuth2, send: Paper) -> str:
    return provider.endpoints(send).token_url


GRANTED = {"access_token": "the-token", "token_type": "Bearer"}


@pytest.mark.parametrize("provider_id", PRESETS)
def test_A050_an_error_that_comes_with_status_200(provider_id: str) -> None:
    for error, code in (
        ("bad_verification_code", "invalid_grant"),
        ("invalid_client", "invalid_client"),
        ("whatever", "unknown_error"),
        ({"code": 7}, "unknown_error"),
    ):
        assert told(provider_id, {**GRANTED, "error": error}).code == code


@pytest.mark.parametrize("provider_id", PRESETS)
@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\r\nSet-Cookie: b"},
        {"token_type": "mac"},
        {"token_type": None},
        {"token_type": ["Bearer"]},
    ],
    ids=repr,
)
def test_A050_a_token_that_is_none(provider_id: str, changes: dict[str, Any]) -> None:
    assert told(provider_id, {**GRANTED, **changes}).code == "bad_answer"


@pytest.mark.parametrize("provider_id", WITH_ID_TOKENS)
def test_A050_an_id_token_that_is_none(provider_id: str) -> None:
    assert told(provider_id, GRANTED).code == "bad_id_token"
    for odd in ("opaque", "a.b.c", "a.b.c.d.e", sign(claims()), sign(claims(), rsa("two"))):
        assert told(provider_id, {**GRANTED, "id_token": odd}).code == "bad_id_token"
    for no_text in ({"sub": "1"}, 7):
        assert told(provider_id, {**GRANTED, "id_token": no_text}).code == "bad_answer"


@pytest.mark.parametrize("provider_id", WITH_ID_TOKENS)
def test_A050_an_at_hash_of_another_token(provider_id: str) -> None:
    def spoil(profile: dict[str, Any]) -> None:
        profile["id_token"]["at_hash"] = "MTIzNDU2Nzg5MDEyMzQ1Ng"

    with pytest.raises(ProviderError, match="at_hash"):
        identity(provider_id, spoil)


@pytest.mark.parametrize("provider_id", PRESETS)
def test_A050_a_type_in_any_case_is_bearer(provider_id: str) -> None:
    provider, profile = stock(provider_id), golden(provider_id, "profile")
    token = {**golden(provider_id, "token"), "token_type": "bEaReR"}
    assert complete(provider, network(provider, token, profile), profile).token.access_token
