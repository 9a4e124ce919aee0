"""What every store must do with what providers gave that the application registered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_social.datastore.base import ConnectionDatastore
from flask_social.datastore.registrations import ClientRegistration, Registrations
from flask_social.datastore.sealing import PREFIX
from flask_social.errors import StoreUnavailable
from flask_social.values import Secret, Unreadable

from .beds import Bed
from .contract import at_once
from .sealing_contract import NEW, OLD

CROWD = 6
MASTODON = ClientRegistration(
    provider_id="mastodon",
    host="social.example:8443",
    client_id="ID-of-ours",
    client_secret="hush",
    redirect_uris=("https://app.example/login/mastodon", "https://app.example/connect/mastodon"),
    scopes=("read:accounts", "write"),
    created_at=1_700_000_000,
    expires_at=1_800_000_000,
)


class RegistrationContract:
    """One registration is kept for each instance, whatever becomes of the transaction at hand."""

    def test_a_registration_comes_back_as_it_was(self, bed: Bed) -> None:
        with bed.unit():
            assert kept(bed).find("mastodon", MASTODON.host) is None
            assert kept(bed).put(MASTODON) == MASTODON
        with bed.unit():
            found = found_of(bed)
            assert found == MASTODON
            assert type(found.client_secret) is Secret
            assert "hush" not in repr(found)

    def test_one_without_a_secret_or_an_end_comes_back_so(self, bed: Bed) -> None:
        public = replace(MASTODON, client_secret=None, expires_at=None, scopes=())
        with bed.unit():
            kept(bed).put(public)
        with bed.unit():
            assert found_of(bed) == public

    def test_another_host_or_provider_has_another_registration(self, bed: Bed) -> None:
        others = [
            replace(MASTODON, host="social.example"),
            replace(MASTODON, provider_id="pleroma"),
            replace(MASTODON, host="xn--bcher-kva.example"),
        ]
        with bed.unit():
            for each in (MASTODON, *others):
                assert kept(bed).put(replace(each, client_id=each.host)).client_id == each.host
            for each in (MASTODON, *others):
                found = kept(bed).find(each.provider_id, each.host)
                assert found == replace(each, client_id=each.host)
            for host in ("Social.example:8443", "social.example:8443 ", "social.example:844", ""):
                assert kept(bed).find("mastodon", host) is None

    def test_the_first_one_stays(self, bed: Bed) -> None:
        with bed.unit():
            kept(bed).put(MASTODON)
            assert kept(bed).put(replace(MASTODON, client_id="later")) == MASTODON
            assert found_of(bed) == MASTODON

    def test_it_is_replaced_by_whoever_has_seen_it(self, bed: Bed) -> None:
        with bed.unit():
            old = kept(bed).put(MASTODON)
            new = kept(bed).swap(old, replace(MASTODON, client_id="new", client_secret="hush hush"))
            assert (new.client_id, new.client_secret, new.version) == ("new", "hush hush", 2)
            assert found_of(bed) == new
            late = kept(bed).swap(old, replace(MASTODON, client_id="late"))
            assert late == new
            assert found_of(bed) == new

    def test_a_rollback_of_the_application_takes_none_away(self, bed: Bed) -> None:
        with bed.unit():
            kept(bed).put(MASTODON)
            bed.store.rollback()
        with bed.unit():
            assert found_of(bed) == MASTODON
            kept(bed).swap(MASTODON, replace(MASTODON, client_id="new"))
            bed.store.rollback()
            assert found_of(bed).client_id == "new"

    def test_what_the_application_has_pending_is_its_own_affair(self, bed: Bed) -> None:
        with bed.unit():
            bed.connected("ann", display_name="before")
            [row] = bed.store.find_connections()
            bed.store.update_connection(row, display_name="pending")
            try:
                kept(bed).put(MASTODON)
            except StoreUnavailable:
                assert bed.one_writer, "a file of SQLite takes one writer"
                bed.store.rollback()
                kept(bed).put(MASTODON)
            bed.store.rollback()
        with bed.unit():
            assert found_of(bed) == MASTODON
            [row] = bed.store.find_connections()
            assert row.display_name == "before"

    def test_those_of_late_are_counted(self, bed: Bed) -> None:
        with bed.unit():
            assert kept(bed).count(0) == 0
            for number in range(3):
                made = replace(MASTODON, host=f"{number}.example", created_at=1_000 + number)
                kept(bed).put(made)
            counts = [kept(bed).count(since) for since in (0, 1_000, 1_001, 1_002, 1_003)]
            assert counts == [3, 3, 2, 1, 0]
            first = kept(bed).find("mastodon", "0.example")
            assert first is not None
            kept(bed).swap(first, replace(first, created_at=2_000))
            assert kept(bed).count(1_003) == 1

    def test_of_many_who_are_the_first_at_once_all_get_the_same(self, bed: Bed) -> None:
        def put(name: str, ready: Callable[[], Any]) -> str:
            with bed.unit():
                mine = replace(MASTODON, client_id=name)
                ready()
                return kept(bed).put(mine).client_id

        names = [f"client {number}" for number in range(CROWD)]
        got = at_once(put, *names)
        assert len(set(got)) == 1
        with bed.unit():
            assert found_of(bed).client_id == got[0]
            assert kept(bed).count(0) == 1

    def test_of_many_who_replace_one_at_once_all_get_the_same(self, bed: Bed) -> None:
        with bed.unit():
            old = kept(bed).put(MASTODON)

        def swap(name: str, ready: Callable[[], Any]) -> str:
            with bed.unit():
                ready()
                return kept(bed).swap(old, replace(MASTODON, client_id=name)).client_id

        got = at_once(swap, *(f"client {number}" for number in range(CROWD)))
        assert len(set(got)) == 1
        with bed.unit():
            found = found_of(bed)
            assert (found.client_id, found.version) == (got[0], 2)


class SealedRegistrationContract:
    """A registration's secret is sealed in the database, whether tokens are stored or not."""

    def test_no_secret_can_be_read_in_the_database(self, bed: Bed) -> None:
        for keeps in (True, False):
            bed.restart(OLD, keeps=keeps)
            made = replace(MASTODON, host=f"{keeps}.example")
            with bed.unit():
                kept(bed).put(made)
            with bed.unit():
                assert kept(bed).find("mastodon", made.host) == made
        rows = bed.raw_registrations()
        assert [row["client_secret"].startswith(f"{PREFIX}a:") for row in rows] == [True, True]
        assert "hush" not in repr(rows)

    def test_a_secret_opens_in_its_own_row_alone(self, bed: Bed) -> None:
        bed.restart(OLD)
        other = replace(MASTODON, host="evil.example", client_secret="theirs")
        with bed.unit():
            kept(bed).put(MASTODON)
            kept(bed).put(other)
        [stolen] = [r for r in bed.raw_registrations() if r["host"] == MASTODON.host]
        bed.overwrite_secret("evil.example", stolen["client_secret"])
        with bed.unit():
            found = kept(bed).find("mastodon", "evil.example")
            assert found is not None
            assert type(found.client_secret) is Unreadable
            assert found_of(bed) == MASTODON

    def test_a_secret_that_no_key_opens_is_replaced_with_the_rest(self, bed: Bed) -> None:
        bed.restart(OLD)
        with bed.unit():
            kept(bed).put(MASTODON)
        bed.restart(NEW)
        with bed.unit():
            lost = found_of(bed)
            assert (lost.client_id, type(lost.client_secret)) == (MASTODON.client_id, Unreadable)
            assert kept(bed).reseal() == 0
            kept(bed).swap(lost, MASTODON)
            assert found_of(bed).client_secret == "hush"

    def test_secrets_are_sealed_anew_under_the_first_key(self, bed: Bed) -> None:
        with bed.unit():
            kept(bed).put(MASTODON)
            kept(bed).put(replace(MASTODON, host="public.example", client_secret=None))
        for keys, start in (((OLD,), f"{PREFIX}a:"), ((NEW, OLD), f"{PREFIX}b:")):
            bed.restart(*keys)
            with bed.unit():
                assert kept(bed).reseal() == 1
                assert kept(bed).reseal() == 0
                assert found_of(bed) == MASTODON
            stored = {row["host"]: row["client_secret"] for row in bed.raw_registrations()}
            assert stored[MASTODON.host].startswith(start)
            assert stored["public.example"] is None


def kept(bed: Bed) -> Registrations:
    """What keeps them; it is there."""
    return registrations_of(bed.store)


def registrations_of(store: ConnectionDatastore) -> Registrations:
    """The same of a store."""
    assert store.registrations is not None
    return store.registrations


def found_of(bed: Bed) -> ClientRegistration:
    """The registration that most tests are about; it is there."""
    found = kept(bed).find(MASTODON.provider_id, MASTODON.host)
    assert found is not None
    return found
