"""Requests as values, and JSON within limits."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_social import limits
from flask_social.http import Request, Response, read_json, with_query

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_json_comes_out_as_it_went_in(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert json.loads(body) == read_json(body)


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + b"1" + closing * depth


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
@pytest.mark.parametrize("depth", [limits.JSON_DEPTH + 1, 100_000])
def test_json_nested_too_deeply_is_refused(depth: int, brackets: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="too deeply"):
        read_json(nested(depth, *brackets))


def test_json_as_deep_as_admitted_is_read() -> None:
    assert read_json(nested(limits.JSON_DEPTH)) is not None


def test_brackets_that_are_never_closed_are_refused_without_recursion() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        read_json(b"[" * 1_000_000)


@pytest.mark.parametrize(
    "text", ["[" * 500, '"' + "{" * 500, "\\" + "[" * 500, '\\"' + "[" * 500, "é]" * 500]
)
def test_brackets_in_strings_are_not_depth(text: str) -> None:
    assert read_json(json.dumps({"a": text, "b": [text]}).encode()) == {"a": text, "b": [text]}


def test_many_brackets_side_by_side_are_not_depth() -> None:
    assert read_json(b"[" + b",".join([b"[]"] * 500) + b"]") == [[]] * 500


def test_a_body_full_of_members_is_refused() -> None:
    body = json.dumps({str(number): 0 for number in range(80_000)}).encode()
    assert len(body) < limits.BODY
    with pytest.raises(ValueError, match="too many"):
        read_json(body)


def test_members_are_counted_over_all_objects() -> None:
    objects = [{"a": 1}] * (limits.JSON_MEMBERS + 1)
    with pytest.raises(ValueError, match="too many"):
        read_json(json.dumps(objects).encode())
    assert len(read_json(json.dumps(objects[1:]).encode())) == limits.JSON_MEMBERS


@pytest.mark.parametrize(
    "body",
    [b'{"sub": "1", "sub": "2"}', b'{"a": {"b": 1, "b": 1}}', b'{"sub": 1, "\\u0073ub": 2}'],
)
def test_a_name_given_twice_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="repeats"):
        read_json(body)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_in_json_is_refused(number: bytes) -> None:
    with pytest.raises(ValueError, match="NaN"):
        read_json(b'{"a": ' + number + b"}")


def test_a_number_of_5000_digits_is_refused() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's
        read_json(b'{"exp": ' + b"9" * 5_000 + b"}")


def test_utf_8_with_a_byte_order_mark_is_read() -> None:
    assert read_json(b"\xef\xbb\xbf" + '{"name": "Zoë"}'.encode()) == {"name": "Zoë"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_than_utf_8_are_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        read_json('{"name": "Zoë"}'.encode(encoding))


@pytest.mark.parametrize("body", [b"", b" ", b"<html>", b"{", b'{"a"', b"{} {}", b"'a'", b"{a: 1}"])
def test_what_is_not_json_is_refused_without_repeating_it(body: bytes) -> None:
    with pytest.raises(ValueError, match="not JSON") as caught:
        read_json(body)
    assert "html" not in str(caught.value)


def test_a_refusal_repeats_nothing_of_the_body() -> None:
    for body in (b'{"t": "s3cret"', b'{"s3cret": 1, "s3cret": 2}', b'"s3cret\xff"', b"s3cret"):
        with pytest.raises(ValueError, match="JSON") as caught:
            read_json(body)
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "stated",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/jwk-set+json",
        "text/json",
    ],
)
def test_an_answer_that_says_it_is_json_is_read_as_such(stated: str) -> None:
    assert Response(status=200, headers={"content-type": stated}, body=b"[1]").json() == [1]


@pytest.mark.parametrize("stated", ["text/html", "text/plain", "", "application/jsonp", "json/x"])
def test_an_answer_that_does_not_say_so_is_not_json(stated: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        Response(status=200, headers={"content-type": stated}, body=b"{}").json()


@pytest.mark.parametrize(
    ("stated", "told"),
    [("text/html", "text/html"), ("", "of no stated type"), ("bearer c4n4ry", "of a type that is")],
)
def test_only_a_type_is_told_where_a_type_should_be(stated: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"not JSON but {told}") as refused:
        Response(status=200, headers={"content-type": stated}, body=b"{}").json()
    assert "c4n4ry" not in str(refused.value)


def test_the_media_type_is_told_alone_and_in_lower_case() -> None:
    response = Response(status=200, headers={"content-type": " Text/HTML ; charset=x"})
    assert response.content_type == "text/html"
    assert Response(status=200).content_type == ""


@pytest.mark.parametrize(
    ("url", "params", "expected"),
    [
        ("https://a.test/x", {"b": "c d&="}, "https://a.test/x?b=c+d%26%3D"),
        ("https://a.test/x?k=v&e=", {"b": "c"}, "https://a.test/x?k=v&e=&b=c"),
        ("https://a.test/x?state=evil&state=evil2", {"state": "s"}, "https://a.test/x?state=s"),
        ("https://a.test/x?k=v#frag", {}, "https://a.test/x?k=v"),
        ("https://a.test", {"ü": "ß"}, "https://a.test?%C3%BC=%C3%9F"),
    ],
)
def test_parameters_are_added_and_replace_those_of_the_same_name(
    url: str, params: dict[str, str], expected: str
) -> None:
    assert with_query(url, params) == expected


def test_a_request_is_changed_into_another_one() -> None:
    request = Request(url="https://a.test/?x=1", purpose="testing")
    changed = request.with_headers(content_type="a/b").with_form(a="1").with_form(b="2")
    changed = changed.with_query(y="2")
    assert changed.headers == {"content-type": "a/b"}
    assert changed.form == {"a": "1", "b": "2"}
    assert changed.url == "https://a.test/?x=1&y=2"
    assert (request.headers, request.form, request.url) == ({}, None, "https://a.test/?x=1")


def test_neither_a_request_nor_a_response_shows_what_may_be_secret() -> None:
    request = Request(
        url="https://a.test/?t=s3cret",
        purpose="testing",
        headers={"Authorization": "s3cret"},
        form={"code": "s3cret"},
        body=b"s3cret",
    )
    response = Response(status=200, headers={"set-cookie": "s3cret"}, body=b"s3cret")
    assert "s3cret" not in f"{request!r} {response!r}"
    assert "testing" in repr(request)
