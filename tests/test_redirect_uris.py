"""Redirect URIs, exact to the letter, however an application is deployed.

Each application is registered with just the addresses that its test names, and makes the whole
trip: out, consent, back to that very address, and in. By OpenID Connect, and by OAuth 1.0a.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_social import Social
from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox
from tests import tls_proxy
from tests.bed import Bed, Browser, make_app, query_of, usual_config
from tests.tls_proxy import Proxy

EMAIL = "user@example.org"
MakeBed = Callable[..., Bed]


@dataclass
class Provider:
    """One of the sandbox's providers, and the applications that it knows."""

    box: ServedSandbox
    id: str

    def keys(self, name: str, **more: Any) -> dict[str, Any]:
        """The configuration of the application called *name*, which has this provider alone."""
        consumer = {"consumer_key": f"{name} key", "consumer_secret": f"{name} secret", **more}
        home = f"{self.box.url}{self.id}"
        acme = {"issuer": home}
        classic = {
            "request_token_url": f"{home}/request_token",
            "authorize_url": f"{home}/authorize",
            "access_token_url": f"{home}/access_token",
            "base_url": f"{home}/api/",
            "profile_call": "me",
            "identity": {"subject": "id", "name": "name", "email": "email"},
        }
        return {
            "SOCIAL_PLAIN": None,
            "SOCIAL_ACME": {**consumer, **acme} if self.id == "acme" else None,
            "SOCIAL_CLASSIC": {**consumer, **classic} if self.id == "classic" else None,
        }

    def register(self, name: str, root: str) -> list[str]:
        """Know the application called *name* by its addresses below *root*, which are returned."""
        addresses = [f"{root}/connect/{self.id}", f"{root}/login/{self.id}"]
        self.box[self.id].register_client(
            Client(id=f"{name} key", secret=f"{name} secret", redirect_uris=tuple(addresses))
        )
        return addresses

    def told(self) -> list[str]:
        """The redirect URIs that have reached the provider, in the order they came."""
        return [
            _callback_in(each.headers["Authorization"])
            if self.id == "classic"
            else query_of(f"?{each.query}")["redirect_uri"]
            for each in self.box.requests
            if each.endpoint == ("request_token" if self.id == "classic" else "authorize")
        ]

    def asked(self, name: str) -> list[str | None]:
        """The parameter *name* of every visit to the consent page."""
        visits = [each for each in self.box.requests if each.endpoint == "authorize"]
        return [query_of(f"?{each.query}").get(name) for each in visits]


def _callback_in(authorization: str) -> str:
    """``oauth_callback`` of a signed request's header (RFC 5849 section 3.5.1)."""
    members = authorization.removeprefix("OAuth ").split(", ")
    pairs = dict(each.split("=", 1) for each in members)
    return unquote(pairs["oauth_callback"].strip('"'))


@pytest.fixture(params=["acme", "classic"])
def provider(request: pytest.FixtureRequest, box: ServedSandbox) -> Provider:
    return Provider(box, request.param)


def connect_and_log_in(
    provider: Provider, user: Browser, stranger: Browser, prefix: str = ""
) -> None:
    """The bed's new user connects, and logs in with the provider in another browser."""
    bed = user.bed
    bed.add_user(EMAIL)
    user.sign_in(EMAIL)
    assert user.trip(f"{prefix}/connect/{provider.id}").status_code == 303
    assert stranger.trip(f"{prefix}/login/{provider.id}").status_code == 303
    assert stranger.who() == EMAIL
    assert [row[:2] for row in bed.accounts()] == [(EMAIL, provider.id)]


# Two applications in one process.


def test_two_applications_in_one_process_have_their_own_keys_for_the_same_provider(
    make_bed: MakeBed, provider: Provider
) -> None:
    first = make_bed(**provider.keys("first", authorize_params={"lang": "de"}))
    second = make_bed(**provider.keys("second"))

    connect_and_log_in_at_once(provider, first, second)

    assert provider.asked("lang") == ["de", None, "de", None]


def test_one_extension_of_a_factory_serves_two_applications(
    make_bed: MakeBed, provider: Provider
) -> None:
    social = Social()
    first = make_bed(social=social, **provider.keys("first"))
    second = make_bed(social=social, **provider.keys("second"))

    connect_and_log_in_at_once(provider, first, second)

    for bed, name in ((first, "first"), (second, "second")):
        with bed.app.app_context():
            here = getattr(social, provider.id)
            assert (here.consumer_key, here.consumer_secret) == (f"{name} key", f"{name} secret")


def connect_and_log_in_at_once(provider: Provider, first: Bed, second: Bed) -> None:
    """Ada does it in the first application, Grace in the second, every step of both in turn."""
    theirs = [("ada", first), ("grace", second)]
    users = [f"{person}@example.org" for person, _ in theirs]
    addresses = [provider.register("first", first.url), provider.register("second", second.url)]
    for user, (_, bed) in zip(users, theirs, strict=True):
        bed.add_user(user)

    for action in ("connect", "login"):
        browsers = [bed.browser() for _, bed in theirs]
        if action == "connect":
            for user, browser in zip(users, browsers, strict=True):
                browser.sign_in(user)
        away = [browser.set_out(f"/{action}/{provider.id}") for browser in browsers]
        back = []
        for (person, _), browser, url in zip(theirs, browsers, away, strict=True):
            provider.box.login_as(person)
            back.append(browser.at_provider(url))
        for browser, url in reversed([*zip(browsers, back, strict=True)]):
            assert browser.get(url).status_code == 303
        assert [browser.who() for browser in browsers] == users

    assert provider.told() == [each[place] for place in (0, 1) for each in addresses]
    [ada], [grace] = first.accounts(), second.accounts()
    assert [ada[:2], grace[:2]] == [(user, provider.id) for user in users]
    assert ada[2] != grace[2]


# Below a path.


def test_below_a_path_the_mount_and_the_prefix_are_in_it_once_each(
    make_bed: MakeBed, provider: Provider
) -> None:
    bed = make_bed(SOCIAL_URL_PREFIX="/social", **provider.keys("mounted"))
    mounts: dict[str, Any] = {"/shop": bed.app.wsgi_app}
    bed.app.wsgi_app = DispatcherMiddleware(NotFound(), mounts)  # type: ignore[method-assign]
    bed.url += "/shop"
    addresses = provider.register("mounted", f"{bed.url}/social")

    connect_and_log_in(provider, bed.browser(), bed.browser(), prefix="/social")

    assert provider.told() == addresses


# Behind a proxy that ends TLS.


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with tls_proxy.proxy(tmp_path / "ca.pem") as running:
        yield running


@pytest.mark.parametrize(
    ("has_app_url", "is_fixed"),
    [(True, False), (True, True), (False, True)],
    ids=["SOCIAL_APP_URL", "SOCIAL_APP_URL and ProxyFix", "ProxyFix"],
)
def test_behind_a_proxy_that_ends_tls_redirect_uris_are_those_of_the_outside(
    make_bed: MakeBed, proxy: Proxy, provider: Provider, has_app_url: bool, is_fixed: bool
) -> None:
    app_url = proxy.url if has_app_url else None
    bed = make_bed(SOCIAL_APP_URL=app_url, **provider.keys("proxied"))
    if is_fixed:
        bed.app.wsgi_app = ProxyFix(bed.app.wsgi_app, x_host=1)  # type: ignore[method-assign]
    proxy.stand_before(bed)
    addresses = provider.register("proxied", f"https://localhost:{proxy.server.port}")

    connect_and_log_in(provider, proxy.browser(bed), proxy.browser(bed))

    assert provider.told() == addresses


def test_the_flow_cookie_behind_a_proxy_is_of_this_host_for_https_alone_and_comes_back(
    make_bed: MakeBed, proxy: Proxy, provider: Provider
) -> None:
    bed = make_bed(SOCIAL_APP_URL=proxy.url, **provider.keys("proxied"))
    proxy.stand_before(bed)
    provider.register("proxied", proxy.url)
    browser = proxy.browser(bed)

    callback = browser.at_provider(browser.set_out(f"/login/{provider.id}"))
    [cookie] = flow_cookies(browser)
    assert cookie.name.startswith("__Host-social-flow-")
    assert (cookie.secure, cookie.path, cookie.domain_specified) == (True, "/", False)

    assert browser.get(callback.replace(proxy.url, proxy.inside)).status_code == 400
    answer = browser.get(callback)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert flow_cookies(browser) == []


def flow_cookies(browser: Browser) -> list[Any]:
    return [each for each in browser.http.cookies if "social-flow" in each.name]


# Without a trip.


def redirect_uri(bed: Bed, *, script_root: str = "", base_url: str = "http://inside:8000") -> str:
    prefix = bed.app.config.get("SOCIAL_URL_PREFIX") or ""
    answer = bed.app.test_client().post(
        f"{prefix}/login/plain",
        base_url=base_url + script_root,
    )
    assert answer.status_code == 303
    return query_of(answer.headers["Location"])["redirect_uri"]


@pytest.mark.parametrize(
    ("config", "script_root", "expected"),
    [
        ({}, "", "http://inside:8000/login/plain"),
        ({}, "/mount", "http://inside:8000/mount/login/plain"),
        ({"SERVER_NAME": "named.example"}, "", "http://named.example/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example"}, "", "https://app.example/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/"}, "/m", "https://app.example/m/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/m"}, "/m", "https://app.example/m/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/m"}, "", "https://app.example/m/login/plain"),
        (
            {"SOCIAL_APP_URL": "https://app.example", "SOCIAL_URL_PREFIX": "/social"},
            "",
            "https://app.example/social/login/plain",
        ),
        ({"SOCIAL_BLUEPRINT_NAME": "accounts"}, "", "http://inside:8000/login/plain"),
    ],
)
def test_the_redirect_uri_is_exact(
    make_bed: MakeBed, config: dict[str, Any], script_root: str, expected: str
) -> None:
    assert redirect_uri(make_bed(**config), script_root=script_root) == expected


def test_a_host_that_is_not_trusted_is_refused(make_bed: MakeBed) -> None:
    bed = make_bed(TRUSTED_HOSTS=["good.example"])
    assert redirect_uri(bed, base_url="http://good.example") == "http://good.example/login/plain"
    answer = bed.app.test_client().post("/login/plain", base_url="http://evil.example")
    assert answer.status_code == 400


def test_the_start_warns_when_any_host_is_taken(
    box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    github = {"consumer_key": "k", "consumer_secret": "s"}
    nothing = dict.fromkeys(usual_config(box.url))
    with caplog.at_level(logging.WARNING):
        make_app(
            {**nothing, "SOCIAL_GITHUB": github, "SOCIAL_APP_URL": "https://app.example"},
            testing=False,
        )
    assert "Host header" not in caplog.text
    with caplog.at_level(logging.WARNING):
        make_app({**nothing, "SOCIAL_GITHUB": github}, testing=False)
    assert "SOCIAL_APP_URL, SERVER_NAME or TRUSTED_HOSTS" in caplog.text
