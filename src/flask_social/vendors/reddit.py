"""praw, on a session of ours."""

from __future__ import annotations

from typing import Any

import requests
from praw import Reddit
from prawcore import Requestor
from prawcore.exceptions import RequestException

from ..values import Client
from .sending import OurSession

IN_PLACE = "the session's"
"""What praw wants in place of a token. It does not leave."""
FOREVER = 10 * 365 * 86_400
"""Seconds that praw is to take it for good: when a token expires the session knows."""
UNSET = ("client_secret", "password", "redirect_uri", "refresh_token", "username")
"""Settings that praw would look for in the environment and in files named praw.ini."""


def client(session: Any, connection: Any, client: Client) -> Reddit:
    """A :class:`praw.Reddit` for the account."""
    made = Reddit(
        "DEFAULT",
        requestor_class=OurRequestor,
        requestor_kwargs={"session": OurSession(session)},
        client_id=client.id,
        user_agent=f"python:{client.id} (Flask-Social)",
        oauth_url=session.base_url,
        reddit_url="https://www.reddit.com",
        check_for_updates=False,
        **dict.fromkeys(UNSET),
    )
    made.auth.implicit(access_token=IN_PLACE, expires_in=FOREVER, scope="*")
    return made


class OurRequestor(Requestor):
    """How praw sends: failures of the network are its own, others stay what they are."""

    def request(self, *args: Any, timeout: object = None, **kwargs: Any) -> requests.Response:
        try:
            answer: requests.Response = self._http.request(*args, **kwargs)
        except requests.RequestException as error:
            raise RequestException(error, args, kwargs) from None
        return answer
