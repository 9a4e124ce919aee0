"""The store in memory keeps the contract, as far as it goes for what is not shared or stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import beds
from .contract import RaceContract, ShippedColumnsContract, StoreContract, SubjectContract
from .registration_contract import RegistrationContract
from .token_contract import ShippedTokenContract, TokenContract, TokenRaceContract


@pytest.fixture
def bed() -> Iterator[beds.Bed]:
    yield from beds.memory()


@pytest.mark.store("memory")
class TestMemory(
    StoreContract,
    SubjectContract,
    ShippedColumnsContract,
    RaceContract,
    TokenContract,
    ShippedTokenContract,
    TokenRaceContract,
    RegistrationContract,
):
    pass
