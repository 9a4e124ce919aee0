"""GraphQL, as far as a profile needs it: a query's names choose from what there is."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Request

from .answers import OAuthError

Selection = dict[str, Any]
TOKEN = re.compile(r"[{}]|[A-Za-z_]\w*|\([^()]*\)")


def answer(found: Any, sample: Any, request: Request) -> dict[str, Any]:
    """*found*, whose ``data`` have the fields that the query names.

    :raises OAuthError: when there is no query, or it names what is not in the *sample*.
    """
    sent = request.get_json(silent=True) if request.mimetype == "application/json" else None
    query = sent.get("query") if isinstance(sent, dict) else None
    if not isinstance(query, str):
        raise OAuthError("BAD_REQUEST", "Must provide query string.")
    return {**found, "data": pick(found["data"], sample["data"], selection(query))}


def selection(query: str) -> Selection:
    """The names in *query*, those without a selection of their own with ``None``."""
    words = [word for word in TOKEN.findall(query) if not word.startswith("(")]
    if "{" not in words:
        raise OAuthError("GRAPHQL_PARSE_FAILED", "Syntax Error: Expected {.")
    if words[: words.index("{")][:1] not in ([], ["query"]):
        raise OAuthError("GRAPHQL_PARSE_FAILED", "Syntax Error: a query is wanted.")
    names, rest = inside(words[words.index("{") + 1 :])
    if rest:
        raise OAuthError("GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected text.")
    return names


def inside(words: list[str]) -> tuple[Selection, list[str]]:
    """The selection up to its closing brace, and what is left after that."""
    names: Selection = {}
    last = ""
    while words:
        word, *words = words
        if word == "}":
            return names, words
        if word == "{":
            names[last], words = inside(words)
        else:
            names[word] = None
            last = word
    raise OAuthError("GRAPHQL_PARSE_FAILED", "Syntax Error: Expected }.")


def pick(found: Any, sample: Any, names: Selection | None) -> Any:
    """What *names* select of *found*; ``None`` where that lacks what the *sample* has."""
    if not isinstance(sample, dict):
        return found
    if not names:
        raise OAuthError("GRAPHQL_VALIDATION_FAILED", "Field must have a selection of subfields.")
    if unknown := names.keys() - sample.keys():
        listed = ", ".join(sorted(unknown))
        raise OAuthError("GRAPHQL_VALIDATION_FAILED", f"Cannot query field {listed}.")
    return {name: pick(found.get(name), sample[name], each) for name, each in names.items()}
