"""What is an address, and what an application is told whose own address is none."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from flask_social.origins import external_address, is_address, is_origin, own_address

QUERY = "A callback is a path or an address without a query, such as '/back'."
DOTS = "A callback has no dot segments: browsers ask for another path then."
SITE = "A callback is an address of this site; this one is another's."


@pytest.mark.parametrize(
    ("url", "without", "with_query"),
    [
        ("https://app.test", True, True),
        ("http://app.test:5000/a/b", True, True),
        ("HTTPS://App.Test/", True, True),
        ("http://[::1]:5000/", True, True),
        ("https://app.test/a?b=c", False, True),
        ("https://app.test?b", False, True),
        ("https://app.test/a?", False, True),
        ("https://app.test/a#b", False, False),
        ("https://app.test/a?b#c", False, False),
        ("https://app.test/a b", False, False),
        ("https://app.test/a\\b", False, False),
        ("https://app.test/\u202e", False, False),
        ("https://app.test/\n", False, False),
        ("https://user:word@app.test/", False, False),
        ("https://app.test:99999/", False, False),
        ("https://[::1", False, False),
        ("https:///a", False, False),
        ("ftp://app.test/", False, False),
        ("/a", False, False),
        ("", False, False),
        (None, False, False),
        (7, False, False),
        (b"https://app.test", False, False),
    ],
)
def test_an_address_has_no_credentials_fragment_or_blank(
    url: Any, without: bool, with_query: bool
) -> None:
    assert is_address(url) is without
    assert is_address(url, query=True) is with_query


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://app.test", True),
        ("http://app.test:5000", True),
        ("http://[::1]", True),
        ("https://app.test/", False),
        ("https://app.test:443", False),
        ("https://App.test", False),
        ("ftp://app.test", False),
        ("null", False),
        ("", False),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, is_one: bool) -> None:
    assert is_origin(text) is is_one


def test_a_root_loses_its_slash_and_nothing_else() -> None:
    with Flask(__name__).test_request_context("/", base_url="http://10.0.0.1"):
        address = external_address("/back", "https://app.test/X", request)
        assert address == "https://app.test/X/back"
        own = own_address("https://app.test/m/back", "https://app.test/m/", request)
        assert own == "https://app.test/m/back"
        with pytest.raises(ValueError, match="another's"):
            own_address("https://app.test/back", "https://app.test/X", request)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/back?next=/", QUERY),
        ("/back#top", QUERY),
        ("back", QUERY),
        ("/../back", DOTS),
        ("https://evil.example/back", SITE),
    ],
)
def test_a_callback_that_cannot_be_is_told_in_a_sentence(target: str, told: str) -> None:
    with Flask(__name__).test_request_context("/"):
        with pytest.raises(ValueError, match="A callback") as caught:
            own_address(target, None, request)
        assert str(caught.value) == told
