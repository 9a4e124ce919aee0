"""Which errors tell of the database, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from mongoengine.errors import NotUniqueError, OperationError
from pymongo import errors

from flask_social.datastore.mongoengine.trouble import quietly, taken_fields, told, trouble
from flask_social.datastore.trouble import Trouble

SECRET = "hush-hush"
TAKEN = errors.DuplicateKeyError(
    f'E11000 duplicate key error dup key: {{ email: "{SECRET}" }}',
    11000,
    {"code": 11000, "keyPattern": {"email": 1}, "keyValue": {"email": SECRET}, "errmsg": SECRET},
)
CONFLICT = errors.OperationFailure("WriteConflict", 112, {"code": 112})
REFUSED = errors.WriteError(
    "Document failed validation",
    121,
    {"code": 121, "errmsg": SECRET, "errInfo": {"consideredValue": SECRET}},
)


def wrapped(error: Exception, kind: type[Exception] = OperationError) -> Exception:
    """*error* as MongoEngine passes it on."""
    try:
        try:
            raise error
        except errors.PyMongoError as caught:
            raise kind(f"Could not save document ({caught})")  # noqa: B904 - as it does
    except kind as made:
        return made


def raising(error: Exception) -> Callable[[], NoReturn]:
    """A function that raises *error*."""

    def work() -> NoReturn:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.AutoReconnect("connection closed"), Trouble.AWAY),
        (errors.ServerSelectionTimeoutError("No servers"), Trouble.AWAY),
        (errors.NetworkTimeout("timed out"), Trouble.AWAY),
        (errors.NotPrimaryError("not primary"), Trouble.AWAY),
        (errors.WaitQueueTimeoutError("no connection"), Trouble.AWAY),
        (errors.ExecutionTimeout("operation exceeded time limit", 50), Trouble.AWAY),
        (errors.WTimeoutError("waiting for replication timed out", 64), Trouble.AWAY),
        (errors.OperationFailure("not primary", 10107), Trouble.AWAY),
        (errors.OperationFailure("not authorized", 13), Trouble.AWAY),
        (errors.OperationFailure("disk full", 14031), Trouble.AWAY),
        (CONFLICT, Trouble.AGAIN),
        (
            errors.OperationFailure("aborted", 1, {"errorLabels": ["TransientTransactionError"]}),
            Trouble.AGAIN,
        ),
        (TAKEN, None),
        (REFUSED, None),
        (errors.OperationFailure("unknown operator", 2), None),
        (errors.ConfigurationError("a bad address"), None),
        (OperationError("Cannot save"), None),
        (ValueError("of somebody else's"), None),
        (KeyError(), None),
    ],
    ids=lambda value: getattr(value, "name", type(value).__name__),
)
def test_an_error_tells_of_trouble_or_of_a_mistake(
    error: Exception, expected: Trouble | None
) -> None:
    assert trouble(error) is expected
    if isinstance(error, errors.PyMongoError):
        assert trouble(wrapped(error)) is expected


def test_nothing_is_no_trouble() -> None:
    assert trouble(None) is None


def test_what_is_told_has_the_code_and_no_value() -> None:
    assert told(TAKEN) == "pymongo.errors.DuplicateKeyError: DuplicateKeyError (11000): email"
    assert told(REFUSED) == "pymongo.errors.WriteError: WriteError (121)"
    assert told(wrapped(REFUSED)) == "pymongo.errors.WriteError: WriteError (121)"
    assert told(OperationError(SECRET)) == "mongoengine.errors.OperationError"
    named = errors.OperationFailure(SECRET, 13, {"codeName": "Unauthorized"})
    assert told(named) == "pymongo.errors.OperationFailure: Unauthorized (13)"


def test_of_a_server_that_is_away_its_name_is_told_and_not_its_topology() -> None:
    error = errors.ServerSelectionTimeoutError(
        "db:27017: [Errno 111] Connection refused (configured timeouts: connectTimeoutMS: 1.0ms), "
        "Timeout: 30s, Topology Description: <TopologyDescription ...>"
    )
    assert told(error) == (
        "pymongo.errors.ServerSelectionTimeoutError: db:27017: [Errno 111] Connection refused"
    )


@pytest.mark.parametrize(
    "error",
    [TAKEN, REFUSED, wrapped(TAKEN, NotUniqueError), wrapped(REFUSED)],
    ids=["driver's key", "driver's", "key", "wrapped"],
)
def test_the_values_of_a_refused_document_are_kept_out_of_the_error(error: Exception) -> None:
    with pytest.raises(errors.OperationFailure) as caught:
        quietly(raising(error))
    assert SECRET not in repr(caught.value) + str(caught.value) + repr(caught.value.details)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_an_error_keeps_its_class_its_code_and_the_key_that_is_taken() -> None:
    with pytest.raises(errors.DuplicateKeyError) as caught:
        quietly(raising(wrapped(TAKEN, NotUniqueError)))
    assert caught.value.code == 11000
    assert taken_fields(caught.value) == {"email"}
    with pytest.raises(errors.OperationFailure) as conflict:
        quietly(raising(CONFLICT))
    assert trouble(conflict.value) is Trouble.AGAIN


def test_the_error_of_a_bulk_write_is_quiet_too() -> None:
    with pytest.raises(errors.OperationFailure) as caught:
        quietly(raising(errors.BulkWriteError({"writeErrors": [{"op": {"token": SECRET}}]})))
    assert SECRET not in repr(caught.value) + str(caught.value) + repr(caught.value.details)


def test_what_tells_no_values_passes() -> None:
    away = errors.AutoReconnect("connection closed")
    for error in (away, OperationError("attempt to update a document not yet saved")):
        with pytest.raises(type(error)) as caught:
            quietly(raising(error))
        assert caught.value is error
