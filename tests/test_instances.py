"""Aliases, several instances of one provider, and providers that are gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.errors import ConfigurationError, ProviderError
from flask_social.flows import accounts
from flask_social.flows.accounts import Connected, Recognised, Unrecognised
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.providers import _known, forgejo, gitlab, keycloak
from flask_social.registration import Registration, register
from flask_social.testing import ServedSandbox
from flask_social.values import Grant, Identity, Token
from tests.bed import Bed

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}


def registered(key: str, /, sandbox_url: str | None = None, **options: Any) -> Registration:
    return register(key, CLIENT | options, sandbox_url=sandbox_url, allow_http=False)


def provider(key: str, /, **options: Any) -> Any:
    return registered(key, **options).provider


def refusal(key: str, /, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        registered(key, **options)
    return str(caught.value)


# Aliases.


@pytest.mark.parametrize(
    ("alias", "stock", "name"),
    [("x", "twitter", "Twitter"), ("intuit", "quickbooks", None), ("42", "fortytwo", None)],
)
def test_an_alias_is_the_stock_provider_under_the_key_s_id(
    alias: str, stock: str, name: str | None
) -> None:
    made = registered(alias)
    assert made.module == f"flask_social.providers.{stock}"
    assert (made.id, made.provider.id) == (alias, alias)
    assert made.name == made.provider.name
    assert name in (None, made.name)


def test_an_alias_that_is_the_provider_elsewhere_is_there() -> None:
    here, lark = provider("feishu"), provider("lark")
    assert "feishu.cn" in here.token_url
    assert lark.token_url == here.token_url.replace("feishu.cn", "larksuite.com")
    assert lark.name == "Lark"
    assert provider("lark", domain="larksuite.example").places == {"domain": "larksuite.example"}


@pytest.mark.parametrize(
    "own",
    [
        {"issuer": "https://login.acme.example"},
        {
            "authorize_url": "https://acme.example/authorize",
            "token_url": "https://acme.example/token",
            "api_url": "https://acme.example/api/",
            "identity": {"subject": "id"},
        },
    ],
)
def test_an_alias_may_be_the_name_of_a_provider_of_the_application_s_own(
    own: dict[str, Any],
) -> None:
    made = registered("azure", **own)
    assert (made.module, made.name) == (None, "Azure")
    made = registered("azure", module=forgejo, host="git.acme.example")
    assert (made.module, made.provider.id) == ("flask_social.providers.forgejo", "azure")


# Instances.


def test_instances_have_their_places_from_the_configuration() -> None:
    public = provider("gitlab")
    acme = provider("acme_gitlab", provider="gitlab", host="git.acme.example")
    umbrella = provider("umbrella", provider="gitlab", host="Git.Umbrella.example:8443")
    assert (public.id, public.issuer) == ("gitlab", "https://gitlab.com")
    assert (acme.id, acme.issuer) == ("acme_gitlab", "https://git.acme.example")
    assert acme.api_url == "https://git.acme.example/api/v4/"
    assert umbrella.issuer == "https://git.umbrella.example:8443"
    assert (public.places, acme.places) == ({"host": "gitlab.com"}, {"host": "git.acme.example"})
    assert "{host}" in gitlab.provider.issuer, "the file's own is as it was"


def test_an_instance_may_be_named_by_an_alias() -> None:
    assert registered("bird", provider="x").module == "flask_social.providers.twitter"


@pytest.mark.parametrize(
    ("key", "options", "name"),
    [
        ("gitlab", {"host": "git.acme.example"}, "GitLab"),
        ("acme", {"provider": "gitlab", "host": "git.acme.example"}, "GitLab (git.acme.example)"),
        ("acme", {"provider": "gitlab", "issuer": "https://a.example"}, "GitLab (a.example)"),
        ("acme", {"provider": "gitlab", "host": "a.example", "name": "Acme's"}, "Acme's"),
        ("staff_github", {"provider": "github"}, "Staff Github"),
        ("staff_github", {"provider": "github", "scopes": ["repo"]}, "Staff Github"),
        ("github", {"name": "Our GitHub"}, "Our GitHub"),
        (
            "acme",
            {"provider": "keycloak", "realm": "staff", "host": "sso.example"},
            "Keycloak (sso.example, staff)",
        ),
    ],
)
def test_an_instance_has_a_name_that_tells_it_from_others(
    key: str, options: dict[str, Any], name: str
) -> None:
    made = registered(key, **options)
    assert made.name == name
    assert made.provider.name == made.name == name, "the same once it is read"


def test_a_place_that_nothing_fills_is_named() -> None:
    said = refusal("acme", provider="keycloak", host="sso.example")
    assert said == "SOCIAL_ACME has no realm, which its addresses need."


def test_a_server_with_other_addresses_needs_no_place_that_is_in_none_of_them() -> None:
    made = provider(
        "acme",
        provider="keycloak",
        issuer="https://sso.example/auth/realms/staff",
        api_url="https://sso.example/auth/admin/realms/staff/",
    )
    assert (made.issuer, made.console) == ("https://sso.example/auth/realms/staff", None)
    assert "{realm}" in str(keycloak.provider.console)


HOSTS = [
    ("git.acme.example", True),
    ("localhost:8080", True),
    ("10.0.0.7", True),
    ("[2001:db8::1]:8443", True),
    ("my_host", True),
    ("git.acme.example:65535", True),
    ("git.acme.example:65536", False),
    ("https://git.acme.example/", False),
    ("https://git.acme.example", False),
    ("git.acme.example/", False),
    ("git.acme.example/gitlab", False),
    ("git.acme.example?x", False),
    ("git.acme.example#x", False),
    ("user:canary@git.acme.example", False),
    ("https://user:canary@git.acme.example/x", False),
    ("git .acme.example", False),
    (" git.acme.example", False),
    ("git.acme.example\n", False),
    ("git.acme.example\\@evil.example", False),
    ("-git.example", False),
    ("{host}", False),
    ("", False),
    ("//", False),
    ("http://[::1", False),
    (True, False),
    (["git.acme.example"], False),
]


@pytest.mark.parametrize(("host", "is_one"), HOSTS)
def test_a_host_is_a_name_with_a_port_at_most(host: Any, is_one: bool) -> None:
    if is_one:
        assert provider("gitlab", host=host).issuer == f"https://{host}"
        return
    said = refusal("gitlab", host=host)
    assert said.startswith("SOCIAL_GITLAB: host must be a host's name such as")
    assert "canary" not in said


@pytest.mark.parametrize(
    ("host", "instead"),
    [
        ("https://git.acme.example/", "git.acme.example"),
        ("git.acme.example/gitlab", "git.acme.example"),
        ("https://user:canary@git.acme.example:8443/x", "git.acme.example:8443"),
    ],
)
def test_who_gives_a_whole_address_is_told_what_to_write(host: str, instead: str) -> None:
    assert refusal("gitlab", host=host).endswith(f" Write {instead!r}.")


@pytest.mark.parametrize("realm", ["..", ".", "a/b", "a b", "a?b", "a%2fb", "a@b", "", "ä", True])
def test_any_other_place_is_one_name(realm: Any) -> None:
    said = refusal("keycloak", host="sso.example", realm=realm)
    assert said.startswith("SOCIAL_KEYCLOAK: realm must be one name of letters")


@pytest.mark.parametrize("name", ["acme", "acme-1", "a.b"])
def test_a_part_of_a_host_is_one(name: str) -> None:
    assert f"https://{name}.zendesk.com" in provider("zendesk", subdomain=name).token_url
    for wrong in (f"{name}/", f"{name}~", f"-{name}", f"{name}@x", ""):
        said = refusal("zendesk", subdomain=wrong)
        assert said.startswith("SOCIAL_ZENDESK: subdomain must be a part of a host's name")


@pytest.mark.parametrize("realm", ["staff", "a.b-c_d~e", 7])
def test_a_name_may_have_what_needs_no_quoting(realm: Any) -> None:
    made = provider("keycloak", host="sso.example", realm=realm)
    assert made.issuer == f"https://sso.example/realms/{realm}"


@pytest.mark.parametrize("rest", ["https://meta.example/w/rest.php", "http://[", "meta.example", 7])
def test_a_place_that_begins_an_address_is_one(rest: Any) -> None:
    module = type("module", (), {})
    module.provider = OAuth2(  # type: ignore[attr-defined]
        id="wiki",
        name="Wiki",
        authorize_url="{rest}/oauth2/authorize",
        token_url="{rest}/oauth2/access_token",
        api_url="{rest}/",
    )
    if isinstance(rest, str) and rest.startswith("https"):
        assert provider("wiki", module=module, rest=rest).api_url == f"{rest}/"
    else:
        assert "SOCIAL_WIKI: rest must be an address" in refusal("wiki", module=module, rest=rest)


@pytest.mark.parametrize(
    ("asked", "near"),
    [("gitlb", "'gitlab'"), ("GitLab", "'gitlab'"), ("twiter", "'twitter'"), ("zzzzzz", None)],
)
def test_an_unknown_stock_provider_is_refused_with_the_nearest_names(
    asked: str, near: str | None
) -> None:
    said = refusal("acme", provider=asked)
    assert said.startswith(f"SOCIAL_ACME: provider {asked!r} is no stock provider.")
    assert near is None or near in said
    assert ("Did you mean" in said) is (near is not None)


@pytest.mark.parametrize("asked", [7, True, ["gitlab"], {}])
def test_a_stock_provider_is_named_by_a_text(asked: Any) -> None:
    said = refusal("acme", provider=asked)
    assert said == "SOCIAL_ACME: provider must be the id of a stock provider, a text."


def test_a_provider_is_a_stock_one_or_a_module_s() -> None:
    said = refusal("acme", provider="gitlab", module="myapp.gitlab")
    assert said == "SOCIAL_ACME has a provider and a module: give one of them."


@pytest.mark.parametrize(
    ("key", "options", "segment"),
    [
        ("gitlab", {}, "gitlab"),
        ("gitlab", {"provider": "gitlab"}, "gitlab"),
        ("acme", {"provider": "gitlab", "host": "git.example"}, "gitlab~acme"),
        ("x", {}, "twitter~x"),
        ("acme", {"issuer": "https://login.acme.example"}, "acme"),
    ],
)
def test_the_sandbox_plays_each_instance_at_an_address_of_its_own(
    key: str, options: dict[str, Any], segment: str
) -> None:
    made: Any = registered(key, "https://sandbox.test/", **options).provider
    assert made.played_at == f"https://sandbox.test/{segment}"
    assert made.id == key


# Two of a kind are two.


def grant_of(registration: Registration, subject: str = "42") -> Grant:
    """What a trip to it brings home, as far as identity goes."""
    found: Any = registration.provider
    identity = Identity(subject=subject, issuer=found.issuer)
    return Grant(provider_id=found.id, token=Token(access_token="t"), identity=identity)


OF_A_KIND = {
    "gitlab": ({"host": "one.example"}, {"host": "two.example"}),
    "gitea": ({"host": "one.example"}, {"host": "two.example"}),
    "keycloak": ({"host": "sso.example", "realm": "a"}, {"host": "sso.example", "realm": "b"}),
}


@pytest.mark.parametrize("stock", OF_A_KIND)
def test_one_subject_at_two_instances_is_two_accounts_and_swapped_names_are_refused(
    stock: str,
) -> None:
    first, second = OF_A_KIND[stock]
    store = MemoryConnectionDatastore()
    one = registered("one", provider=stock, **first)
    two = registered("two", provider=stock, **second)
    assert isinstance(accounts.connect(grant_of(one), "ann", store), Connected)
    assert isinstance(accounts.recognise(grant_of(two), store), Unrecognised)
    assert isinstance(accounts.connect(grant_of(two), "bob", store), Connected)
    found = [accounts.recognise(grant_of(each), store) for each in (one, two)]
    assert [each.user for each in found if isinstance(each, Recognised)] == ["ann", "bob"]

    swapped = registered("one", provider=stock, **second)
    with pytest.raises(ProviderError) as caught:
        accounts.recognise(grant_of(swapped), store)
    assert caught.value.code == "issuer_changed"


# Those that are gone.


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fitbit", "the Google Health API, by Google's login, took its place."),
        ("live", "Microsoft closed the Live SDK"),
        ("windowslive", "Use SOCIAL_MICROSOFT instead."),
        ("500px", "June 2018"),
        ("google_onetap", "a script in the page"),
        ("telegram", "Use SOCIAL_TELEGRAM_OIDC instead."),
    ],
)
def test_one_that_is_gone_is_told_of(name: str, said: str) -> None:
    for refused in (refusal(name), refusal("acme", provider=name)):
        assert said in refused
        assert "Did you mean" not in refused
    assert refusal(name).startswith(f"SOCIAL_{name.upper()}: ")


@pytest.mark.parametrize("name", sorted(_known.GONE))
def test_what_became_of_one_is_told_in_a_sentence(name: str) -> None:
    sentence, successor = _known.GONE[name]
    assert sentence.endswith(".")
    assert sentence in refusal(name)
    assert successor is None or f"Use SOCIAL_{successor.upper()} instead." in refusal(name)


def test_a_name_that_is_free_again_may_be_an_application_s_own() -> None:
    made = registered("pocket", issuer="https://pocket.acme.example")
    assert (made.module, made.name) == (None, "Pocket")


def test_people_come_by_an_alias_and_by_an_instance_at_the_sandbox(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make_bed(
        SOCIAL_SANDBOX=box.url,
        SOCIAL_X=CLIENT,
        SOCIAL_GITLAB=CLIENT,
        SOCIAL_ACME_GITLAB={**CLIENT, "provider": "gitlab", "host": "git.acme.example"},
    )
    bed.add_user("ada@here.example")
    browser = bed.browser().sign_in("ada@here.example")
    for name in ("x", "gitlab", "acme_gitlab"):
        assert browser.trip(f"/connect/{name}").headers["Location"] == "/connections"
        stranger = bed.browser()
        stranger.trip(f"/login/{name}")
        assert stranger.who() == "ada@here.example"
    assert [row.provider_id for row in bed.rows()] == ["x", "gitlab", "acme_gitlab"]
    page = browser.get("/connections").text
    assert "GitLab (git.acme.example)" in page
    assert [row.issuer for row in bed.rows()][1:] == [
        f"{box.url}gitlab",
        f"{box.url}gitlab~acme_gitlab",
    ]


# Those that have two ways.


@pytest.mark.parametrize(
    ("name", "issuer"),
    [
        ("discord", "https://discord.com"),
        ("kakao", "https://kauth.kakao.com"),
        ("naver", "https://nid.naver.com"),
    ],
)
def test_one_of_oauth_2_may_be_spoken_to_by_openid_connect(name: str, issuer: str) -> None:
    """As docs/providers.md has it: under the same id, so that its rows stay."""
    options = {"consumer_key": "k", "consumer_secret": "s", "provider": "oidc", "issuer": issuer}
    provider = register(name, options, sandbox_url=None, allow_http=False).provider
    assert isinstance(provider, OIDC)
    assert (provider.id, provider.issuer) == (name, issuer)
