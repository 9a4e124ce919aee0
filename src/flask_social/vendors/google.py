"""google-api-python-client, whose services our session sends for."""

from __future__ import annotations

from typing import Any

import httplib2
from googleapiclient import discovery

from ..values import Client
from .google_auth import is_googles
from .sending import WIRE, below


def client(session: Any, connection: Any, client: Client) -> GoogleApi:
    """What makes the services: ``get_api().build("drive", "v3")``."""
    return GoogleApi(session)


class GoogleApi:
    """Google's APIs for one account."""

    def __init__(self, session: Any) -> None:
        self._http = OurHttp(session)

    def build(self, service: str, version: str, **options: Any) -> Any:
        """What :func:`googleapiclient.discovery.build` makes, authorised.

        :param options: as there, but ``http`` and ``credentials``.
        """
        return discovery.build(service, version, http=self._http, **options)

    def __repr__(self) -> str:
        return f"<GoogleApi {self._http!r}>"


class OurHttp:
    """What the library takes for its :class:`httplib2.Http`.

    The token goes to hosts of Google's APIs. A session that is elsewhere, at the sandbox for
    instance, gets all requests there.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._elsewhere = not is_googles(session.base_url)

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> tuple[httplib2.Response, bytes]:
        """The answer to a request, and its body."""
        if self._elsewhere:
            uri = below(self._session.base_url.rstrip("/"), uri)
        elif is_googles(uri):
            self._session.admit(uri)
        answer = self._session.request(method, uri, data=body, headers=headers)
        told = {
            name.lower(): value
            for name, value in answer.headers.items()
            if name.lower() not in WIRE
        }
        return httplib2.Response({**told, "status": str(answer.status_code)}), answer.content

    def close(self) -> None:
        """Nothing: the connections are the process's."""

    def __repr__(self) -> str:
        return f"<OurHttp {self._session!r}>"
