"""The Peewee store keeps the contract, however the application has its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.datastore import peewee_beds as beds
from tests.datastore.beds import Bed
from tests.datastore.contract import (
    RaceContract,
    StoreContract,
    SubjectContract,
    UserContract,
)
from tests.datastore.registration_contract import RegistrationContract
from tests.datastore.sealing_contract import OwnWriteContract, SealingContract
from tests.datastore.token_contract import (
    DocumentedTokenContract,
    OwnTransactionContract,
    ShippedTokenContract,
    TokenContract,
    TokenRaceContract,
)

ON_SQLITE = pytest.mark.store("Peewee on SQLite")


@ON_SQLITE
class TestFlaskDB(StoreContract, UserContract, RaceContract, OwnTransactionContract):
    @pytest.fixture
    def bed(self, tmp_path: Path) -> Iterator[Bed]:
        yield from beds.flask_db(beds.sqlite_file(tmp_path))


@pytest.mark.store("Peewee on PostgreSQL")
class TestDocumentedModel(
    StoreContract,
    SubjectContract,
    UserContract,
    TokenContract,
    OwnTransactionContract,
    DocumentedTokenContract,
    SealingContract,
    OwnWriteContract,
):
    @pytest.fixture
    def bed(self, postgres_database: str) -> Iterator[Bed]:
        yield from beds.plain(beds.postgresql(postgres_database), beds.documented)


@ON_SQLITE
class TestPool(OwnTransactionContract, RaceContract, TokenRaceContract):
    @pytest.fixture
    def bed(self, tmp_path: Path) -> Iterator[Bed]:
        yield from beds.plain(beds.pooled_file(tmp_path))


class TestDatabaseInMemory(
    StoreContract, TokenContract, ShippedTokenContract, RegistrationContract
):
    @pytest.fixture
    def bed(self) -> Iterator[Bed]:
        yield from beds.in_memory()
