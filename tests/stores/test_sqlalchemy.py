"""The SQLAlchemy store keeps the contract, however the application has its session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.datastore import beds
from tests.datastore.beds import Bed
from tests.datastore.contract import (
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

GUISES = [beds.flask_sqlalchemy_lite, beds.plain]


@pytest.mark.store("SQLite")
class TestOtherGuises(StoreContract, OwnTransactionContract, OwnWriteContract):
    @pytest.fixture(params=GUISES, ids=lambda guise: guise.__name__)
    def bed(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
        make: Callable[..., Iterator[Bed]] = request.param
        yield from make(beds.sqlite_file(tmp_path))


@pytest.mark.store("PostgreSQL")
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
    def bed(self, postgres_database: str) -> Iterator[Bed]:
        yield from beds.plain(postgres_database, beds.documented)


class TestDatabaseInMemory(
    StoreContract, TokenContract, ShippedTokenContract, SealingContract, RegistrationContract
):
    """Everybody shares one connection."""

    @pytest.fixture
    def bed(self) -> Iterator[Bed]:
        yield from beds.flask_sqlalchemy("sqlite://")
