"""The users that the rows of an old table name by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from .. import security
from ..datastore.base import ConnectionDatastore
from ..errors import StoreUnavailable


class Users:
    """The application's users, by the attribute that old tables refer to.

    :param key: its name, as ``id``.
    """

    def __init__(self, store: ConnectionDatastore, key: str = "id") -> None:
        self._store = store
        self._key = key
        self._known: dict[str, bool] = {}

    def has(self, value: Any) -> bool:
        """Whether there is a user of that key. Each is looked up once."""
        text = repr(value)  # SQL has keys of every type, and not all can be hashed
        if text not in self._known:
            self._known[text] = self.find(value) is not None
        return self._known[text]

    def find(self, value: Any) -> Any | None:
        """The user of that key, of whichever type it is there and here.

        Nothing may be pending in the store: a look-up that fails is rolled back.

        :raises StoreUnavailable: when the database is away.
        """
        for spelt in _spellings(value):
            try:
                user = security.find_user(**{self._key: spelt})
            except Exception as error:  # noqa: BLE001 - an ORM's own for a value of another type
                self._store.rollback()
                if self._store.trouble(error) is not None:
                    raise StoreUnavailable(self._store.told(error)) from None
            else:
                # MySQL finds user 7 by "7th" as well, and "ann" by "Ann".
                if user is not None and str(getattr(user, self._key)) == str(spelt):
                    return user
        return None


def _spellings(value: Any) -> Iterator[Any]:
    """*value* as it stands, and as keys of other types have it."""
    text = bytes(value).decode(errors="replace") if isinstance(value, bytes) else str(value)
    yield value if not isinstance(value, bytes) else text
    if text != value:
        yield text
    if isinstance(value, str) and text.isascii() and text.isdigit():
        yield int(text)
    try:
        if not isinstance(value, UUID):
            yield UUID(text)
    except ValueError:
        return
