"""What an application has to give of what it registered, as each provider declares it."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social import providers
from flask_social.client_keys import needed
from flask_social.errors import ConfigurationError
from flask_social.providers._known import NEEDS, PROOFS
from flask_social.registration import register
from tests.bed import make_app
from tests.providers.golden import settings

KEY, SECRET = {"consumer_key": "key"}, {"consumer_secret": "secret"}
PEM = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
SIGNING = {"private_key": PEM}
BARE = {"token_endpoint_auth_method": "none"}
OWN: dict[str, Any] = {
    "authorize_url": "https://op.example/authorize",
    "token_url": "https://op.example/token",
    "api_url": "https://op.example/api/",
    "identity": {"subject": "id"},
}


def made(name: str, /, **options: Any) -> Any:
    return register(name, options, sandbox_url=None, allow_http=False)


def refusal(name: str, /, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        made(name, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("launchpad", {}),
        ("steam", SECRET),
        ("lichess", KEY),
        ("vkid", KEY),
        ("alipay", KEY | SIGNING),
        ("logingov", KEY | SIGNING),
        ("apple", KEY | SIGNING | {"team_id": "team", "key_id": "its id"}),
        ("google", KEY | SIGNING | {"token_endpoint_auth_method": "private_key_jwt"}),
        ("google", KEY | BARE),
    ],
)
def test_so_much_is_enough_and_each_of_it_is_wanted(name: str, options: dict[str, Any]) -> None:
    assert made(name, **options).provider.id == name
    assert made("acme", provider=name, **options).provider.id == "acme"
    for each in options.keys() - {"token_endpoint_auth_method"}:
        rest = {key: value for key, value in options.items() if key != each}
        assert refusal(name, **rest).startswith(f"SOCIAL_{name.upper()} has no {each}. ")


@pytest.mark.parametrize(
    ("name", "options", "lacks"),
    [
        ("etsy", KEY, "consumer_secret"),  # it goes with every call, though it proves nothing
        ("github", KEY | SIGNING, "consumer_secret"),  # nobody said that the key is to be used
        ("alipay", KEY | SECRET, "private_key"),
        ("twitter", KEY | SIGNING, "consumer_secret"),
        # What comes back is signed with it, however codes are exchanged.
        (
            "shopify",
            KEY | BARE | {"shop": "acme"},
            "consumer_secret",
        ),
        ("line", KEY | BARE, "consumer_secret"),
        (
            "acme",
            KEY
            | OWN
            | {"token_endpoint_auth_method": "none"}
            | {"headers": {"x": "{client_secret}"}},
            "consumer_secret",
        ),
        (
            "acme",
            {**KEY, "issuer": "https://op.example", "algorithms": ["HS256"]} | BARE,
            "consumer_secret",
        ),
    ],
)
def test_what_takes_its_place_elsewhere_does_not_here(
    name: str, options: dict[str, Any], lacks: str
) -> None:
    assert refusal(name, **options).startswith(f"SOCIAL_{name.upper()} has no {lacks}. ")
    made(name, **options, **({"consumer_secret": "s"} if lacks != "private_key" else SIGNING))


def test_steam_s_key_goes_on_its_calls_and_an_application_starts_with_no_more() -> None:
    bed = make_app({"SOCIAL_STEAM": SECRET, "SOCIAL_LAUNCHPAD": {}})
    browser = bed.app.test_client()
    for name in ("steam", "launchpad"):
        assert browser.post(f"/login/{name}").status_code == 303
    with bed.app.app_context():
        assert (bed.social.steam.consumer_key, bed.social.launchpad.consumer_secret) == ("", None)


@pytest.mark.parametrize("provider_id", providers.names())
def test_the_command_tells_just_what_a_configuration_needs(provider_id: str) -> None:
    from flask_social.words import keys

    told = {each.name for each in keys.needed(providers.find(provider_id)) if each.required}
    wanted = set(providers.proofs(provider_id)) | NEEDS.get(provider_id, {}).keys() - {"client_id"}
    assert told == wanted
    options = {each: value for each, value in settings(provider_id).items() if each in wanted}
    assert made(provider_id, **options).provider.id == provider_id


def test_those_that_need_something_else_are_few() -> None:
    assert PROOFS.keys() < set(providers.names())
    assert len(PROOFS) < 20


# Of what is no stock provider.


def test_of_one_of_the_application_s_own_making_id_and_secret_are_wanted() -> None:
    class Own:
        pass

    assert needed(Own()) == ("consumer_key", "consumer_secret")
    assert needed(Own(), {"private_key": PEM}) == ("consumer_key",)
    assert needed(Own(), BARE) == ("consumer_key",)


# Keys in several lines.


def test_a_key_may_have_lines_and_what_is_no_key_may_not() -> None:
    itsme = {**KEY, **SIGNING, "service_code": "CODE"}
    assert made("itsme", **itsme, encryption_key=PEM).client.more["encryption_key"] == PEM
    jwk = '{\n  "kty": "RSA"\n}'
    assert made("itsme", **itsme, encryption_key=jwk).client.more["encryption_key"] == jwk
    said = refusal("itsme", **itsme, encryption_key="two\nlines")
    assert said == "SOCIAL_ITSME: encryption_key must be a text in one line, or a PEM."
    said = refusal("itsme", **{**itsme, "service_code": PEM}, encryption_key=PEM)
    assert said == "SOCIAL_ITSME: service_code must be a text in one line."
    alipay = made("alipay", **KEY, **SIGNING, gateway_key=PEM.replace("PRIVATE", "PUBLIC"))
    assert "\n" in alipay.provider.gateway_key
    assert refusal("alipay", **KEY, private_key="canary") == (
        "SOCIAL_ALIPAY: private_key must be a PEM or a JWK."
    )
