"""A whole application on a server: what two visitors do at once, and a server that goes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from flask_social.datastore.base import Conflict
from flask_social.testing import ServedSandbox
from tests import mongobed
from tests.bed import PASSWORD
from tests.mongo import races, server
from tests.mongobed import MongoBed

server.require()

U1 = "one@example.org"
IMPATIENT = {"serverSelectionTimeoutMS": 500}


@pytest.fixture
def bed(box: ServedSandbox, mongodb_uri: str) -> Iterator[MongoBed]:
    with mongobed.served(box, {"host": mongodb_uri}) as bed:
        yield bed


@pytest.mark.parametrize(
    "race",
    [
        races.two_first_logins,
        races.two_first_logins_without_an_address,
        races.two_users_for_one_identity,
        races.two_removals_of_the_last_two_ways_in,
    ],
    ids=lambda race: race.__name__,
)
def test_of_two_who_come_at_once_each_gets_what_there_is(
    bed: MongoBed, race: Callable[[MongoBed], None]
) -> None:
    race(bed)


def test_a_key_that_is_taken_is_told_by_its_name_and_not_by_its_value(bed: MongoBed) -> None:
    bed.add_user(U1)
    store = bed.app.extensions["social"].datastore
    store.put(bed.newcomer(U1))
    with pytest.raises(store.faults) as caught:
        store.commit()
    error = caught.value
    assert U1 not in repr(error) + str(error) + repr(error.__context__) + repr(error.__cause__)
    assert store.told(error).endswith("(11000): email")
    account = {"provider_id": "acme", "provider_user_id": "7", "access_token": "t"}
    with pytest.raises(Conflict, match=r"^The new user's email is taken\.$"):
        store.create_connection(user=bed.newcomer(U1), **account)


def test_a_server_that_goes_away_is_answered_503_and_nobody_is_signed_in(
    box: ServedSandbox, mongodb_uri: str
) -> None:
    if server.named() is not None:
        pytest.skip("the server that MONGODB_URI names is not ours to stop")
    with (
        server.started() as (uri, process),
        mongobed.served(box, {"host": uri, **IMPATIENT}) as bed,
    ):
        bed.add_user(U1)
        bed.connect(U1, "acme", "1")
        visitor, owner = bed.browser(), bed.browser().sign_in(U1, PASSWORD)
        url = visitor.at_provider(visitor.set_out("/login/acme"))
        process.kill()
        process.wait()

        answer = visitor.get(url, headers=races.JSON)

        assert (answer.status_code, answer.json()["response"]["code"]) == (503, "store_unavailable")
        assert owner.get("/connections").status_code == 503
        assert bed.raised == []
