"""Who may send, and where visitors may be sent. The payloads are those of our security notes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask, redirect, request
from hypothesis import given
from hypothesis import strategies as st

from flask_social import limits
from flask_social.origins import (
    external_url,
    is_cross_site,
    origin_of,
    own_address,
    safe_path,
    this_address,
)

SITES = ("http://localhost", "https://app.test")

PAYLOADS = {
    1: "https://evil.example/",
    2: "//evil.example/",
    3: "///evil.example/",
    4: "\\\\evil.example",
    5: "/\\evil.example",
    6: "https:evil.example",
    7: "https:/evil.example",
    8: "http:///evil.example",
    9: " //evil.example",
    10: "\t//evil.example",
    11: "/\t/evil.example",
    12: "%2f%2fevil.example",
    13: "/%5cevil.example",
    14: "javascript:alert(1)",
    15: "JaVaScRiPt:alert(1)",
    16: "data:text/html,x",
    17: "https://localhost@evil.example/",
    18: "https://evil.example\\@localhost/",
    19: "https://localhost.evil.example/",
    20: "http://localhost:80@evil.example",
    21: "http://[::1",
    22: "/ok?x=//evil",
    23: "/ok#//evil",
    24: "\u2028//evil.example",
    25: "https://localhost\u3002evil.example/",
    26: "/a\r\nSet-Cookie: x=1",
    27: "//localhost/",
    28: "http://localhost/x",
    29: "ftp://localhost/x",
    30: "/" + "a" * 9_000,
}
STAYS = {13, 22, 23}
"""Those that are paths of this site, as they stand, and that every browser reads so."""

FORMS = {
    "raw": lambda text: text,
    "encoded once": lambda text: quote(text, safe=""),
    "encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
}


def where_a_browser_goes(location: str, base: str) -> str:
    """The origin that *location* leads to from *base*, by the URL standard's parser.

    An independent reading of https://url.spec.whatwg.org/#concept-basic-url-parser, for http and
    https bases: what it strips, what counts as a slash, and how many of them open a host.
    """
    text = location.strip("".join(map(chr, range(0x21))))
    text = "".join(character for character in text if character not in "\t\r\n")
    base_parts = urlsplit(base)
    scheme, colon, rest = text.partition(":")
    is_scheme = (
        bool(colon)
        and scheme[:1].isalpha()
        and all(each.isalnum() or each in "+-." for each in scheme)
        and scheme.isascii()
    )
    if is_scheme and scheme.lower() not in ("http", "https"):
        return f"{scheme.lower()}:"  # opaque: another origin, whatever follows
    slashes = (rest if is_scheme else text).replace("\\", "/")
    own = (not is_scheme) or scheme.lower() == base_parts.scheme
    opened = len(slashes) - len(slashes.lstrip("/"))
    if own and opened < 2:
        return f"{base_parts.scheme}://{base_parts.netloc}"
    authority = slashes.lstrip("/")
    for end in "/?#":
        authority = authority.partition(end)[0]
    host = authority.rpartition("@")[2].replace("\u3002", ".").lower()
    return f"{(scheme if is_scheme else base_parts.scheme).lower()}://{host}"


@pytest.mark.parametrize(
    ("location", "origin"),
    [
        ("/x", "https://app.test"),
        ("x", "https://app.test"),
        ("?x", "https://app.test"),
        ("//evil.example/", "https://evil.example"),
        ("\\\\evil.example", "https://evil.example"),
        ("/\\evil.example", "https://evil.example"),
        ("/\t/evil.example", "https://evil.example"),
        ("\t//evil.example", "https://evil.example"),
        ("///evil.example/", "https://evil.example"),
        ("https:evil.example", "https://app.test"),
        ("http:evil.example", "http://evil.example"),
        ("https://app.test@evil.example/", "https://evil.example"),
        ("javascript:alert(1)", "javascript:"),
        ("/..//evil.example", "https://app.test"),
        ("/ok?x=//evil", "https://app.test"),
        ("https://app\u3002test/", "https://app.test"),
    ],
)
def test_the_oracle_knows_what_a_browser_does(location: str, origin: str) -> None:
    assert where_a_browser_goes(location, "https://app.test/login/acme") == origin


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", PAYLOADS)
def test_a_redirect_payload_never_leads_away(number: int, form: str) -> None:
    payload = FORMS[form](PAYLOADS[number])
    path = safe_path(payload)
    if form == "raw":
        assert (path is not None) == (number in STAYS)
    else:
        assert path is None  # encoded, none of them begins with a slash
    for site in SITES:
        base = f"{site}/connect/acme?code=x"
        to = path or "/"
        assert where_a_browser_goes(to, base) == site
        assert "{0.scheme}://{0.netloc}".format(urlsplit(urljoin(base, to))) == site


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", PAYLOADS)
def test_a_redirect_payload_behind_a_slash_never_leads_away(number: int, form: str) -> None:
    path = safe_path("/" + FORMS[form](PAYLOADS[number]))
    for site in SITES:
        to = path or "/"
        assert where_a_browser_goes(to, f"{site}/login/acme") == site
        assert urlsplit(urljoin(f"{site}/login/acme", to)).netloc == urlsplit(site).netloc


@given(st.text(max_size=600).map(lambda text: "/" + text))
def test_any_path_that_is_let_through_stays_on_the_site_and_is_one_header(text: str) -> None:
    path = safe_path(text)
    if path is None:
        return
    assert where_a_browser_goes(path, "https://app.test/login/acme") == "https://app.test"
    assert len(path) <= limits.NEXT_LENGTH
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path
    assert safe_path(path) == path


@given(st.text(max_size=20))
def test_any_other_text_is_nowhere(text: str) -> None:
    assert safe_path(text) is None or text.startswith("/")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/profile?tab=a&x=%2F#top", "/profile?tab=a&x=%2F#top"),
        ("/größe", "/gr%C3%B6%C3%9Fe"),
        ("/a b", "/a%20b"),
        ('/"<script>', "/%22%3Cscript%3E"),
        ("/a\\b", "/a%5Cb"),
        ("/100%", "/100%"),
        ("", None),
        (None, None),
        ("profile", None),
        ("/\ud800", None),
        ("/\u202eevil", None),
        ("/\0", None),
    ],
)
def test_a_path_is_kept_and_quoted_where_it_must_be(target: str | None, path: str | None) -> None:
    assert safe_path(target) == path


def test_a_path_is_measured_as_it_goes_into_the_cookie() -> None:
    assert safe_path("/" + "a" * 511) == "/" + "a" * 511
    assert safe_path("/" + "a" * 512) is None
    assert safe_path("/" + "ü" * 85) is not None
    assert safe_path("/" + "ü" * 86) is None  # six characters each, once quoted


@pytest.mark.parametrize("number", sorted(STAYS))
def test_flask_sends_a_safe_path_as_one_location(number: int) -> None:
    app = Flask(__name__)
    path = safe_path(PAYLOADS[number])
    assert path is not None
    app.add_url_rule("/go", "go", lambda: redirect(path, 303))
    answer = app.test_client().get("/go")
    assert answer.headers.getlist("Location") == [path]
    assert where_a_browser_goes(answer.headers["Location"], "http://localhost/go") == SITES[0]


# Cross-site requests: what Go 1.25's net/http.CrossOriginProtection decides.


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/connect/<provider_id>", "connect", lambda provider_id: "")
    return app


def verdict(
    app: Flask, headers: dict[str, str], *, base: str = "https://app.test", trusted: Any = ()
) -> bool:
    with app.test_request_context("/login/acme", method="POST", base_url=base, headers=headers):
        return is_cross_site(request, trusted)


@pytest.mark.parametrize(
    ("site", "cross"),
    [
        ("same-origin", False),
        ("none", False),
        ("cross-site", True),
        ("same-site", True),
        ("invented", True),
        ("same-origin, cross-site", True),
        ("SAME-ORIGIN", True),
    ],
)
@pytest.mark.parametrize("origin", [None, "https://app.test", "https://evil.test", "null"])
def test_sec_fetch_site_decides_whatever_the_origin_says(
    app: Flask, site: str, cross: bool, origin: str | None
) -> None:
    headers = {"Sec-Fetch-Site": site} | ({"Origin": origin} if origin else {})
    assert verdict(app, headers) is cross
    # An application without SOCIAL_APP_URL brings None: that trusts nobody.
    assert verdict(app, headers, trusted=[None, ""]) is cross


@pytest.mark.parametrize(
    ("origin", "cross"),
    [
        ("https://app.test", False),
        ("http://app.test", False),  # the host alone counts, as in Go: TLS may end before us
        ("https://app.test:8443", True),
        ("https://app.test.evil.test", True),
        ("https://evil.test", True),
        ("https://sub.app.test", True),
        ("https://app.test@evil.test", True),
        ("null", True),
        ("app.test", True),
        ("https:app.test", True),
        ("https://", True),
        ("http://[::1", True),
        ("https://app.test:port", True),
        ("https://app.test, https://evil.test", True),
        ("garbage \u00ff", True),
    ],
)
def test_without_sec_fetch_site_the_origin_decides(app: Flask, origin: str, cross: bool) -> None:
    assert verdict(app, {"Origin": origin}) is cross
    assert verdict(app, {"Origin": origin, "Sec-Fetch-Site": ""}) is cross


@pytest.mark.parametrize("base", ["http://app.test:5000", "http://[::1]:5000", "http://[::1]"])
def test_an_origin_with_a_port_or_an_ipv6_host_is_this_site_s(app: Flask, base: str) -> None:
    assert verdict(app, {"Origin": base}, base=base) is False


@pytest.mark.parametrize("headers", [{}, {"Origin": ""}, {"Sec-Fetch-Site": ""}, {"Referer": "x"}])
def test_a_request_with_neither_header_comes_from_no_browser(
    app: Flask, headers: dict[str, str]
) -> None:
    assert verdict(app, headers) is False


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_a_trusted_origin_passes(app: Flask, site: str | None) -> None:
    headers = {"Origin": "https://spa.test"} | ({"Sec-Fetch-Site": site} if site else {})
    assert verdict(app, headers, trusted=["https://spa.test"]) is False
    assert verdict(app, headers, trusted=["https://other.test", None]) is True
    assert verdict(app, headers, trusted=["http://spa.test"]) is True


def test_the_application_s_own_address_is_trusted_with_a_path_or_a_slash(app: Flask) -> None:
    # Behind a proxy that rewrites Host, SOCIAL_APP_URL is what the browser sees.
    headers = {"Origin": "https://app.test"}
    for trusted in ("https://app.test/", "https://app.test/mounted", "https://APP.test:443"):
        assert verdict(app, headers, base="http://10.0.0.1:8000", trusted=[trusted]) is False


def test_null_is_never_trusted(app: Flask) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert verdict(app, headers, trusted=[None, "", "null", "file:///"]) is True


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://app.test/path?x#y", "https://app.test"),
        ("HTTPS://App.Test:443/", "https://app.test"),
        ("http://app.test:80", "http://app.test"),
        ("http://app.test:443", "http://app.test:443"),
        ("http://user:word@app.test:5000/", "http://app.test:5000"),
        ("http://[::1]:5000/x", "http://[::1]:5000"),
        ("http://[::1", ""),
        ("http://app.test:99999", ""),
        ("app.test", ""),
        ("//app.test", ""),
        ("null", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_origin_is_scheme_host_and_a_port_that_is_not_the_usual_one(
    url: str | None, origin: str
) -> None:
    assert origin_of(url) == origin


# Addresses for providers.


@pytest.mark.parametrize(
    ("app_url", "base", "script_root", "server_name", "address"),
    [
        (None, "https://app.test", "", None, "https://app.test/connect/acme"),
        (None, "http://app.test:5000", "/shop", None, "http://app.test:5000/shop/connect/acme"),
        (None, "http://10.0.0.1", "", "app.test", "http://app.test/connect/acme"),
        ("https://app.test", "http://10.0.0.1", "", None, "https://app.test/connect/acme"),
        ("https://app.test/", "http://10.0.0.1", "", None, "https://app.test/connect/acme"),
        ("https://app.test", "http://10.0.0.1", "/shop", None, "https://app.test/shop/connect/acme"),
        ("https://app.test/shop", "http://10.0.0.1", "", None, "https://app.test/shop/connect/acme"),
        ("https://app.test/shop/", "http://10.0.0.1", "/shop", None,
         "https://app.test/shop/connect/acme"),
        ("https://app.test", "http://10.0.0.1", "", "inner.test", "https://app.test/connect/acme"),
        (None, "http://app.test", "/ä b", None, "http://app.test/%C3%A4%20b/connect/acme"),
    ],
)  # fmt: skip
def test_an_address_for_a_provider_has_the_configured_root(
    app: Flask, app_url: str | None, base: str, script_root: str, server_name: str | None,
    address: str,
) -> None:  # fmt: skip
    app.config["SERVER_NAME"] = server_name
    with app.test_request_context("/connect/acme", base_url=base + script_root):
        assert external_url("connect", app_url, request, provider_id="acme") == address


def test_a_host_that_the_client_made_up_does_not_reach_the_provider(app: Flask) -> None:
    with app.test_request_context("/connect/acme", base_url="https://evil.test"):
        assert external_url("connect", "https://app.test", request, provider_id="acme").startswith(
            "https://app.test/"
        )


# Addresses of an application's own, which it names itself.

INSIDE = "http://10.0.0.1:8000"


@pytest.mark.parametrize(
    ("target", "app_url", "script_root", "address"),
    [
        ("/back", None, "", f"{INSIDE}/back"),
        ("/back", None, "/m", f"{INSIDE}/m/back"),
        ("/m/back", None, "/m", f"{INSIDE}/m/back"),
        ("/mother/back", None, "/m", f"{INSIDE}/m/mother/back"),
        (f"{INSIDE}/m/back", None, "/m", f"{INSIDE}/m/back"),
        ("/m/back", "https://app.test/m", "/m", "https://app.test/m/back"),
        ("/back", "https://app.test/m", "/m", "https://app.test/m/back"),
        ("/back", "https://app.test/m/", "", "https://app.test/m/back"),
        (f"{INSIDE}/m/back", "https://app.test/m", "/m", "https://app.test/m/back"),
        (f"{INSIDE}/back", "https://app.test/m", "", "https://app.test/m/back"),
        ("https://app.test/m/back", "https://app.test/m", "", "https://app.test/m/back"),
        ("/z%C3%BCr%C3%BCck", None, "", f"{INSIDE}/z%C3%BCr%C3%BCck"),
        ("/zürück", None, "", f"{INSIDE}/z%C3%BCr%C3%BCck"),
        ("/a b/c@d", None, "", f"{INSIDE}/a%20b/c@d"),
        ("/50%25", None, "", f"{INSIDE}/50%25"),
        ("/a%252Fb", None, "", f"{INSIDE}/a%252Fb"),
        ("/a%252Fb", "https://app.test/m", "", "https://app.test/m/a%252Fb"),
        ("/back", "https://app.test/m", "/m n", "https://app.test/m/back"),
        ("/m%20n/back", None, "/m n", f"{INSIDE}/m%20n/back"),
    ],
)
def test_an_own_address_has_the_root_and_the_mount_once(
    app: Flask, target: str, app_url: str | None, script_root: str, address: str
) -> None:
    with app.test_request_context("/", base_url=INSIDE + script_root):
        assert own_address(target, app_url, request) == address
    inner = urlsplit(address).path
    inner = inner.removeprefix(urlsplit(app_url or "").path.rstrip("/") or quote(script_root))
    with app.test_request_context(inner, base_url=INSIDE + script_root):
        assert this_address(app_url, request) == address, "which is where the answer comes"


@pytest.mark.parametrize(
    "target",
    [
        *PAYLOADS.values(),
        "",
        "back",
        "https://app.test.evil.example/",
        "https://app.test@evil.example/",
        "/back?next=/",
        "/back#top",
        "http://10.0.0.1:8001/back",
    ],
)
@pytest.mark.parametrize("app_url", [None, "https://app.test"])
def test_an_own_address_is_on_this_site_and_has_no_query(
    app: Flask, target: str, app_url: str | None
) -> None:
    with app.test_request_context("/", base_url=INSIDE):
        try:
            address = own_address(target, app_url, request)
        except ValueError:
            return
        assert origin_of(address) == (app_url or INSIDE)
        assert "?" not in address
        assert "#" not in address


def test_another_site_s_address_is_an_error_that_says_so(app: Flask) -> None:
    with app.test_request_context("/", base_url=INSIDE):
        for target in ("https://evil.example/back", "//evil.example/back"):
            with pytest.raises(ValueError, match="this one is another's"):
                own_address(target, "https://app.test", request)
        with pytest.raises(ValueError, match="without a query"):
            own_address("/back?next=/", "https://app.test", request)


@pytest.mark.parametrize("target", ["/back/../x", "/back/%2e%2e/x", "/back/..%2Fx", "/./back"])
def test_a_callback_whose_path_browsers_would_change_is_an_error(app: Flask, target: str) -> None:
    # A provider that compares the beginning alone would send the code to a page of any kind.
    with app.test_request_context("/", base_url=INSIDE):
        for each in (target, INSIDE + target, f"https://app.test{target}"):
            with pytest.raises(ValueError, match="dot segments"):
                own_address(each, "https://app.test", request)
