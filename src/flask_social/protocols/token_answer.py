"""What a token endpoint answers, made a token or an error (RFC 6749 section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from .. import clock, limits
from ..errors import ProviderError, ProviderUnavailable
from ..http import Request, Response
from ..values import Secret, Token
from .base import KNOWN_ERRORS, read_object, read_or_refuse

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEN_YEARS = 315_360_000
SECRET = re.compile(
    "token(?!_type)|secret|password|assertion|cookie|credential|session_handle|api_?key|^state$",
    re.IGNORECASE,
)
"""What the names of an answer's confidential members have in them."""
OTHER_WORDS = {
    "bad_verification_code": "invalid_grant",
    "bad_refresh_token": "invalid_grant",
    "invalid_code": "invalid_grant",
    "invalid_refresh_token": "invalid_grant",
    "Invalid Params: invalid code": "invalid_grant",
    "Invalid Params: invalid refresh_token": "invalid_grant",
    "incorrect_client_credentials": "invalid_client",
}
"""What some providers call errors of the standard, which are told apart for the person."""


def asked_at(url: str, step: str) -> Request:
    """The request for a token as every provider's begins."""
    return Request(method="POST", url=url, purpose=step, headers={"Accept": JSON})


def read_answer(response: Response, media: str, step: str) -> dict[str, Any]:
    """The members of *response*, which is JSON or of the one other type that *media* declares.

    An error counts whatever the status says, so that it is looked for first.

    :raises ProviderUnavailable: for ``invalid_client``.
    :raises ProviderError: for any other error, a status but 200, and what cannot be read.
    """
    try:
        answer = _members(response, media, step)
    except ProviderError:
        if response.status == 200:
            raise
        answer = {}
    refuse_token_error(answer, step)
    if response.status != 200:
        raise ProviderError(step, "bad_answer", f"status {response.status}")
    return answer


def _members(response: Response, media: str, step: str) -> dict[str, Any]:
    if response.content_type == FORM == media:
        return read_or_refuse(lambda: read_form(response.body), step)
    if response.content_type == media:
        response = replace(response, headers={"content-type": JSON})
    return read_object(response, step)


def read_form(body: bytes) -> dict[str, str]:
    """The members of a form. :raises ValueError: when it is not UTF-8 or repeats a name."""
    pairs = parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, max_num_fields=limits.JSON_MEMBERS
    )
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("the form repeats a name")
    return members


def refuse_token_error(answer: Mapping[str, Any], step: str) -> None:
    """Raise what an ``error`` of the token endpoint means (RFC 6749 section 5.2).

    :raises ProviderUnavailable: ``invalid_client``; the operator's credentials are wrong.
    :raises ProviderError: any other error.
    """
    if not (code := answer.get("error")):
        return
    if isinstance(code, str):
        code = OTHER_WORDS.get(code, code)
    if code == "invalid_client":
        raise ProviderUnavailable(step, code, "consumer_key or consumer_secret is wrong")
    known = isinstance(code, str) and code in KNOWN_ERRORS
    raise ProviderError(step, code if known else "unknown_error")


def read_token(
    answer: Mapping[str, Any], step: str, *, assume_bearer: bool = False, kind: str = "Bearer"
) -> Token:
    """The token that *answer* grants (RFC 6749 section 5.1).

    :param assume_bearer: whether a missing ``token_type`` means ``Bearer``.
    :param kind: the ``token_type`` that it has to have.
    :raises ProviderError: when there is none, or none of a kind we can use (section 7.1).
    """
    told = answer.get("token_type") or ("Bearer" if assume_bearer else None)
    if not isinstance(told, str) or told.lower() != kind.lower():
        raise ProviderError(step, "bad_answer", f"the token_type is not {kind.lower()}")
    access_token = read_secret(answer, "access_token", step)
    if access_token is None:
        raise ProviderError(step, "bad_answer", "access_token is missing")
    return Token(
        access_token=access_token,
        refresh_token=read_secret(answer, "refresh_token", step),
        id_token=read_secret(answer, "id_token", step),
        token_type=kind,
        expires_at=read_expiry(answer.get("expires_in")),
        scopes=read_scopes(answer.get("scope")),
        raw=masked(answer),
    )


def masked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """*answer*, its tokens and secrets as texts that no ``repr`` shows, however deep they are."""
    return {name: _masked(value, hides=bool(SECRET.search(name))) for name, value in answer.items()}


def _masked(value: Any, *, hides: bool) -> Any:
    """*value*, and with *hides* every text in it as one that no ``repr`` shows."""
    if isinstance(value, Mapping):
        return {
            name: _masked(each, hides=hides or bool(SECRET.search(name)))
            for name, each in value.items()
        }
    if type(value) in (list, tuple):
        return type(value)(_masked(each, hides=hides) for each in value)
    return Secret(value) if hides and isinstance(value, str) else value


def read_secret(answer: Mapping[str, Any], name: str, step: str) -> Secret | None:
    """The token *name* of an answer, or ``None``: an empty text is none.

    :raises ProviderError: when it is there and not a text of printable ASCII within the limit.
    """
    if (value := answer.get(name)) in (None, ""):
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ProviderError(step, "bad_answer", f"{name} is not a token")
    if len(value) > limits.ACCESS_TOKEN:
        raise ProviderError(step, "bad_answer", f"{name} is longer than {limits.ACCESS_TOKEN}")
    return Secret(value)


def read_expiry(expires_in: Any) -> int | None:
    """When a token expires, in seconds since the epoch. A hint: nonsense counts as unknown."""
    if isinstance(expires_in, bool) or (
        isinstance(expires_in, str) and not re.fullmatch(r" *[0-9]{1,10} *", expires_in)
    ):
        return None
    try:
        seconds = int(expires_in)
    except (TypeError, ValueError, OverflowError):
        return None
    return clock.now() + seconds if 0 < seconds < TEN_YEARS else None


def read_scopes(scope: Any) -> tuple[str, ...] | None:
    """The scopes as granted, however they are joined; ``None`` when the answer has none.

    What no scope is made of (RFC 6749 section 3.3) is passed over: no database need hold it.
    """
    if isinstance(scope, list):
        scope = " ".join(each for each in scope if isinstance(each, str))
    if not isinstance(scope, str):
        return None
    found = re.findall(r"[^\s,]+", scope)
    return tuple(each for each in found if re.fullmatch(r"[\x21-\x7e]+", each)) or None
