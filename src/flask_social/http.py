"""HTTP as values: what is asked, what is answered, and the function between them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from . import limits
from .values import Secret

# A bracket, or a whole string; one that never ends counts to the end. Possessive: else every
# character that is passed stays in mind, more than a hundred bytes for each.
MARK = re.compile(rb'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)

MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")

T = TypeVar("T")
Params = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to a provider. *purpose* completes "failed while ..." in logs and errors."""

    url: str = field(repr=False)
    purpose: str
    method: str = "GET"
    headers: Params = field(default_factory=dict, repr=False)
    form: Params | None = field(default=None, repr=False)
    """Sent as ``application/x-www-form-urlencoded``."""
    body: bytes | None = field(default=None, repr=False)
    guarded: bool = False
    """Whether somebody else than the operator named the host: then it goes to public addresses
    alone."""

    def with_headers(self, **headers: str) -> Request:
        """The same request with more headers, which no ``repr`` shows; ``_`` stands for ``-``."""
        added = {name.replace("_", "-"): Secret(value) for name, value in headers.items()}
        return replace(self, headers={**self.headers, **added})

    def with_form(self, **fields: str) -> Request:
        """The same request with more form fields."""
        return replace(self, form={**(self.form or {}), **fields})

    def with_query(self, **params: str) -> Request:
        """The same request with more query parameters."""
        return replace(self, url=with_query(self.url, params))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A provider's answer, whole and already within the size limit."""

    status: int
    headers: Params = field(default_factory=dict, repr=False)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON.

        :raises ValueError: when it is not, does not say that it is, or is beyond the limits.
        """
        if not self.content_type.endswith("json"):
            raise ValueError(f"not JSON but {_shown(self.content_type)}")
        return read_json(self.body)


class Send(Protocol):
    """The function that protocol code is handed instead of a network."""

    def __call__(self, request: Request) -> Response:
        """Send *request* once.

        :raises ProviderUnavailable: on no answer, 429 or 5xx.
        :raises ProviderError: on a redirect, or an answer beyond the limits.
        """

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        """What *read* makes of the answer, kept for an hour.

        While the provider is away it is kept for a day. What *read* refuses by raising is never
        kept. *refetch* asks anew, at most once a minute for each address.
        """


class Get(Protocol):
    """A function from a path below a provider's API to the JSON found there."""

    def __call__(
        self,
        path: str,
        *,
        absent: Collection[int] = (),
        form: Params | None = None,
        json: Any = None,
    ) -> Any:
        """The JSON at *path*; ``None`` when the answer's status is one of *absent*.

        :param form: to POST, in place of a GET.
        :param json: the same, as JSON.

        :raises ProviderError: for any other status than 200, and for what is not JSON.
        """


def with_query(url: str, params: Params) -> str:
    """*url* with *params* in its query; what else the query holds stays (RFC 6749 section 3.1)."""
    parts = urlsplit(url)
    kept = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in params
    ]
    query = urlencode([*kept, *params.items()])
    return urlunsplit(parts._replace(query=query, fragment=""))


def read_json(body: bytes) -> Any:
    """JSON in UTF-8, of bounded depth and size, without duplicate names or ``NaN``.

    :raises ValueError: for anything else; the message holds nothing of the body.
    """
    if _depth(body) > limits.JSON_DEPTH:
        raise ValueError("JSON is nested too deeply")
    members = 0

    def members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal members
        members += len(pairs)
        if members > limits.JSON_MEMBERS:
            raise ValueError("JSON has too many members")
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("JSON repeats a name")
        return found

    try:
        return json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=members_once, parse_constant=_not_a_number
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise ValueError("JSON is not UTF-8") from None


def _shown(content_type: str) -> str:
    """A media type for a log, unless the answer says something else in its place."""
    if not content_type:
        return "of no stated type"
    return content_type if MEDIA_TYPE.fullmatch(content_type) else "of a type that is none"


def _not_a_number(constant: str) -> Any:
    raise ValueError("JSON holds NaN or Infinity")


def _depth(body: bytes) -> int:
    """How deep brackets nest outside of strings, before the recursive parser sees them."""
    if (brackets := body.count(b"{") + body.count(b"[")) <= limits.JSON_DEPTH:
        return brackets
    deepest = depth = 0
    for found in MARK.finditer(body):
        mark = body[found.start()]
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest
