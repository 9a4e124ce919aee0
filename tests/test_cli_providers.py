"""``flask social providers`` and ``provider``: the catalogue, as an operator looks things up."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social import providers
from flask_social.cli.redirects import HOST_UNKNOWN, SCHEME_ASSUMED
from flask_social.datastore.registrations import MemoryRegistrations
from tests.bed import Bed, make_app, query_of

KEYS = {"consumer_key": "key", "consumer_secret": "secret"}
CONFIG: dict[str, Any] = {
    "SOCIAL_APP_URL": "https://app.example",
    "SOCIAL_GITHUB": KEYS,
    "SOCIAL_ACME": {**KEYS, "issuer": "https://acme.example", "api_url": "https://acme.example/"},
    "SOCIAL_ACME_GITLAB": {**KEYS, "provider": "gitlab", "host": "git.acme.example"},
}


@pytest.fixture(scope="module")
def bed() -> Bed:
    return make_app(CONFIG)


def said(bed: Bed, *words: str, fails: bool = False) -> str:
    done = bed.app.test_cli_runner().invoke(args=["social", *words])
    assert (done.exit_code != 0) is fails, done.output
    return done.output


def listed(bed: Bed, *words: str) -> dict[str, Any]:
    """The entries of the list, by id."""
    return {each["id"]: each for each in json.loads(said(bed, "providers", "--json", *words))}


def one(bed: Bed, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(bed, "provider", name, "--json"))
    return found


# The list.


def test_all_of_them_are_listed_as_json(bed: Bed) -> None:
    found = listed(bed)
    assert len(found) >= 220
    assert found.keys() == {*providers.names(), "acme", "acme_gitlab"}
    assert list(found) == sorted(found)
    configured = {
        name: each["configured_as"] for name, each in found.items() if each["configured_as"]
    }
    assert configured == {
        "acme": "SOCIAL_ACME",
        "acme_gitlab": "SOCIAL_ACME_GITLAB",
        "github": "SOCIAL_GITHUB",
    }


def test_an_application_without_a_provider_lists_them_too() -> None:
    found = listed(make_app({}))
    assert found.keys() == {*providers.names()}
    assert not [each for each in found.values() if each["configured_as"]]


def test_the_table_has_a_row_for_each(bed: Bed) -> None:
    lines = said(bed, "providers").splitlines()
    assert lines[0].split() == [
        "ID",
        "NAME",
        "PROTOCOL",
        "REFRESH",
        "REVOKE",
        "E-MAIL",
        "CONFIGURED",
    ]
    assert [line.split()[0] for line in lines[1:]] == sorted(
        {*providers.names(), "acme", "acme_gitlab"}
    )
    [github] = [line for line in lines if line.startswith("github ")]
    assert github.split()[1:4] == ["GitHub", "OAuth", "2.0"]
    assert github.split()[-4:] == ["yes", "by", "flag", "SOCIAL_GITHUB"]


@pytest.mark.parametrize(
    ("word", "some"),
    [("github", {"github"}), ("GITLAB", {"gitlab", "acme_gitlab"}), ("azure", {"microsoft"})],
)
def test_a_word_finds_ids_names_and_aliases(bed: Bed, word: str, some: set[str]) -> None:
    assert some <= listed(bed, word).keys() < listed(bed).keys()


def test_options_narrow_the_list(bed: Bed) -> None:
    everybody = listed(bed)
    assert listed(bed, "--configured").keys() == {"acme", "acme_gitlab", "github"}
    for option, value, name, wanted in (
        ("--protocol", "oauth1.0a", "protocol", "OAuth 1.0a"),
        ("--protocol", "openidconnect", "protocol", "OpenID Connect"),
        ("--email", "flag", "email", "flag"),
        ("--email", "unverified", "email", "unverified"),
    ):
        found = listed(bed, option, value)
        assert found.keys() == {each for each, it in everybody.items() if it[name] == wanted}
        assert found
    refreshed, not_refreshed = listed(bed, "--refresh"), listed(bed, "--no-refresh")
    assert {"google"} <= refreshed.keys()
    assert {"twitter"} <= not_refreshed.keys()
    assert not refreshed.keys() & not_refreshed.keys()
    assert listed(bed, "git", "--configured", "--protocol", "oauth2.0").keys() == {"github"}


def test_nobody_found_is_said_and_is_an_empty_list(bed: Bed) -> None:
    assert "No provider is like that." in said(bed, "providers", "no-such-name")
    assert json.loads(said(bed, "providers", "no-such-name", "--json")) == []


def test_one_that_is_gone_is_told_in_the_list_too(bed: Bed) -> None:
    assert str(providers.fate("fitbit")) in said(bed, "providers", "Fitbit")


def test_who_is_called_just_so_comes_first(bed: Bed) -> None:
    assert next(iter(listed(bed, "x"))) == "twitter"
    assert list(listed(bed, "gitlab")) == ["gitlab", "acme_gitlab"]
    assert len(listed(bed, "x")) > 2


# One of them.


def test_one_is_told_with_all_that_there_is(bed: Bed) -> None:
    page = said(bed, "provider", "discord")
    for part in (
        "Discord (discord)",
        "OAuth 2.0, with PKCE (S256)",
        "https://discord.com/developers/applications",
        "https://app.example/login/discord",
        "https://app.example/connect/discord",
        'SOCIAL_DISCORD = {\n      "consumer_key": "client-id",',
        "to read the e-mail address",
        "account id",
        "verified where the provider says so",
        "Refresh",
        "Revocation",
        "Settings that may be changed",
        "token_endpoint_auth_method",
        "not configured",
    ):
        assert part in page, part


@pytest.mark.parametrize("provider_id", providers.names())
def test_each_of_them_can_be_told(bed: Bed, provider_id: str) -> None:
    page = said(bed, "provider", provider_id)
    it = providers.find(provider_id)
    assert it is not None
    assert page.startswith(f"{it.name} ({provider_id})\n")
    assert f"https://app.example/callback/{provider_id}" in page or (
        f"https://app.example/login/{provider_id}" in page
    )


def test_an_alias_is_as_good_as_the_name(bed: Bed) -> None:
    assert one(bed, "x") == one(bed, "twitter")
    assert "Also called" in said(bed, "provider", "X")


def test_an_instance_is_told_as_it_is_configured(bed: Bed) -> None:
    it = one(bed, "acme_gitlab")
    assert it["configured_as"] == "SOCIAL_ACME_GITLAB"
    assert it["console"].startswith("https://git.acme.example/")
    assert it["redirect_uris"]["login"] == "https://app.example/login/acme_gitlab"
    assert [each["name"] for each in it["keys"]] == ["consumer_key", "consumer_secret", "host"]
    assert one(bed, "SOCIAL_ACME_GITLAB") == it
    assert it["provider"] == "gitlab"
    assert "Stock provider  gitlab\n" in said(bed, "provider", "acme_gitlab")


def test_where_visitors_name_the_instance_there_is_no_key_to_give() -> None:
    config: dict[str, Any] = {"SOCIAL_APP_URL": "https://app.example", "SOCIAL_MASTODON": {}}
    bed = make_app(config, registrations=MemoryRegistrations())
    it = one(bed, "mastodon")
    assert (it["keys"], it["console"], it["sends_to"], it["visitors"]) == ([], None, None, "any")
    assert it["tells"]["subject"] == "`id`, `@`, the instance"
    page = said(bed, "provider", "mastodon")
    assert "Visitors name theirs, and the application registers there by itself." in page
    assert "to enter there" not in page
    alone = one(make_app({"SOCIAL_MASTODON": {**KEYS, "instance": "social.example"}}), "mastodon")
    assert (alone["visitors"], alone["sends_to"]) == (None, "https://social.example")


def test_one_out_of_a_table_is_told_too() -> None:
    rows = {"umbrella": {**KEYS, "issuer": "https://login.umbrella.example"}}
    bed = make_app({"SOCIAL_PROVIDER_SOURCE": rows.get})
    it = one(bed, "umbrella")
    assert (it["name"], it["configured_as"]) == ("Umbrella", "SOCIAL_PROVIDER_SOURCE")
    assert it["provider"] is None
    assert "there is no provider" in said(bed, "provider", "initech", fails=True)


def test_one_of_the_configurations_own_making_is_told_too(bed: Bed) -> None:
    page = said(bed, "provider", "acme")
    assert page.startswith("Acme (acme)\nProtocol       OpenID Connect")
    assert one(bed, "acme")["provider"] is None
    assert "SOCIAL_ACME =" not in page, "it has a configuration"


def test_a_misspelt_name_is_answered_with_those_near_it(bed: Bed) -> None:
    answer = said(bed, "provider", "gitlub", fails=True)
    assert "Did you mean gitlab, github?" in answer
    assert "`flask social providers` lists them." in said(bed, "provider", "zzzzzz", fails=True)


def test_one_that_is_gone_is_answered_with_what_became_of_it(bed: Bed) -> None:
    assert providers.fate("fitbit") in said(bed, "provider", "fitbit", fails=True)  # type: ignore[operator]


# The redirect URIs are those that a trip sends.

APPLE = {"consumer_key": "k", "private_key": "{}", "team_id": "t", "key_id": "i"}


@pytest.mark.parametrize(
    ("settings", "root"),
    [
        ({"SOCIAL_APP_URL": "https://app.example"}, "https://app.example"),
        ({"SOCIAL_APP_URL": "https://app.example/shop"}, "https://app.example/shop"),
        (
            {"SOCIAL_APP_URL": "https://app.example", "SOCIAL_URL_PREFIX": "/social"},
            "https://app.example/social",
        ),
        ({"SERVER_NAME": "app.example:8443"}, "http://app.example:8443"),
    ],
)
@pytest.mark.parametrize("single", [False, True])
def test_the_redirect_uris_are_those_of_a_trip(
    settings: dict[str, str], root: str, single: bool
) -> None:
    bed = make_app({**settings, "SOCIAL_SINGLE_CALLBACK": single, "SOCIAL_GITHUB": KEYS})
    uris = one(bed, "github")["redirect_uris"]
    ends = ("callback", "callback") if single else ("login", "connect")
    assert [uris["login"], uris["connect"]] == [f"{root}/{end}/github" for end in ends]

    prefix = settings.get("SOCIAL_URL_PREFIX", "")
    base_url = f"http://{settings.get('SERVER_NAME', 'localhost')}"
    sent = bed.app.test_client().post(f"{prefix}/login/github", base_url=base_url).location
    assert parse_qs(urlsplit(sent).query)["redirect_uri"] == [uris["login"]]


def test_who_answers_by_a_form_comes_back_to_one_address(bed: Bed) -> None:
    apple = one(bed, "apple")["redirect_uris"]
    assert {apple["login"], apple["connect"]} == {"https://app.example/callback/apple"}
    assert "everything  https://app.example/callback/apple" in said(bed, "provider", "apple")


def test_where_the_host_is_not_known_it_says_what_makes_it_known() -> None:
    uris = one(make_app({}), "github")["redirect_uris"]
    assert uris == {"login": "/login/github", "connect": "/connect/github", "hint": HOST_UNKNOWN}
    named = one(make_app({"SERVER_NAME": "app.example"}), "github")["redirect_uris"]
    assert named["hint"] == SCHEME_ASSUMED


def test_nothing_of_the_secret_is_told(bed: Bed) -> None:
    told = said(bed, "providers", "--json") + said(bed, "provider", "github")
    assert '"secret"' not in told


def test_each_instance_has_redirect_uris_of_its_own() -> None:
    client = {"consumer_key": "k", "consumer_secret": "s"}
    hosts = {"git.example": client, "code.example:8443": client}
    keys = {"SOCIAL_GITEA": {"per_visitor": True, "instances": hosts}}
    made = make_app({"SOCIAL_APP_URL": "https://app.example", **keys})
    lines = str(said(made, "provider", "gitea")).splitlines()
    told = [line.split()[-1] for line in lines if "?instance=" in line]
    assert told == [
        f"https://app.example/{each}/gitea?instance={host}"
        for host in ("git.example", "code.example%3A8443")
        for each in ("login", "connect")
    ]
    browser = made.app.test_client()
    away = browser.post("/login/gitea", data={"instance": "code.example:8443"})
    assert query_of(away.headers["Location"])["redirect_uri"] == told[2]
