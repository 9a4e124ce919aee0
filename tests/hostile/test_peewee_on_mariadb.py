"""The Peewee store on MariaDB, which compares text and locks rows in ways of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.datastore import peewee_beds as beds
from tests.datastore.beds import Bed
from tests.datastore.contract import RaceContract, SubjectContract
from tests.datastore.registration_contract import RegistrationContract, SealedRegistrationContract
from tests.datastore.sealing_contract import LongTokenContract
from tests.datastore.token_contract import OwnTransactionContract, TokenRaceContract
from tests.hostile import mariadb


@pytest.mark.store("Peewee on MariaDB")
class TestShippedModel(
    SubjectContract,
    RaceContract,
    OwnTransactionContract,
    TokenRaceContract,
    LongTokenContract,
    RegistrationContract,
    SealedRegistrationContract,
):
    @pytest.fixture
    def bed(self, mariadb_databases: mariadb.Databases) -> Iterator[Bed]:
        with mariadb_databases.fresh() as url:
            yield from beds.plain(beds.mysql(url))
