"""The Peewee store keeps the contract. ``tests/stores`` has it in further guises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import peewee_beds as beds
from .beds import Bed
from .contract import (
    RaceContract,
    ShippedColumnsContract,
    StoreContract,
    SubjectContract,
    UserContract,
)
from .registration_contract import RegistrationContract, SealedRegistrationContract
from .sealing_contract import LongTokenContract, OwnWriteContract, SealingContract
from .token_contract import (
    DocumentedTokenContract,
    OwnTransactionContract,
    ShippedTokenContract,
    TokenContract,
    TokenRaceContract,
)

ON_SQLITE = pytest.mark.store("Peewee on SQLite")
ON_POSTGRESQL = pytest.mark.store("Peewee on PostgreSQL")


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=ON_SQLITE),
        pytest.param("postgresql", marks=ON_POSTGRESQL),
    ]
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return beds.postgresql(request.getfixturevalue("postgres_database"))


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
    def bed(self, database: Any) -> Iterator[Bed]:
        yield from beds.plain(database)


@ON_SQLITE
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
    def bed(self, tmp_path: Path) -> Iterator[Bed]:
        yield from beds.plain(beds.sqlite_file(tmp_path), beds.documented)
