"""A token is given back: revocation (RFC 7009), or what a provider has in its place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from .. import limits
from ..errors import ProviderError, ProviderUnavailable
from ..http import Request, Response, with_query
from ..values import Client, Token
from .base import KNOWN_ERRORS, read_object
from .credentials import TokenUse

STEP = "revoking the token"
GONE = frozenset({404, 410})
"""What a DELETE is answered with where nothing is left to delete (RFC 9110 sections 15.5.5, 11)."""


def asked_at(url: str) -> Request:
    """The request as every provider's begins."""
    headers = {"Accept": "application/json"}
    return Request(method="POST", url=url, purpose=STEP, headers=headers)


def with_token(request: Request, token: Token, client: Client) -> Request:
    """The token in the body, and nothing that says whose application asks.

    A refresh token takes everything of its grant with it (RFC 7009 section 2.1), an access token
    perhaps only itself.
    """
    if token.refresh_token:
        return request.with_form(token=token.refresh_token, token_type_hint="refresh_token")
    return request.with_form(token=token.access_token, token_type_hint="access_token")


def access_token_as(name: str, **constant: str) -> TokenUse:
    """The access token in the body as *name*, for providers that take no other there.

    :param constant: further members. Places in them are filled from the client:
        ``client_id="{client_id}"``.
    """

    def shape(request: Request, token: Token, client: Client) -> Request:
        return request.with_form(**client.filled(constant), **{name: token.access_token})

    return shape


def deleted_by_name(**query: str) -> TokenUse:
    """A DELETE of the access token, for providers where it has an address: the end of it.

    :param query: what allows it. Places are filled from the client, and ``{token}``.
    """

    def shape(request: Request, token: Token, client: Client) -> Request:
        url = f"{request.url}/{quote(token.access_token, safe='')}"
        told = client.filled(query, token=token.access_token)
        return replace(request, method="DELETE", url=with_query(url, told))

    return shape


def deleted_with(use: TokenUse) -> TokenUse:
    """A DELETE in the person's name, for providers where what they permitted has an address."""

    def shape(request: Request, token: Token, client: Client) -> Request:
        return use(deleting(request), token, client)

    return shape


def deleting(request: Request, below: str = "", **members: str) -> Request:
    """*request* as a DELETE, of what is *below* its address, with *members* as JSON if any."""
    request = replace(request, method="DELETE", url=request.url + quote(below))
    if not members:
        return request
    body = json.dumps(members).encode()
    return replace(request, body=body).with_headers(Content_Type="application/json")


def check(request: Request, response: Response) -> None:
    """Nothing, if the token is of no use any more.

    A server answers 200 also for a token that it does not know (section 2.2); some say so by
    ``invalid_token``, or, where a grant is deleted by its address, that nothing is there.

    :raises ProviderUnavailable: ``invalid_client``; the operator's credentials are wrong.
    :raises ProviderError: when it was not revoked, as far as the answer tells.
    """
    if 200 <= response.status < 300 or (request.method == "DELETE" and response.status in GONE):
        return
    code = _error(response)
    if code == "invalid_token":
        return
    if code == "invalid_client":
        raise ProviderUnavailable(STEP, code, "consumer_key or consumer_secret is wrong")
    known = code in KNOWN_ERRORS or code == "unsupported_token_type"
    raise ProviderError(STEP, str(code) if known else "refused", f"status {response.status}")


def _error(response: Response) -> Any:
    """The error that an answer names, if it is one of the standard's form (section 2.2.1)."""
    try:
        code = read_object(response, STEP).get("error")
    except ProviderError:
        return None
    return code if isinstance(code, str) and len(code) <= limits.LOGGED else None
