"""What every store must do. A test module gives a ``bed`` fixture and inherits the classes.

A row is looked for anew after a commit or a rollback, and compared by ``==``: the object that a
store gave before may be as it was, in an ORM that keeps no list of what it loaded.
``token_contract`` and ``sealing_contract`` go on with the tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.local import LocalProxy

from flask_social import clock
from flask_social.datastore.base import AlreadyConnected
from flask_social.datastore.filters import FILTERS

from .beds import Bed

LOOK_ALIKES = (
    *("AbC", "abC", "abc", "abC ", " abC", "abC\t", "abC\N{NO-BREAK SPACE}"),
    *("ab\u00c7", "abC\u0327", "abC\N{ZERO WIDTH SPACE}", "\N{CYRILLIC SMALL LETTER A}bC"),
    *("K", "k", "\N{KELVIN SIGN}", "\N{FULLWIDTH LATIN CAPITAL LETTER K}"),
    *("i", "I", "\N{LATIN SMALL LETTER DOTLESS I}", "ss", "\N{LATIN SMALL LETTER SHARP S}"),
    *("\N{SLICE OF PIZZA}", "\N{GRINNING FACE}", "007", "7", "7.0", "\N{ARABIC-INDIC DIGIT SEVEN}"),
)
TOKENS = ("access_token", "secret", "refresh_token", "id_token")
PATIENCE = 120
"""Seconds after which a test that hangs gives up."""


class StoreContract:
    """Connections are found, made, changed and removed."""

    def test_a_connection_is_found_by_its_account(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            found = bed.store.find_connection(provider_id="acme", provider_user_id="7")
            assert found == row
            assert found.user == bed.find_user("ann")
            assert found.access_token == "token"

    def test_a_connection_is_found_by_its_user(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            bed.connected("bob", "8")
            ann = bed.find_user("ann")
            assert bed.store.find_connection(user=ann) == row
            assert bed.store.find_connections(user=ann, provider_id="acme") == [row]
            assert bed.store.find_connection(user=ann, provider_id="other") is None

    def test_a_connection_is_found_by_a_proxy_of_its_user(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            current_user = LocalProxy(lambda: bed.find_user("ann"))
            assert bed.store.find_connection(user=current_user) == row
            made = bed.store.create_connection(
                user=current_user, provider_id="other", provider_user_id="1", access_token="t"
            )
            assert made.user == bed.find_user("ann")

    def test_a_connection_is_found_by_its_users_key_as_number_or_text(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            key = bed.find_user("ann").id
            assert bed.store.find_connection(user_id=key) == row
            assert bed.store.find_connection(user_id=str(key)) == row
            assert bed.store.find_connection(user_id=bed.find_user("bob").id) is None

    def test_a_key_that_no_user_can_have_finds_nothing(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            for key in ("x", "", "1 OR 1=1", "1\0", "\ud800", str(2**31), str(2**70)):
                assert bed.store.find_connection(user_id=key) is None

    def test_a_subject_that_nobody_has_finds_nothing(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            for subject in ("", "7\0", "\ud800", "7' OR ''='", "%"):
                account = {"provider_id": "acme", "provider_user_id": subject}
                assert bed.store.find_connection(**account) is None
                assert bed.store.find_connections(**account) == []
                assert bed.store.delete_connection(**account) is False

    def test_a_filter_for_none_matches_nothing(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            for name in FILTERS:
                assert bed.store.find_connection(**{name: None}) is None
                assert bed.store.find_connections(**{name: None}) == []

    def test_somebody_who_is_not_a_user_has_no_connection(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            assert bed.store.find_connections(user=object()) == []

    def test_an_unknown_filter_is_refused_and_the_known_ones_are_named(self, bed: Bed) -> None:
        with bed.unit(), pytest.raises(TypeError, match=r"'email'.*provider_user_id"):
            bed.store.find_connection(email="ann@example.org")

    def test_deleting_without_a_filter_is_refused(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            with pytest.raises(TypeError, match="a filter is needed"):
                bed.store.delete_connections()
            with pytest.raises(TypeError, match="a filter is needed"):
                bed.store.delete_connection()
            assert len(bed.store.find_connections()) == 1

    def test_connections_come_by_rank_and_then_by_age(self, bed: Bed) -> None:
        with bed.unit():
            ranks = {"a": None, "b": 2, "c": 1, "d": 2, "e": None}
            rows = {
                subject: bed.connected("ann", subject, rank=rank) for subject, rank in ranks.items()
            }
            expected = [rows[subject] for subject in "cbdae"]
            ann = bed.find_user("ann")
            assert bed.store.find_connections(user=ann) == expected
            assert bed.store.lock_connections(ann) == expected
            assert bed.store.find_connection(user=ann, provider_id="acme") == rows["c"]

    def test_values_without_a_column_are_dropped(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", favourite_colour="blue", full_name="Ann A.", expires_at=99)
            assert not hasattr(row, "favourite_colour")
            assert getattr(row, "full_name", "Ann A.") == "Ann A."
            assert getattr(row, "expires_at", 99) == 99

    def test_a_new_connection_can_be_rolled_back(self, bed: Bed) -> None:
        with bed.unit():
            ann = bed.find_user("ann")
            bed.store.create_connection(
                user=ann, provider_id="acme", provider_user_id="7", access_token="t"
            )
            bed.store.rollback()
        with bed.unit():
            assert bed.store.find_connections() == []

    def test_an_account_is_connected_once(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            with pytest.raises(AlreadyConnected):
                bed.connected("bob")
            bed.store.rollback()
            found = bed.store.find_connections(provider_user_id="7")
            assert found == [row]
            assert found[0].user == bed.find_user("ann")

    def test_what_else_is_pending_survives_an_account_that_is_taken(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            bob = bed.find_user("bob")
            new = {"user": bob, "provider_id": "acme", "access_token": "t"}
            bed.store.create_connection(provider_user_id="8", **new)
            with pytest.raises(AlreadyConnected):
                bed.store.create_connection(provider_user_id="7", **new)
            bed.store.create_connection(provider_user_id="9", **new)
            bed.store.commit()
        with bed.unit():
            rows = bed.store.find_connections(user=bed.find_user("bob"))
            assert [row.provider_user_id for row in rows] == ["8", "9"]

    def test_the_same_subject_elsewhere_is_another_account(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            row = bed.connected("bob", provider_id="other")
            assert bed.store.find_connection(provider_id="other", provider_user_id="7") == row

    def test_text_of_every_kind_comes_back_as_it_was(self, bed: Bed) -> None:
        name = "\N{GRINNING FACE} שלום e\u0301 \u202e 'quoted\" \\"
        with bed.unit():
            bed.connected("ann", display_name=name, access_token="\N{KEY}" * 40)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.display_name == name
            assert row.access_token == "\N{KEY}" * 40

    def test_one_connection_is_deleted(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            bed.connected("ann", "8")
            assert bed.store.delete_connection(provider_id="acme", provider_user_id="7") is True
            assert bed.store.delete_connection(provider_id="acme", provider_user_id="7") is False
            bed.store.commit()
        with bed.unit():
            assert [row.provider_user_id for row in bed.store.find_connections()] == ["8"]

    def test_every_connection_of_a_user_at_a_provider_is_deleted(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
            bed.connected("ann", "8")
            bed.connected("ann", "9", provider_id="other")
            bed.connected("bob", "10")
            mine = {"user": bed.find_user("ann"), "provider_id": "acme"}
            assert bed.store.delete_connections(**mine) is True
            assert bed.store.delete_connections(**mine) is False
            bed.store.commit()
        with bed.unit():
            left = bed.store.find_connections()
            assert sorted(row.provider_user_id for row in left) == ["10", "9"]

    def test_a_deletion_can_be_rolled_back(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            bed.store.delete_connections(user=bed.find_user("ann"))
            bed.store.rollback()
            bed.store.delete(row)
            bed.store.rollback()
        with bed.unit():
            assert len(bed.store.find_connections()) == 1

    def test_a_connection_marked_for_deletion_goes_with_the_commit(self, bed: Bed) -> None:
        with bed.unit():
            bed.store.delete(bed.connected("ann"))
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections() == []

    def test_an_update_is_written_by_the_commit(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", secret="s")
            new = {"access_token": "new", "secret": None, "favourite_colour": "blue"}
            assert bed.store.update_connection(row, **new) is row
            bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.access_token, row.secret) == ("new", None)
            bed.store.update_connection(row, access_token="newer")
            bed.store.rollback()
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "new"

    def test_holding_connections_changes_nothing_in_them(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            before = {name: getattr(row, name, None) for name in ("rank", "version", "updated_at")}
            with clock.replaced(lambda: 4e9):
                assert bed.store.lock_connections(bed.find_user("ann")) == [row]
                bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name, None) for name in before} == before

    def test_holding_connections_keeps_what_is_not_committed_yet(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            bed.store.update_connection(row, display_name="Ann")
            bed.store.lock_connections(bed.find_user("ann"))
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections()[0].display_name == "Ann"

    def test_rows_stay_usable_after_a_release(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")
        with bed.unit():
            ann = bed.find_user("ann")
            row = bed.store.find_connection(user=ann)
            bed.store.release()
            assert ann.name == "ann"
            assert row is not None
            assert row.user == ann
            bed.store.update_connection(row, access_token="new")
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "new"

    def test_a_release_neither_commits_nor_loses_pending_work(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann")
            bed.store.update_connection(row, access_token="kept")
            bed.store.release()
            assert row.access_token == "kept"
            bed.store.rollback()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert row.access_token == "token"
            bed.store.update_connection(row, access_token="kept")
            bed.store.release()
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections()[0].access_token == "kept"

    def test_the_model_has_what_is_required(self, bed: Bed) -> None:
        with bed.unit():
            bed.store.require_columns()

    def test_no_token_shows_in_the_repr_of_a_row(self, bed: Bed) -> None:
        with bed.unit():
            row = bed.connected("ann", access_token="hush-hush", secret="hush-hush")
            assert "hush" not in repr(row)


class SubjectContract:
    """Subjects are told apart byte by byte."""

    def test_subjects_that_look_alike_are_different_accounts(self, bed: Bed) -> None:
        with bed.unit():
            subjects = sorted(set(LOOK_ALIKES))
            for subject in subjects:
                bed.connected(f"owner of {subject.encode().hex()}", subject)
        with bed.unit():
            for subject in subjects:
                account = {"provider_id": "acme", "provider_user_id": subject}
                found = bed.store.find_connection(**account)
                assert found is not None
                assert found.provider_user_id == subject
                assert found.user.name == f"owner of {subject.encode().hex()}"
                assert len(bed.store.find_connections(**account)) == 1

    def test_a_number_is_the_subject_that_it_spells(self, bed: Bed) -> None:
        with bed.unit():
            ann = bed.find_user("ann")
            values: dict[str, Any] = {"provider_id": "acme", "provider_user_id": 7}
            bed.store.create_connection(user=ann, access_token="t", **values)
            bed.store.commit()
        with bed.unit():
            found = bed.store.find_connection(provider_id="acme", provider_user_id="7")
            assert found is not None
            assert bed.store.find_connection(**values) == found

    def test_a_subject_of_255_characters_is_kept_whole(self, bed: Bed) -> None:
        with bed.unit():
            subjects = ["x" * 255, "x" * 254 + "y", "\N{SLICE OF PIZZA}" * 255]
            for subject in subjects:
                bed.connected(subject[-2:], subject)
        with bed.unit():
            for subject in subjects:
                found = bed.store.find_connection(provider_id="acme", provider_user_id=subject)
                assert found is not None
                assert found.provider_user_id == subject
                assert found.user.name == subject[-2:]
            assert bed.store.find_connection(provider_user_id="x" * 254) is None


class UserContract:
    """Whose a connection is."""

    def test_a_connection_is_made_for_a_user_or_for_a_users_key(self, bed: Bed) -> None:
        with bed.unit():
            ann = bed.find_user("ann")
            new = {"provider_id": "acme", "access_token": "t"}
            bed.store.create_connection(user=ann, provider_user_id="1", **new)
            bed.store.create_connection(user_id=ann.id, provider_user_id="2", **new)
            bed.store.create_connection(user_id=str(ann.id), provider_user_id="3", **new)
            bed.store.commit()
        with bed.unit():
            ann = bed.find_user("ann")
            for filters in ({"user": ann}, {"user_id": ann.id}, {"user_id": str(ann.id)}):
                rows = bed.store.find_connections(**filters)
                assert sorted(row.provider_user_id for row in rows) == ["1", "2", "3"]
                assert all(row.user == ann for row in rows)
            assert bed.store.delete_connections(user_id=str(ann.id)) is True
            bed.store.commit()
        with bed.unit():
            assert bed.store.find_connections() == []

    def test_the_connections_of_a_removed_user_go_too(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann", "1")
            bed.connected("ann", "2")
            bed.connected("bob", "3")
        with bed.unit():
            bed.remove_user("ann")
        with bed.unit():
            assert [row.provider_user_id for row in bed.store.find_connections()] == ["3"]


class ShippedColumnsContract:
    """The columns that the documented model of 1.6 lacks."""

    def test_an_update_counts_and_is_dated_and_one_that_changes_nothing_is_not(
        self, bed: Bed
    ) -> None:
        with bed.unit():
            with clock.replaced(lambda: 1000.9):
                row = bed.connected("ann")
            assert (row.version, row.created_at, row.updated_at) == (1, 1000, 1000)
        with bed.unit(), clock.replaced(lambda: 2000):
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, access_token="token", rank=row.rank)
            bed.store.commit()
        with bed.unit(), clock.replaced(lambda: 2000):
            [row] = bed.store.find_connections()
            assert (row.version, row.updated_at) == (1, 1000)
            bed.store.update_connection(row, access_token="new")
            bed.store.commit()
        with bed.unit():
            [row] = bed.store.find_connections()
            assert (row.version, row.created_at, row.updated_at) == (2, 1000, 2000)

    def test_tokens_of_any_length_come_back_whole_and_hidden(self, bed: Bed) -> None:
        tokens = {name: f"{name} " + "x" * 60_000 for name in TOKENS}
        with bed.unit():
            bed.connected("ann", **tokens)
        with bed.unit():
            [row] = bed.store.find_connections()
            for name, token in tokens.items():
                assert getattr(row, name) == token
                assert repr(getattr(row, name)) == "<secret>"

    def test_every_value_of_a_grant_is_kept(self, bed: Bed) -> None:
        values: dict[str, Any] = {
            "issuer": "https://id.example.org",
            "token_type": "Bearer",
            "scopes": "openid email",
            "expires_at": 2**33,
            "display_name": "ann",
            "full_name": "n" * 10_000,
            "email": "ann@example.org",
            "email_verified": True,
            "profile_url": "https://example.org/" + "p" * 1000,
            "image_url": "https://example.org/" + "i" * 1000,
            "rank": 3,
            "needs_reauth": True,
            "lease_until": 2**34,
        }
        with bed.unit():
            bed.connected("ann", **values)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert {name: getattr(row, name) for name in values} == values


class RaceContract:
    """Several who are at it at once."""

    def test_of_two_parallel_removals_of_the_last_two_one_is_refused(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann", "1")
            bed.connected("ann", "2")

        def remove(subject: str, ready: Callable[[], Any]) -> bool:
            with bed.unit():
                ann = bed.find_user("ann")
                assert len(bed.store.find_connections(user=ann)) == 2
                ready()
                rows = bed.store.lock_connections(ann)
                if len(rows) < 2:
                    bed.store.rollback()
                    return False
                [doomed] = [row for row in rows if row.provider_user_id == subject]
                bed.store.delete(doomed)
                bed.store.commit()
                return True

        assert sorted(at_once(remove, "1", "2")) == [False, True]
        with bed.unit():
            assert len(bed.store.find_connections()) == 1

    def test_connections_that_are_held_are_as_others_left_them(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")

        def renew(token: str, _ready: Callable[[], Any]) -> None:
            with bed.unit():
                [row] = bed.store.find_connections()
                bed.store.update_connection(row, access_token=token)
                bed.store.commit()

        with bed.unit():
            ann = bed.find_user("ann")
            [row] = bed.store.find_connections(user=ann)
            assert row.access_token == "token"
            at_once(renew, "renewed")
            [held] = bed.store.lock_connections(ann)
            assert held == row
            assert held.access_token == "renewed"
            bed.store.rollback()

    def test_of_two_who_connect_an_account_at_once_one_is_told(self, bed: Bed) -> None:
        with bed.unit():
            bed.find_user("ann")
            bed.find_user("bob")

        def connect(name: str, ready: Callable[[], Any]) -> str:
            with bed.unit():
                user = bed.find_user(name)
                account = {"provider_id": "acme", "provider_user_id": "7"}
                assert bed.store.find_connection(**account) is None
                ready()
                try:
                    bed.store.create_connection(user=user, access_token="t", **account)
                except AlreadyConnected:
                    owner = bed.store.find_connection(**account)
                    bed.store.rollback()
                    return "refused" if owner is None or owner.user != user else "mine"
                bed.store.commit()
                return "connected"

        assert sorted(at_once(connect, "ann", "bob")) == ["connected", "refused"]
        with bed.unit():
            assert len(bed.store.find_connections()) == 1

    def test_of_two_who_delete_a_connection_at_once_one_did(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann")

        def delete(subject: str, ready: Callable[[], Any]) -> bool:
            with bed.unit():
                ready()
                deleted = bed.store.delete_connection(provider_id="acme", provider_user_id=subject)
                bed.store.commit()
                return deleted

        assert sorted(at_once(delete, "7", "7")) == [False, True]


def at_once(work: Callable[[str, Callable[[], Any]], Any], *arguments: str) -> list[Any]:
    """What *work* gives for each argument, all of them started together."""
    barrier = threading.Barrier(len(arguments), timeout=PATIENCE)
    with ThreadPoolExecutor(len(arguments)) as pool:
        futures = [pool.submit(work, argument, barrier.wait) for argument in arguments]
        return [future.result(timeout=PATIENCE) for future in futures]
