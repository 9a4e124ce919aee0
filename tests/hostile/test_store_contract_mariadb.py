"""The SQLAlchemy store keeps the contract on MariaDB too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from flask_social.datastore.sqlalchemy import rows
from flask_social.datastore.trouble import Trouble
from tests.datastore import beds
from tests.datastore.beds import Bed
from tests.datastore.contract import (
    RaceContract,
    ShippedColumnsContract,
    StoreContract,
    SubjectContract,
    UserContract,
)
from tests.datastore.plan_contract import ExpiryPlanContract, PlanContract
from tests.datastore.registration_contract import RegistrationContract, SealedRegistrationContract
from tests.datastore.sealing_contract import LongTokenContract, OwnWriteContract, SealingContract
from tests.datastore.token_contract import (
    DocumentedTokenContract,
    OwnTransactionContract,
    ShippedTokenContract,
    TokenContract,
    TokenRaceContract,
    token_of,
)
from tests.hostile import mariadb

pytestmark = pytest.mark.store("MariaDB")


@pytest.fixture
def url(mariadb_databases: mariadb.Databases) -> Iterator[str]:
    with mariadb_databases.fresh() as url:
        yield url


class TestShippedModel(
    StoreContract,
    SubjectContract,
    UserContract,
    ShippedColumnsContract,
    RaceContract,
    TokenContract,
    OwnTransactionContract,
    ShippedTokenContract,
    TokenRaceContract,
    SealingContract,
    OwnWriteContract,
    LongTokenContract,
    RegistrationContract,
    SealedRegistrationContract,
):
    @pytest.fixture
    def bed(self, url: str) -> Iterator[Bed]:
        yield from beds.plain(url)


class TestDocumentedModel(
    SubjectContract, TokenContract, DocumentedTokenContract, TokenRaceContract, SealingContract
):
    @pytest.fixture
    def bed(self, url: str) -> Iterator[Bed]:
        yield from beds.plain(url, beds.documented)


class TestPlans(PlanContract, ExpiryPlanContract):
    @pytest.fixture
    def bed(self, url: str) -> Iterator[Bed]:
        yield from beds.plain(url)


def test_a_lock_that_the_application_itself_holds_is_not_waited_for_long(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PATIENCE", 1)
    for bed in beds.plain(url):
        assert bed.engine is not None
        with bed.unit():
            row = bed.connected("ann")
            token = token_of(bed, row)
            bed.store.update_connection(row, access_token="pending")
            with pytest.raises(DBAPIError) as caught:
                bed.store.swap_token(token, access_token="new")
            assert bed.store.trouble(caught.value) is Trouble.AWAY
            assert "Lock wait timeout" in bed.store.told(caught.value)
            bed.store.commit()
            assert token_of(bed, row).access_token == "pending"
        with bed.engine.connect() as one, bed.engine.connect() as other:
            for connection in (one, other):  # the pool gives what was used out again
                query = "SELECT @@innodb_lock_wait_timeout = @@GLOBAL.innodb_lock_wait_timeout"
                assert connection.exec_driver_sql(query).scalar() == 1
