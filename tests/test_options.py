"""Keys inside ``SOCIAL_<NAME>``, one by one, by old name and new: each changes what is sent."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from flask_social.errors import ConfigurationError
from flask_social.http import Request
from flask_social.options import on_top
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.providers import facebook, github, google, twitter
from flask_social.registration import register
from flask_social.values import Grant, Intent
from tests.bed import query_of
from tests.protocols.paper import Paper, answer, flow

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
NEW = {
    **CLIENT,
    "authorize_url": "https://op.test/authorize",
    "token_url": "https://op.test/token",
    "api_url": "https://op.test/api/",
    "profile_call": "me",
    "identity": {"subject": "id", "name": "name"},
}
"""A provider of OAuth 2.0, in the words of this version."""
OLD = {
    **CLIENT,
    "base_url": "https://op.test/api/",
    "request_token_url": None,
    "authorize_url": "https://op.test/authorize",
    "access_token_url": "https://op.test/token",
    "profile_call": "me",
    "identity": {"subject": "id", "name": "name"},
}
"""The same in the words of 1.6."""
SIGNED = OLD | {"request_token_url": "https://op.test/request"}
"""A provider of OAuth 1.0a."""

PEM = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
FORM = "application/x-www-form-urlencoded"
NETWORK = {
    "https://op.test/request": answer(
        b"oauth_token=temporary&oauth_token_secret=ts&oauth_callback_confirmed=true", media=FORM
    ),
    "https://op.test/api/me": answer({"id": 7, "name": "Ada"}),
}
CODE_ANSWER = answer({"access_token": "granted", "token_type": "Bearer"})
VERIFIER_ANSWER = answer(b"oauth_token=granted&oauth_token_secret=gs", media=FORM)


@dataclass(frozen=True)
class Trip:
    """One trip on paper: where the person was sent, what was asked, and who came home."""

    url: str
    sent: list[Request]
    grant: Grant

    @property
    def params(self) -> dict[str, str]:
        """What the person's browser carried."""
        return query_of(self.url)

    def request(self, url: str) -> Request:
        """The request to *url*, whatever its query."""
        [found] = [each for each in self.sent if each.url.partition("?")[0] == url]
        return found


def configured(options: Mapping[str, Any], name: str = "op") -> Any:
    return register(name, options, sandbox_url=None, allow_http=False).provider


def trip(options: Mapping[str, Any], *, answers: Mapping[str, Any] | None = None) -> Trip:
    """A whole trip to the provider that *options* make."""
    made = register("op", options, sandbox_url=None, allow_http=False)
    signs = isinstance(made.provider, OAuth1)
    token_url = str(made.provider.token_url)  # type: ignore[attr-defined]
    send = Paper(
        {token_url: VERIFIER_ANSWER if signs else CODE_ANSWER, **NETWORK, **(answers or {})}
    )
    begun, url = made.provider.begin(made.client, flow(intent=Intent.CONNECT), send)
    back = (
        {"oauth_token": begun.request_token, "oauth_verifier": "v"} if signs else {"code": "the-c"}
    )
    return Trip(url, send.sent, made.provider.complete(made.client, begun, back, send))


def refusal(options: Mapping[str, Any], name: str = "op") -> str:
    with pytest.raises(ConfigurationError) as caught:
        configured(options, name)
    return str(caught.value)


def form_of(request: Request) -> dict[str, str]:
    return dict(request.form or {})


# Keys of every provider.


@pytest.mark.parametrize("options", [NEW, OLD], ids=["new", "old"])
@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("consumer_key", "consumer_secret"),
        ("client_id", "client_secret"),
        ("consumer_key", "client_secret"),
    ],
)
def test_key_and_secret_are_those_that_the_provider_is_told(
    options: dict[str, Any], key: str, secret: str
) -> None:
    rest = {each: value for each, value in options.items() if each not in CLIENT}
    made = trip(rest | {key: "our key", secret: "our secret"})
    assert made.params["client_id"] == "our key"
    form = form_of(made.request("https://op.test/token"))
    assert (form["client_id"], form["client_secret"]) == ("our key", "our secret")


def test_a_key_that_is_none_leaves_its_other_spelling() -> None:
    assert trip(NEW | {"client_id": None}).params["client_id"] == "key"


def test_what_1_6_told_of_itself_changes_nothing() -> None:
    told = {"id": "op", "install": "https://pypi.example/op"}
    made, plain = trip(OLD | told), trip(OLD)
    assert made.params.keys() == plain.params.keys()
    assert [each.url for each in made.sent] == [each.url for each in plain.sent]


def test_the_id_is_the_key_s() -> None:
    assert refusal(NEW | {"id": "other"}) == "SOCIAL_OP: id must be 'op', like the key."


def test_the_name_is_the_one_for_people() -> None:
    assert configured(NEW).name == "Op"
    assert configured(NEW | {"name": "The OP"}).name == "The OP"


@pytest.mark.parametrize("name", ["base_url", "api_url"])
def test_the_profile_is_asked_for_below_the_base(name: str) -> None:
    options = {each: value for each, value in NEW.items() if each != "api_url"}
    elsewhere = {"https://api.test/v1/me": answer({"id": 9})}
    made = trip(options | {name: "https://api.test/v1/"}, answers=elsewhere)
    assert made.grant.identity.subject == "9"


@pytest.mark.parametrize("name", ["access_token_url", "token_url"])
def test_the_code_is_exchanged_at_the_token_url(name: str) -> None:
    options = {each: value for each, value in NEW.items() if each != "token_url"}
    made = trip(options | {name: "https://op.test/elsewhere"})
    assert form_of(made.request("https://op.test/elsewhere"))["code"] == "the-c"


@pytest.mark.parametrize("options", [NEW, OLD, SIGNED], ids=["new", "old", "signed"])
def test_people_are_sent_to_the_authorize_url(options: dict[str, Any]) -> None:
    made = trip(options | {"authorize_url": "https://op.test/elsewhere?lang=en"})
    assert made.url.startswith("https://op.test/elsewhere?lang=en&")


@pytest.mark.parametrize("name", ["access_token_method", "token_method"])
@pytest.mark.parametrize("method", ["GET", "get", "Get"])
def test_the_code_is_exchanged_by_the_method_asked_for(name: str, method: str) -> None:
    made = trip(OLD | {name: method}).request("https://op.test/token")
    assert (made.method, made.form) == ("GET", None)
    assert query_of(made.url)["code"] == "the-c"
    posted = trip(OLD | {name: "post"}).request("https://op.test/token")
    assert (posted.method, form_of(posted)["code"]) == ("POST", "the-c")


@pytest.mark.parametrize("name", ["access_token_method", "token_method", "request_token_method"])
@pytest.mark.parametrize("method", ["PUT", "", "GET ", 7, ["GET"]])
def test_another_method_is_refused(name: str, method: Any) -> None:
    said = refusal(SIGNED | {name: method})
    assert said == f"SOCIAL_OP: {name} is GET or POST, not {method!r}."


@pytest.mark.parametrize("name", ["access_token_params", "token_params"])
@pytest.mark.parametrize("options", [OLD, SIGNED], ids=["OAuth 2.0", "OAuth 1.0a"])
def test_further_parameters_go_along_with_the_exchange(name: str, options: dict[str, Any]) -> None:
    made = trip(options | {name: {"audience": "x"}})
    assert form_of(made.request("https://op.test/token"))["audience"] == "x"


@pytest.mark.parametrize(
    "asked",
    [
        {"request_token_params": {"scope": "read mail"}},
        {"request_token_params": {"scope": "read,mail"}},
        {"request_token_params": {"scope": ["read", "mail"]}},
        {"scope": "read mail"},
        {"scopes": ["read", "mail"]},
    ],
)
def test_permissions_are_asked_for_by_scope(asked: dict[str, Any]) -> None:
    assert trip(OLD | asked).params["scope"] == "read mail"


@pytest.mark.parametrize("name", ["request_token_params", "authorize_params"])
def test_further_parameters_go_along_with_the_person(name: str) -> None:
    made = trip(OLD | {name: {"display": "popup"}})
    assert made.params["display"] == "popup"
    assert "scope" not in made.params


def test_a_new_name_wins_over_an_old_one_wherever_it_stands() -> None:
    old = {
        "access_token_url": "https://op.test/old",
        "base_url": "https://old.test/",
        "access_token_method": "GET",
        "scope": "old",
        "request_token_params": {"scope": "old", "display": "old", "kept": "yes"},
        "access_token_params": {"a": "old", "kept": "yes"},
    }
    new = {
        "scopes": ["new"],
        "authorize_params": {"display": "new"},
        "token_params": {"a": "new"},
        "token_method": "POST",
    }
    for options in (NEW | new | old, old | NEW | new):
        made = trip(options)
        wanted = {"scope": "new", "display": "new", "kept": "yes"}
        assert made.params | wanted == made.params
        form = form_of(made.request("https://op.test/token"))
        assert (form["a"], form["kept"]) == ("new", "yes")
        assert made.grant.identity.subject == "7"


def test_parameters_without_a_scope_leave_the_provider_s_own_scopes() -> None:
    made = configured({**CLIENT, "request_token_params": {"allow_signup": "false"}}, "github")
    assert made.scopes == github.provider.scopes


@pytest.mark.parametrize("scope", [None, "", []])
def test_a_scope_of_none_asks_for_no_scope(scope: Any) -> None:
    made = configured({**CLIENT, "request_token_params": {"scope": scope}}, "github")
    assert made.scopes == ()


def test_what_is_none_is_as_if_it_were_not_there() -> None:
    absent = dict.fromkeys(
        (
            "access_token_method", "access_token_params", "request_token_params", "scope", "id",
            "request_token_url", "request_token_method", "signature_method", "install", "module",
            "token_endpoint_auth_method",
        )
    )  # fmt: skip
    made = trip(OLD | absent)
    assert made.params.keys() == trip(OLD).params.keys()
    assert made.request("https://op.test/token").method == "POST"


# OAuth 1.0a.


def test_a_request_token_url_makes_it_oauth_1() -> None:
    made = trip(SIGNED)
    assert made.params == {"oauth_token": "temporary"}
    assert [each.url for each in made.sent] == [
        "https://op.test/request",
        "https://op.test/token",
        "https://op.test/api/me",
    ]
    assert all(each.headers["Authorization"].startswith("OAuth ") for each in made.sent)
    assert all('oauth_consumer_key="key"' in each.headers["Authorization"] for each in made.sent)
    assert (made.grant.token.access_token, made.grant.token.secret) == ("granted", "gs")
    assert made.grant.identity.name == "Ada"


def test_its_addresses_have_new_names_as_well() -> None:
    made = trip(NEW | {"request_token_url": "https://op.test/request"})
    assert made.grant.token.secret == "gs"


@pytest.mark.parametrize("name", ["request_token_params", "request_params"])
def test_its_parameters_go_with_the_request_for_a_request_token(name: str) -> None:
    made = trip(SIGNED | {name: {"scope": "read mail", "x_auth": "write"}})
    asked = made.request("https://op.test/request")
    assert form_of(asked) == {"scope": "read mail", "x_auth": "write"}
    assert made.params == {"oauth_token": "temporary"}


def test_its_other_parameters_go_along_with_the_person() -> None:
    made = trip(SIGNED | {"authorize_params": {"force_login": "true"}})
    assert made.params == {"force_login": "true", "oauth_token": "temporary"}


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("request_token_method", "https://op.test/request"),
        ("access_token_method", "https://op.test/token"),
        ("token_method", "https://op.test/token"),
    ],
)
def test_its_requests_are_made_by_the_method_asked_for(name: str, url: str) -> None:
    made = trip(SIGNED | {name: "get"})
    assert made.request(url).method == "GET"
    assert {each.method for each in made.sent if each.url not in (url, made.sent[-1].url)} == {
        "POST"
    }


def test_it_signs_by_the_method_asked_for() -> None:
    made = trip(SIGNED | {"signature_method": "HMAC-SHA256"})
    assert all("HMAC-SHA256" in each.headers["Authorization"] for each in made.sent)


def test_a_method_of_signing_that_nobody_knows_is_refused() -> None:
    said = refusal(SIGNED | {"signature_method": "ROT13"})
    assert said.startswith("SOCIAL_OP: ")
    assert "signature_method is one of HMAC-SHA1" in said


@pytest.mark.parametrize("name", ["scope", "scopes"])
def test_it_has_no_scopes_and_says_where_they_go(name: str) -> None:
    said = refusal(SIGNED | {name: "read"})
    assert said.startswith("SOCIAL_OP: OAuth 1.0a has no scopes.")
    assert "request_params" in said


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("authorize_url", "lacks the authorize_url"),
        ("access_token_url", "lacks the token_url"),
        ("base_url", "has no api_url"),
        ("identity", "has no identity"),
    ],
)
def test_what_it_lacks_is_named(without: str, named: str) -> None:
    said = refusal({each: value for each, value in SIGNED.items() if each != without})
    assert said.startswith("SOCIAL_OP ")
    assert named in said


@pytest.mark.parametrize("instead", [{"private_key": PEM}, {"token_endpoint_auth_method": "none"}])
def test_nothing_takes_the_place_of_its_secret(instead: dict[str, str]) -> None:
    options = {each: value for each, value in SIGNED.items() if each != "consumer_secret"}
    assert refusal(options | instead).startswith("SOCIAL_OP has no consumer_secret.")


@pytest.mark.parametrize(
    "name", ["token_endpoint_auth_method", "pkce", "offline_params", "reauth_params"]
)
def test_it_has_no_setting_of_oauth_2(name: str) -> None:
    value: dict[str, Any] = {"token_endpoint_auth_method": "none", "pkce": False}
    said = refusal(SIGNED | {name: value.get(name, {})})
    assert said.startswith(f"SOCIAL_OP: Op has no setting {name!r}.")


@pytest.mark.parametrize("name", ["request_token_method", "signature_method", "request_params"])
def test_oauth_2_has_no_setting_of_it(name: str) -> None:
    value = {"a": "b"} if name == "request_params" else "GET"
    assert f"no setting {name!r}" in refusal(NEW | {name: value})


def test_a_stock_provider_of_oauth_1_takes_old_keys() -> None:
    options = {
        **CLIENT,
        "request_token_params": {"x_auth_access_type": "read"},
        "access_token_method": "POST",
        "base_url": "https://op.test/api/",
    }
    made = configured(options, "twitter")
    assert made.request_params == {"x_auth_access_type": "read"}
    assert (made.api_url, made.token_url) == ("https://op.test/api/", twitter.provider.token_url)


# Addresses below a base.


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("/oauth/token", "https://op.test/oauth/token"),
        ("oauth/token", "https://op.test/api/oauth/token"),
        ("v1.1/token", "https://op.test/api/v1.1/token"),
        ("../token", "https://op.test/token"),
        ("https://elsewhere.test/token", "https://elsewhere.test/token"),
    ],
)
@pytest.mark.parametrize("base", ["base_url", "api_url"])
def test_a_path_is_below_the_base(path: str, whole: str, base: str) -> None:
    options = {each: value for each, value in SIGNED.items() if not each.endswith("_url")}
    made = configured(
        options
        | {base: "https://op.test/api/", "request_token_url": path}
        | {"authorize_url": path, "access_token_url": path}
    )
    assert (made.request_token_url, made.authorize_url, made.token_url) == (whole, whole, whole)


@pytest.mark.parametrize("value", ["op.test/token", "op.test", "op.test:8080/x", "//op.test/x"])
def test_an_address_that_only_lacks_its_scheme_is_no_path(value: str) -> None:
    said = refusal(OLD | {"access_token_url": value})
    assert said.startswith("SOCIAL_OP: token_url must be an address")


def test_a_path_is_below_the_stock_provider_s_api_and_below_another_that_is_given() -> None:
    path = {"access_token_url": "/oauth/access_token"}
    stock = configured(CLIENT | path, "facebook")
    assert stock.token_url == "https://graph.facebook.com/oauth/access_token"
    other = configured(CLIENT | path | {"base_url": "https://graph.test/"}, "facebook")
    assert other.token_url == "https://graph.test/oauth/access_token"


def test_a_path_is_below_a_base_with_places() -> None:
    module = ModuleType("tenants")
    module.provider = OAuth2(  # type: ignore[attr-defined]
        id="op",
        name="OP",
        api_url="https://{tenant}.op.test/",
        authorize_url="https://op.test/",
        token_url="https://op.test/",
    )
    made = configured({**CLIENT, "module": module, "tenant": "shop", "token_url": "/token"})
    assert made.token_url == "https://shop.op.test/token"


# Merging.


def test_parameters_are_put_on_top_of_the_provider_s_own() -> None:
    made = configured({**CLIENT, "offline_params": {"prompt": "select_account"}}, "google")
    assert made.offline_params == {"access_type": "offline", "prompt": "select_account"}
    again = configured({**CLIENT, "reauth_params": {"display": "page"}}, "facebook")
    assert again.reauth_params == {"auth_type": "reauthenticate", "display": "page"}


def test_a_member_of_none_leaves_the_provider_s_own_out() -> None:
    made = configured({**CLIENT, "offline_params": {"prompt": None}}, "google")
    assert made.offline_params == {"access_type": "offline"}


MAPPINGS = ["authorize_params", "token_params", "offline_params", "reauth_params"]
SIGNED_MAPPINGS = ["request_params", "authorize_params", "token_params"]
OLD_MAPPINGS = {"request_token_params": "authorize_params", "access_token_params": "token_params"}


def of_a_module(kind: type[OAuth2] | type[OAuth1], field: str) -> ModuleType:
    """A module whose provider has parameters of its own at *field*."""
    module = ModuleType("own")
    urls = {"authorize_url": "https://op.test/a", "token_url": "https://op.test/t"}
    if kind is OAuth1:
        urls["request_token_url"] = "https://op.test/r"
    own = {field: {"ours": "1", "theirs": "1", "gone": "1"}}
    module.provider = kind(id="op", name="OP", api_url="https://op.test/", **urls, **own)  # type: ignore[arg-type, attr-defined]
    return module


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        *[(OAuth2, each, each) for each in MAPPINGS],
        *[(OAuth2, each, field) for each, field in OLD_MAPPINGS.items()],
        *[(OAuth1, each, each) for each in SIGNED_MAPPINGS],
        (OAuth1, "request_token_params", "request_params"),
        (OAuth1, "access_token_params", "token_params"),
    ],
)
def test_each_mapping_is_merged_member_by_member(
    kind: type[OAuth2] | type[OAuth1], name: str, field: str
) -> None:
    module = of_a_module(kind, field)
    changed = {"theirs": "2", "gone": None, "new": "2", "absent": None}
    made = configured({**CLIENT, "module": module, name: changed})
    assert getattr(made, field) == {"ours": "1", "theirs": "2", "new": "2"}
    own = getattr(module.provider, field)
    assert own == {"ours": "1", "theirs": "1", "gone": "1"}
    assert changed == {"theirs": "2", "gone": None, "new": "2", "absent": None}


def test_an_identity_takes_the_place_of_the_provider_s_own_whole() -> None:
    made = configured({**CLIENT, "identity": {"subject": "login"}}, "github")
    identity = made.identity({"login": "ada", "name": "Ada", "id": 7})
    assert (identity.subject, identity.name) == ("ada", None)


@pytest.mark.parametrize("name", ["google", "facebook", "twitter"])
def test_nothing_is_shared_between_applications_and_the_provider_s_file(name: str) -> None:
    stock = {each.provider.id: each.provider for each in (google, facebook, twitter)}[name]
    kept = copy.deepcopy(mappings(stock))
    plain, changed = (
        configured(CLIENT | more, name) for more in ({}, {"authorize_params": {"a": "b"}})
    )
    for made in (plain, changed):
        for value in mappings(made).values():
            value["leak"] = "1"
    assert mappings(stock) == kept
    assert mappings(configured(CLIENT, name)) == kept


def mappings(provider: Any) -> dict[str, Any]:
    """The fields of *provider* that are mappings."""
    return {each: value for each, value in vars(provider).items() if isinstance(value, Mapping)}


def test_the_application_s_mapping_stays_as_it_is_and_later_changes_of_it_change_nothing() -> None:
    options: dict[str, Any] = {
        **SIGNED,
        "request_token_params": {"scope": "read", "gone": None},
        "access_token_params": {"a": "1"},
        "authorize_params": {"b": "1"},
        "identity": {"subject": "id"},
    }
    before = copy.deepcopy(options)
    made = configured(options)
    assert options == before
    for each in ("request_token_params", "access_token_params", "authorize_params"):
        options[each]["leak"] = "1"
    options["identity"]["subject"] = "other"
    assert [*made.request_params, *made.token_params, *made.authorize_params] == ["scope", "a", "b"]
    assert made.identity({"id": 7, "other": 8}).subject == "7"


def test_merging_touches_neither_side() -> None:
    base, changes = {"a": {"x": 1}, "b": 1}, {"a": {"y": 2}, "b": {"z": 3}}
    assert on_top(base, changes) == {"a": {"x": 1, "y": 2}, "b": {"z": 3}}
    assert (base, changes) == ({"a": {"x": 1}, "b": 1}, {"a": {"y": 2}, "b": {"z": 3}})


# What is refused, by the name that the operator wrote.


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"base_url": 7}, "base_url must be a text"),
        ({"access_token_url": 7}, "access_token_url must be a text"),
        ({"access_token_params": "a=b"}, "access_token_params must be a mapping of texts"),
        ({"access_token_params": {"a": 1}}, "access_token_params must be a mapping of texts"),
        ({"request_token_params": "a=b"}, "request_token_params must be a mapping"),
        ({"request_token_params": {"a": 1}}, "request_token_params must be a mapping of texts"),
        ({"request_token_params": {"scope": 7}}, "request_token_params must be a list of texts"),
        ({"scope": 7}, "scope must be a list of texts"),
        ({"access_token_metod": "GET"}, "Op has no setting 'access_token_metod'"),
        ({7: "x"}, "Op has no setting 7"),
    ],
)
def test_a_wrong_value_is_told_by_the_key_that_was_written(
    options: dict[Any, Any], said: str
) -> None:
    assert refusal(NEW | options).startswith(f"SOCIAL_OP: {said}")


def test_a_misspelt_old_key_is_refused_with_the_nearest_one() -> None:
    assert "Did you mean request_token_params?" in refusal(NEW | {"request_tokn_params": {}})
    assert "Did you mean access_token_method?" in refusal(NEW | {"access_token_metod": "GET"})
    assert "Did you mean request_token_url?" in refusal(NEW | {"request_token_ur": "/x"})


def test_an_issuer_makes_it_openid_connect_whatever_else_is_given() -> None:
    options = {**CLIENT, "issuer": "https://op.test", "request_token_params": {"scope": "openid"}}
    made = configured(options)
    assert isinstance(made, OIDC)
    assert made.scopes == ("openid",)
    assert "no setting 'request_token_url'" in refusal(options | {"request_token_url": "/r"})


def test_a_get_of_the_token_endpoint_carries_what_a_post_would() -> None:
    params = {"access_token_params": {"audience": "x"}}
    got = trip(OLD | params | {"access_token_method": "GET"}).request("https://op.test/token")
    posted = trip(OLD | params).request("https://op.test/token")
    got_names, posted_names = query_of(got.url).keys(), form_of(posted).keys()
    assert got_names == posted_names
    assert query_of(got.url)["audience"] == "x"


@pytest.mark.parametrize(
    "renames",
    [
        {"code_challenge": "challenge"},
        {"code_challenge_method": "method"},
        {"code_verifier": "verifier"},
        {"state": "s"},
        {"nonce": "n"},
        {"client_id": "state"},
    ],
)
def test_what_ties_an_answer_to_its_trip_keeps_its_name(renames: dict[str, str]) -> None:
    assert refusal(NEW | {"renames": renames}).endswith("is not to be renamed.")
    assert trip(NEW | {"renames": {"client_id": "app"}}).params["app"] == "key"
