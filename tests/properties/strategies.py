"""What the properties are tried with: JSON that providers never send, and text that nobody writes.

``often(n)`` is a number of examples, which SOCIAL_FUZZ_FACTOR multiplies.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FACTOR = int(os.environ.get("SOCIAL_FUZZ_FACTOR", "1"))
ODD_NUMBERS = (0, -1, 2**31, 2**53 + 1, 2**63, 2**64, 10**300, -(10**300), 10**4_000, 0.5, 1e308)
ODD_TEXTS = (
    *("", " ", "0", "None", "null", "undefined", "NaN", "true", "false", "[object Object]"),
    *("\0", "a\0b", "a\r\nb: c", "\ud800", "a\udfffb", "\u202eevil", "\u2028", "\ufeff", "ß", "İ"),
    *("\N{PINCHING HAND}", "'; DROP TABLE", "<script>", "%00", "${x}", "{name}", "a" * 256),
)

texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.characters(), max_size=30))
"""Texts of any code points, lone surrogates among them."""
numbers = st.one_of(
    st.sampled_from(ODD_NUMBERS),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
"""Anything that JSON can say."""


def often(examples: int) -> settings:
    """Settings of a property that is tried with so many examples.

    They may share a fixture: the property leaves it as it was.
    """
    return settings(max_examples=examples * FACTOR, suppress_health_check=list(HealthCheck))


def documents(*names: str) -> st.SearchStrategy[Any]:
    """Objects that have some of *names*, each with any value, and other members beside."""
    known = st.dictionaries(st.sampled_from(names), json_values, max_size=len(names))
    others = st.dictionaries(texts, json_values, max_size=2)
    return st.one_of(known, st.tuples(known, others).map(lambda two: {**two[1], **two[0]}))


def bodies(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """*values* as they may come over the wire: well written, cut, altered, or not JSON at all."""
    written = values.map(lambda value: json.dumps(value).encode())
    plainly = values.map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    )
    return st.one_of(
        written,
        written,
        plainly,
        st.tuples(written, st.integers(0, 200)).map(lambda two: two[0][: two[1]]),
        st.tuples(written, st.binary(max_size=3)).map(lambda two: two[0] + two[1]),
        st.binary(max_size=60),
        st.sampled_from(ODD_BODIES),
    )


ODD_BODIES = (
    b"",
    b"null",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\0}\0",
    b'{"sub": "a", "sub": "b"}',
    b'{"expires_in": NaN}',
    b'{"expires_in": 1e999}',
    b'{"id": ' + b"9" * 5_000 + b"}",
    b"[" * 40 + b"]" * 40,
    b"[" * 40 + b'"',
    b'{"a":' * 100_000,
    b"{" + b",".join(b'"%d":0' % each for each in range(2_100)) + b"}",
)
