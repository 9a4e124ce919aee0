"""Provider modules written for 1.6: on paper, and over HTTP against the sandbox."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import requests
from flask import Flask
from oauthlib.oauth1 import Client as Signer

from flask_social.api import ApiSession
from flask_social.errors import ConfigurationError, Denied, ProviderError
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.registration import Registration, register
from flask_social.testing import ServedSandbox
from flask_social.values import Grant
from tests.bed import Bed, query_of
from tests.protocols.paper import Paper, answer, flow

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
FORM = "application/x-www-form-urlencoded"


def old_module(**config: Any) -> ModuleType:
    """A module as the contract of 1.6 has it, its hooks noting what they are asked."""
    module: Any = ModuleType("gitea_of_2013")
    module.asked = []
    module.config = {
        "id": "gitea",
        "name": "Gitea",
        "install": "https://pypi.example/gitea",
        "module": "gitea_of_2013",
        "base_url": "https://gitea.test/api/",
        "request_token_url": None,
        "access_token_url": "/oauth/access_token",
        "authorize_url": "https://gitea.test/authorize",
        "access_token_params": {"audience": "api"},
        "request_token_params": {"scope": "read", "display": "page"},
    } | config

    def get_connection_values(response: Any, **kwargs: Any) -> Any:
        module.asked.append(("values", dict(response), kwargs))
        return module.values

    def get_provider_user_id(response: Any, **kwargs: Any) -> Any:
        module.asked.append(("id", dict(response), kwargs))
        return response.get("user_id")

    def get_api(connection: Any, **kwargs: Any) -> Any:
        return "api", connection, kwargs

    module.values = {
        "provider_id": "gitea",
        "provider_user_id": 7,
        "access_token": "granted",
        "secret": None,
        "display_name": "ada",
        "full_name": "Ada Example",
        "profile_url": "https://gitea.test/ada",
        "image_url": "https://gitea.test/ada.png",
        "email": "ada@example.org",
    }
    module.get_connection_values = get_connection_values
    module.get_provider_user_id = get_provider_user_id
    module.get_api = get_api
    return module


def signed_module(**config: Any) -> ModuleType:
    """The same for OAuth 1.0a."""
    module = old_module(request_token_url="/oauth/request_token", **config)
    module.values |= {"secret": "gs"}  # type: ignore[attr-defined]
    return module


def registered(module: Any, /, **options: Any) -> Registration:
    options = CLIENT | {"module": module} | options
    return register("gitea", options, sandbox_url=None, allow_http=False)


def refusal(module: Any, /, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        registered(module, **options)
    return str(caught.value)


ANSWERS = {
    "https://gitea.test/oauth/access_token": answer(
        b"access_token=granted&user_id=9&expires_in=3600", media=FORM
    ),
    "https://gitea.test/api/me": answer({"id": 8}),
}
SIGNED_ANSWERS = {
    "https://gitea.test/oauth/request_token": answer(
        b"oauth_token=temporary&oauth_token_secret=ts&oauth_callback_confirmed=true", media=FORM
    ),
    "https://gitea.test/oauth/access_token": answer(
        b"oauth_token=granted&oauth_token_secret=gs&user_id=9", media=FORM
    ),
}


def trip(made: Registration, **answers: Any) -> tuple[str, Paper, Grant]:
    """Where the person was sent, what was asked, and what came home."""
    signs = isinstance(made.provider, OAuth1)
    send = Paper({**(SIGNED_ANSWERS if signs else ANSWERS), **answers})
    begun, url = made.provider.begin(made.client, flow(), send)
    back = (
        {"oauth_token": begun.request_token, "oauth_verifier": "v"} if signs else {"code": "the-c"}
    )
    return url, send, made.provider.complete(made.client, begun, back, send)


def failure(module: Any, /, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        trip(registered(module, **options))
    return stopped.value


# What its config makes it.


def test_a_module_of_oauth_2_is_a_provider_of_oauth_2() -> None:
    module = old_module()
    made = registered(module)
    url, send, grant = trip(made)
    assert made.module == "gitea_of_2013"
    assert (made.provider.id, made.provider.name) == ("gitea", "Gitea")
    assert isinstance(made.provider, OAuth2)
    assert url.startswith("https://gitea.test/authorize?")
    assert query_of(url) | {"scope": "read", "display": "page"} == query_of(url)
    [exchange] = send.sent
    assert exchange.url == "https://gitea.test/oauth/access_token"
    assert exchange.form is not None
    assert (exchange.form["audience"], exchange.form["code"]) == ("api", "the-c")
    assert grant.token.access_token == "granted"


def test_a_module_with_a_request_token_url_is_a_provider_of_oauth_1() -> None:
    made = registered(signed_module())
    url, send, grant = trip(made)
    assert isinstance(made.provider, OAuth1)
    assert url == "https://gitea.test/authorize?oauth_token=temporary"
    asked, exchange = send.sent
    assert asked.url == "https://gitea.test/oauth/request_token"
    assert asked.form == {"scope": "read", "display": "page"}
    assert exchange.form == {"audience": "api"}
    assert (grant.token.access_token, grant.token.secret) == ("granted", "gs")


def test_its_token_may_come_as_json_as_well() -> None:
    said = answer({"access_token": "granted", "token_type": "bearer"})
    _, _, grant = trip(registered(old_module()), **{"https://gitea.test/oauth/access_token": said})
    assert grant.token.access_token == "granted"


def test_the_application_s_mapping_is_put_on_top_of_its_config() -> None:
    module = old_module()
    before = {**module.config, "request_token_params": {**module.config["request_token_params"]}}
    made = registered(
        module,
        name="Our Gitea",
        base_url="https://git.example.test/api/",
        request_token_params={"scope": "write", "lang": "en", "display": None},
        access_token_params={"more": "1"},
    ).provider
    assert made.name == "Our Gitea"
    assert (made.scopes, made.authorize_params) == (("write",), {"lang": "en"})  # type: ignore[attr-defined]
    assert made.token_params == {"audience": "api", "more": "1"}  # type: ignore[attr-defined]
    # What the module says in relation to a base follows the base.
    assert made.token_url == "https://git.example.test/oauth/access_token"  # type: ignore[attr-defined]
    assert module.config == before
    untouched = registered(module).provider
    assert untouched.token_params == {"audience": "api"}  # type: ignore[attr-defined]
    assert untouched.authorize_params == {"display": "page"}  # type: ignore[attr-defined]


def test_two_registrations_of_a_module_share_nothing() -> None:
    module = old_module()
    first, second = registered(module).provider, registered(module).provider
    first.token_params["leak"] = "1"  # type: ignore[attr-defined]
    assert "leak" not in second.token_params  # type: ignore[attr-defined]
    assert "leak" not in module.config["access_token_params"]


def test_one_module_may_serve_under_several_keys() -> None:
    options = CLIENT | {"module": old_module()}
    made = register("gitea_of_work", options, sandbox_url=None, allow_http=False)
    assert made.provider.id == "gitea_of_work"


def test_the_client_may_stand_in_its_config() -> None:
    module = old_module(consumer_key="theirs", consumer_secret="their secret")
    options = {"module": module, "consumer_key": "ours", "consumer_secret": None}
    made = register("gitea", options, sandbox_url=None, allow_http=False)
    assert (made.client.id, made.client.secret) == ("ours", "their secret")


def test_the_sandbox_takes_its_place() -> None:
    made = register(
        "gitea",
        CLIENT | {"module": signed_module()},
        sandbox_url="http://localhost:5001/",
        allow_http=True,
    ).provider
    assert made.request_token_url == "http://localhost:5001/gitea/request_token"  # type: ignore[attr-defined]
    assert made.api_url == "http://localhost:5001/gitea/api/"  # type: ignore[attr-defined]


def test_a_new_provider_in_a_module_wins_over_an_old_config() -> None:
    module: Any = old_module()
    module.provider = OAuth2(
        id="gitea", name="New", authorize_url="https://a.test/", token_url="https://a.test/"
    )
    assert registered(module).provider == module.provider


@pytest.mark.parametrize("hook", ["get_connection_values", "get_provider_user_id"])
@pytest.mark.parametrize("instead", [None, "text"])
def test_a_module_without_a_hook_is_refused_by_its_name(hook: str, instead: Any) -> None:
    module = old_module()
    setattr(module, hook, instead)
    said = refusal(module)
    assert said.startswith(f"SOCIAL_GITEA: gitea_of_2013 has a config and no {hook}:")


@pytest.mark.parametrize(
    ("old", "named"),
    [
        ("base_url", "api_url"),
        ("authorize_url", "authorize_url"),
        ("access_token_url", "token_url"),
    ],
)
def test_a_config_that_lacks_an_address_is_refused_unless_the_application_gives_it(
    old: str, named: str
) -> None:
    module = old_module()
    del module.config[old]
    said = refusal(module)
    assert said.startswith(f"SOCIAL_GITEA: gitea_of_2013 has no {named} in its config")
    given = registered(module, **{old: "https://given.test/"}).provider
    assert getattr(given, named) == "https://given.test/"


def test_a_wrong_value_in_its_config_is_told_with_the_module_s_name() -> None:
    said = refusal(old_module(access_token_method="PUT"))
    assert said == "SOCIAL_GITEA: gitea_of_2013: access_token_method is GET or POST, not 'PUT'."


# Who granted a token.


@pytest.mark.parametrize("make", [old_module, signed_module])
def test_its_values_are_the_identity(make: Callable[[], Any]) -> None:
    module = make()
    _, _, grant = trip(registered(module))
    found = grant.identity
    assert (found.subject, found.username, found.name) == ("7", "ada", "Ada Example")
    assert found.profile_url == "https://gitea.test/ada"
    assert found.image_url == "https://gitea.test/ada.png"
    assert (found.email, found.email_verified) == ("ada@example.org", False)
    [(hook, response, kwargs)] = module.asked
    assert hook == "values"
    assert response["user_id"] == "9"
    assert kwargs == {"consumer_key": "key", "consumer_secret": "secret"}


def test_its_hooks_get_the_whole_answer_whose_tokens_no_repr_shows() -> None:
    module: Any = signed_module()
    trip(registered(module))
    [(_, response, _)] = module.asked
    assert response == {"oauth_token": "granted", "oauth_token_secret": "gs", "user_id": "9"}
    assert "granted" not in repr(response)


@pytest.mark.parametrize("values", [None, {}, {"provider_user_id": None}, {"provider_user_id": ""}])
def test_without_an_id_in_its_values_the_other_hook_says_who_it_is(values: Any) -> None:
    module: Any = old_module()
    module.values = values
    _, _, grant = trip(registered(module))
    assert (grant.identity.subject, grant.token.access_token) == ("9", "granted")
    assert [hook for hook, _, _ in module.asked] == ["values", "id"]
    assert module.asked[1][2] == {"consumer_key": "key", "consumer_secret": "secret"}


def test_where_neither_hook_says_who_it_is_nobody_comes_home() -> None:
    module: Any = old_module()
    module.values, module.get_provider_user_id = None, lambda response, **kwargs: None
    assert failure(module).code == "no_subject"


@pytest.mark.parametrize("subject", [True, 7.5, ["7"], "None", "x" * 300])
def test_an_id_that_is_none_is_refused(subject: Any) -> None:
    module: Any = old_module()
    module.values["provider_user_id"] = subject
    assert failure(module).code == "no_subject"


def test_what_is_no_name_and_no_address_is_left_out() -> None:
    module: Any = old_module()
    module.values |= {
        "display_name": ["ada"],
        "full_name": "Ada\n\u202eExample",
        "profile_url": "javascript:alert(1)",
        "image_url": 7,
        "email": "no address",
    }
    found = trip(registered(module))[2].identity
    assert (found.username, found.name) == (None, "AdaExample")
    assert (found.profile_url, found.image_url, found.email) == (None, None, None)


@pytest.mark.parametrize("values", ["7", ["7"], 7, {7: "7", "provider_user_id": "7"}])
def test_values_that_are_no_mapping_are_refused(values: Any) -> None:
    module: Any = old_module()
    module.values = values
    assert failure(module).code == "bad_answer"


def test_an_identity_of_the_configuration_wins_over_the_hooks() -> None:
    module: Any = old_module()
    made = registered(module, identity={"subject": "id"}, profile_call="me")
    assert trip(made)[2].identity.subject == "8"
    assert module.asked == []


# Which token is kept.


@pytest.mark.parametrize("make", [old_module, signed_module])
def test_the_token_of_its_values_is_kept(make: Callable[[], Any]) -> None:
    module = make()
    module.values |= {"access_token": "exchanged", "secret": "with-secret"}
    token = trip(registered(module))[2].token
    assert (token.access_token, token.secret) == ("exchanged", "with-secret")
    assert "exchanged" not in repr(token.access_token)
    assert token.expires_at is None


@pytest.mark.parametrize("make", [old_module, signed_module])
def test_without_one_the_pair_that_it_takes_from_the_answer_is_kept(
    make: Callable[[], Any],
) -> None:
    module = make()
    module.values["access_token"] = None
    module.get_token_pair_from_response = lambda response: {
        "access_token": f"of-{response['user_id']}",
        "secret": "pair-secret",
    }
    token = trip(registered(module))[2].token
    assert (token.access_token, token.secret) == ("of-9", "pair-secret")


def test_without_either_the_token_of_the_answer_is_kept_and_when_it_expires() -> None:
    module: Any = old_module()
    module.values["access_token"] = None
    token = trip(registered(module))[2].token
    assert token.access_token == "granted"
    assert token.expires_at is not None
    module.get_token_pair_from_response = lambda response: None
    assert trip(registered(module))[2].token.access_token == "granted"


@pytest.mark.parametrize("value", [7, "with space", "new\nline", "x" * 100_000])
def test_a_token_that_is_none_is_refused(value: Any) -> None:
    module: Any = old_module()
    module.values["access_token"] = value
    assert failure(module).code == "bad_answer"


def test_a_pair_that_is_none_is_refused() -> None:
    module: Any = old_module()
    module.values = None
    module.get_token_pair_from_response = lambda response: ("granted", None)
    assert failure(module).code == "bad_answer"


# What goes wrong in its hooks.


@pytest.mark.parametrize("hook", ["get_connection_values", "get_token_pair_from_response"])
@pytest.mark.parametrize("kind", [KeyError, RuntimeError, requests.ConnectionError])
def test_what_a_hook_raises_is_a_bad_answer_without_its_words(
    hook: str, kind: type[Exception]
) -> None:
    module: Any = old_module()
    module.values["access_token"] = None

    def broken(response: Any, **kwargs: Any) -> Any:
        raise kind("canary-token")

    setattr(module, hook, broken)
    said = failure(module)
    assert said.code == "bad_answer"
    assert f"gitea_of_2013.{hook} (line {broken.__code__.co_firstlineno + 1})" in said.detail
    assert kind.__name__ in said.detail
    assert "canary" not in str(said)
    assert said.__cause__ is said.__context__ is None


def test_a_hook_that_cannot_be_called_so_is_a_bad_answer() -> None:
    module: Any = old_module()
    module.get_connection_values = lambda: None
    assert "raised TypeError" in failure(module).detail


def test_a_hook_may_stop_a_trip_in_our_own_words() -> None:
    module: Any = old_module()

    def refusing(response: Any, **kwargs: Any) -> Any:
        raise Denied("not_a_member")

    module.get_connection_values = refusing
    with pytest.raises(Denied) as stopped:
        trip(registered(module))
    assert stopped.value.code == "not_a_member"


# Over HTTP.


class OldClient:
    """What the module's ``get_api`` makes: a client of the provider's own."""

    def __init__(self, base: str, **keys: Any) -> None:
        self.base, self.keys = base, keys

    def me(self) -> Any:
        """The profile, by the stored token."""
        key, secret = self.keys["token"], self.keys["secret"]
        url, headers = self.base + "me", {"Authorization": f"Bearer {key}"}
        if secret:
            signer = Signer(self.keys["key"], self.keys["key_secret"], key, secret)
            _, headers, _ = signer.sign(url)
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json()


def module_for(base: str, name: str, **config: Any) -> ModuleType:
    """A module as somebody wrote it for 1.6, for the sandbox's provider *name*."""
    module: Any = ModuleType(f"tests_of_compat_{name}")
    module.config = {
        "id": name,
        "name": name.title(),
        "install": f"https://pypi.example/{name}",
        "base_url": f"{base}{name}/api/",
        "request_token_url": None,
        "authorize_url": f"{base}{name}/authorize",
        **config,
    }

    def client_of(response: Any, kwargs: Any) -> OldClient:
        return OldClient(
            module.config["base_url"],
            token=response.get("oauth_token") or response["access_token"],
            secret=response.get("oauth_token_secret"),
            key=kwargs["consumer_key"],
            key_secret=kwargs["consumer_secret"],
        )

    def get_connection_values(response: Any, **kwargs: Any) -> Any:
        if not response:
            return None
        client = client_of(response, kwargs)
        profile = client.me()
        return {
            "provider_id": name,
            "provider_user_id": str(profile["id"]),
            "access_token": client.keys["token"],
            "secret": client.keys["secret"],
            "display_name": profile["username"],
            "full_name": profile["name"],
            "profile_url": profile["url"],
            "image_url": profile["avatar"],
        }

    def get_provider_user_id(response: Any, **kwargs: Any) -> Any:
        return str(client_of(response, kwargs).me()["id"]) if response else None

    def get_api(connection: Any, **kwargs: Any) -> OldClient:
        return OldClient(
            module.config["base_url"],
            token=connection.access_token,
            secret=connection.secret,
            key=kwargs["consumer_key"],
            key_secret=kwargs["consumer_secret"],
        )

    module.get_connection_values = get_connection_values
    module.get_provider_user_id = get_provider_user_id
    module.get_api = get_api
    return module


@pytest.fixture
def modules(box: ServedSandbox) -> Iterator[dict[str, ModuleType]]:
    """Old modules for ``plain`` (OAuth 2.0) and ``classic`` (OAuth 1.0a), to be imported."""
    classic = {
        "request_token_url": f"{box.url}classic/request_token",
        "access_token_url": f"{box.url}classic/access_token",
    }
    plain = {
        "access_token_url": "/plain/token",
        "access_token_method": "POST",
        "request_token_params": {"scope": "profile email"},
    }
    made = {
        "plain": module_for(box.url, "plain", **plain),
        "classic": module_for(box.url, "classic", **classic),
    }
    sys.modules.update({each.__name__: each for each in made.values()})
    yield made
    for each in made.values():
        del sys.modules[each.__name__]


def keys_for(modules: dict[str, ModuleType]) -> dict[str, Any]:
    """The configuration of an application whose providers are old modules, named and given."""
    return {
        "SOCIAL_PLAIN": {
            "consumer_key": "plain key",
            "consumer_secret": "plain secret",
            "module": modules["plain"].__name__,
        },
        "SOCIAL_CLASSIC": {
            "consumer_key": "classic key",
            "consumer_secret": "classic secret",
            "module": modules["classic"],
        },
    }


@pytest.fixture
def bed(make_bed: Callable[..., Bed], modules: dict[str, ModuleType]) -> Bed:
    return make_bed(**keys_for(modules))


@pytest.mark.parametrize(("name", "secret"), [("plain", False), ("classic", True)])
def test_an_old_module_connects_logs_in_and_makes_its_client(
    bed: Bed, name: str, secret: bool
) -> None:
    bed.add_user("user@example.org")
    bed.browser().sign_in("user@example.org").trip(f"/connect/{name}")
    [row] = bed.rows()
    assert row.provider_id == name
    assert (row.display_name, row.full_name) == ("ada", "Ada Lovelace")
    assert bool(row.secret) is secret

    browser = bed.browser()
    assert browser.trip(f"/login/{name}").headers["Location"] == "/home"
    assert browser.who() == "user@example.org"

    with bed.app.app_context():
        user = bed.app.extensions["security"].datastore.find_user(email="user@example.org")
        client = getattr(bed.social, name).get_api(user)
        assert isinstance(client, OldClient)
        assert client.me()["name"] == "Ada Lovelace"


def test_an_old_module_without_get_api_gives_the_authorised_session(
    modules: dict[str, ModuleType], make_bed: Callable[..., Bed]
) -> None:
    for module in modules.values():
        del module.get_api
    bed = make_bed(**keys_for(modules))
    bed.add_user("user@example.org")
    browser = bed.browser().sign_in("user@example.org")
    for name in modules:
        browser.trip(f"/connect/{name}")
        with bed.app.app_context():
            user = bed.app.extensions["security"].datastore.find_user(email="user@example.org")
            session = getattr(bed.social, name).get_api(user)
            assert isinstance(session, ApiSession)
            assert session.get("me").json()["name"] == "Ada Lovelace"


def test_a_hook_that_breaks_is_logged_without_a_token_and_answered_as_the_provider_s_fault(
    bed: Bed, modules: dict[str, ModuleType], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(response: Any, **kwargs: Any) -> Any:
        raise ValueError(f"cannot use {response['access_token'] + ''}")

    modules["plain"].get_connection_values = broken  # type: ignore[attr-defined]
    with caplog.at_level(logging.INFO, logger="flask_social"):
        answer = bed.browser().trip("/login/plain")
    assert answer.status_code == 502
    assert "tests_of_compat_plain.get_connection_values" in caplog.text
    assert "raised ValueError" in caplog.text
    assert "cannot use" not in caplog.text + answer.text


def test_an_old_module_never_shows_the_application_s_secret(bed: Bed) -> None:
    app: Flask = bed.app
    with app.app_context():
        assert "plain secret" not in repr(bed.social.plain)
        assert "classic secret" not in repr(bed.social.classic)
