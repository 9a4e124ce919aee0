"""A code is used only if the instance that we asked has signed it."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlencode

import pytest

from flask_social.errors import ConfigurationError, Denied, ProviderError
from flask_social.protocols.identity import fields
from flask_social.protocols.signed_callback import SignedCallback
from flask_social.values import Client

from .paper import Paper, answer, flow

CLIENT = Client(id="our-id", secret="the-secret")
SIGNED = {
    "code": "c",
    "shop": "example.myshopify.com",
    "state": "the/state",
    "timestamp": "1",
    # By an oracle: printf 'code=c&shop=...&state=the%2Fstate&timestamp=1' | openssl dgst -sha256
    # -hmac the-secret
    "hmac": "fbc1ad67f5406f903dc55b5bcbbae8a7a281e2769413de41a5fb8f74feacb8f7",
}


def provider(**changes: Any) -> SignedCallback:
    return SignedCallback(
        **{
            "id": "op",
            "name": "Op",
            "instance": "https://example.myshopify.com",
            "instance_pattern": r"https://[a-z0-9][a-z0-9-]*\.myshopify\.com",
            "token_url": "https://example.myshopify.com/token",
            "api_url": "https://example.myshopify.com/",
            "profile_call": "me",
            "identity": fields(subject="id"),
            "assume_bearer": True,
            **changes,
        }
    )


def network() -> Paper:
    return Paper(
        {
            "https://example.myshopify.com/token": answer({"access_token": "granted"}),
            "https://example.myshopify.com/me": answer({"id": 7}),
        }
    )


def complete(**changes: Any) -> Any:
    send = network()
    params = {name: value for name, value in {**SIGNED, **changes}.items() if value is not ...}
    try:
        return provider().complete(CLIENT, flow(), params, send).identity.subject
    except ProviderError:
        assert send.sent == [], "nothing is asked for what is not signed"
        raise


def test_what_is_signed_as_an_oracle_does_is_used() -> None:
    assert complete() == "7"


def test_the_signature_of_former_days_is_no_part_of_what_is_signed() -> None:
    assert complete(signature="x") == "7"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "d"},
        {"state": "x"},
        {"shop": "evil.myshopify.com"},
        {"more": "x"},
        {"timestamp": ...},
        {"hmac": ...},
        {"hmac": ""},
        {"hmac": "é"},
        {"hmac": SIGNED["hmac"].upper()},
        {"error": ""},
    ],
)
def test_what_is_changed_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="bad_signature"):
        complete(**changes)


def test_nor_is_what_another_instance_signed() -> None:
    elsewhere = provider(instance="https://other.myshopify.com")
    with pytest.raises(ProviderError, match="wrong_instance"):
        elsewhere.complete(CLIENT, flow(), SIGNED, network())


def test_a_client_without_a_secret_believes_nothing() -> None:
    with pytest.raises(ProviderError, match="bad_signature"):
        provider().complete(Client(id="our-id"), flow(), SIGNED, network())


def test_cancelling_needs_no_signature() -> None:
    with pytest.raises(Denied):
        provider().complete(CLIENT, flow(), {"error": "access_denied"}, network())


@pytest.mark.parametrize(
    "name", ["", "-", "a.b", "EXAMPLE", "a/b", "evil.example/#", "evil.example\\", "a\n"]
)
def test_an_instance_is_one_of_the_provider_s(name: str) -> None:
    with pytest.raises(ConfigurationError, match="none of this provider"):
        provider(instance=f"https://{name}.myshopify.com")


def test_one_that_is_not_filled_in_yet_is_no_mistake() -> None:
    assert provider(instance="https://{shop}.myshopify.com").instance


@pytest.mark.parametrize("secret", [None, ""])
def test_what_anybody_can_sign_is_signed_by_nobody(secret: str | None) -> None:
    told = {name: value for name, value in SIGNED.items() if name != "hmac"}
    forged = hmac.new(b"", urlencode(sorted(told.items())).encode(), "sha256").hexdigest()
    with pytest.raises(ProviderError, match="bad_signature"):
        provider().complete(
            Client(id="our-id", secret=secret), flow(), {**told, "hmac": forged}, network()
        )


@pytest.mark.parametrize("name", ["hmac", "code", "shop"])
def test_half_a_character_is_never_signed(name: str) -> None:
    with pytest.raises(ProviderError, match="bad_signature"):
        complete(**{name: "\ud800"})
