"""A066, A067 and A069 on MongoDB, which is used without transactions.

Here it is mongomock; ``tests/mongo`` does the same over the wire.
"""

from __future__ import annotations

from collections.abc import Iterator

import mongomock
import pytest

from flask_social.testing import ServedSandbox
from tests import mongobed
from tests.datastore.mongoengine_beds import one_at_a_time
from tests.mongo import races
from tests.mongobed import MongoBed


@pytest.fixture
def bed(box: ServedSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[MongoBed]:
    one_at_a_time(monkeypatch)
    with mongobed.served(box, {"mongo_client_class": mongomock.MongoClient}) as bed:
        yield bed


def test_A066_two_first_logins(bed: MongoBed) -> None:
    races.two_first_logins(bed)


def test_A066_two_first_logins_without_an_address(bed: MongoBed) -> None:
    races.two_first_logins_without_an_address(bed)


def test_A067_two_users_for_one_identity(bed: MongoBed) -> None:
    races.two_users_for_one_identity(bed)


def test_A069_the_last_two_ways_in_are_not_removed_at_once(bed: MongoBed) -> None:
    races.two_removals_of_the_last_two_ways_in(bed)
