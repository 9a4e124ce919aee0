"""A094: a provider's mapping holds keys, secrets or addresses that are none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacks.test_A094_misconfiguration import GITHUB, OAUTH2, OIDC, refusal
from tests.bed import make_app

# Clients.


@pytest.mark.parametrize("options", [GITHUB, OIDC, OAUTH2], ids=["stock", "OIDC", "OAuth 2.0"])
@pytest.mark.parametrize("key", ["consumer_key", "consumer_secret"])
@pytest.mark.parametrize("value", [None, "", " ", "canary ", "\tcanary", "canary\n", "can\0ary", 7])
def test_A094_a_client_id_or_secret_that_is_none(
    options: dict[str, Any], key: str, value: Any
) -> None:
    name = "SOCIAL_GITHUB" if options is GITHUB else "SOCIAL_ACME"
    said = refusal({name: {**options, key: value}})
    assert said.startswith(name)
    assert (key in said) or ("the consumer's" in said)


@pytest.mark.parametrize("key", ["consumer_kye", "client_secrets", "scoeps", "isuer", "nonsense"])
def test_A094_an_unknown_key_of_a_provider(key: str) -> None:
    said = refusal({"SOCIAL_ACME": {**OAUTH2, key: "x"}})
    assert said.startswith("SOCIAL_ACME")
    assert key in said
    assert ("Did you mean" in said) is (key != "nonsense")


# Addresses.

FIELDS = ["authorize_url", "token_url", "api_url", "revoke_url", "issuer"]


@pytest.mark.parametrize("key", FIELDS)
@pytest.mark.parametrize(
    "url",
    [
        "https://user:canary@op.example/x",
        "https://canary@op.example/x",
        "https://op.example/x#fragment",
        "https://op.example\\@evil.example/",
        "https://op .example/",
        "https://op.example/a b",
        "https://op.example/\n",
        "https://",
        "https:///x",
        "https://op.example:port/",
        "http://[::1",
        "//op.example/x",
        "op.example/x",
        "ftp://op.example/x",
        "javascript:alert(1)",
        "https://*.op.example/",
        "",
        7,
    ],
)
def test_A094_an_address_of_a_provider_that_is_none(key: str, url: Any) -> None:
    said = refusal({"SOCIAL_ACME": {**OAUTH2, key: url}})
    assert said.startswith("SOCIAL_ACME")
    assert key in said


@pytest.mark.parametrize("key", ["authorize_url", "token_url"])
def test_A094_a_relative_address_with_nothing_to_be_relative_to(key: str) -> None:
    options = {**OAUTH2, "profile_call": "https://op.example/me", "api_url": None, key: "/oauth"}
    assert "SOCIAL_ACME" in refusal({"SOCIAL_ACME": options})


def test_A094_an_address_may_have_a_port_a_query_and_letters_of_the_world() -> None:
    odd = {
        "authorize_url": "https://op.example:8443/authorize?lang=en",
        "token_url": "https://[2001:db8::1]/token",
        "api_url": "https://bücher.example/api/",
    }
    bed = make_app({"SOCIAL_ACME": {**OAUTH2, **odd}})
    provider: Any = bed.app.extensions["social"].providers["acme"].provider
    assert {name: getattr(provider, name) for name in odd} == odd
