"""jira, on a session of ours."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import requests
from jira import JIRA
from jira.resilientsession import raise_on_error

from ..values import Client
from .sending import OurSession

REST = re.compile(r"/rest(/.*)?$")
"""What the library adds to the address of a site."""
CLOUD = (".atlassian.com", ".atlassian.net")
CLOUD_VERSION = (1001, 0, 0)
"""The version that every site of the cloud says it has."""


def client(session: Any, connection: Any, client: Client) -> JiraClient:
    """A :class:`jira.JIRA` for the account, at the site that the session is at.

    In the cloud that is ``https://api.atlassian.com/ex/jira/<cloud id>``. What the site refuses
    for now it raises; it does not sleep until it is allowed again.
    """
    return JiraClient(session)


class JiraClient(JIRA):
    """A client that makes no call before its first method is called."""

    def __init__(self, session: Any) -> None:
        self._asked: tuple[int, ...] | None = None
        site = REST.sub("", session.base_url.rstrip("/"))
        super().__init__(server=site, get_server_info=False)
        self._session = JiraSession(session)
        self._session.headers.update(self._options["headers"])
        is_cloud = (urlsplit(site).hostname or "").endswith(CLOUD)
        self.deploymentType = "Cloud" if is_cloud else "Server"
        if is_cloud:
            self._asked = CLOUD_VERSION

    @property
    def _version(self) -> tuple[int, ...]:
        """The site's version, by which some methods choose how to ask. One of our own is asked."""
        if self._asked is None:
            self._asked = tuple(self.server_info()["versionNumbers"])
        return self._asked

    @_version.setter
    def _version(self, value: object) -> None:
        """Nothing: the inherited client sets one that it has not asked for."""


class JiraSession(OurSession):
    """What the library takes for its session: a refusal is raised as its own error."""

    def request(  # type: ignore[override]  # as inherited
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        kwargs.pop("_prepare_retry_class", None)
        if isinstance(kwargs.get("data"), dict):
            kwargs["data"] = json.dumps(kwargs["data"])
        answer = super().request(method, url, **kwargs)
        raise_on_error(answer)
        return answer
