"""Tokens at rest: the keys of the setting, and what becomes of a token under them."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_social import clock
from flask_social.datastore.sealing import KEYS_FRESH, PREFIX, TokenSealing, read_keys
from flask_social.datastore.tokens import TOKENS, StoredToken
from flask_social.errors import ConfigurationError
from flask_social.values import Secret, Unreadable

from .sealing_contract import FOREIGN, NEW, OLD, key

ROW = {"provider_id": "acme", "provider_user_id": "7"}


def sealing(*keys: str, keeps: bool = True, table: str = "connection") -> TokenSealing:
    made = TokenSealing(lambda: table)
    made.use(keys, keeps=keeps)
    return made


# What is written and read.


@given(token=st.text(max_size=100), subject=st.text(max_size=20))
def test_a_token_of_any_text_comes_back(token: str, subject: str) -> None:
    row = {"provider_id": "acme", "provider_user_id": subject}
    try:
        token.encode(), subject.encode()
    except UnicodeEncodeError:
        return
    at_rest = sealing(OLD)
    stored = at_rest.write(row, "access_token", token)
    assert at_rest.read(row, "access_token", stored) == token


def test_an_envelope_names_its_version_and_its_key() -> None:
    stored = sealing(OLD).write(ROW, "access_token", "hush")
    assert stored is not None
    assert stored.startswith("social:v1:a:")
    assert "hush" not in stored
    box = stored.removeprefix("social:v1:a:")
    raw = base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))
    assert len(raw) == 12 + len("hush") + 16
    assert stored != sealing(OLD).write(ROW, "access_token", "hush")


def test_what_is_read_is_hidden() -> None:
    at_rest = sealing(OLD)
    for stored in ("plain", at_rest.write(ROW, "secret", "sealed")):
        opened = at_rest.read(ROW, "secret", stored)
        assert isinstance(opened, Secret)
        assert not isinstance(opened, Unreadable)
        assert repr(opened) == "<secret>"


@pytest.mark.parametrize("name", TOKENS)
def test_an_envelope_opens_in_its_own_column_alone(name: str) -> None:
    at_rest = sealing(OLD)
    stored = at_rest.write(ROW, name, "hush")
    for other in TOKENS:
        opened = at_rest.read(ROW, other, stored)
        assert (opened == "hush") is (other == name)
        assert isinstance(opened, Unreadable) is (other != name)


@pytest.mark.parametrize(
    "row",
    [
        {"provider_id": "acme", "provider_user_id": "8"},
        {"provider_id": "other", "provider_user_id": "7"},
        {"provider_id": 'acme", "7', "provider_user_id": ""},
        {"provider_id": "acm", "provider_user_id": "e7"},
    ],
)
def test_an_envelope_opens_in_its_own_row_alone(row: dict[str, str]) -> None:
    at_rest = sealing(OLD)
    stored = at_rest.write(ROW, "access_token", "hush")
    assert isinstance(at_rest.read(row, "access_token", stored), Unreadable)


def test_an_envelope_opens_in_its_own_table_alone() -> None:
    stored = sealing(OLD, table="backup").write(ROW, "access_token", "hush")
    assert isinstance(sealing(OLD).read(ROW, "access_token", stored), Unreadable)


def test_a_subject_that_is_a_number_is_the_one_that_it_spells() -> None:
    at_rest = sealing(OLD)
    stored = at_rest.write({**ROW, "provider_user_id": 7}, "access_token", "hush")
    assert at_rest.read(ROW, "access_token", stored) == "hush"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: stored[:-1],
        lambda stored: stored[:-4],
        lambda stored: stored + "A",
        lambda stored: stored + " ",
        lambda stored: stored + "\n",
        lambda stored: stored.replace(":a:", ":z:"),
        lambda stored: stored.replace(":a:", "::"),
        lambda stored: stored.replace("v1:a:", "v1:a"),
        lambda stored: stored[: len(PREFIX)],
        lambda stored: f"{PREFIX}a:",
        lambda stored: f"{PREFIX}a:A",
        lambda stored: f"{PREFIX}a:%%%%",
        lambda stored: f"{PREFIX}a:" + "A" * 15,
    ],
)
def test_a_spoilt_envelope_is_unreadable_and_no_error(spoil: Any) -> None:
    at_rest = sealing(OLD)
    stored = spoil(at_rest.write(ROW, "access_token", "hush"))
    opened = at_rest.read(ROW, "access_token", stored)
    assert isinstance(opened, Unreadable)
    assert not opened


def test_what_is_not_utf_8_when_it_is_open_is_unreadable() -> None:
    from flask_social import seal

    at_rest = sealing(OLD)
    box = seal.encrypt(b"\xff", at_rest.keys["a"], b'["connection", "acme", "7", "secret"]')
    stored = f"{PREFIX}a:{base64.urlsafe_b64encode(box).decode().rstrip('=')}"
    assert isinstance(at_rest.read(ROW, "secret", stored), Unreadable)


def test_a_driver_may_give_bytes() -> None:
    at_rest = sealing(OLD)
    stored: Any = at_rest.write(ROW, "secret", "hush")
    assert at_rest.read(ROW, "secret", stored.encode()) == "hush"
    assert at_rest.read(ROW, "secret", bytearray(b"plain")) == "plain"  # type: ignore[arg-type]


def test_bytes_that_are_no_text_are_no_token() -> None:
    at_rest = sealing(OLD)
    assert isinstance(at_rest.read(ROW, "access_token", b"\xff"), Unreadable)
    assert not at_rest.is_current(b"\xff")
    assert not at_rest.is_current(b"plain")
    assert at_rest.is_current(str(at_rest.write(ROW, "access_token", "hush")).encode())


def test_nothing_is_nothing() -> None:
    at_rest = sealing(OLD)
    assert at_rest.write(ROW, "secret", None) is None
    assert at_rest.read(ROW, "secret", None) is None
    assert at_rest.is_current(None)


def test_what_no_key_opens_is_never_written() -> None:
    assert sealing(OLD).write(ROW, "secret", Unreadable()) is None
    assert sealing().write(ROW, "secret", Unreadable()) is None


def test_without_keys_a_token_is_stored_as_it_is_and_does_not_show() -> None:
    stored = sealing().write(ROW, "secret", "hush")
    assert stored == "hush"
    assert repr(stored) == "<secret>"


def test_where_no_tokens_are_kept_none_is_written() -> None:
    for at_rest in (sealing(keeps=False), sealing(OLD, keeps=False)):
        assert at_rest.write(ROW, "secret", "hush") is None
        assert at_rest.read(ROW, "secret", "of before") == "of before"
        assert not at_rest.is_current("of before")
        assert at_rest.is_current(None)


def test_what_is_current_is_as_it_would_be_written_now() -> None:
    plain, old, new = "hush", sealing(OLD).write(ROW, "a", "t"), sealing(NEW).write(ROW, "a", "t")
    ids = {"a": old, "b": new, "plain": plain}
    for at_rest, current in ((sealing(), "plain"), (sealing(OLD), "a"), (sealing(NEW, OLD), "b")):
        assert {each for each, stored in ids.items() if at_rest.is_current(stored)} == {current}
    assert not sealing(key("ab")).is_current(old)


def test_a_rows_tokens_are_sealed_and_nothing_else_of_it() -> None:
    at_rest = sealing(OLD)
    values = {"access_token": "hush", "secret": None, "display_name": "Ann", "expires_at": 9}
    sealed = at_rest.sealed(ROW, values)
    assert at_rest.read(ROW, "access_token", sealed.pop("access_token")) == "hush"
    assert sealed == {"secret": None, "display_name": "Ann", "expires_at": 9}


def test_a_stored_token_knows_what_of_it_cannot_be_read() -> None:
    token = StoredToken(
        key=1, provider_id="acme", provider_user_id="7", access_token="a", secret=Unreadable()
    )
    assert token.unreadable == ("secret",)
    assert "'a'" not in repr(token)


# The keys.


def test_the_first_key_seals_and_every_key_opens() -> None:
    old = sealing(OLD).write(ROW, "secret", "hush")
    both = sealing(NEW, OLD)
    assert both.read(ROW, "secret", old) == "hush"
    new = both.write(ROW, "secret", "hush")
    assert new is not None
    assert new.startswith(f"{PREFIX}b:")
    assert isinstance(sealing(OLD).read(ROW, "secret", new), Unreadable)
    assert isinstance(sealing(FOREIGN).read(ROW, "secret", old), Unreadable)


def test_a_key_is_base64_in_either_alphabet_with_padding_or_without() -> None:
    raw = bytes(range(224, 256))
    usual, safe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    assert usual != safe
    for spelt in (usual, safe, usual.rstrip("="), safe.rstrip("=")):
        assert read_keys([f"2026-11:{spelt}"]) == {"2026-11": raw}


def test_keys_keep_their_order() -> None:
    assert list(read_keys((NEW, OLD, FOREIGN))) == ["b", "a", "c"]
    assert read_keys([]) == {}


@pytest.mark.parametrize(
    "listed",
    [
        OLD,
        OLD.encode(),
        {"a": "b"},
        None,
        [OLD.encode()],
        [None],
        ["no colon"],
        [":" + OLD.partition(":")[2]],
        ["a b:" + OLD.partition(":")[2]],
        ["a" * 33 + ":" + OLD.partition(":")[2]],
        [OLD + "\n"],
        [OLD[:-2]],
        [OLD[:-4] + "="],
        ["a:" + base64.b64encode(bytes(16)).decode()],
        ["a:" + base64.b64encode(bytes(64)).decode()],
        ["a:" + "%" * 43],
        [OLD, "b"],
    ],
)
def test_a_malformed_key_is_refused_and_not_shown(listed: Any) -> None:
    with pytest.raises(ConfigurationError, match="SOCIAL_TOKEN_KEYS") as caught:
        read_keys(listed)
    assert OLD.partition(":")[2][:10] not in str(caught.value)
    assert "YWFh" not in str(caught.value)


def test_a_malformed_key_is_named_by_its_place() -> None:
    with pytest.raises(ConfigurationError, match=r"number 2 .*new-key"):
        read_keys([OLD, "b"])


def test_two_keys_of_one_id_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two keys have the id 'a'"):
        read_keys([OLD, NEW, OLD])


def test_two_applications_of_one_store_have_the_same_keys() -> None:
    at_rest = sealing(OLD)
    at_rest.use((OLD,), keeps=True)
    for keys, keeps in (((NEW,), True), ((OLD,), False)):
        with pytest.raises(ConfigurationError, match="used with others"):
            at_rest.use(keys, keeps=keeps)


# A function that gives the keys.


def test_a_function_is_asked_at_most_once_a_minute() -> None:
    asked: list[int] = []
    given = [OLD]

    def source() -> list[str]:
        asked.append(clock.now())
        return given

    at_rest = TokenSealing(lambda: "connection")
    with clock.replaced(lambda: 1000):
        at_rest.use(source)
        assert list(at_rest.keys) == ["a"]
        given.insert(0, NEW)
        assert list(at_rest.keys) == ["a"]
    with clock.replaced(lambda: 1000 + KEYS_FRESH - 1):
        assert list(at_rest.keys) == ["a"]
    with clock.replaced(lambda: 1000 + KEYS_FRESH):
        assert list(at_rest.keys) == ["b", "a"]
        assert list(at_rest.keys) == ["b", "a"]
    assert asked == [1000, 1000 + KEYS_FRESH]


@pytest.mark.parametrize("later", [RuntimeError("hush"), ["malformed, hush"], None, []])
def test_a_function_that_fails_later_leaves_the_keys_as_they_were(
    later: Any, caplog: pytest.LogCaptureFixture
) -> None:
    given: Any = [OLD]

    def source() -> Any:
        if isinstance(given, Exception):
            raise given
        return given

    at_rest = TokenSealing(lambda: "connection")
    with clock.replaced(lambda: 1000):
        at_rest.use(source)
    given = later
    with clock.replaced(lambda: 2000), caplog.at_level(logging.ERROR):
        assert list(at_rest.keys) == ["a"]
        assert list(at_rest.keys) == ["a"]
    [record] = [each for each in caplog.records if each.name == "flask_social"]
    assert "SOCIAL_TOKEN_KEYS: the function failed" in record.message
    assert "hush" not in record.message


def test_a_function_that_fails_at_the_start_stops_it() -> None:
    with pytest.raises(ConfigurationError):
        TokenSealing(lambda: "connection").use(lambda: ["malformed"])


def test_a_function_that_gives_no_key_would_store_tokens_plainly() -> None:
    with pytest.raises(ConfigurationError, match="the function gave no key"):
        TokenSealing(lambda: "connection").use(list)
