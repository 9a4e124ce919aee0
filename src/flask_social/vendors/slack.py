"""slack-sdk's client of the Web API, its requests sent by a session of ours."""

from __future__ import annotations

from math import ceil
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient

from ..values import Client
from .sending import OurSession


def client(session: Any, connection: Any, client: Client) -> SlackClient:
    """A :class:`slack_sdk.WebClient` for the account."""
    return SlackClient(session)


class SlackClient(WebClient):
    """A client whose token is asked for whenever a method is called."""

    def __init__(self, session: Any) -> None:
        self._ours = session
        super().__init__(base_url=session.base_url, timeout=ceil(session.seconds))

    @property
    def token(self) -> str:
        """The access token as it is now."""
        access_token: str = self._ours.token().access_token
        return access_token

    @token.setter
    def token(self, value: object) -> None:
        """Nothing: there is no other token than the connection's."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """The answer to *req*, sent by our session rather than by urllib."""
        headers = dict(req.header_items())
        answer = OurSession(self._ours).request("POST", url, data=req.data, headers=headers)
        is_file = answer.headers.get("Content-Type", "").startswith("application/gzip")
        body = answer.content if is_file else answer.content.decode("utf-8", "replace")
        return {"status": answer.status_code, "headers": answer.headers, "body": body}

    def __repr__(self) -> str:
        return f"<SlackClient {self._ours!r}>"
