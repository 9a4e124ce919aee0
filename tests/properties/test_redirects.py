"""Where a visitor is sent after a trip: this site, whoever reads the address (A78, appendix N).

Three readers: a browser's own parser (ada, of the WHATWG's URL standard), Python's, Werkzeug's.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import ada_url
from hypothesis import assume, example, given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.utils import redirect

from flask_social import limits
from flask_social.origins import is_address, origin_of, safe_path
from tests.test_origins import FORMS, PAYLOADS

from .strategies import often

BASES = (
    "https://app.test/login/acme?code=1",
    "http://localhost:5000/",
    "https://app.test:8443/a/b/../c//d",
    "http://[::1]:5000/x",
)
PIECES = (
    *("/", "//", "\\", "/\\", "\\\\", ":", "@", "?", "#", "..", ".", "/../", "/./", ";", "&", "="),
    *("\t", "\n", "\r", "\0", " ", "\x0b", "\x1f", "\x7f", "\x85", "\xa0", "\u2028", "\u200b"),
    *("\u3002", "\uff0f", "\uff3c", "\u2044", "\u2215", "\uff1a", "\uff20", "\u202e", "\ufeff"),
    *("%2f", "%5c", "%09", "%0a", "%0d%0a", "%00", "%", "%u002f", "%25", "%252f", "%2e%2e", "%40"),
    *(
        "http:",
        "https:",
        "https://",
        "javascript:",
        "data:",
        "file:",
        "//evil.example",
        "evil.test",
    ),
    *(
        "[",
        "]",
        "[::1",
        "127.0.0.1",
        "app.test",
        "localhost",
        "user:word@",
        ":80",
        "a",
        "<b>",
        "'\"",
    ),
    *("Set-Cookie: x=1", "\N{PINCHING HAND}" * 50, "a" * 500, "\u00ad", "\ud800", "\u00c4", "|"),
)

pieces = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(st.characters(), max_size=5)), max_size=8
).map("".join)
targets = st.one_of(pieces, pieces.map(lambda text: f"/{text}"), st.text(st.characters()))
payloads = st.sampled_from([FORMS[form](text) for text in PAYLOADS.values() for form in FORMS])
ordinary = st.text("abcXYZ019-._~/?#&=;,+!$'()*:@", max_size=80)


def is_header_safe(path: str) -> bool:
    return all("!" <= each <= "~" for each in path)


@often(250)
@given(st.one_of(targets, payloads, payloads.map(lambda text: f"/{text}")), st.sampled_from(BASES))
@example("/..//evil.example", BASES[0])
@example("/.//evil.example", BASES[0])
@example("/%2e%2e//evil.example", BASES[2])
@example("/[", BASES[0])
@example("/?", BASES[0])
def test_whatever_is_let_through_is_a_path_of_this_site(target: str, base: str) -> None:
    path = safe_path(target)
    if path is None:
        return
    home = origin_of(base)
    assert ada_url.URL(path, base=base).origin == ada_url.URL(base).origin == home
    assert origin_of(urljoin(base, path)) == home
    assert (urlsplit(path).scheme, urlsplit(path).netloc, path[:1]) == ("", "", "/")
    environ = EnvironBuilder(base_url=f"{home}/").get_environ()
    location = redirect(path).get_wsgi_headers(environ)["Location"]
    assert unquote(location.removeprefix(home)).rstrip("?#") == unquote(path).rstrip("?#")
    assert ada_url.URL(location, base=base).origin == home


@often(200)
@given(st.one_of(targets, payloads))
def test_it_is_one_header_and_stays_as_it_is(target: str) -> None:
    path = safe_path(target)
    if path is None:
        return
    assert is_header_safe(path)
    assert len(path) <= limits.NEXT_LENGTH
    assert safe_path(path) == path


@often(100)
@given(ordinary)
def test_an_ordinary_path_is_kept_as_it_is(rest: str) -> None:
    assume(not rest.startswith("/"))
    assert safe_path(f"/{rest}") == f"/{rest}"


@often(60)
@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40))
def test_a_path_in_any_script_is_kept_up_to_quoting(rest: str) -> None:
    assume(not rest.startswith(("/", "\\")))
    written = quote(rest, safe="/?#%:@!$&'()*+,;=-._~[]")
    assert safe_path(f"/{rest}") == f"/{written}"
    assert ada_url.URL(f"/{rest}", base=BASES[0]).origin == "https://app.test"


@often(100)
@given(st.one_of(st.none(), pieces.filter(lambda text: not text.startswith("/"))))
def test_what_is_no_path_leads_nowhere(target: str | None) -> None:
    assert safe_path(target) is None


@often(200)
@given(
    st.one_of(pieces, st.sampled_from(BASES), pieces.map(lambda text: f"https://app.test{text}"))
)
@example("https://app.test\\@evil.example")
@example("https://app.test:80a")
@example("https://app.test%2e%2e")
@example("http://[::1")
@example("https://app.test:99999")
def test_an_origin_is_what_a_browser_says_or_none(url: str) -> None:
    ours = origin_of(url)
    if is_address(url, query=True) and url.isascii() and ada_url.check_url(url):
        assert ours.lower() == ada_url.URL(url).origin
