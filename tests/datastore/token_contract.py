"""What every store must do with the token of one row, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social import clock
from flask_social.datastore.base import Conflict
from flask_social.datastore.tokens import StoredToken
from flask_social.errors import StoreUnavailable
from flask_social.values import Secret

from .beds import Bed
from .contract import at_once

CROWD = 16


class TokenContract:
    """A row's token is read, swapped and shown."""

    def test_a_token_is_read_as_the_row_has_it(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", access_token="a", secret="s")
            token = bed.store.read_token(row)
            assert token is not None
            assert (token.provider_id, token.provider_user_id) == ("acme", "7")
            assert (token.access_token, token.secret) == ("a", "s")
            assert (token.refresh_token, token.needs_reauth) == (None, False)
            assert isinstance(token.access_token, Secret)
            assert token.unreadable == ()
            assert bed.store.read_token(token) == token

    def test_a_token_is_read_as_it_is_by_now(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
        with bed.unit():
            [row] = bed.store.find_connections()
            before = bed.store.read_token(row)
            assert before is not None
            assert bed.store.swap_token(before, access_token="new") is not None
            for each in (row, before):
                token = bed.store.read_token(each)
                assert token is not None
                assert token.access_token == "new"

    def test_there_is_no_token_of_a_row_that_is_gone(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            token = bed.store.read_token(row)
            assert token is not None
        with bed.unit():
            bed.store.delete_connections(provider_id="acme")
            bed.store.commit()
        with bed.unit():
            assert bed.store.read_token(token) is None
            assert bed.store.swap_token(token, access_token="new") is None
            assert bed.store.find_connections() == []

    def test_a_swap_is_written_and_gives_the_row_as_it_is_now(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", secret="s", display_name="Ann")
            bed.connected("bob", "8")
            before = token_of(bed, row)
            after = bed.store.swap_token(before, access_token="new", secret=None)
            assert after is not None
            assert (after.key, after.access_token, after.secret) == (before.key, "new", None)
            assert after == bed.store.read_token(row)
        with bed.unit():
            ann, bob = bed.store.find_connections()
            assert (ann.access_token, ann.secret, ann.display_name) == ("new", None, "Ann")
            assert (bob.access_token, bob.user.name) == ("token", "bob")

    def test_a_swap_leaves_alone_what_it_does_not_name(self, bed: Bed) -> None:
        tokens = {name: f"the {name}" for name in bed.tokens}
        with bed.unit():
            row = bed.connected("ann", **tokens)
            assert bed.store.swap_token(token_of(bed, row), access_token="new") is not None
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name) for name in tokens} == tokens | {"access_token": "new"}

    def test_of_two_swaps_of_one_reading_the_first_counts(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))
            first = bed.store.swap_token(token, access_token="first")
            assert bed.store.swap_token(token, access_token="second") is None
            assert first is not None
            third = bed.store.swap_token(first, access_token="third")
            assert third is not None
            assert third.access_token == "third"
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "third"

    def test_a_swap_loses_to_a_login_that_renewed_the_row(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            token = token_of(bed, row)
            bed.store.update_connection(row, access_token="of the login")
            bed.store.commit()
            assert bed.store.swap_token(token, access_token="of the refresh") is None
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "of the login"

    def test_a_swap_drops_values_without_a_column(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))
            after = bed.store.swap_token(
                token, access_token="new", favourite_colour="blue", lease_until=9, id_token="i"
            )
            assert after is not None
            assert after.access_token == "new"
            assert bed.store.swap_token(after, lease_until=10, favourite_colour="red") is not None

    def test_what_was_swapped_shows_in_a_row_in_memory_and_is_not_written_again(
        self, bed: Bed
    ) -> None:
        with bed.unit():
            bed.connected("ann", secret="s")
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token == "token"
            swapped = bed.store.swap_token(token_of(bed, row), access_token="new", secret=None)
            assert swapped is not None
            bed.store.show_token(row, swapped)
            assert (row.access_token, row.secret) == ("new", None)
            assert isinstance(row.access_token, Secret)
            before = bed.store.read_token(row)
            bed.store.commit()
            assert bed.store.read_token(row) == before
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("new", None)
            bed.store.show_token(row, swapped)
            bed.store.update_connection(row, display_name="Ann", access_token="newer")
            bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.display_name) == ("newer", "Ann")

    def test_a_stored_token_shows_no_secret(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", access_token="hush-hush", secret="hush-hush")
            token = token_of(bed, row)
            assert "hush" not in repr(token)
            assert "hush" not in repr(bed.store.swap_token(token, access_token="hush-hush"))

    def test_rows_come_in_batches_in_the_order_of_their_keys(self, bed: Bed) -> None:
        with bed.unit():
            for subject in "12345":
                bed.connected("ann", subject, access_token=f"token {subject}")
            bed.connected("ann", "6", provider_id="other")
        with bed.unit():
            seen: list[str] = []
            after = None
            while batch := bed.store.stored_tokens(after=after, limit=2, provider_id="acme"):
                assert len(batch) <= 2
                assert all(token.access_token == f"token {subject_of(token)}" for token in batch)
                seen += map(subject_of, batch)
                after = batch[-1].key
            assert seen == list("12345")
            everything = bed.store.stored_tokens()
            assert [subject_of(token) for token in everything] == list("123456")
            assert bed.store.stored_tokens(provider_id="nobody") == []
            assert bed.store.read_token(everything[0]) == everything[0]
            assert bed.store.swap_token(everything[5], access_token="new") is not None

    def test_a_batch_goes_on_where_a_row_went(self, bed: Bed) -> None:
        with bed.unit():
            for each in "123":
                bed.connected("ann", each)
            first, second = bed.store.stored_tokens(limit=2)
            for gone in "12":
                bed.store.delete_connection(provider_id="acme", provider_user_id=gone)
            bed.store.commit()
        with bed.unit():
            for key in (first.key, second.key):
                rest = bed.store.stored_tokens(after=key)
                assert [subject_of(token) for token in rest] == ["3"]


class OwnTransactionContract:
    """What is done with a token leaves the application's transaction alone."""

    def test_a_swap_is_committed_at_once_and_others_see_it(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))
            bed.store.release()
            assert bed.store.swap_token(token, access_token="new") is not None
            assert elsewhere(bed, lambda: bed.store.find_connections()[0].access_token) == "new"
            bed.store.rollback()
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "new"

    @pytest.mark.parametrize("end", ["commit", "rollback"])
    def test_a_swap_leaves_what_is_pending_as_it_is(self, bed: Bed, end: str) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))
            bob = bed.connected("bob", "8")
        with bed.unit():
            bob = bed.store.find_connection(provider_id="acme", provider_user_id="8")
            bed.store.update_connection(bob, access_token="pending")
            if bed.one_writer:
                with pytest.raises(StoreUnavailable):
                    bed.store.swap_token(token, access_token="new")
            else:
                assert bed.store.swap_token(token, access_token="new") is not None
                assert elsewhere(bed, lambda: tokens_by_subject_of(bed)) == {
                    "7": "new",
                    "8": "token",
                }
            getattr(bed.store, end)()
        with bed.unit():
            assert tokens_by_subject_of(bed) == {
                "7": "token" if bed.one_writer else "new",
                "8": "pending" if end == "commit" else "token",
            }

    def test_a_reading_leaves_what_is_pending_as_it_is(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
        with bed.unit():
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="pending")
            assert token_of(bed, row).access_token == "token"
            assert [each.access_token for each in bed.store.stored_tokens()] == ["token"]
            bed.store.commit()
            assert token_of(bed, row).access_token == "pending"

    def test_a_swap_that_is_never_committed_loses_nobody_else_a_row(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            token = token_of(bed, row)
            assert bed.store.swap_token(token, access_token="new") is not None
        with bed.unit():
            bed.store.delete_connections(provider_id="acme")
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections() == []


class ShippedTokenContract:
    """Models with versions, leases and expiry."""

    def test_every_field_is_read_and_can_be_swapped(self, bed: Bed) -> None:
        fields: dict[str, Any] = {
            "access_token": "a",
            "secret": "s",
            "refresh_token": "r",
            "id_token": "i",
            "token_type": "DPoP",
            "scopes": "openid email",
            "expires_at": 2**33,
            "needs_reauth": True,
            "lease_until": 2**34,
            "issuer": "https://id.example.org",
        }
        with bed.unit():
            row = bed.connected("ann", **fields)
            token = token_of(bed, row)
            assert {name: getattr(token, name) for name in fields} == fields
            assert token.version == 1
            other: dict[str, Any] = dict.fromkeys(fields) | {
                "access_token": "b",
                "needs_reauth": False,
                "issuer": "https://id.example.org",
            }
            after = bed.store.swap_token(token, **other)
            assert after is not None
            assert {name: getattr(after, name) for name in other} == other
            assert after.version == 2
            assert token_of(bed, row) == after

    def test_a_swap_loses_to_any_other_write(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            token = token_of(bed, row)
            bed.store.update_connection(row, rank=3)
            bed.store.commit()
            assert bed.store.swap_token(token, access_token="new") is None
            token = token_of(bed, row)
            leased = bed.store.swap_token(token, lease_until=9)
            assert leased is not None
            assert (leased.lease_until, leased.access_token) == (9, "token")
            assert bed.store.swap_token(token, access_token="new") is None

    def test_a_login_counts_even_where_the_row_was_read_before_a_swap(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.version == 1
            leased = bed.store.swap_token(token_of(bed, row), lease_until=9)
            assert leased is not None
            assert leased.version == 2
            bed.store.update_connection(row, access_token="of the login")
            bed.store.commit()
            assert bed.store.swap_token(leased, access_token="of the refresh") is None
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.version, row.access_token) == (3, "of the login")

    def test_a_swap_is_dated(self, bed: Bed) -> None:
        with bed.unit():
            with clock.replaced(lambda: 1000):
                row = bed.connected("ann")
            with clock.replaced(lambda: 2000):
                assert bed.store.swap_token(token_of(bed, row), access_token="new") is not None
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.created_at, row.updated_at) == (1000, 2000)

    def test_rows_that_expire_before_a_time_are_found(self, bed: Bed) -> None:
        with bed.unit():
            for each, expires_at in {"1": 10, "2": None, "3": 20, "4": 30}.items():
                bed.connected("ann", each, expires_at=expires_at)
            bed.connected("ann", "5", provider_id="other", expires_at=10)
        with bed.unit():
            found = bed.store.stored_tokens(expiring_before=30)
            assert [subject_of(token) for token in found] == ["1", "3", "5"]
            found = bed.store.stored_tokens(expiring_before=30, provider_id="acme")
            assert [subject_of(token) for token in found] == ["1", "3"]
            found = bed.store.stored_tokens(expiring_before=30, after=found[0].key, limit=1)
            assert [subject_of(token) for token in found] == ["3"]
            assert bed.store.stored_tokens(expiring_before=10) == []


class DocumentedTokenContract:
    """Models without versions, leases and expiry, such as the documented one."""

    def test_nothing_is_known_to_expire(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann", expires_at=10, refresh_token="r"))
            assert (token.expires_at, token.refresh_token) == (None, None)
            assert (token.version, token.lease_until, token.needs_reauth) == (None, None, False)
            assert bed.store.stored_tokens(expiring_before=100) == []

    def test_a_row_without_a_token_is_swapped_once(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann", access_token=None, secret="s"))
            assert token.access_token is None
            assert bed.store.swap_token(token, access_token="new") is not None
            assert bed.store.swap_token(token, access_token="newer") is None


class TokenRaceContract:
    """Several who swap one token at once."""

    def test_of_many_who_swap_at_once_one_wins(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))

        def swap(name: str, ready: Callable[[], Any]) -> str | None:
            with bed.unit():
                ready()
                won = bed.store.swap_token(token, access_token=name)
                assert won is None or won.access_token == name
                return None if won is None else name

        outcomes = at_once(swap, *(f"token {number}" for number in range(CROWD)))
        [winner] = [name for name in outcomes if name is not None]
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == winner

    def test_of_a_swap_and_a_login_at_once_the_login_stays(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))

        def write(how: str, ready: Callable[[], Any]) -> bool:
            with bed.unit():
                if how == "swap":
                    ready()
                    return bed.store.swap_token(token, access_token="of the refresh") is not None
                ready()
                [row] = bed.store.find_connections()
                bed.store.update_connection(row, access_token="of the login")
                bed.store.commit()
                return True

        assert at_once(write, "swap", "login")[1]
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token == "of the login"

    def test_a_swap_brings_no_row_back_that_is_deleted_meanwhile(self, bed: Bed) -> None:
        with bed.unit():
            token = token_of(bed, bed.connected("ann"))

        def end(how: str, ready: Callable[[], Any]) -> None:
            with bed.unit():
                ready()
                if how == "swap":
                    bed.store.swap_token(token, access_token="new")
                    return
                try:
                    assert bed.store.delete_connections(provider_id="acme") is True
                    bed.store.commit()
                except Conflict:
                    bed.store.rollback()
                    bed.store.delete_connections(provider_id="acme")
                    bed.store.commit()

        at_once(end, "swap", "delete")
        with bed.unit():
            assert bed.store.find_connections() == []


def token_of(bed: Bed, row: Any) -> StoredToken:
    """What the row holds by now; it is there."""
    token = bed.store.read_token(row)
    assert token is not None
    return token


def subject_of(token: StoredToken) -> str:
    """Whose it is."""
    return token.provider_user_id


def tokens_by_subject_of(bed: Bed) -> dict[str, str]:
    """The access token of every row."""
    return {row.provider_user_id: row.access_token for row in bed.store.find_connections()}


def elsewhere(bed: Bed, look: Callable[[], Any]) -> Any:
    """What *look* gives in another thread, with a session of its own."""

    def there(_name: str, _ready: Callable[[], Any]) -> Any:
        with bed.unit():
            return look()

    [found] = at_once(there, "elsewhere")
    return found
