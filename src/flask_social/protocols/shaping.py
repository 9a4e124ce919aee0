"""Stock functions for token endpoints that are asked, or that answer, in words of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from ..http import Request
from .identity import look_up

Shape = Callable[[dict[str, Any]], dict[str, Any]]


def as_json(request: Request) -> Request:
    """The form of *request* as a JSON object, for ``shape_token_request``."""
    body = json.dumps(dict(request.form or {})).encode()
    request = replace(request, form=None, body=body)
    return request.with_headers(Content_Type="application/json")


def nested(name: str, **names: str) -> Shape:
    """The members of the member *name*, with what stands beside it; see :func:`called`."""

    def shape(answer: dict[str, Any]) -> dict[str, Any]:
        inner = answer.get(name)
        return called(**names)({**answer, **inner} if isinstance(inner, dict) else answer)

    return shape


def called(**names: str) -> Shape:
    """The answer with members under the standard's names, for ``shape_token``.

    ``called(access_token="accessToken", expires_in="expireIn")``
    """

    def shape(answer: dict[str, Any]) -> dict[str, Any]:
        found = {ours: answer[theirs] for ours, theirs in names.items() if theirs in answer}
        return {**answer, **found}

    return shape


def spent_at(name: str, codes: Collection[Any], then: Shape | None = None) -> Shape:
    """An answer whose member *name* is one of *codes* is ``invalid_grant`` (RFC 6749 section 5.2).

    :param name: or a dotted path, see :mod:`.identity`.
    :param then: the function for every other answer.
    """

    def shape(answer: dict[str, Any]) -> dict[str, Any]:
        if look_up(name, answer) in codes:
            return {"error": "invalid_grant"}
        return then(answer) if then else answer

    return shape


def of_bearer(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, its token a bearer's whatever it calls the type.

    For providers that name what no standard has: whose it is, or the scheme of their own header.
    """
    return {**answer, "token_type": "Bearer"}
