"""A token that MariaDB has no room for: the page, and which column the log names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests.bed import Bed
from tests.hostile import mariadb
from tests.test_short_columns import DETAIL, U1, errors


@pytest.fixture
def bed(make_bed: Callable[..., Bed], mariadb_databases: mariadb.Databases) -> Iterator[Bed]:
    with mariadb_databases.fresh() as url:
        bed = make_bed(database=url)
        bed.add_user(U1)
        yield bed


def change(bed: Bed, length: int) -> None:
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE connection MODIFY access_token VARCHAR({length})"))


def test_connect_and_login_are_a_page_and_nothing_is_written(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    browser = bed.browser().sign_in(U1)
    change(bed, 30)
    assert browser.trip("/connect/acme").status_code == 503
    assert bed.rows() == []

    change(bed, 2000)
    assert browser.trip("/connect/acme").status_code == 303
    [before] = bed.rows()
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE connection SET access_token = 'short'"))
    change(bed, 30)
    visitor = bed.browser()
    assert visitor.trip("/login/acme").status_code == 503
    assert visitor.who() is None
    [after] = bed.rows()
    assert (after.access_token, after.version) == ("short", before.version)

    lines = errors(caplog)
    assert len(lines) == 2
    for line in lines:
        assert "Data too long for column 'access_token'" in line
        assert DETAIL in line
        assert " or " not in line.partition("widen")[2], "MariaDB tells which"
        assert "sbx_" not in line
    assert bed.raised == []
