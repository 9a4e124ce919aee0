"""simple-salesforce, on a session of ours."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from simple_salesforce import Salesforce

from ..values import Client
from .sending import OurSession, below

SERVICES = re.compile(r"/services(/.*)?$")
"""What the library adds to the address of an instance."""


def client(session: Any, connection: Any, client: Client) -> SalesforceClient:
    """A :class:`simple_salesforce.Salesforce` for the account.

    Its instance, ``instance_url`` of Salesforce's answer, is the one that the session is at.
    """
    return SalesforceClient(session)


class SalesforceClient(Salesforce):
    """A client whose session id is the access token, asked for whenever it is used."""

    def __init__(self, session: Any) -> None:
        self._ours: Any = None
        instance = SERVICES.sub("", session.base_url.rstrip("/"))
        # The library takes the host alone, and always says https.
        ours = OurSession(session, partial(below, instance))
        super().__init__(session_id="", instance_url=instance, session=ours)
        self._ours = session

    @property
    def session_id(self) -> str:
        """The access token as it is now; nothing while the client is made."""
        return "" if self._ours is None else self._ours.token().access_token

    @session_id.setter
    def session_id(self, value: object) -> None:
        """Nothing: there is no other token than the connection's."""
