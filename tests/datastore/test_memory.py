"""The store in memory keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import beds
from .contract import RaceContract, ShippedColumnsContract, StoreContract


@pytest.fixture
def bed() -> Iterator[beds.Bed]:
    yield from beds.memory()


class TestMemory(StoreContract, ShippedColumnsContract, RaceContract):
    pass
