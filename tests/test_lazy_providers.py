"""A provider's file is read when the provider is first used, and not before."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from flask_social import choosing, providers
from flask_social.errors import ConfigurationError, ProviderUnavailable
from flask_social.protocols.oauth2 import OAuth2
from flask_social.providers._known import NEEDS
from flask_social.registration import register
from flask_social.signals import provider_failed
from flask_social.values import Flow, Intent
from tests.bed import Bed, make_app

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
SIGNING = {**CLIENT, "private_key": "-----BEGIN PRIVATE KEY-----"}
PLAIN = [each for each in providers.names() if each not in NEEDS]

SCRIPT = """
import json, sys
from flask import Flask
from flask_social import config, providers
app = Flask("app")
app.testing = True
for each in {names!r}:
    key = "key of " + each
    client = {{"consumer_key": key, "consumer_secret": "s", "private_key": "{{}}"}}
    app.config["SOCIAL_" + each.upper()] = client
app.config.update({more!r})
settings, found = config.read(app)
names = [each.name for each in found.values()], [each.color for each in found.values()]
start = "flask_social.providers."
files = {{each.removeprefix(start) for each in sys.modules if each.startswith(start)}}
loaded = [each for each in ("joserfc", "oauthlib") if each in sys.modules]
print(json.dumps([sorted(files & set(providers.names())), loaded]))
"""


def read(names: list[str], **more: Any) -> tuple[list[str], list[str]]:
    """The files, and the libraries, that are loaded once a configuration is read."""
    script = SCRIPT.format(names=names, more=more)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    files, libraries = json.loads(done.stdout)
    return files, libraries


def test_with_every_provider_configured_no_file_is_read_for_names_and_colours() -> None:
    assert len(PLAIN) > 100
    assert read(PLAIN) == ([], [])


def test_a_file_whose_configuration_needs_checking_is_read_at_the_start() -> None:
    files, _ = read(
        ["github", "google", "twitter"],
        SOCIAL_GITHUB={**CLIENT, "scopes": ["repo"]},
        SOCIAL_KEYCLOAK={**CLIENT, "host": "sso.example", "realm": "staff"},
        SOCIAL_GITLAB={**CLIENT, "host": "git.example"},
        SOCIAL_OIDC={**CLIENT, "issuer": "https://login.example"},
        SOCIAL_SHOPIFY={**CLIENT, "shop": "acme"},
        SOCIAL_BIRD={**CLIENT, "provider": "twitter"},
    )
    assert files == ["github", "gitlab", "shopify"]


def test_one_that_needs_more_than_its_keys_stops_the_start() -> None:
    for name in NEEDS:
        needed = NEEDS[name].keys() - {"client_id"}
        if not needed:
            continue
        with pytest.raises(ConfigurationError, match=f"^SOCIAL_{name.upper()} has no ") as caught:
            register(name, SIGNING | {"key_id": "k"}, sandbox_url=None, allow_http=False)
        assert any(each in str(caught.value) for each in needed)


@pytest.mark.parametrize(
    "options",
    [
        {"consumer_key": "key"},
        {"consumer_secret": "secret"},
        {"consumer_key": "", "consumer_secret": "secret"},
        {"consumer_key": "key\n", "consumer_secret": "secret"},
        {"consumer_key": 7, "consumer_secret": "secret"},
        {"consumer_key": "key", "consumer_secret": ["secret"]},
        {**CLIENT, "scops": ["repo"]},
        {**CLIENT, "id": "gitlab"},
        {**CLIENT, "provider": "keycloak"},
        {**CLIENT, "provider": "keycloak", "host": "https://sso.example", "realm": "staff"},
        {**CLIENT, "provider": "keycloak", "host": "sso.example:99999", "realm": "staff"},
        {**CLIENT, "provider": "keycloak", "host": "sso.example", "realm": "../staff"},
        {**CLIENT, "provider": "zendesk", "subdomain": "acme~1"},
        {**CLIENT, "provider": "bungie", "api_key": "two\nlines"},
        {**CLIENT, "provider": "bungie", "api_key": 7},
        {**CLIENT, "provider": "descope", "consumer_key": "a key of two words"},
        {**CLIENT, "provider": "oidc", "issuer": "http://login.example"},
        {**CLIENT, "provider": "shopify", "shop": "No Shop"},
    ],
)
def test_what_stopped_the_start_still_does(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"^SOCIAL_GITHUB"):
        register("github", options, sandbox_url=None, allow_http=False)


def test_a_name_that_a_place_is_in_is_the_same_before_and_after() -> None:
    options = {**CLIENT, "provider": "keycloak", "realm": "staff", "host": "SSO.example"}
    made = register("acme", options, sandbox_url=None, allow_http=False)
    assert not made.making.is_made
    assert made.name == "Keycloak (sso.example, staff)" == made.provider.name


def test_later_changes_of_the_mapping_do_not_matter() -> None:
    options: dict[str, Any] = dict(CLIENT)
    made = register("github", options, sandbox_url=None, allow_http=False)
    options |= {"consumer_key": "another", "scopes": ["repo"]}
    assert made.client.id == "key"
    assert made.provider.scopes == ("read:user", "user:email")  # type: ignore[attr-defined]


def test_threads_that_use_it_first_get_one_provider() -> None:
    made = register("github", CLIENT, sandbox_url=None, allow_http=False)
    begin, got = threading.Barrier(8), []

    def use() -> None:
        begin.wait(timeout=60)
        got.append(made.provider)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(got) == 8
    assert all(each is made.provider for each in got)


def test_a_page_of_buttons_reads_no_file() -> None:
    bed = make_app({"SOCIAL_GITHUB": CLIENT, "SOCIAL_X": CLIENT})
    with bed.app.test_request_context():
        listed = bed.app.jinja_env.globals["social_providers"]()  # type: ignore[operator]
        assert [(each.id, each.name) for each in listed] == [("github", "GitHub"), ("x", "Twitter")]
    remotes = bed.app.extensions["social"].providers
    assert not any(each.registration.making.is_made for each in remotes.values())
    with bed.app.app_context():
        assert bed.social.github.provider.id == "github"
    assert remotes["github"].registration.making.is_made
    assert not remotes["x"].registration.making.is_made


# What the log is told, then.


def without_pkce() -> str:
    """A stock provider that is asked without PKCE, and needs nothing but its keys."""
    found = (each for each in PLAIN if getattr(providers.find(each), "pkce", True) is False)
    return next(found)


def test_that_pkce_is_off_is_told_with_the_first_use(caplog: pytest.LogCaptureFixture) -> None:
    name = without_pkce()
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed = make_app({f"SOCIAL_{name.upper()}": CLIENT})
        assert "pkce is off" not in caplog.text
        remote = bed.app.extensions["social"].providers[name]
        assert remote.provider.pkce is False
        assert remote.provider.pkce is False
    told = [each for each in caplog.messages if "pkce is off" in each]
    assert len(told) == 1
    assert told[0].startswith(f"SOCIAL_{name.upper()}: ")


def test_one_client_twice_is_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed = make_app({"SOCIAL_TWITTER": CLIENT, "SOCIAL_X": CLIENT, "SOCIAL_GITHUB": CLIENT})
        for remote in bed.app.extensions["social"].providers.values():
            assert remote.provider
    told = [each for each in caplog.messages if "are one client" in each]
    assert told == [
        "SOCIAL_X and SOCIAL_TWITTER are one client at one provider: one account counts as two."
    ]


def test_the_same_client_by_other_words_is_told_with_the_first_use(
    caplog: pytest.LogCaptureFixture,
) -> None:
    by_hand = {**CLIENT, "issuer": "https://accounts.google.com"}
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed = make_app({"SOCIAL_GOOGLE": CLIENT, "SOCIAL_ACME": by_hand})
        assert "are one client" not in caplog.text
        assert bed.app.extensions["social"].providers["google"].provider
    assert "SOCIAL_GOOGLE and SOCIAL_ACME are one client at one provider" in caplog.text


# What goes wrong only then.

PEM = "-----BEGIN PRIVATE KEY-----\nno key at all\n-----END PRIVATE KEY-----\n"


def answered(bed: Bed, path: str, caplog: pytest.LogCaptureFixture) -> str:
    """That who sets out at *path* is told that the provider is away; what the log says."""
    browser, http = bed.app.test_client(), {"Accept": "text/html"}
    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = browser.post(path, headers=http)
        page = browser.get(path, headers=http)
    assert answer.status_code == 503, answer.text
    assert f'href="{path}"' in answer.text, "a button to try again"
    assert page.status_code == 200, "which needs no file"
    [told] = bed.app.extensions["told"]
    assert (told.code, told.status) == ("misconfigured", 503)
    assert "canary" not in answer.text + caplog.text
    return caplog.text


def listening(bed: Bed) -> Bed:
    """*bed*, whose application keeps the errors that providers are told to have."""
    told: list[Any] = []
    bed.app.extensions["told"] = told

    def keep(_: Any, error: Any, **others: Any) -> None:
        told.append(error)

    bed.app.extensions["keep"] = keep  # a receiver is held weakly
    provider_failed.connect(keep, bed.app)
    return bed


@pytest.mark.parametrize("wrong", [ImportError("broken"), ConfigurationError("broken")])
def test_a_file_that_cannot_be_read_is_that_provider_s_trouble(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    bed = listening(make_app({"SOCIAL_GITHUB": CLIENT, "SOCIAL_DISCORD": CLIENT}))

    def broken(stock: str, name: str) -> Any:
        if stock == "github":
            raise wrong
        return providers.find(stock)

    with monkeypatch.context() as patched:
        patched.setattr(providers, "find_as", broken)
        said = answered(bed, "/login/github", caplog)
        assert bed.app.test_client().post("/login/discord").status_code == 303
    assert "SOCIAL_GITHUB: " in said
    assert "broken" in said
    assert bed.app.test_client().post("/login/github").status_code == 303, "as soon as it can be"


def test_a_key_that_is_none_is_told_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    client = {"consumer_key": "k", "consumer_secret": "canary", "token_url": "https://x.example/"}
    signs = {"private_key": PEM, "token_endpoint_auth_method": "private_key_jwt"}
    urls = {"authorize_url": "https://x.example/", "api_url": "https://x.example/"}
    options = {**client, **urls, **signs, "identity": {"subject": "id"}}
    bed = listening(make_app({"SOCIAL_ACME": options}))
    flow = Flow(provider_id="acme", intent=Intent.LOGIN, callback_url="", created_at=0)
    with bed.app.app_context(), pytest.raises(ProviderUnavailable, match="misconfigured"):
        choosing.completed(bed.social.acme, flow, {"code": "c"})
    assert "SOCIAL_ACME: The private_key of the client k is no PEM or JWK" in caplog.text
    assert "no key at all" not in caplog.text


def test_so_is_one_that_is_needed_to_set_out(caplog: pytest.LogCaptureFixture) -> None:
    class Own(OAuth2):
        def begin(self, client: Any, flow: Any, send: Any) -> Any:
            raise ConfigurationError("private_key is of another kind")

    module = SimpleNamespace(provider=Own(id="acme", name="Acme"))
    bed = listening(make_app({"SOCIAL_ACME": {**CLIENT, "module": module}}))
    said = answered(bed, "/login/acme", caplog)
    assert "SOCIAL_ACME: private_key is of another kind" in said
