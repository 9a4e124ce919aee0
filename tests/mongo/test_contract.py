"""The MongoEngine store keeps the contract over the wire.

``MONGODB_URI`` has all of this run on a server of yours.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.datastore import mongoengine_beds as beds
from tests.datastore.beds import Bed
from tests.datastore.contract import (
    RaceContract,
    ShippedColumnsContract,
    StoreContract,
    SubjectContract,
    UserContract,
)
from tests.datastore.registration_contract import RegistrationContract, SealedRegistrationContract
from tests.datastore.sealing_contract import LongTokenContract, OwnWriteContract, SealingContract
from tests.datastore.token_contract import (
    DocumentedTokenContract,
    OwnTransactionContract,
    ShippedTokenContract,
    TokenContract,
    TokenRaceContract,
)
from tests.mongo import server

server.require()


@pytest.mark.store("MongoDB" if server.named() else "mongoeco")
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
    def bed(self, mongodb_uri: str) -> Iterator[Bed]:
        yield from beds.mongo(beds.shipped, host=mongodb_uri)


class TestDocumentedModel(RaceContract, TokenContract, DocumentedTokenContract, TokenRaceContract):
    @pytest.fixture
    def bed(self, mongodb_uri: str) -> Iterator[Bed]:
        yield from beds.mongo(beds.documented, host=mongodb_uri)


class TestUsersWithKeysOfTheirOwn(UserContract):
    """A UUID as bytes is what mongomock does not take."""

    @pytest.fixture
    def bed(self, mongodb_uri: str) -> Iterator[Bed]:
        yield from beds.mongo(beds.by_uuid, host=mongodb_uri)
