"""From a provider's words for a person to ours."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ProviderError
from flask_social.protocols.identity import (
    fields,
    is_true,
    look_up,
    read_email,
    read_link,
    read_subject,
    read_text,
)

PROFILE: dict[str, Any] = {
    "id": 7,
    "login": "ada/l",
    "first": "Ada",
    "last": "Example",
    "none": None,
    "empty": "",
    "flag": True,
    "user": {"id": "u7", "odd name": "here", "handle~": {"mail": "a@b.example"}},
    "emails": [
        {"email": "old@a.example", "primary": False, "rank": 1},
        {"email": "new@a.example", "primary": True, "rank": 2},
    ],
    "photo": {"prefix": "https://img.example/p/", "suffix": "/1.png"},
}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("id", 7),
        ("user.id", "u7"),
        ('user["odd name"]', "here"),
        ('user["handle~"].mail', "a@b.example"),
        ("emails[0].email", "old@a.example"),
        ("emails[-1].email", "new@a.example"),
        ("emails[2].email", None),
        ("emails[-3].email", None),
        ("user[0]", None),
        ("emails[primary=true].email", "new@a.example"),
        ("emails[rank=1].email", "old@a.example"),
        ("emails[rank=9].email", None),
        ("user[id=u7]", None),
        ("emails[email=new@a.example].rank", 2),
        ("id.deeper", None),
        ("missing.deeper[0].still", None),
        (("none", "empty", "missing", "login"), "ada/l"),
        (("none", "empty"), None),
        (lambda profile: profile["id"] + 1, 8),
    ],
)
def test_a_path_leads_to_what_stands_there(source: Any, found: Any) -> None:
    assert look_up(source, PROFILE) == found


def test_entries_that_are_no_objects_say_nothing() -> None:
    assert look_up("[primary=true].email", ["x", 1, None, {"primary": True, "email": "e"}]) == "e"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{first} {last}", "Ada Example"),
        ("{first} {missing}", "Ada"),
        ("{first} {missing} {last}", "Ada Example"),
        ("{missing} {none}", None),
        ("{first}{last}", "AdaExample"),
        ("{first}{missing}", None),
        ("{id}", "7"),
        ("{flag}", None),
        ("{user}", None),
        ("https://op.example/{login}", "https://op.example/ada%2Fl"),
        ("http://op.example/{id}?q={login}", "http://op.example/7?q=ada%2Fl"),
        ("https://op.example/{missing}", None),
        ("https://op.example/{id}/{empty}", None),
        ("{photo.prefix}original{photo.suffix}", "https://img.example/p/original/1.png"),
        ("{photo.prefix}original{photo.missing}", None),
    ],
)
def test_a_template_is_filled(template: str, found: str | None) -> None:
    assert look_up(template, PROFILE) == found


def test_what_a_profile_holds_is_never_read_as_a_template() -> None:
    assert look_up("{first} {last}", {"first": "{last}", "last": "Example"}) == "{last} Example"


@pytest.mark.parametrize(("value", "subject"), [(123, "123"), ("123", "123"), ("abC ", "abC ")])
def test_a_subject_is_the_id_as_a_text(value: Any, subject: str) -> None:
    assert read_subject(value) == subject


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "  ",
        "None",
        "null",
        " undefined ",
        "NaN",
        0,
        "0",
        True,
        False,
        1e21,
        1.0,
        [],
        {},
        "x" * 256,
        "a\x00b",
        "a\nb",
        "\ud800",
        "a\u202eb",
    ],
)
def test_a_subject_that_names_nobody_is_refused(value: Any) -> None:
    for text_only in (True, False):
        with pytest.raises(ProviderError) as stopped:
            read_subject(value, text_only=text_only)
        assert stopped.value.code == "no_subject"


def test_openid_connect_takes_no_whole_number_for_a_subject() -> None:
    with pytest.raises(ProviderError):
        read_subject(7, text_only=True)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Ada", "Ada"),
        (" A\x00d\u202ea\n ", "Ada"),
        (42, "42"),
        (True, None),
        (None, None),
        (["Ada"], None),
        ("\x00", None),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_printable_and_short(value: Any, name: str | None) -> None:
    assert read_text(value) == name


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "ada",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example,x@y.example",
        "a@\x00",
        "a@b.example\r\nBcc: x@y",
        "<a@b.example>",
        '"a"@b.example',
        "x" * 250 + "@b.example",
    ],
)
def test_a_malformed_address_counts_as_none(value: Any) -> None:
    assert read_email(value) is None


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("https://a.example/p?q=1", "https://a.example/p?q=1"),
        ("http://a.example", "http://a.example"),
        ("javascript:alert(1)", None),
        ("https:///path", None),
        ("//a.example/p", None),
        ("https://google.example@evil.example/", None),
        ("https://[::1", None),
        ("https://a.example/\n", None),
        ("https://a.example/" + "x" * 2000, None),
        (7, None),
    ],
)
def test_a_link_is_one_that_may_be_shown(value: Any, link: str | None) -> None:
    assert read_link(value) == link


@pytest.mark.parametrize("value", [False, "false", 0, 1, "1", "yes", "True", None, [], {}])
def test_only_true_and_its_text_say_yes(value: Any) -> None:
    assert not is_true(value)
    assert is_true(True)
    assert is_true("true")


def test_an_identity_is_read_field_by_field() -> None:
    read = fields(subject="id", name="first", email="emails[0].email", email_verified="flag")
    identity = read(PROFILE)
    assert (identity.subject, identity.name, identity.email) == ("7", "Ada", "old@a.example")
    assert identity.email_verified
    assert identity.username is None
    assert identity.raw is PROFILE


def test_an_address_without_a_flag_is_never_verified() -> None:
    assert not fields(subject="id", email="emails[0].email")(PROFILE).email_verified


def test_a_flag_without_an_address_verifies_nothing() -> None:
    read = fields(subject="id", email="missing", email_verified="flag")
    assert not read(PROFILE).email_verified
    assert not fields(subject="id", email_verified="flag")(PROFILE).email_verified


def test_a_profile_that_is_a_list_has_nothing_to_keep() -> None:
    assert fields(subject="[0].id")([{"id": "a"}]).raw == {}


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(TypeError, match="no nickname; known are username"):
        fields(subject="id", nickname="login")


@pytest.mark.parametrize("odd", [None, "", "0", "null", True, 1.5, [], {}, ...])
def test_an_id_that_is_made_of_several_needs_all_of_them(odd: Any) -> None:
    hook = fields(subject="{team}_{user}")
    assert hook({"team": "T", "user": 7}).subject == "T_7"
    for name in ("team", "user"):
        told = {"team": "T", "user": "U", name: odd}
        with pytest.raises(ProviderError, match="no_subject"):
            hook({each: value for each, value in told.items() if value is not ...})


@pytest.mark.parametrize(
    "odd", [None, "", "0", 0, "null", True, 1.5, [], {}, " ", "a b", "a\u2003"]
)
def test_so_does_one_that_stands_in_for_another(odd: Any) -> None:
    hook = fields(subject=("id", "team-{user}"))
    assert hook({"id": 7, "user": 8}).subject == "7"
    assert hook({"user": 8}).subject == "team-8"
    with pytest.raises(ProviderError, match="no_subject"):
        hook({"user": odd})
    with pytest.raises(ProviderError, match="no_subject"):
        hook({"id": 0, "user": 8})


def test_of_an_id_in_no_place_there_is_none() -> None:
    with pytest.raises(ProviderError, match="no_subject"):
        fields(subject=("id", "user"))({"other": 7})


def test_each_flag_is_about_the_address_at_its_own_place() -> None:
    hook = fields(subject="id", email=("first", "second"), email_verified=("a", "b"))
    assert hook({"id": 1, "first": "f@a.example", "a": True}).email_verified
    assert not hook({"id": 1, "first": "f@a.example", "b": True}).email_verified
    assert not hook({"id": 1, "first": "f@a.example", "a": None, "b": True}).email_verified
    assert hook({"id": 1, "first": "", "second": "s@a.example", "b": "true"}).email_verified
    assert not hook({"id": 1, "second": "s@a.example", "a": True}).email_verified
    assert not hook({"id": 1, "a": True, "b": True}).email_verified


def test_an_address_in_a_place_without_a_flag_is_never_verified() -> None:
    hook = fields(subject="id", email=("first", "second"), email_verified=("a",))
    assert hook({"id": 1, "first": "f@a.example", "a": True}).email_verified
    assert not hook({"id": 1, "second": "s@a.example", "a": True}).email_verified
