"""What came in, kept to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from werkzeug.wrappers import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request as it arrived."""

    provider: str
    """Empty at the sink."""
    endpoint: str
    method: str
    path: str
    query: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str = field(repr=False)


def record(request: Request, provider: str, endpoint: str) -> Recorded:
    """*request*, to be looked at later."""
    return Recorded(
        provider=provider,
        endpoint=endpoint,
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers=dict(request.headers),
        body=request.get_data(as_text=True),
    )
