"""notion-client, whose httpx our session sends for."""

from __future__ import annotations

from typing import Any, Self

import httpx
import notion_client
import requests

from ..values import Client
from .sending import WIRE, OurSession, without


def client(session: Any, connection: Any, client: Client) -> NotionClient:
    """A :class:`notion_client.Client` for the account.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """
    return NotionClient(session)


class NotionClient(notion_client.Client):
    """A client that stays on our session inside a ``with`` block as well."""

    def __init__(self, session: Any) -> None:
        super().__init__(
            client=httpx.Client(transport=OurTransport(session), trust_env=False),
            base_url=without("/v1", session.base_url),
            retry=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing: the connections are the process's."""


class OurTransport(httpx.BaseTransport):
    """What httpx takes for the network."""

    def __init__(self, session: Any) -> None:
        self._session = OurSession(session)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to the same request, authorised and sent by our session.

        :raises httpx.TransportError: when there is none in time.
        """
        try:
            answer = self._session.request(
                request.method,
                str(request.url),
                data=request.read(),
                headers=_carried(request.headers.items()),
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise httpx.ReadTimeout(str(error), request=request) from None
        except requests.RequestException as error:
            raise httpx.ConnectError(str(error), request=request) from None
        headers = _carried(answer.headers.items())
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)


def _carried(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in WIRE | {"host"}}
