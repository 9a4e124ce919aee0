"""What people are told of providers: scopes with reasons, keys with meanings, and where from."""

from __future__ import annotations

import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from flask_social import providers
from flask_social.per_visitor import register as register_per_visitor
from flask_social.protocols.client_metadata import NO_ID
from flask_social.protocols.identity import fields
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.registration import register
from flask_social.sandbox import catalogue
from flask_social.words import keys, portrait, snippet, sources, tokens
from flask_social.words.portrait import EMAILS, PROTOCOLS, Portrait
from flask_social.words.scopes import ASKED, why
from tests.providers.golden import golden

NAMES = providers.names()
KEYS = {"consumer_key": "key", "consumer_secret": "secret"}
STOCK = {name: portrait.of_stock(name) for name in NAMES}
RENEWED = {"instagram", "threads"}
"""Those where a token that still works is exchanged for a newer one."""


def told(**members: Any) -> Portrait:
    """What is told of a provider of OAuth 2.0 that has *members*."""
    return portrait.of_configured(OAuth2(id="acme", name="Acme", **members), None)


@pytest.mark.parametrize("provider_id", NAMES)
def test_every_scope_has_a_reason(provider_id: str) -> None:
    provider: Any = providers.find(provider_id)
    wanted = {*getattr(provider, "scopes", ()), *getattr(provider, "offline_scopes", ())}
    given = {each.scope: each.why for each in STOCK[provider_id].scopes}
    assert given.keys() == wanted
    assert not [scope for scope, reason in given.items() if reason == ASKED]


@pytest.mark.parametrize("provider_id", NAMES)
def test_every_key_has_a_meaning(provider_id: str) -> None:
    unknown = [
        each for each in STOCK[provider_id].keys if "what this provider calls" in each.meaning
    ]
    assert not unknown


@pytest.mark.parametrize("provider_id", NAMES)
def test_the_snippet_of_every_provider_is_a_configuration_that_starts(provider_id: str) -> None:
    options = snippet.options(STOCK[provider_id])
    made = register(provider_id, options, sandbox_url=None, allow_http=False)
    assert made.provider.id == provider_id
    assert made.client.id == options.get("consumer_key", NO_ID if provider_id == "bluesky" else "")
    namespace: dict[str, Any] = {}
    exec(snippet.source(STOCK[provider_id]), namespace)
    assert namespace[f"SOCIAL_{provider_id.upper()}"] == options


@pytest.mark.parametrize("provider_id", NAMES)
def test_every_portrait_is_whole(provider_id: str) -> None:
    it = STOCK[provider_id]
    assert json.loads(json.dumps(it.as_json()))["id"] == provider_id
    assert (it.protocol in PROTOCOLS.values()) is (provider_id != "lastfm")
    assert it.email in EMAILS
    assert it.tells is None or "subject" in it.tells
    said = (*it.remarks, *it.quirks)
    assert not [each for each in said if "\n" in each or ":class:" in each]


def test_the_words_agree_with_what_is_known_of_some() -> None:
    google, github, apple, twitter = (
        STOCK[each] for each in ("google", "github", "apple", "twitter")
    )
    assert (google.protocol, google.email, google.refresh.exists) == (
        "OpenID Connect",
        "flag",
        True,
    )
    assert "`access_type=offline`" in google.refresh.how
    assert (github.protocol, github.pkce, github.revocation.exists) == ("OAuth 2.0", True, True)
    assert github.tells is not None
    assert github.tells["username"] == "`login`"
    assert apple.form_post
    assert {each.name: each.required for each in apple.keys} == {
        "consumer_key": True,
        "private_key": True,
        "team_id": True,
        "key_id": True,
    }
    assert (twitter.protocol, twitter.pkce, twitter.aliases) == ("OAuth 1.0a", None, ("x",))
    assert twitter.refresh == tokens.NOT_IN_OAUTH1


def test_aliases_are_told_at_those_they_stand_for() -> None:
    told = {alias: it.id for it in STOCK.values() for alias in it.aliases}
    assert told == {alias: name for alias, name in providers.ALIASES.items() if name in NAMES}


def test_words_of_a_provider_are_about_keys_that_it_has() -> None:
    had = {name: {each.name for each in it.keys} for name, it in STOCK.items()}
    assert not [name for name, own in keys.OWN.items() if not own.keys() <= had[name]]
    assert keys.FURTHER.keys() <= set().union(*had.values())


@pytest.mark.parametrize("provider_id", NAMES)
def test_what_a_golden_identity_holds_is_told_to_come_back(provider_id: str) -> None:
    tells = STOCK[provider_id].tells
    comes = {name for name, value in golden(provider_id, "identity").items() if value}
    assert tells is None or comes & sources.LABELS.keys() <= tells.keys() | {"email_verified"}


def test_a_claim_whose_scope_is_not_asked_for_is_not_told() -> None:
    assert STOCK["apple"].tells is not None
    assert "picture" not in str(STOCK["apple"].tells)
    assert STOCK["google"].tells is not None
    assert STOCK["google"].tells["image_url"] == "`picture`"


def test_where_people_are_sent_is_told_as_far_as_it_is_known() -> None:
    assert STOCK["github"].sends_to == "https://github.com"
    assert STOCK["mastodon"].sends_to == "https://{instance}"
    assert (STOCK["google"].sends_to, STOCK["google"].issuer) == (
        None,
        "https://accounts.google.com",
    )
    below = told(api_url="https://api.acme.example/v1/", authorize_url="oauth/authorize")
    assert below.sends_to == "https://api.acme.example"
    assert told(api_url="https://api.acme.example/v1/").sends_to is None


def test_the_tenant_is_told_to_be_a_part_of_the_id() -> None:
    assert STOCK["microsoft"].tells is not None
    assert STOCK["microsoft"].tells["subject"] == "`tid`, a dot, and `oid`"


def test_it_is_told_where_visitors_name_the_instance() -> None:
    named = {name: it.visitors for name, it in STOCK.items() if it.visitors}
    assert named["mastodon"] == portrait.ANY
    assert {"gitea", "forgejo", "nextcloud"} <= named.keys()
    assert [name for name, what in named.items() if what == portrait.ANY] == ["mastodon"]
    for name in named.keys() - {"mastodon"}:
        given = {"per_visitor": True, "instances": {"git.example": KEYS}}
        register_per_visitor(name, given, sandbox_url=None, allow_http=False)
        assert "`instances`" in snippet.instances(STOCK[name])
    assert "`SOCIAL_MASTODON = {}`" in snippet.instances(STOCK["mastodon"])
    assert snippet.instances(STOCK["github"]) == ""


# Scopes.


def test_a_scope_that_nobody_knows_is_the_configurations_own() -> None:
    assert why("xyzzy") == ASKED
    assert why("xyzzy", "github") == ASKED


def test_a_scope_may_mean_something_else_at_one_provider() -> None:
    assert why("basic") != why("basic", "baidu")


def test_an_address_counts_by_its_last_part() -> None:
    assert why("https://api.example/user/email") == why("email")
    assert why("https://user.example/xyzzy") == ASKED


def test_scopes_of_a_refresh_token_are_told_with_their_occasion() -> None:
    def when(**members: Any) -> dict[str, str]:
        it = told(scopes=("me",), offline_scopes=("offline",), **members)
        return {each.scope: each.when for each in it.scopes}

    assert when() == {"me": "always", "offline": "connect"}
    assert list(when()) == ["me", "offline"]
    assert when(offline=True) == {"me": "always", "offline": "always"}
    assert when(offline=False) == {"me": "always"}


# What comes back.


def test_sources_are_told_in_words() -> None:
    def made(profile: Any) -> str:
        """Made of two, which is long."""
        return ""

    def bare(profile: Any) -> str:
        return ""

    it = told(identity=fields(subject="id", name=("a.b", "{c} {d}"), username=made, email=bare))
    assert it.tells == {
        "subject": "`id`",
        "username": "made of two, which is long",
        "name": "`a.b`, else `{c} {d}`",
        "email": "worked out by `bare`",
    }


def test_a_function_that_tells_nothing_of_itself_is_told_as_one() -> None:
    it = told(identity=lambda profile: None)
    assert (it.tells, it.email) == (None, "flag")


@pytest.mark.parametrize(
    ("trust", "parts", "told_as"),
    [
        (None, {"email": "mail", "email_verified": "ok"}, "flag"),
        ("flag", {"email": "mail", "email_verified": "ok"}, "flag"),
        (None, {"email": "mail"}, "unverified"),
        ("flag", {"email": "mail"}, "unverified"),
        ("never", {"email": "mail", "email_verified": "ok"}, "unverified"),
        ("always", {"email": "mail"}, "always"),
        ("none", {"email": "mail"}, "none"),
        ("always", {}, "none"),
    ],
)
def test_what_the_word_on_an_address_is_worth(
    trust: str | None, parts: dict[str, str], told_as: str
) -> None:
    assert told(email_trust=trust, identity=fields(subject="id", **parts)).email == told_as


def test_openid_connect_tells_the_standard_claims() -> None:
    it = portrait.of_configured(OIDC(id="acme", name="Acme", issuer="https://acme.example"), None)
    assert it.tells is not None
    assert it.tells["image_url"] == "`picture`"
    assert it.revocation.exists is None


# Tokens.


@pytest.mark.parametrize(
    ("members", "exists"),
    [
        ({}, None),
        ({"refreshes": None}, None),
        ({"refreshes": False, "offline_scopes": ("x",)}, False),
        ({"offline_scopes": ("x",)}, True),
        ({"offline_params": {"a": "b"}}, True),
        ({"offline_params": {"a": "b"}, "offline": False}, False),
    ],
)
def test_whether_a_token_is_refreshed(members: dict[str, Any], exists: bool | None) -> None:
    assert told(**members).refresh.exists is exists


def test_of_a_provider_with_a_file_it_is_known_whether_it_refreshes() -> None:
    def told_of(**members: Any) -> tokens.Answer:
        return tokens.refresh(OAuth2(id="acme", name="Acme", **members), has_file=True)

    assert told_of() == tokens.BY_ITSELF
    assert told_of(refreshes=False) == tokens.NO_REFRESH
    assert told_of(refreshes=None) == tokens.DEPENDS


@pytest.mark.parametrize("provider_id", NAMES)
def test_what_is_told_of_refreshing_is_what_the_sandbox_plays(provider_id: str) -> None:
    """The catalogue's own word on it, from which the sandbox is made apart from the files."""
    script = catalogue.find(provider_id)
    told = STOCK[provider_id].refresh
    if provider_id in RENEWED:
        assert told == tokens.RENEWED
    elif script is not None and told.exists is not None:
        assert told.exists is (script.refresh != "never")


def test_a_token_that_lasts_is_told_as_one() -> None:
    it = told(refreshes=False, offline_scopes=("no_expiry",))
    assert it.refresh.exists is False
    assert "`no_expiry`" in it.refresh.how


def test_a_revocation_of_its_own_is_told_as_one() -> None:
    class Own(OAuth2):
        def revocation(self, *args: Any) -> None:
            return None

    assert told().revocation == tokens.NO_WAY
    assert told(revoke_url="https://acme.example/r").revocation == tokens.BY_RFC_7009
    own = portrait.of_configured(Own(id="acme", name="Acme"), None)
    assert own.revocation == tokens.BY_OWN_WAY
    old = portrait.of_configured(OAuth1(id="a", name="A", revoke_url="https://a.example/r"), None)
    assert old.revocation == tokens.BY_OWN_WAY


def test_a_provider_of_another_making_is_told_as_far_as_it_goes() -> None:
    class Door:
        id, name = "door", "The Door"

    it = portrait.of_configured(Door(), None)
    assert (it.protocol, it.pkce, it.email, it.scopes) == ("its own", None, "flag", ())
    assert (it.refresh, it.revocation) == (tokens.NO_OAUTH, tokens.NO_WAY)


# A file's own words.


def test_a_file_is_quoted_paragraph_by_paragraph() -> None:
    module = ModuleType("acme")
    module.__doc__ = "Acme -- https://acme.example/docs\n\nIt is odd:\n``very`` odd.\n"
    code = '''
class Late:
    """Its answers are late.

    More of it.
    """
    def complete(self): ...

def twisted(x):
    """It twists, see :func:`~.identity.fields`."""

def silent(x): ...
'''
    exec(code, module.__dict__)
    module.foreign = json.dumps  # type: ignore[attr-defined]
    assert sources.documentation(module) == "https://acme.example/docs"
    assert sources.remarks(module) == ("It is odd: `very` odd.",)
    late, twists = "Its answers are late.", "It twists, see `identity.fields`."
    assert sources.quirks(module) == (late, twists)
    assert sources.quirks(module, told=["it twists, see `identity.fields`"]) == (late,)
    assert sources.remarks(None) == sources.quirks(None) == ()


@pytest.mark.parametrize("doc", [None, "", "Acme", "Acme -- DOCS"])
def test_a_file_without_an_address_has_none(doc: str | None) -> None:
    assert sources.documentation(SimpleNamespace(__doc__=doc)) is None  # type: ignore[arg-type]
    assert sources.documentation(None) is None


def test_a_console_address_has_its_defaults_filled_in() -> None:
    it = told(console="https://{host}/{team}", places={"host": "acme.example"})
    assert it.console == "https://acme.example/{team}"
    assert not [
        each.id
        for each in STOCK.values()
        if "{host}" in (each.console or "")
        and ("host" in {key.name for key in each.keys if not key.required})
    ]
