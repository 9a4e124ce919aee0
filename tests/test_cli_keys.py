"""``flask social new-key`` and ``rotate-keys``."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result

from flask_social import clock
from flask_social.cli.keys import Rotation
from flask_social.datastore.sealing import read_keys
from flask_social.datastore.tokens import TOKENS, StoredToken
from tests.bed import Bed, close, make_app, usual_config

FIRST, SECOND, THIRD = (
    f"{name}:{letter * 43}=" for name, letter in (("first", "A"), ("second", "E"), ("third", "I"))
)
U1 = "one@example.org"
NOON = 1_795_780_800
"""Of 27 November 2026, UTC."""


@dataclass
class Table:
    """A database that outlives the applications on it, each with keys of its own."""

    file: Path

    def app(self, *keys: str, **settings: Any) -> Bed:
        """An application that seals under the first of *keys*."""
        config = usual_config("http://localhost:5001/")
        config |= {"SOCIAL_TOKEN_KEYS": list(keys), **settings}
        return make_app(config, database=f"sqlite:///{self.file}")

    def fill(self, number: int, *keys: str) -> None:
        """*number* rows, by an application with *keys*."""
        bed = self.app(*keys)
        bed.add_user(U1)
        for each in range(1, number + 1):
            tokens = {"access_token": f"access {each}", "refresh_token": f"refresh {each}"}
            bed.connect(U1, "acme", str(each), **tokens)
        close(bed)

    def raw(self) -> list[dict[str, Any]]:
        """The rows as they are in the file."""
        engine = sa.create_engine(f"sqlite:///{self.file}")
        try:
            with engine.connect() as connection:
                found = connection.execute(sa.text("SELECT * FROM connection ORDER BY id"))
                return [dict(row) for row in found.mappings()]
        finally:
            engine.dispose()

    def sealed_under(self) -> list[set[str]]:
        """The ids of the keys of each row; a plain token has none."""
        return [
            {
                value.split(":")[2] if value.startswith("social:v1:") else "plain"
                for name in TOKENS
                if (value := row[name]) is not None
            }
            for row in self.raw()
        ]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "app.sqlite")


def run(bed: Bed, *words: str) -> Result:
    """The result of ``flask social`` with *words*."""
    return bed.app.test_cli_runner().invoke(args=["social", *words])


def tokens_of(bed: Bed) -> list[tuple[str, str]]:
    return [(row.access_token, row.refresh_token) for row in bed.rows()]


def test_the_commands_are_listed_with_what_they_are_for(table: Table) -> None:
    said = run(table.app(), "--help")
    told = dict(re.findall(r"^  ([a-z-]+)  +(\S.*)$", said.stdout, re.MULTILINE))
    assert set(told) - {"--help"} == {
        *("draft", "import", "new-key", "provider", "providers", "refresh", "rotate-keys")
    }
    assert all(told.values())
    assert run(table.app(), "nonsense").exit_code == 2


# A new key.


def test_a_new_key_is_ready_to_be_pasted(table: Table) -> None:
    bed = table.app()
    with clock.replaced(lambda: NOON):
        first, second = run(bed, "new-key"), run(bed, "new-key")
    assert (first.exit_code, second.exit_code) == (0, 0)
    spelt = first.stdout.strip()
    assert re.fullmatch(r'"2026-11-27:[A-Za-z0-9+/]{43}="', spelt)
    assert spelt != second.stdout.strip()
    [(key_id, key)] = read_keys([spelt.strip('"')]).items()
    assert (key_id, len(key)) == ("2026-11-27", 32)
    assert "rotate-keys" in first.stderr
    assert key_id not in first.stderr


def test_a_new_key_has_a_name_that_no_other_has(table: Table) -> None:
    names = ("2026-11-27", "2026-11-27-2")
    bed = table.app(*(f"{name}:{'A' * 43}=" for name in names))
    with clock.replaced(lambda: NOON):
        assert run(bed, "new-key").stdout.startswith('"2026-11-27-3:')
    assert run(bed, "new-key", "--id", "mine").stdout.startswith('"mine:')


@pytest.mark.parametrize("key_id", ["", "a b", "a:b", "ä", "x" * 33, "first"])
def test_a_name_that_is_none_is_refused(table: Table, key_id: str) -> None:
    done = run(table.app(FIRST), "new-key", "--id", key_id)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--id" in done.stderr


def test_a_key_that_was_printed_seals(table: Table) -> None:
    key = run(table.app(), "new-key", "--id", "printed").stdout.strip().strip('"')
    table.fill(1, key)
    assert table.sealed_under() == [{"printed"}]


# Rotation.


def test_every_row_is_sealed_under_the_first_key(table: Table) -> None:
    table.fill(3, FIRST)
    bed = table.app(SECOND, FIRST)
    before = tokens_of(bed)
    assert table.sealed_under() == [{"first"}] * 3

    done = run(bed, "rotate-keys")

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "3 rows: 3 sealed anew, 0 left out"
    assert done.stderr == ""
    assert table.sealed_under() == [{"second"}] * 3
    assert tokens_of(bed) == before == tokens_of(table.app(SECOND))


def test_plain_rows_of_an_older_table_are_sealed(table: Table) -> None:
    table.fill(2)
    assert table.sealed_under() == [{"plain"}] * 2
    done = run(table.app(FIRST), "rotate-keys")
    assert done.exit_code == 0
    assert table.sealed_under() == [{"first"}] * 2


def test_run_again_it_writes_nothing(table: Table) -> None:
    table.fill(2)
    bed = table.app(FIRST)
    run(bed, "rotate-keys")
    before = table.raw()
    done = run(bed, "rotate-keys")
    assert done.stdout.splitlines()[-1] == "2 rows: 0 sealed anew, 0 left out"
    assert table.raw() == before


def test_it_goes_in_batches_and_tells_of_each(table: Table) -> None:
    table.fill(5)
    done = run(table.app(FIRST), "rotate-keys", "--batch", "2")
    assert done.stdout.splitlines() == [
        "2 rows, the last one 2",
        "4 rows, the last one 4",
        "5 rows, the last one 5",
        "5 rows: 5 sealed anew, 0 left out",
    ]


class Terminal(io.StringIO):
    """Where a person looks."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_shows_a_bar_in_place_of_lines(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table.fill(5)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with table.app(FIRST).app.app_context():
        run = Rotation(None)
        run.over(batch=2)
    assert re.findall(r"Sealing +\[[#-]+\] +(\d+)", screen.getvalue())[-1] == "5"
    assert capsys.readouterr().out == ""
    assert (run.seen, run.changed, run.last) == (5, 5, 5)
    assert table.sealed_under() == [{"first"}] * 5


def test_it_can_begin_behind_a_row(table: Table) -> None:
    table.fill(4)
    done = run(table.app(FIRST), "rotate-keys", "--after", "2")
    assert done.stdout.splitlines()[-1] == "2 rows: 2 sealed anew, 0 left out"
    assert table.sealed_under() == [{"plain"}] * 2 + [{"first"}] * 2


def test_a_row_that_cannot_be_is_refused(table: Table) -> None:
    bed = table.app(FIRST)
    assert run(bed, "rotate-keys", "--after", "x").exit_code == 0, "there is no row at all"
    table.fill(1)
    done = run(bed, "rotate-keys", "--after", "x")
    assert done.exit_code == 2
    assert "not a int" in done.stderr


def test_without_a_row_there_is_nothing_to_do(table: Table) -> None:
    done = run(table.app(FIRST), "rotate-keys")
    assert (done.exit_code, done.stdout) == (0, "0 rows: 0 sealed anew, 0 left out\n")


def test_without_a_key_it_says_so(table: Table) -> None:
    table.fill(1)
    done = run(table.app(), "rotate-keys")
    assert done.exit_code == 2
    assert "SOCIAL_TOKEN_KEYS is not set" in done.stderr
    assert table.sealed_under() == [{"plain"}]


def test_a_row_that_no_key_opens_is_told_and_the_others_are_done(table: Table) -> None:
    table.fill(3, FIRST)
    bed = table.app(SECOND, FIRST)
    with bed.app.app_context():
        other = sa.text("UPDATE connection SET access_token = 'social:v1:third:AAAA' WHERE id = 2")
        bed.db.session.execute(other)
        bed.db.session.commit()

    done = run(bed, "rotate-keys")

    assert done.exit_code == 1
    assert done.stderr == "acme 2: no key opens its access_token\n"
    assert done.stdout.splitlines()[-1] == "3 rows: 3 sealed anew, 1 left out"
    assert table.sealed_under() == [{"second"}, {"third", "second"}, {"second"}]
    assert table.raw()[1]["access_token"] == "social:v1:third:AAAA"


def test_where_the_old_key_is_lost_nothing_is_touched(table: Table) -> None:
    table.fill(2, FIRST)
    before = table.raw()
    done = run(table.app(SECOND), "rotate-keys")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"acme {key}: no key opens its access_token, refresh_token" for key in (1, 2)
    ]
    assert table.raw() == before


def test_with_storing_switched_off_the_tokens_are_removed(table: Table) -> None:
    table.fill(2, FIRST)
    done = run(table.app(FIRST, SOCIAL_STORE_TOKENS=False), "rotate-keys")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "2 rows: 2 emptied anew, 0 left out"
    assert [[row[name] for name in TOKENS] for row in table.raw()] == [[None] * 4] * 2


# Beside the application.


def on_writing(bed: Bed, monkeypatch: pytest.MonkeyPatch, before: Callable[[int], None]) -> None:
    """Do something before each write of a rotation; it is told how many there were."""
    store = bed.app.extensions["social"].datastore
    really = store.swap_token
    written: list[Any] = []

    def swap_token(token: StoredToken, **values: Any) -> StoredToken | None:
        before(len(written))
        written.append(token.key)
        found: StoredToken | None = really(token, **values)
        return found

    monkeypatch.setattr(store, "swap_token", swap_token)


def test_a_login_meanwhile_is_not_overwritten(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.fill(2, FIRST)
    bed, other = table.app(SECOND, FIRST), table.app(SECOND, FIRST)

    def login(written: int) -> None:
        if written == 0:
            with other.app.app_context():
                store = other.app.extensions["social"].datastore
                row = store.find_connection(provider_id="acme", provider_user_id="1")
                store.update_connection(row, access_token="newer", refresh_token="newer too")
                store.commit()

    on_writing(bed, monkeypatch, login)
    with clock.replaced(lambda: NOON, lambda seconds: None):
        done = run(bed, "rotate-keys")
    assert done.exit_code == 0, done.output
    assert tokens_of(bed) == [("newer", "newer too"), ("access 2", "refresh 2")]
    assert table.sealed_under() == [{"second"}] * 2


def test_ended_in_the_middle_it_says_where_to_go_on(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.fill(5, FIRST)
    bed = table.app(SECOND, FIRST)

    def interrupt(written: int) -> None:
        if written == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        on_writing(bed, patch, interrupt)
        done = run(bed, "rotate-keys", "--batch", "2")
    assert done.exit_code == 1
    assert "3 rows: 3 sealed anew, 0 left out" in done.stderr
    assert "Go on behind the last row by --after 3" in done.stderr
    assert table.sealed_under() == [{"second"}] * 3 + [{"first"}] * 2

    assert run(bed, "rotate-keys", "--after", "3").stdout.endswith(
        "2 rows: 2 sealed anew, 0 left out\n"
    )
    assert table.sealed_under() == [{"second"}] * 5


def test_a_database_in_trouble_is_told_in_a_line(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.fill(3, FIRST)
    bed = table.app(SECOND, FIRST)

    def broken(written: int) -> None:
        if written == 1:
            with bed.app.app_context():
                bed.db.session.execute(sa.text("ALTER TABLE connection RENAME TO gone"))
                bed.db.session.commit()

    on_writing(bed, monkeypatch, broken)
    done = run(bed, "rotate-keys")
    assert done.exit_code == 1
    assert "Error: The database: " in done.stderr
    assert "--after 1" in done.stderr
    assert "access 2" not in done.output
    assert "UPDATE" not in done.output
