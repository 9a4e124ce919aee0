"""``SOCIAL_<NAME>``: a stock provider, an altered one, one of the application's, or its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from types import ModuleType
from typing import Any

import pytest

from flask_social.errors import ConfigurationError
from flask_social.protocols.credentials import basic, public
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.providers import github, google
from flask_social.registration import Registration, register
from flask_social.values import Client, Identity

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
OWN = {
    **CLIENT,
    "authorize_url": "https://op.test/authorize",
    "token_url": "https://op.test/token",
    "api_url": "https://op.test/api/",
    "identity": {"subject": "id"},
}
WHOLE = replace(github.provider, revoke_url="https://api.github.com/applications")
"""GitHub, whose file has a path below its API there."""


def registered(key: str, /, sandbox_url: str | None = None, **options: Any) -> Registration:
    return register(key, options, sandbox_url=sandbox_url, allow_http=False)


def provider(key: str, /, **options: Any) -> Any:
    return registered(key, **(CLIENT | options)).provider


def refusal(key: str, /, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        registered(key, **options)
    return str(caught.value)


# The client.


@pytest.mark.parametrize(
    "options",
    [
        {"consumer_key": "key", "consumer_secret": "secret"},
        {"client_id": "key", "client_secret": "secret"},
        {"consumer_key": "key", "client_secret": "secret"},
    ],
)
def test_a_client_is_known_by_either_spelling(options: dict[str, str]) -> None:
    assert registered("github", **options).client == Client(id="key", secret="secret")


def test_a_client_with_a_key_of_its_own_needs_no_secret() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    options = {"consumer_key": "key", "private_key": pem, "key_id": "1"}
    made = registered("github", token_endpoint_auth_method="private_key_jwt", **options)
    assert made.client == Client(id="key", private_key=pem, key_id="1")
    with pytest.raises(ConfigurationError, match="SOCIAL_GITHUB has no consumer_secret"):
        registered("github", **options)


def test_a_public_client_needs_no_secret() -> None:
    made = registered("github", consumer_key="key", token_endpoint_auth_method="none")
    assert made.client == Client(id="key")
    assert made.provider.client_auth is public  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        ({}, "consumer_key"),
        ({"consumer_secret": "s"}, "consumer_key"),
        ({"consumer_key": "", "consumer_secret": "s"}, "consumer_key"),
        ({"consumer_key": None, "consumer_secret": "s"}, "consumer_key"),
        ({"consumer_key": "k"}, "consumer_secret"),
        ({"consumer_key": "k", "consumer_secret": ""}, "consumer_secret"),
        ({"consumer_key": "k", "consumer_secret": None}, "consumer_secret"),
    ],
)
def test_a_missing_key_is_named(options: dict[str, Any], lacking: str) -> None:
    said = refusal("github", **options)
    assert said.startswith(f"SOCIAL_GITHUB has no {lacking}.")
    assert "when you registered" in said


@pytest.mark.parametrize(
    ("options", "misspelt"),
    [
        ({"consumer_kee": "k", "consumer_secret": "s"}, "consumer_kee"),
        ({"consumer_key": "k", "consumer_secrt": "s"}, "consumer_secrt"),
    ],
)
def test_a_misspelt_key_of_the_client_is_named(options: dict[str, Any], misspelt: str) -> None:
    assert f"Is {misspelt!r} misspelt?" in refusal("github", **options)


@pytest.mark.parametrize("value", [7, b"secret", ["secret"]])
def test_a_secret_of_another_type_is_refused_and_not_shown(value: Any) -> None:
    said = refusal("github", consumer_key="k", consumer_secret=value)
    assert said == "SOCIAL_GITHUB: the consumer's secret must be a text."


# A stock provider.


def test_a_stock_provider_is_the_one_of_its_file() -> None:
    assert provider("github") == WHOLE
    assert provider("google") == google.provider


def test_a_stock_provider_is_altered_in_a_copy() -> None:
    altered = provider("github", scopes=["repo"], name="Our GitHub")
    assert (altered.scopes, altered.name, altered.id) == (("repo",), "Our GitHub", "github")
    assert altered.token_url == github.provider.token_url
    assert github.provider.scopes == ("read:user", "user:email")


@pytest.mark.parametrize(
    "options",
    [
        {"scopes": ["repo", "gist"]},
        {"scopes": ("repo", "gist")},
        {"scopes": "repo gist"},
        {"scope": "repo,gist"},
        {"scope": " repo, gist "},
        {"request_token_params": {"scope": "repo gist"}},
        {"request_token_params": {"scope": ["repo", "gist"]}},
    ],
)
def test_scopes_are_taken_however_they_are_written(options: dict[str, Any]) -> None:
    assert provider("github", **options).scopes == ("repo", "gist")


def test_no_scope_at_all_is_possible() -> None:
    assert provider("github", scope="").scopes == ()


def test_old_names_mean_the_new_fields() -> None:
    made = provider(
        "github",
        base_url="https://ghe.test/api/",
        access_token_url="https://ghe.test/token",
        authorize_url="https://ghe.test/authorize",
        access_token_params={"a": "b"},
        request_token_params={"scope": "repo", "allow_signup": "false"},
        install="PyGithub",
        id="github",
    )
    assert (made.api_url, made.token_url) == ("https://ghe.test/api/", "https://ghe.test/token")
    assert (made.token_params, made.authorize_params) == ({"a": "b"}, {"allow_signup": "false"})
    assert made.scopes == ("repo",)


def test_a_new_name_wins_over_an_old_one() -> None:
    options = {"scopes": ["new"], "request_token_params": {"scope": "old"}}
    assert provider("github", **options).scopes == ("new",)


def test_what_is_none_is_as_if_it_were_not_there() -> None:
    made = provider("github", request_token_url=None, module=None, scopes=None)
    assert made == WHOLE


def test_a_method_of_authentication_is_chosen_by_its_standard_name() -> None:
    made = provider("github", token_endpoint_auth_method="client_secret_basic")
    assert made.client_auth is basic


@pytest.mark.parametrize("method", ["basic", "", 7, ["client_secret_basic"], {}])
def test_an_unknown_method_of_authentication_is_refused(method: Any) -> None:
    said = refusal("github", **CLIENT, token_endpoint_auth_method=method)
    assert "SOCIAL_GITHUB: token_endpoint_auth_method is one of" in said
    assert "client_secret_basic" in said


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ({"scops": ["repo"]}, "scopes"),
        ({"autorize_url": "https://x.test"}, "authorize_url"),
        ({"consumer_secert": "x"}, "consumer_secret"),
        ({"identiy": {}}, "identity"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_nearest_one(
    options: dict[str, Any], near: str
) -> None:
    said = refusal("github", **CLIENT, **options)
    assert said.startswith("SOCIAL_GITHUB: GitHub has no setting")
    assert f"Did you mean {near}?" in said


def test_a_setting_of_another_world_is_refused_without_a_guess() -> None:
    said = refusal("github", **CLIENT, zzzzzz=1)
    assert "no setting 'zzzzzz'" in said
    assert "Did you mean" not in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scopes": 7}, "scopes must be a list of texts"),
        ({"scopes": ["repo", 7]}, "scopes must be a list of texts"),
        ({"pkce": "no"}, "pkce must be True or False"),
        ({"offline": "yes"}, "offline must be True or False"),
        ({"authorize_url": 7}, "authorize_url must be a text"),
        ({"authorize_params": "a=b"}, "authorize_params must be a mapping of texts"),
        ({"authorize_params": {"a": 1}}, "authorize_params must be a mapping of texts"),
        ({"authorize_params": {1: "a"}}, "authorize_params must be a mapping of texts"),
        ({"profile": "user"}, "profile must be a function"),
        ({"client_auth": "basic"}, "client_auth must be a function"),
        ({"identity": "id"}, "identity must be a function"),
        ({"identity": {"subject": 7}}, "identity: subject must be a text"),
        ({"identity": {"name": "n"}}, "identity: "),
        ({"identity": {"subject": "id", "phone": "p"}}, "identity: "),
        ({"identity": {1: "id"}}, "identity: "),
        ({"request_token_params": "scope"}, "request_token_params must be a mapping"),
    ],
)
def test_a_setting_of_another_type_is_refused(options: dict[str, Any], said: str) -> None:
    assert refusal("github", **CLIENT, **options).startswith(f"SOCIAL_GITHUB: {said}")


def test_a_mapping_is_copied_so_that_nobody_changes_it_later() -> None:
    params = {"allow_signup": "false"}
    made = provider("github", authorize_params=params, token_params=params)
    params["allow_signup"] = "true"
    assert made.authorize_params == made.token_params == {"allow_signup": "false"}


@pytest.mark.parametrize("identity", ["github.com", "GITHUB", "google"])
def test_an_id_other_than_the_key_s_is_refused(identity: str) -> None:
    assert "SOCIAL_GITHUB: id must be 'github'" in refusal("github", **CLIENT, id=identity)


# Where a provider is defined.


@pytest.mark.parametrize("name", ["github", "twitter"])
def test_a_stock_provider_is_defined_by_its_file(name: str) -> None:
    assert registered(name, **CLIENT).module == f"flask_social.providers.{name}"
    altered = registered(name, **CLIENT, name="Another")
    assert altered.module == f"flask_social.providers.{name}"


def test_a_provider_of_the_configuration_alone_is_defined_by_no_module() -> None:
    assert register("acme", OWN, sandbox_url=None, allow_http=False).module is None
    assert registered("acme", **CLIENT, issuer="https://op.test").module is None


LOADED = """
import json, sys
from flask_social.registration import register
register("acme", {options!r}, sandbox_url=None, allow_http=False)
print(json.dumps([each for each in sys.modules if each.split(".")[0] == "oauthlib"]))
"""


def oauthlib_of(**options: Any) -> list[str]:
    """The modules of oauthlib that are loaded once *options* are read, in a new process."""
    script = LOADED.format(options=options)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return list(json.loads(done.stdout))


def test_oauthlib_is_loaded_for_oauth_1_alone() -> None:
    assert oauthlib_of(**OWN) == []
    assert oauthlib_of(**OWN, request_token_url=None) == []
    assert "oauthlib.oauth1" in oauthlib_of(**OWN, request_token_url="https://op.test/request")


# A provider that only the configuration knows.


def test_an_issuer_alone_is_a_whole_provider() -> None:
    made = provider("acme_corp", issuer="https://op.test")
    assert isinstance(made, OIDC)
    assert (made.id, made.name, made.issuer) == ("acme_corp", "Acme Corp", "https://op.test")
    assert "openid" in made.scopes


def test_addresses_alone_are_a_whole_provider() -> None:
    made = provider("acme", **OWN, name="ACME")
    assert isinstance(made, OAuth2)
    assert (made.id, made.name, made.token_url) == ("acme", "ACME", "https://op.test/token")
    assert made.pkce is True
    assert made.identity is not None
    assert made.identity({"id": 7}) == Identity(subject="7", raw={"id": 7})


def test_identity_paths_may_be_lists() -> None:
    made = provider("acme", **(OWN | {"identity": {"subject": "id", "name": ["full", "nick"]}}))
    assert made.identity({"id": "7", "nick": "Anna"}).name == "Anna"


@pytest.mark.parametrize(
    ("without", "named"),
    [
        (("authorize_url",), ["authorize_url"]),
        (("token_url",), ["token_url"]),
        (("authorize_url", "token_url"), ["authorize_url", "token_url", "issuer"]),
        (("api_url",), ["api_url"]),
        (("identity",), ["identity"]),
        (("api_url", "identity"), ["api_url", "identity"]),
    ],
)
def test_what_an_own_provider_lacks_is_named(without: tuple[str, ...], named: list[str]) -> None:
    said = refusal("acme", **{key: value for key, value in OWN.items() if key not in without})
    assert said.startswith("SOCIAL_ACME ")
    assert all(each in said for each in named)


@pytest.mark.parametrize(
    ("name", "near"), [("githb", "GITHUB"), ("gogle", "GOOGLE"), ("face_book", "FACEBOOK")]
)
def test_an_unknown_provider_is_refused_with_the_nearest_known_one(name: str, near: str) -> None:
    said = refusal(name, **CLIENT)
    assert f"SOCIAL_{name.upper()} is no stock provider. Did you mean SOCIAL_{near}?" in said


def test_a_provider_like_no_other_is_told_what_it_needs() -> None:
    said = refusal("zzz", **CLIENT)
    assert "SOCIAL_ZZZ is no stock provider." in said
    assert "Did you mean" not in said
    assert "issuer" in said


@pytest.mark.parametrize("issuer", ["op.test", 7, "http://[::1", "ftp://op.test", "", "//op.test"])
def test_an_issuer_that_is_no_address_is_refused(issuer: Any) -> None:
    said = refusal("acme", **CLIENT, issuer=issuer)
    assert said.startswith("SOCIAL_ACME: issuer must be an address such as")


@pytest.mark.parametrize("options", [{"issuer": "https://op.test?x=1"}, {"algorithms": ["none"]}])
def test_what_a_protocol_cannot_do_is_refused_under_the_key(options: dict[str, Any]) -> None:
    said = refusal("acme", **(CLIENT | {"issuer": "https://op.test"} | options))
    assert said.startswith("SOCIAL_ACME: ")


@pytest.mark.parametrize("name", ["authorize_url", "token_url", "api_url", "revoke_url"])
@pytest.mark.parametrize(
    "address", ["op.test/x", "//x", "https:/x", "file:///etc/passwd", "http://[::1"]
)
def test_an_address_that_is_none_is_refused(name: str, address: str) -> None:
    said = refusal("acme", **(OWN | {name: address}))
    assert said.startswith(f"SOCIAL_ACME: {name} must be an address")
    assert repr(address) in said


@pytest.mark.parametrize("address", ["http://op.test/x", "HTTP://op.test/x"])
def test_plain_http_is_refused_where_it_is_not_allowed(address: str) -> None:
    options = OWN | {"token_url": address}
    assert "SOCIAL_ACME: token_url is plain http" in refusal("acme", **options)
    made = register("acme", options, sandbox_url=None, allow_http=True)
    assert made.provider.token_url == address  # type: ignore[attr-defined]


# Places in addresses, and the sandbox.


@pytest.fixture
def tenants() -> ModuleType:
    module = ModuleType("tenants")
    module.provider = OAuth2(  # type: ignore[attr-defined]
        id="acme",
        name="Acme",
        authorize_url="https://{tenant}.op.test/authorize",
        token_url="https://{tenant}.op.test/{realm}/token",
        api_url="https://op.test/",
    )
    return module


def test_the_places_in_addresses_are_filled(tenants: ModuleType) -> None:
    made = provider("acme", module=tenants, tenant="shop", realm=7)
    assert made.authorize_url == "https://shop.op.test/authorize"
    assert made.token_url == "https://shop.op.test/7/token"
    assert "{" in tenants.provider.token_url


def test_a_place_that_nothing_fills_is_named(tenants: ModuleType) -> None:
    assert refusal("acme", **CLIENT, module=tenants) == (
        "SOCIAL_ACME has no realm, tenant, which its addresses need."
    )


def test_a_misspelt_place_is_refused_with_the_nearest_one(tenants: ModuleType) -> None:
    said = refusal("acme", **CLIENT, module=tenants, tenat="shop", realm="x")
    assert "Did you mean tenant?" in said


def test_the_sandbox_takes_the_place_of_every_address() -> None:
    made = registered("acme", sandbox_url="https://sandbox.test/", **OWN).provider
    addresses = [
        value
        for each in fields(made)  # type: ignore[arg-type]
        if each.name.endswith("_url") and (value := getattr(made, each.name))
    ]
    assert len(addresses) >= 3
    assert all(each.startswith("https://sandbox.test/acme") for each in addresses)


# A provider from a module of the application.


class Spoken:
    """A provider that is no dataclass: anything with the two methods."""

    id = "acme"
    name = "Acme"

    def begin(self, client: Any, flow: Any, send: Any) -> Any:
        raise NotImplementedError

    def complete(self, client: Any, flow: Any, params: Any, send: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Declared(Spoken):
    id: str = "acme"
    colour: str = "red"


@pytest.fixture
def module() -> Iterator[ModuleType]:
    module = ModuleType("tests_of_registration_acme")
    module.provider = Spoken()  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_a_module_is_named_by_its_path_or_given_itself(module: ModuleType) -> None:
    assert provider("acme", module=module.__name__) is module.provider
    assert provider("acme", module=module) is module.provider


def test_a_provider_of_a_module_is_defined_by_it(module: ModuleType) -> None:
    for named in (module, module.__name__):
        assert registered("acme", **CLIENT, module=named).module == module.__name__


def test_a_provider_that_is_no_dataclass_takes_no_settings(module: ModuleType) -> None:
    said = refusal("acme", **CLIENT, module=module, colour="blue")
    assert "SOCIAL_ACME: Acme has no setting 'colour'" in said


def test_a_provider_that_is_a_dataclass_is_altered_by_its_fields(module: ModuleType) -> None:
    module.provider = Declared()  # type: ignore[attr-defined]
    assert provider("acme", module=module, colour="blue") == Declared(colour="blue")


def test_two_registrations_of_one_module_have_their_own_ids(module: ModuleType) -> None:
    # The id is what the routes, and so the callback's address, are made of.
    module.provider = Declared()  # type: ignore[attr-defined]
    made = [provider(name, module=module) for name in ("acme", "acme_test")]
    assert [each.id for each in made] == ["acme", "acme_test"]


def test_a_provider_whose_id_cannot_be_changed_must_have_the_key_s(module: ModuleType) -> None:
    said = refusal("other", **CLIENT, module=module)
    assert said == "SOCIAL_OTHER: the provider's id must be 'other', like the key."


@pytest.mark.parametrize("name", ["no_such_module_anywhere", "", ".relative", "a..b"])
def test_a_module_that_cannot_be_imported_is_named(name: str) -> None:
    said = refusal("acme", **CLIENT, module=name)
    assert said.startswith(f"SOCIAL_ACME: module {name!r} cannot be imported")


@pytest.mark.parametrize("wrong", ["json", ModuleType("empty"), 7, {"provider": Spoken()}])
def test_a_module_without_a_provider_is_refused(wrong: Any) -> None:
    said = refusal("acme", **CLIENT, module=wrong)
    assert said.startswith("SOCIAL_ACME: ")
    assert "has no provider with begin() and complete(), nor the config" in said
