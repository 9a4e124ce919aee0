"""The list of what makes the library weaker is closed: what is not on it does not."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from flask_social.options import LOWERED
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oidc import OIDC
from tests.bed import make_app
from tests.doctables import names, rows

LISTED = {
    name
    for row in rows("threat-model.md", "## Switches that make it weaker")
    for name in names(row[0])
}
"""What the page on threats lists."""
HARMLESS = {
    # Where things are, and what they are called.
    "SOCIAL_URL_PREFIX", "SOCIAL_BLUEPRINT_NAME", "SOCIAL_APP_URL", "SOCIAL_SINGLE_CALLBACK",
    "SOCIAL_CONNECT_ALLOW_REDIRECT", "SOCIAL_CONNECT_DENY_REDIRECT", "SOCIAL_CONNECT_ALLOW_VIEW",
    "SOCIAL_CONNECT_DENY_VIEW", "SOCIAL_POST_OAUTH_CONNECT_SESSION_KEY",
    "SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY", "SOCIAL_CONNECTION_DATASTORE", "SOCIAL_FLASH_MESSAGES",
    # With it fewer keys of the session survive a login, never more.
    "SOCIAL_SESSION_KEEP",
}  # fmt: skip
HARMLESS_OF_PROVIDERS = {
    # Addresses and names that are stated instead of discovered.
    "name", "issuer", "authorize_url", "token_url", "access_token_url", "api_url", "base_url",
    "revoke_url", "register_url", "discovery_url", "userinfo_url", "jwks_url",
    "request_token_url", "profile_call", "identity", "module", "provider",
    # What is asked for.
    "scopes", "scope", "scope_separator", "authorize_params", "token_params",
    "access_token_params", "request_token_params", "request_params", "offline", "offline_params",
    "reauth_params", "response_mode", "token_media", "userinfo", "offline_scopes", "kept",
    "headers", "api_media", "refresh_url",
    # What ties an answer to its trip keeps its names, whatever they say.
    "renames",
    # With it fewer people get in, never more.
    "required_claims",
    # What people are told.
    "color", "console", "refreshes",
    # Who the application is.
    "consumer_key", "consumer_secret", "client_id", "client_secret", "private_key", "key_id",
}  # fmt: skip
CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
KINDS: dict[str, dict[str, Any]] = {
    "OAuth 2.0": {
        **CLIENT,
        "authorize_url": "https://op.example/authorize",
        "token_url": "https://op.example/token",
        "api_url": "https://op.example/api/",
        "identity": {"subject": "id"},
    },
    "OpenID Connect": {**CLIENT, "issuer": "https://op.example"},
}
KINDS["OAuth 1.0a"] = KINDS["OAuth 2.0"] | {"request_token_url": "https://op.example/request"}
SWITCHES = [
    ("pkce", False, "OAuth 2.0", "pkce is off"),
    ("require_iss", False, "OpenID Connect", "require_iss=False"),
    ("nonce", False, "OpenID Connect", "nonce=False"),
    ("auth_time", False, "OpenID Connect", "auth_time=False"),
    ("reauthenticates", True, "OAuth 2.0", "reauthenticates=True"),
    ("assume_bearer", True, "OAuth 2.0", "assume_bearer=True"),
    ("token_method", "GET", "OAuth 2.0", "token_method='GET'"),
    ("access_token_method", "get", "OAuth 1.0a", "token_method='GET'"),
    ("request_token_method", "GET", "OAuth 1.0a", "request_token_method='GET'"),
    ("signature_method", "PLAINTEXT", "OAuth 1.0a", "signature_method='PLAINTEXT'"),
    ("email_trust", "always", "OAuth 2.0", "email_trust='always'"),
]
"""What the start warns of: key, value, kind of provider, and what the warning says."""


def documented() -> set[str]:
    """Every setting of the documentation."""
    headings = ("## Routes and addresses", "## Behaviour", "## The network")
    return {names(row[0])[0] for heading in headings for row in rows("configuration.md", heading)}


def documented_of_providers() -> set[str]:
    """Every key of a provider's mapping."""
    headings = ("## Those that are there", "## Keys that change a provider")
    told = {
        n for heading in headings for row in rows("providers.md", heading) for n in names(row[0])
    }
    return {name for name in told if not name.startswith("SOCIAL_")}


def test_every_setting_is_either_listed_or_harmless() -> None:
    listed = {name for name in LISTED if name.isupper()}
    assert listed | HARMLESS == documented()
    assert not listed & HARMLESS


def test_every_key_of_a_provider_is_either_listed_or_harmless() -> None:
    listed = {name for name in LISTED if not name.isupper()}
    assert listed | HARMLESS_OF_PROVIDERS == documented_of_providers()
    assert not listed & HARMLESS_OF_PROVIDERS


@pytest.mark.parametrize("word", ["INSECURE", "SANDBOX", "TRUSTED", "UNSAFE", "SKIP", "DISABLE"])
def test_no_setting_that_sounds_like_a_switch_counts_as_harmless(word: str) -> None:
    assert not [name for name in HARMLESS if word in name]


def test_every_switch_of_yes_or_no_of_a_provider_is_listed() -> None:
    for kind in (OIDC, OAuth1):
        for name, hint in kind.__init__.__annotations__.items():
            if hint == "bool":
                assert name in LISTED, name


def warned(caplog: pytest.LogCaptureFixture, options: dict[str, Any]) -> str:
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({"SOCIAL_ACME": options})
    return caplog.text


@pytest.mark.parametrize(("key", "value", "kind", "said"), SWITCHES)
def test_a_switch_of_a_provider_is_warned_of_by_its_key(
    caplog: pytest.LogCaptureFixture, key: str, value: Any, kind: str, said: str
) -> None:
    assert f"SOCIAL_ACME: {said}" in warned(caplog, KINDS[kind] | {key: value})


def test_everything_that_is_warned_of_is_tried_here() -> None:
    tried = {said.partition("=")[0] for _, _, _, said in SWITCHES}
    assert LOWERED.keys() == tried - {"pkce is off"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_as_it_should_be_is_not_warned_of(
    caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    assert warned(caplog, KINDS[kind]) == ""


def test_nor_is_what_a_provider_s_own_file_has_a_reason_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    linkedin = {**CLIENT, "nonce": False}  # which is what its file says
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({"SOCIAL_LINKEDIN": linkedin, "SOCIAL_GITHUB": CLIENT, "SOCIAL_VK": CLIENT})
    assert "nonce" not in caplog.text
