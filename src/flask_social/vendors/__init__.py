"""Vendors' client libraries, one file each, on authorised sessions of ours.

``"api_client"`` of a provider's configuration asks for one by its name. Its file here is imported,
and with it the library, when an application first asks for a client.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..errors import ConfigurationError
from ..values import Client

SESSION = "session"
"""The name that asks for the authorised session itself."""


@dataclass(frozen=True, slots=True)
class Library:
    """A client library that an application may ask for."""

    distribution: str
    """What it is called where it is installed from."""
    package: str
    """What it is imported as."""
    extra: str
    """Ours that installs it."""
    file: str
    """The module beside this one that knows it."""

    def is_installed(self) -> bool:
        """Whether it can be imported, found out without importing it."""
        try:
            return find_spec(self.package) is not None
        except (ModuleNotFoundError, ValueError):
            return False

    def __call__(self, session: Any, connection: Any, client: Client) -> Any:
        """Its client for the account of *connection*.

        :param session: the :class:`~flask_social.api.ApiSession` of the connection.
        """
        return import_module(f".{self.file}", __name__).client(session, connection, client)


LIBRARIES = (
    Library("PyGithub", "github", "github", "github"),
    Library("google-api-python-client", "googleapiclient", "google", "google"),
    Library("google-auth", "google.auth", "google", "google_auth"),
    Library("slack-sdk", "slack_sdk", "slack", "slack"),
    Library("spotipy", "spotipy", "spotify", "spotify"),
    Library("python-gitlab", "gitlab", "gitlab", "gitlab"),
    Library("dropbox", "dropbox", "dropbox", "dropbox"),
    Library("Mastodon.py", "mastodon", "mastodon", "mastodon"),
    Library("notion-client", "notion_client", "notion", "notion"),
    Library("praw", "praw", "reddit", "reddit"),
    Library("hikari", "hikari", "discord", "discord"),
    Library("stravalib", "stravalib", "strava", "strava"),
    Library("jira", "jira", "jira", "jira"),
    Library("simple-salesforce", "simple_salesforce", "salesforce", "salesforce"),
    Library("stripe", "stripe", "stripe", "stripe"),
    Library("tweepy", "tweepy", "twitter", "tweepy_client"),
)


def find(key: str, name: Any) -> Library | None:
    """The library of that *name*, its distribution's or its package's, in letters of any case.

    :param key: the configuration key that asks for it, for errors.
    :returns: ``None`` for ``"session"``, which is none.
    :raises ConfigurationError: for a name that none has, or whose library is not installed.
    """
    if not isinstance(name, str):
        raise ConfigurationError(f"{key}: api_client must be a text, the name of a library.")
    if name.lower() == SESSION:
        return None
    named = {_plain(each): library for library in LIBRARIES for each in _names(library)}
    library = named.get(_plain(name))
    if library is None:
        raise ConfigurationError(f"{key}: {_unknown(name)}")
    if not library.is_installed():
        raise ConfigurationError(
            f"{key}: api_client is {name!r}, and {library.distribution} is not installed: "
            f"pip install Flask-Social[{library.extra}]"
        )
    return library


def _names(library: Library) -> tuple[str, str]:
    return library.distribution, library.package


def _plain(name: str) -> str:
    """*name* as an index of packages compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _unknown(name: str) -> str:
    known = {each.lower(): each for library in LIBRARIES for each in _names(library)}
    near = difflib.get_close_matches(name.lower(), [*known, SESSION], n=1)
    hint = f" Did you mean {known.get(near[0], near[0])!r}?" if near else ""
    return f"api_client {name!r} is no client library that is known here.{hint}"
