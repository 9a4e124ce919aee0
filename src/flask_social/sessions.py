"""What ``get_api()`` gives: an authorised session, or a vendor's client on top of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .protocols.base import Provider
from .protocols.credentials import bearer
from .token_source import TokenSource
from .transport import TransportOptions
from .values import Client


def client_for(
    provider: Provider,
    client: Client,
    options: TransportOptions,
    base_url: str,
    source: TokenSource,
) -> Any:
    """A client of the API at *base_url*, with the token that *source* gives for each request.

    A person's own server, where the token says that there is one, is not one that the operator
    named: the session goes there past a guard.
    """
    from .api import ApiSession

    if find := getattr(provider, "api_home", None):
        home = find(source.held.usable_token()) or base_url
        options = replace(options, guarded=options.guarded or home != base_url)
        base_url = home
    session = ApiSession(
        base_url=base_url,
        token=source,
        client=client,
        token_use=getattr(provider, "as_person", bearer),
        options=options,
        renewal=source if hasattr(provider, "refresh") else None,
        challenged=getattr(provider, "challenged", None),
    )
    api = getattr(provider, "api", None)
    return session if api is None else api(session, source.connection, client)
