"""SQLite and PostgreSQL find connections by an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import beds
from .beds import Bed
from .plan_contract import ExpiryPlanContract, PlanContract


@pytest.fixture
def sqlite_bed(tmp_path: Path) -> Iterator[Bed]:
    yield from beds.plain(beds.sqlite_file(tmp_path))


@pytest.fixture
def postgresql_bed(postgres_database: str) -> Iterator[Bed]:
    yield from beds.plain(postgres_database)


@pytest.mark.store("SQLite")
class TestSQLite(PlanContract):
    @pytest.fixture
    def bed(self, sqlite_bed: Bed) -> Bed:
        return sqlite_bed


@pytest.mark.store("PostgreSQL")
class TestPostgreSQL(PlanContract, ExpiryPlanContract):
    @pytest.fixture
    def bed(self, postgresql_bed: Bed) -> Bed:
        return postgresql_bed
