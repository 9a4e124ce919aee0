"""The SQLAlchemy store keeps the contract, however the application has its session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import beds
from .beds import Bed
from .contract import RaceContract, ShippedColumnsContract, StoreContract

GUISES = [beds.flask_sqlalchemy, beds.flask_sqlalchemy_lite, beds.plain]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return str(request.getfixturevalue("postgres_database"))


class TestShippedModel(StoreContract, ShippedColumnsContract, RaceContract):
    @pytest.fixture(params=GUISES, ids=lambda guise: guise.__name__)
    def bed(self, request: pytest.FixtureRequest, url: str) -> Iterator[Bed]:
        make: Callable[..., Iterator[Bed]] = request.param
        yield from make(url)


class TestDocumentedModel(StoreContract):
    @pytest.fixture
    def bed(self, url: str) -> Iterator[Bed]:
        yield from beds.plain(url, beds.documented)


class TestDatabaseInMemory(StoreContract, ShippedColumnsContract):
    @pytest.fixture
    def bed(self) -> Iterator[Bed]:
        yield from beds.flask_sqlalchemy("sqlite://")
