"""Stock functions for a provider's ``profile``: calls that are more, or less, than one GET."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..http import Get
from ..values import Secret, Token
from .identity import Profile

ProfileCalls = Callable[[Get, Token], Profile]

FORBIDDEN = (403, 404)
"""What an API answers to a token without the scope that a further call needs."""


def from_token(get: Get, token: Token) -> Profile:
    """The token answer itself, which tells whose it is, but for the secrets in it."""
    return _open(token.raw)


def beside_token(path: str) -> ProfileCalls:
    """What stands at *path*, with the token answer, but for its secrets, as its ``token``."""

    def profile(get: Get, token: Token) -> Profile:
        return {**get(path), "token": _open(token.raw)}

    return profile


def calls(path: str, **further: str) -> ProfileCalls:
    """What stands at *path*, with what stands at each of the *further* paths as a member of it.

    A further one that the token does not reach is ``None``: ``calls("user", emails="emails")``.
    """

    def profile(get: Get, token: Token) -> Profile:
        return {
            **get(path),
            **{name: get(each, absent=FORBIDDEN) for name, each in further.items()},
        }

    return profile


def posted(path: str, **form: str) -> ProfileCalls:
    """The answer to a form that is posted to *path*, or to a POST of nothing at all.

    Places in the form are filled from the client.
    """

    def profile(get: Get, token: Token) -> Profile:
        return get(path, form=form)

    return profile


def graphql(path: str, query: str) -> ProfileCalls:
    """The ``data`` that GraphQL at *path* answers *query* with.

    It tells errors with status 200; then nobody is signed in by what it tells beside them.
    """

    def profile(get: Get, token: Token) -> Profile:
        answer: Any = get(path, json={"query": query})
        if answer.get("errors"):
            raise ValueError("GraphQL: there are errors")
        return answer["data"]

    return profile


def _open(value: Any) -> Any:
    """*value* without what is secret in it."""
    if isinstance(value, Mapping):
        return {name: _open(each) for name, each in value.items() if not isinstance(each, Secret)}
    if isinstance(value, list | tuple):
        return [_open(each) for each in value if not isinstance(each, Secret)]
    return value
