"""A092: JSON that is made to cost whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask_social import limits
from tests.faults.visits import UNEXPECTED, Visits


def followed_by(more: str) -> Callable[[Any], str]:
    """What makes an honest answer a text of JSON with *more* members."""
    return lambda honest: json.dumps(honest)[:-1] + f", {more}}}"


BODIES: dict[str, str] = {
    "nested": '"a": ' + "[" * 100_000 + "]" * 100_000,
    "nested objects": '"a": ' + '{"a":' * 50_000 + "1" + "}" * 50_000,
    "members": ", ".join(f'"{number}":1' for number in range(80_000)),
    "twice": '"access_token": "a", "id": 1',
    "NaN": '"a": NaN',
    "Infinity": '"a": -Infinity',
    "digits": '"a": ' + "9" * 5_000,
    "text": '"a": "' + "x" * limits.BODY + '"',
}


def test_A092_json_that_is_no_answer(plain: Visits) -> None:
    cases = [("token", body) for body in BODIES.values()]
    for endpoint, body in [*cases, ("api", BODIES["nested"]), ("api", BODIES["members"])]:
        plain.provider.change(endpoint, followed_by(body))
        ended = plain.fails(502, UNEXPECTED, "bad_answer")
        assert "9999" not in ended.line
        plain.provider.honest()
    plain.works()
