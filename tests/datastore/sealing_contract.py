"""What every store that can seal must do with tokens at rest."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from flask_social.datastore.sealing import PREFIX
from flask_social.values import Secret, Unreadable

from .beds import Bed
from .token_contract import token_of


def key(key_id: str) -> str:
    """A key as the setting has it, the same for the same id."""
    return f"{key_id}:{base64.b64encode(key_id.encode() * 32)[:43].decode()}="


OLD, NEW, FOREIGN = key("a"), key("b"), key("c")
LONG = 60_000


class SealingContract:
    """Tokens are sealed in the database and open in memory."""

    def test_no_token_can_be_read_in_the_database(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [row] = bed.raw()
        assert all(row[name].startswith(f"{PREFIX}a:") for name in bed.tokens)
        assert len({row[name] for name in bed.tokens}) == len(bed.tokens)
        assert "hush" not in repr(row)

    def test_a_row_is_open_however_it_was_come_by(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            require_open(bed, bed.connected("ann", **tokens(bed)))
        with bed.unit():
            account = {"provider_id": "acme", "provider_user_id": "7"}
            [row] = bed.store.find_connections()
            require_open(bed, row)
            require_open(bed, bed.store.find_connection(**account))
            require_open(bed, bed.store.find_newest(**account))
            require_open(bed, bed.store.find_connection(user=bed.find_user("ann")))
            [held] = bed.store.lock_connections(bed.find_user("ann"))
            require_open(bed, held)
            bed.store.rollback()
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, display_name="Ann")
            require_open(bed, row)
            bed.store.commit()
            require_open(bed, row)
            require_open(bed, token_of(bed, row))
            require_open(bed, bed.store.stored_tokens()[0])
        with bed.unit():
            require_open(bed, bed.store.find_connection(**account))
        assert "hush" not in repr(bed.raw())

    def test_an_update_seals_what_is_new(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            row = bed.connected("ann", **tokens(bed))
        [before] = bed.raw()
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="hush-hush", secret=None)
            assert (row.access_token, row.secret) == ("hush-hush", None)
            bed.store.commit()
            assert (row.access_token, row.secret) == ("hush-hush", None)
        [after] = bed.raw()
        assert after["access_token"] != before["access_token"]
        assert after["secret"] is None
        assert "hush" not in repr(after)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("hush-hush", None)

    def test_an_update_that_is_rolled_back_leaves_the_row_as_it_was(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            row = bed.connected("ann", **tokens(bed))
        before = bed.raw()
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="hush-hush")
            bed.store.rollback()
        assert bed.raw() == before
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])

    def test_a_swap_seals_and_opens(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            row = bed.connected("ann", **tokens(bed))
            after = bed.store.swap_token(token_of(bed, row), access_token="hush-hush")
            assert after is not None
            assert after.access_token == "hush-hush"
            assert after.stored == token_of(bed, row).stored
            bed.store.show_token(row, after)
            assert row.access_token == "hush-hush"
            bed.store.commit()
        [raw] = bed.raw()
        assert raw["access_token"] == after.stored["access_token"]
        assert "hush" not in repr(raw)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("hush-hush", "hush secret")

    def test_what_is_unchanged_is_not_sealed_anew(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [before] = bed.raw()
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, display_name="Ann")
            bed.store.update_connection(row, secret="hush secret")
            bed.store.commit()
        [after] = bed.raw()
        assert after["display_name"] == "Ann"
        assert {name: after[name] for name in bed.tokens} == {
            name: before[name] for name in bed.tokens
        }

    def test_a_value_that_was_moved_to_another_row_does_not_open(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
            bed.connected("bob", "8", access_token="of bob")
        ann, _bob = bed.raw()
        bed.overwrite("8", access_token=ann["access_token"])
        with bed.unit():
            row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
            require_unreadable(bed, row, "access_token")

    def test_a_value_that_was_moved_to_another_column_does_not_open(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [raw] = bed.raw()
        bed.overwrite("7", secret=raw["access_token"])
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token == "hush access_token"
            require_unreadable(bed, row, "secret")

    def test_an_old_key_still_opens_and_the_first_one_seals(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        bed.restart(NEW, OLD)
        with bed.unit():
            [row] = bed.store.find_connections()
            require_open(bed, row)
            bed.store.update_connection(row, access_token="hush-hush")
            bed.store.commit()
        [raw] = bed.raw()
        assert all(raw[name].startswith(f"{PREFIX}b:") for name in bed.tokens)
        bed.restart(NEW)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("hush-hush", "hush secret")

    def test_a_swap_of_anything_seals_the_whole_row_anew(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        bed.restart(NEW, OLD)
        with bed.unit():
            [token] = bed.store.stored_tokens()
            assert bed.store.swap_token(token, access_token="hush-hush") is not None
        [raw] = bed.raw()
        assert all(raw[name].startswith(f"{PREFIX}b:") for name in bed.tokens)

    def test_where_no_key_opens_a_token_is_there_and_unreadable(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        for keys in ((FOREIGN,), (key("a").replace("a:Y", "a:Z"),), ()):
            bed.restart(*keys)
            with bed.unit():
                [row] = bed.store.find_connections()
                require_unreadable(bed, row, *bed.tokens)
                [token] = bed.store.stored_tokens()
                assert token.unreadable == tuple(bed.tokens)

    def test_what_cannot_be_read_is_not_written_over_by_mistake(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [before] = bed.raw()
        bed.restart(FOREIGN)
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, display_name="Ann")
            bed.store.update_connection(row, secret=row.secret)
            bed.store.commit()
            require_unreadable(bed, row, *bed.tokens)
            token = token_of(bed, row)
            after = bed.store.swap_token(token, needs_reauth=True, lease_until=9, rank=1)
            assert after is not None
            assert after.unreadable == tuple(bed.tokens)
        [raw] = bed.raw()
        assert {name: raw[name] for name in bed.tokens} == {
            name: before[name] for name in bed.tokens
        }
        bed.restart(FOREIGN, OLD)
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])

    def test_a_login_mends_what_cannot_be_read(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        bed.restart(FOREIGN)
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="hush-hush")
            bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token == "hush-hush"
            require_unreadable(bed, row, "secret")
            token = bed.store.swap_token(token_of(bed, row), secret="hush")
            assert token is not None
            assert token.unreadable == tuple(bed.tokens[2:])

    def test_plain_rows_of_an_older_table_are_read_and_sealed_with_the_next_write(
        self, bed: Bed
    ) -> None:
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        assert [bed.raw()[0][name] for name in bed.tokens] == list(tokens(bed).values())
        bed.restart(OLD)
        with bed.unit():
            [row] = bed.store.find_connections()
            require_open(bed, row)
            require_open(bed, token_of(bed, row))
            bed.store.update_connection(row, display_name="Ann")
            bed.store.commit()
            require_open(bed, row)
        assert "hush" not in repr(bed.raw())
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])

    def test_a_swap_seals_what_is_stored_plainly(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        bed.restart(OLD)
        with bed.unit():
            [token] = bed.store.stored_tokens()
            assert bed.store.swap_token(token, access_token="hush-hush") is not None
        assert "hush" not in repr(bed.raw())

    def test_without_keys_tokens_are_stored_as_they_are(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        assert [bed.raw()[0][name] for name in bed.tokens] == list(tokens(bed).values())
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="hush-hush")
            bed.store.commit()
        assert bed.raw()[0]["access_token"] == "hush-hush"

    def test_a_token_that_looks_sealed_already_is_sealed_like_any_other(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
            [raw] = bed.raw()
            row = bed.connected("bob", "8", access_token=raw["access_token"])
            assert row.access_token == raw["access_token"]
        with bed.unit():
            row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
            assert row is not None
            assert row.access_token == raw["access_token"]
            bed.store.update_connection(row, access_token=f"{PREFIX}a:hush")
            bed.store.commit()
        assert "hush" not in repr(bed.raw())
        with bed.unit():
            row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
            assert row is not None
            assert row.access_token == f"{PREFIX}a:hush"

    def test_where_no_tokens_are_kept_none_is_written(self, bed: Bed) -> None:
        bed.restart(OLD, keeps=False)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [raw] = bed.raw()
        assert [raw[name] for name in bed.tokens] == [None] * len(bed.tokens)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token is None
            bed.store.update_connection(row, access_token="hush", display_name="Ann")
            bed.store.commit()
        [raw] = bed.raw()
        assert (raw["access_token"], raw["display_name"]) == (None, "Ann")

    @pytest.mark.parametrize("keys", [(), (OLD,)], ids=["plain", "sealed"])
    def test_where_no_tokens_are_kept_those_there_go_with_the_next_write(
        self, bed: Bed, keys: tuple[str, ...]
    ) -> None:
        bed.restart(*keys)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
            bed.connected("bob", "8", **tokens(bed))
        bed.restart(*keys, keeps=False)
        with bed.unit():
            ann, bob = bed.store.find_connections()
            bed.store.update_connection(ann, access_token="hush-hush")
            bed.store.commit()
            after = bed.store.swap_token(token_of(bed, bob), access_token="hush-hush")
            assert after is not None
            assert after.access_token is None
        for raw in bed.raw():
            assert [raw[name] for name in bed.tokens] == [None] * len(bed.tokens)

    def test_a_row_that_was_taken_out_and_put_back_is_sealed_as_before(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
            bed.store.delete_connections(provider_id="acme")
            bed.store.commit()
            bed.connected("ann", **tokens(bed))
        assert "hush" not in repr(bed.raw())
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])


class OwnWriteContract:
    """What the application itself writes to a token is sealed too."""

    def test_a_token_that_the_application_sets_is_sealed(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        with bed.unit():
            [row] = bed.store.find_connections()
            row.access_token = "hush-hush"
            bed.save(row)
            assert row.access_token == "hush-hush"
            assert row.secret == "hush secret"
        assert "hush" not in repr(bed.raw())
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("hush-hush", "hush secret")

    def test_a_row_that_the_application_saves_for_another_reason_stays_sealed(
        self, bed: Bed
    ) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        with bed.unit():
            [row] = bed.store.find_connections()
            row.display_name = "Ann"
            bed.save(row)
            require_open(bed, row)
        assert "hush" not in repr(bed.raw())
        assert bed.raw()[0]["display_name"] == "Ann"
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])

    def test_a_token_that_cannot_be_read_survives_what_the_application_saves(
        self, bed: Bed
    ) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        bed.restart(FOREIGN)
        with bed.unit():
            [row] = bed.store.find_connections()
            row.display_name = "Ann"
            bed.save(row)
        bed.restart(OLD)
        with bed.unit():
            require_open(bed, bed.store.find_connections()[0])

    def test_a_row_that_the_application_gives_to_another_account_keeps_its_tokens(
        self, bed: Bed
    ) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        with bed.unit():
            [row] = bed.store.find_connections()
            row.provider_user_id = "8"
            bed.save(row)
            require_open(bed, row)
        assert "hush" not in repr(bed.raw())
        with bed.unit():
            account = {"provider_id": "acme", "provider_user_id": "8"}
            require_open(bed, bed.store.find_connection(**account))

    def test_what_cannot_be_read_outlives_a_change_of_the_account(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        [before] = bed.raw()
        bed.restart(FOREIGN)
        with bed.unit():
            [row] = bed.store.find_connections()
            row.provider_user_id = "8"
            bed.save(row)
        [after] = bed.raw()
        assert [after[name] for name in bed.tokens] == [before[name] for name in bed.tokens]

    def test_no_token_is_kept_that_the_application_sets(self, bed: Bed) -> None:
        bed.restart(keeps=False)
        with bed.unit():
            bed.connected("ann")
        with bed.unit():
            [row] = bed.store.find_connections()
            row.access_token = "hush-hush"
            bed.save(row)
        assert bed.raw()[0]["access_token"] is None


class LongTokenContract:
    """Tokens of 60 kB, sealed and plain."""

    @pytest.mark.parametrize("keys", [(), (OLD,)], ids=["plain", "sealed"])
    def test_tokens_of_60_kilobytes_come_back_whole(self, bed: Bed, keys: tuple[str, ...]) -> None:
        bed.restart(*keys)
        long = {name: f"{name} ".ljust(LONG, "x") for name in bed.tokens}
        longer = {name: token + "\N{KEY}" for name, token in long.items()}
        with bed.unit():
            bed.connected("ann", **long)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name) for name in long} == long
            after = bed.store.swap_token(token_of(bed, row), **longer)
            assert after is not None
            assert {name: getattr(after, name) for name in long} == longer
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name) for name in long} == longer
            bed.store.update_connection(row, **long)
            bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name) for name in long} == long
        assert (PREFIX in repr(bed.raw())) is bool(keys)


def tokens(bed: Bed) -> dict[str, str]:
    """A token for each column that the model has."""
    return {name: f"hush {name}" for name in bed.tokens}


def require_open(bed: Bed, row: Any) -> None:
    """*row*, a connection or a stored token, has the tokens of :func:`tokens`."""
    assert row is not None
    for name, token in tokens(bed).items():
        assert getattr(row, name) == token
        assert isinstance(getattr(row, name), Secret)


def require_unreadable(bed: Bed, row: Any, *names: str) -> None:
    """*row*, a connection, has tokens of these *names* that no key opens."""
    assert row is not None
    for each in (row, token_of(bed, row)):
        for name in names:
            assert isinstance(getattr(each, name), Unreadable)
            assert not getattr(each, name)
