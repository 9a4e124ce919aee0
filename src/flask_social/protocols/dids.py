"""Who vouches for whom in the AT Protocol: a person's DID names their server, which names another.

A token answer that names a DID proves nothing: any authorization server could say it. What counts
is that the person's own document leads to a server which trusts that authorization server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import limits
from ..errors import ProviderError
from ..http import Request, Response
from .base import read_object
from .discovery import is_public_name

STEP = "checking whose account it is"
PLC = re.compile(r"did:plc:[a-z2-7]{24}")
WEB = re.compile(r"did:web:([a-z0-9.-]+)")
"""A host and no more: the protocol has no paths and no ports in there."""
SERVER = "#atproto_pds"
SERVER_TYPE = "AtprotoPersonalDataServer"
RESOURCE = "/.well-known/oauth-protected-resource"


def asked(did: str, directory: str) -> Request:
    """The request for the document of *did*.

    :param directory: the address of the directory of ``did:plc``, without a slash at its end.
    :raises ProviderError: for a DID of another kind, or one that names no public host.
    """
    if PLC.fullmatch(did):
        return _request(f"{directory}/{did}")
    if (named := WEB.fullmatch(did)) and is_public_name(named[1]):
        return _request(f"https://{named[1]}/.well-known/did.json", guarded=True)
    raise _refused("sub is no DID of the protocol")


def resource_of(server: str) -> Request:
    """The request for what *server* says of who may grant access to it (RFC 9728 section 3)."""
    return _request(server + RESOURCE, guarded=True)


def read_server(response: Response, did: str) -> str:
    """The origin of the server that keeps the account *did*, by the person's own document.

    :raises ProviderError: when the document is another's, or names no server that can be asked.
    """
    document = _document(response)
    if document.get("id") != did:
        raise _refused("the DID's document is another's")
    services = document.get("service")
    for each in services if isinstance(services, list) else ():
        if isinstance(each, Mapping) and each.get("id") in (SERVER, did + SERVER):
            return _origin(each)
    raise _refused("the DID's document names no server")


def read_authorization_servers(response: Response, server: str) -> tuple[str, ...]:
    """The issuers that *server* trusts to grant access to it (RFC 9728 section 2).

    :raises ProviderError: when it speaks for another server, or names none.
    """
    document = _document(response)
    if document.get("resource") != server:
        raise _refused("its metadata are another server's")
    issuers = document.get("authorization_servers")
    if not isinstance(issuers, list) or not all(isinstance(each, str) for each in issuers):
        raise _refused("its metadata name no authorization server")
    return tuple(issuers)


def _request(url: str, *, guarded: bool = False) -> Request:
    headers = {"Accept": "application/json"}
    return Request(url=url, purpose=STEP, headers=headers, guarded=guarded)


def _document(response: Response) -> dict[str, Any]:
    if response.status != 200:
        raise ProviderError(STEP, "bad_answer", f"status {response.status}")
    return read_object(response, STEP)


def _origin(service: Mapping[str, Any]) -> str:
    """The origin that *service* is at: https, of a public name, and nothing behind it."""
    url = service.get("serviceEndpoint")
    if service.get("type") != SERVER_TYPE or not isinstance(url, str) or len(url) > limits.LINK:
        raise _refused("the DID's document names no server")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("the server's address is none") from None
    host = parts.hostname or ""
    origin = f"https://{host}" + (f":{port}" if port not in (None, 443) else "")
    if url not in (origin, f"{origin}/") or not is_public_name(host):
        raise _refused("the server's address is no https address of a public name")
    return origin


def _refused(detail: str) -> ProviderError:
    return ProviderError(STEP, "wrong_server", detail)
