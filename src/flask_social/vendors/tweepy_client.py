"""tweepy's client of Twitter's API, its requests sent by a session of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import tweepy

from ..values import Client, Secret
from .twitter import read_post


def client(session: Any, connection: Any, client: Client) -> TweepyClient:
    """A :class:`tweepy.Client` for the account of *connection*.

    :param session: the :class:`~flask_social.api.ApiSession` of the connection.
    """
    return TweepyClient(session, connection, client)


class TweepyClient(tweepy.Client):
    """A :class:`tweepy.Client` for one account, with the ``PostUpdate`` of former days.

    Whether a method is called with ``user_auth`` or without, it acts for that account: the
    session signs every request. Failures are tweepy's where the API answers, and those of
    requests where it does not in time.
    """

    def __init__(self, session: Any, connection: Any, client: Client) -> None:
        super().__init__(
            consumer_key=Secret(client.id),
            consumer_secret=Secret(client.secret or ""),
            access_token=Secret(connection.access_token),
            access_token_secret=Secret(getattr(connection, "secret", None) or ""),
        )
        self.session = OurSession(session)
        self._account = str(connection.provider_user_id)

    def PostUpdate(self, text: str) -> dict[str, Any]:  # noqa: N802 - its documented name
        """Post *text* and return the post: its ``id``, its ``text``, what else the API tells.

        :raises tweepy.HTTPException: when the API refuses.
        :raises requests.RequestException: when there is no answer in time.
        :raises ValueError: when the answer holds no post.
        """
        return read_post(self.create_tweet(text=text).data)

    def _get_authenticating_user_id(self, *, oauth_1: bool = False) -> str:
        """The account's id, which the connection knows.

        tweepy takes it apart from the token, or asks for it, and keeps client and token in a
        cache of the class for as long as the process lives.
        """
        return self._account

    def __repr__(self) -> str:
        return f"<TweepyClient {self._account}>"


class OurSession:
    """What tweepy takes for a session of requests: of its requests, path and content are sent."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        json: Any = None,
        headers: Any = None,
        auth: object = None,
    ) -> Any:
        """The answer to the same request below the session's address, signed by the session.

        tweepy's own host, its *auth* and its ``Authorization`` header are passed over.
        """
        path = urlunsplit(urlsplit(url)._replace(scheme="", netloc=""))
        kept = {
            name: value
            for name, value in (headers or {}).items()
            if name.lower() != "authorization"
        }
        return self._session.request(method, path, params=params, json=json, headers=kept)

    def __repr__(self) -> str:
        return f"<OurSession {self._session!r}>"
