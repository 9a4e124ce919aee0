"""A relying party whose user has an account at each of three providers.

``acme`` is as configuration makes it, ``op-a`` is asked for UserInfo too, and ``op-b`` is told the
secret in a header.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from flask_social.testing import ServedSandbox
from tests import formpost, tls_proxy
from tests.bed import Bed, Browser, make_app, served
from tests.tls_proxy import Proxy

USER = "user@example.org"
OPTIONS: dict[str, dict[str, Any]] = {
    "acme": {},
    "op-a": {"userinfo": True},
    "op-b": {"token_endpoint_auth_method": "client_secret_basic"},
}


@dataclass
class Party:
    """The application, in front of which stands a proxy where answers come by form post."""

    bed: Bed
    proxy: Proxy | None = None

    def browser(self) -> Browser:
        return self.proxy.browser(self.bed) if self.proxy else self.bed.browser()

    def trip(self, browser: Browser, path: str) -> requests.Response:
        """Set out, say yes at the provider, and come back."""
        return formpost.trip(browser, path) if self.proxy else browser.trip(path)

    def accept(self, provider_id: str = "acme") -> None:
        """The login ends with the user signed in."""
        browser = self.browser()
        answer = self.trip(browser, f"/login/{provider_id}")
        assert answer.status_code == 303, answer.text
        assert browser.who() == USER

    def reject(self, provider_id: str = "acme", status: int = 502) -> None:
        """The login ends with a page, and nobody is signed in; the next one is as good as ever."""
        browser = self.browser()
        answer = self.trip(browser, f"/login/{provider_id}")
        assert answer.status_code == status, answer.text
        assert browser.who() is None
        self.bed.sandbox[provider_id].honest()
        self.accept(provider_id)


@contextmanager
def party(
    box: ServedSandbox, folder: Path | None = None, *, spare_keys: int = 0
) -> Iterator[Party]:
    """A served application. The providers are as new, and Ada says yes.

    :param folder: for the certificate of the proxy through which answers come by form post.
    :param spare_keys: keys of the providers beside the one that signs.
    """
    box.reset()
    box.login_as("ada")
    for provider_id in OPTIONS:
        box[provider_id].keys.publish(1 + spare_keys)
    if folder is None:
        with served(_application(box, {})) as bed:
            yield _connected(Party(bed), box)
        return
    with tls_proxy.proxy(folder / "ca.pem") as proxy:
        bed = _application(box, {"response_mode": "form_post"}, SOCIAL_APP_URL=proxy.url)
        with served(bed):
            proxy.stand_before(bed)
            yield _connected(Party(bed, proxy), box)


def _application(box: ServedSandbox, mode: dict[str, str], **config: Any) -> Bed:
    for provider_id, options in OPTIONS.items():
        config[f"SOCIAL_{provider_id.upper()}"] = {
            "consumer_key": f"{provider_id} key",
            "consumer_secret": f"{provider_id} secret",
            "issuer": f"{box.url}{provider_id}",
            **mode,
            **options,
        }
    return make_app(config)


def _connected(party: Party, box: ServedSandbox) -> Party:
    party.bed.sandbox = box
    party.bed.add_user(USER)
    browser = party.browser().sign_in(USER)
    for provider_id in OPTIONS:
        assert party.trip(browser, f"/connect/{provider_id}").status_code == 303
    return party


def without_profile(claims: dict[str, Any]) -> dict[str, Any]:
    """An ID token that says who it is and nothing more, so that UserInfo is asked."""
    shown = {"name", "preferred_username", "email", "email_verified", "picture"}
    return {name: value for name, value in claims.items() if name not in shown}
