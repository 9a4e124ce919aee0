"""The MongoEngine store keeps the contract, on mongomock: MongoDB within this process."""

from __future__ import annotations

from collections.abc import Iterator

import mongomock
import pytest

from . import mongoengine_beds as beds
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


@pytest.fixture(autouse=True)
def _atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    beds.one_at_a_time(monkeypatch)


@pytest.mark.store("mongomock")
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
    def bed(self) -> Iterator[Bed]:
        yield from beds.mongo(beds.shipped, mongo_client_class=mongomock.MongoClient)


class TestDocumentedModel(
    StoreContract,
    SubjectContract,
    UserContract,
    RaceContract,
    TokenContract,
    OwnTransactionContract,
    DocumentedTokenContract,
    TokenRaceContract,
    SealingContract,
    OwnWriteContract,
    LongTokenContract,
):
    @pytest.fixture
    def bed(self) -> Iterator[Bed]:
        yield from beds.mongo(beds.documented, mongo_client_class=mongomock.MongoClient)


class TestModelWithTheUsersKey(
    StoreContract,
    SubjectContract,
    UserContract,
    TokenContract,
    DocumentedTokenContract,
    SealingContract,
):
    @pytest.fixture
    def bed(self) -> Iterator[Bed]:
        yield from beds.mongo(beds.by_key, mongo_client_class=mongomock.MongoClient)

    def test_the_connections_of_a_removed_user_go_too(self, bed: Bed) -> None:
        """There is no rule for a key that is no reference: the row stays, and is nobody's."""
        bed.connected("ann")
        bed.remove_user("ann")
        account = {"provider_id": "acme", "provider_user_id": "7"}
        [row] = bed.store.find_connections()
        assert row.user is None
        assert bed.store.delete_orphan(**account) is True
        bed.connected("bob")
        assert beds.row_of(bed, **account).user.name == "bob"
