"""Twitter's API: tweepy's client where tweepy is installed, else the session itself.

Both answer ``PostUpdate(text)``, and both send what they send by the session: with its deadlines,
to its address, signed by it.
"""

from __future__ import annotations

import logging
from functools import cache, partial
from typing import Any

from ..values import Client

log = logging.getLogger("flask_social")


def twitter_client(session: Any, connection: Any, client: Client) -> Any:
    """A client of the API for the account of *connection*.

    :param session: the :class:`~flask_social.api.ApiSession` of the connection.
    :returns: a :class:`tweepy.Client`, or *session* where tweepy is not installed; either with
        ``PostUpdate(text)``, which posts and returns the post's ``id``, ``text`` and so on.
    """
    try:
        from .tweepy_client import TweepyClient
    except ModuleNotFoundError as error:
        if error.name != "tweepy":
            raise
        _say_what_is_missing()
        session.PostUpdate = partial(post_update, session)
        return session
    return TweepyClient(session, connection, client)


def post_update(session: Any, text: str) -> dict[str, Any]:
    """Post *text* and return the post: its ``id``, its ``text``, what else the API tells.

    :raises requests.HTTPError: when the API refuses.
    :raises requests.RequestException: when there is no answer in time.
    :raises ValueError: when the answer holds no post.
    """
    answer = session.post("2/tweets", json={"text": text})
    answer.raise_for_status()
    document = answer.json()
    return read_post(document.get("data") if isinstance(document, dict) else None)


def read_post(post: Any) -> dict[str, Any]:
    """*post*, if it is one. :raises ValueError: when it is anything else."""
    if not isinstance(post, dict) or "id" not in post:
        raise ValueError("the API has answered without a post")
    return dict(post)


@cache
def _say_what_is_missing() -> None:
    """Once for each process, so that nobody wonders what kind of client this is."""
    log.warning(
        "tweepy is not installed: get_api() of Twitter is an authorised session with PostUpdate(). "
        "pip install Flask-Social[twitter] makes it tweepy's client."
    )
