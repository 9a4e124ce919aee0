"""Stripe's own client, for the account of somebody who has connected it to your platform.

It is authorised as Stripe asks platforms to: by the platform's secret key, which is the
``consumer_secret``, in the name of the connected account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from stripe import APIConnectionError, HTTPClient, StripeClient

from ..values import Client
from .sending import without

DOMAIN = ".stripe.com"
ADDRESSES = ("api", "connect", "files", "meter_events")
"""What Stripe has hosts for."""


def client(session: Any, connection: Any, client: Client) -> StripeClient:
    """A :class:`stripe.StripeClient` that acts for the account of *connection*.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """
    there = without("/v1", session.base_url)
    is_stripes = (urlsplit(there).hostname or "").endswith(DOMAIN)
    return StripeClient(
        client.secret,
        stripe_account=str(connection.provider_user_id),
        base_addresses=None if is_stripes else dict.fromkeys(ADDRESSES, there),
        http_client=OurHttp(session),
        max_network_retries=0,
    )


class OurHttp(HTTPClient):
    """How the library sends: on the process's connections, with our deadlines."""

    name = "requests"

    def __init__(self, session: Any) -> None:
        super().__init__()
        self._plain = requests.Session()
        self._plain.trust_env = False
        for scheme in ("https://", "http://"):
            self._plain.mount(scheme, session.get_adapter(scheme))

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The body, the status and the headers of the answer."""
        answer = self._sent(method, url, headers, post_data)
        return answer.content, answer.status_code, answer.headers

    def request_stream(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[Any, int, Mapping[str, str]]:
        """As :meth:`request`, with the body still to be read."""
        answer = self._sent(method, url, headers, post_data, stream=True)
        return answer.raw, answer.status_code, answer.headers

    def _sent(
        self, method: str, url: str, headers: Any, post_data: Any, *, stream: bool = False
    ) -> requests.Response:
        try:
            return self._plain.request(
                method, url, headers=headers, data=post_data, stream=stream, allow_redirects=False
            )
        except requests.RequestException as error:
            _refuse(error)

    def close(self) -> None:
        """Nothing: the connections are the process's."""


def _refuse(error: requests.RequestException) -> NoReturn:
    raise APIConnectionError(f"Stripe cannot be reached: {error}") from None
