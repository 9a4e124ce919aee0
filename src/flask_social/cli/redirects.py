"""The redirect URIs that a provider has to know of this application, as a trip would send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from ..choosing import address_of
from ..journey import callback_url
from ..once import Once
from ..registration import Made, Registration
from ..remote import RemoteApp
from ..state import state
from ..values import Client, Intent

PURPOSES = {
    "login": ("logging in", Intent.LOGIN),
    "connect": ("connecting, reconnecting, verifying", Intent.CONNECT),
}
HOST_UNKNOWN = (
    "Which host the application is reached at is not known here. Set SOCIAL_APP_URL to the address "
    "that people see, such as https://app.example, and run this again."
)
SCHEME_ASSUMED = (
    "The scheme is that of PREFERRED_URL_SCHEME; a trip takes that of the request. Set "
    "SOCIAL_APP_URL to settle it."
)


@dataclass(frozen=True, slots=True)
class Redirects:
    """The redirect URIs, by purpose: addresses, or paths where the host is not known."""

    by_purpose: dict[str, str]
    hint: str
    """What to set so that they are known; empty where they are."""
    instances: dict[str, dict[str, str]] = field(default_factory=dict)
    """The same at each instance that the operator registers at, by its host."""

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Purpose and address for people; one line where one address serves all."""
        for host, uris in self.instances.items():
            yield from ((f"{host}, {what}", uri) for what, uri in Redirects(uris, "").pairs())
        if self.instances:
            return
        if len(set(self.by_purpose.values())) == 1:
            yield "everything", self.by_purpose["login"]
            return
        for purpose, uri in self.by_purpose.items():
            yield PURPOSES[purpose][0], uri

    def as_json(self) -> dict[str, Any]:
        """The same for ``--json``."""
        instances = {"instances": self.instances} if self.instances else {}
        return {**self.by_purpose, **instances, "hint": self.hint or None}


def redirects(provider: Any, hosts: Iterable[str] = ()) -> Redirects:
    """What a trip to *provider* sends as its redirect URI.

    Outside a request the host is that of ``SOCIAL_APP_URL`` or ``SERVER_NAME``; without either
    only the path is known.

    :param hosts: the instances that the operator registers at, where visitors name them.
    """
    here, client = state(), Client(id="")
    made = Once(lambda: Made(provider, client, None))
    remote = RemoteApp(Registration(provider.id, client, made), here.datastore, here.wire)
    with current_app.test_request_context():
        uris = {purpose: callback_url(remote, intent) for purpose, (_, intent) in PURPOSES.items()}
    hint = SCHEME_ASSUMED if current_app.config.get("SERVER_NAME") else HOST_UNKNOWN
    if here.settings.app_url:
        hint = ""
    if hint == HOST_UNKNOWN:
        uris = {purpose: urlsplit(uri).path for purpose, uri in uris.items()}
    instances = {
        host: {purpose: address_of(uri, host) for purpose, uri in uris.items()} for host in hosts
    }
    return Redirects(uris, hint, instances)
