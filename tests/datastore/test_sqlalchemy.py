"""The SQLAlchemy store keeps the contract. ``tests/stores`` has it in further guises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import beds
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

SQLITE = pytest.param("sqlite", marks=pytest.mark.store("SQLite"))
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.store("PostgreSQL"))


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return str(request.getfixturevalue("postgres_database"))


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
        yield from beds.flask_sqlalchemy(url)


@pytest.mark.store("SQLite")
class TestDocumentedModel(
    StoreContract,
    SubjectContract,
    UserContract,
    TokenContract,
    OwnTransactionContract,
    DocumentedTokenContract,
    TokenRaceContract,
    SealingContract,
    OwnWriteContract,
):
    @pytest.fixture
    def bed(self, tmp_path: Path) -> Iterator[Bed]:
        yield from beds.plain(beds.sqlite_file(tmp_path), beds.documented)
