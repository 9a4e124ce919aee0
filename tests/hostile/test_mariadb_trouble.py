"""What MySQL and MariaDB mean by the numbers of their errors."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from flask_social.datastore.sqlalchemy.trouble import told, trouble
from flask_social.datastore.trouble import Trouble

DRIVER: Any = create_engine("mysql+pymysql://").dialect.loaded_dbapi


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1213, Trouble.AGAIN),
        (1020, Trouble.AGAIN),
        (1205, Trouble.AWAY),
        (1290, Trouble.AWAY),
        (2006, Trouble.AWAY),
        (2013, Trouble.AWAY),
        (0, Trouble.AWAY),
        (1054, None),
        (1146, None),
        (1062, None),
    ],
)
def test_a_number_tells(number: int, expected: Trouble | None) -> None:
    orig = DRIVER.err.error_map.get(number, DRIVER.OperationalError)(number, "it says")
    error = DBAPIError.instance("SELECT 'hush'", {"token": "hush"}, orig, DRIVER.Error)
    assert trouble(error) is expected
    assert told(error).endswith("Error: it says")
