"""The host that somebody means who types where their account is."""

from __future__ import annotations

import pytest

from flask_social import hosts


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("mastodon.social", "mastodon.social"),
        (" Mastodon.Social ", "mastodon.social"),
        ("mastodon.social.", "mastodon.social"),
        ("https://mastodon.social", "mastodon.social"),
        ("https://mastodon.social/@ada", "mastodon.social"),
        ("HTTP://mastodon.social:80/@ada?x#y", "mastodon.social:80"),
        ("mastodon.social/@ada", "mastodon.social"),
        ("@ada@mastodon.social", "mastodon.social"),
        ("ada@mastodon.social", "mastodon.social"),
        ("acct:ada@Mastodon.Social", "mastodon.social"),
        ("@ada@social.example:8443", "social.example:8443"),
        ("social.example:8443", "social.example:8443"),
        ("https://social.example:443/", "social.example"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("B\u00dcCHER\u3002example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("a-b.example", "a-b.example"),
    ],
)
def test_what_people_type_is_a_host(typed: str, host: str) -> None:
    assert hosts.read(typed) == host
    assert hosts.read(host) == host


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "@ada",
        "https://",
        "https:///path",
        "https://ada@social.example",
        "https://ada:s3cret@social.example",
        "ada:s3cret@social.example",
        "localhost@evil.example@",
        "https://evil.example\\@social.example",
        "ftp://social.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "social example",
        "social.example:0",
        "social.example:",
        "social.example:99999",
        "social.example:x",
        "-social.example",
        "social-.example",
        "social..example",
        "_social.example",
        "%6c%6fcalhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "1.2.3.4.5",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "https://[::1]:80/",
        "https://[::1",
        "stra\u00dfe.example",
        "\u2764.example\u200d",
        "x" * 64 + ".example",
        ".".join(["abcdefghi"] * 26),
        "x" * 2_000,
        "\ud800.example",
    ],
)
def test_what_is_no_name_of_a_host_is_refused(typed: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - idna has one of its own
        hosts.read(typed)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "pattern", "is_one"),
    [
        ("a.example", "a.example", True),
        ("a.example:8443", "a.example", True),
        ("a.example", "a.example:8443", False),
        ("a.example:8443", "a.example:8443", True),
        ("b.a.example", "a.example", False),
        ("b.a.example", "*.a.example", True),
        ("c.b.a.example:1", "*.a.example", True),
        ("a.example", "*.a.example", False),
        ("evila.example", "*.a.example", False),
    ],
)
def test_a_pattern_is_for_a_host_or_those_below_it(host: str, pattern: str, is_one: bool) -> None:
    assert hosts.matches(host, pattern) is is_one
