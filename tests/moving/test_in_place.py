"""The old table is the datastore's own: what is in it are connections already, and is repaired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from tests.bed import Bed
from tests.moving.old import GOOGLE, moved_to, outcomes, rows, run

IMPORT = ("--from", "flask-social-1.6")
CUT = "t" * 255


def documented(db: SQLAlchemy) -> Any:
    """The model that the documentation of 1.6.2 prints, with a real foreign key."""

    class Connection(db.Model):  # type: ignore[name-defined]
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
        user = db.relationship("User")
        provider_id = db.Column(db.String(255))
        provider_user_id = db.Column(db.String(255))
        access_token = db.Column(db.String(255))
        secret = db.Column(db.String(255))
        display_name = db.Column(db.String(255))
        profile_url = db.Column(db.String(512))
        image_url = db.Column(db.String(512))
        rank = db.Column(db.Integer)

    return Connection


def put(bed: Bed, *given: dict[str, Any]) -> None:
    """Rows as 1.6.2 wrote them: no column of ours has a value."""
    old = {"created_at": None, "updated_at": None}
    with bed.app.app_context():
        table = bed.Connection.__table__
        for row in given:
            known = {name: value for name, value in (old | row).items() if name in table.c}
            bed.db.session.execute(sa.insert(table).values(known))
        bed.db.session.commit()


def test_the_rows_of_a_table_that_grew_new_columns_get_what_they_lack(tmp_path: Path) -> None:
    bed = moved_to(f"sqlite:///{tmp_path}/app.sqlite")
    put(
        bed,
        {"user_id": 1, "provider_id": "google", "provider_user_id": "1", "access_token": "whole"},
        {"user_id": 2, "provider_id": "google", "provider_user_id": "2", "access_token": CUT},
        {"user_id": 2, "provider_id": "twitter", "provider_user_id": "3", "access_token": CUT},
        {"user_id": 2, "provider_id": "github", "provider_user_id": "4", "access_token": "whole"},
        {"user_id": 9, "provider_id": "github", "provider_user_id": "5", "access_token": CUT},
    )
    wanted = {
        "1": ("repaired",),
        "2": ("repaired", "cut"),
        "3": ("repaired", "cut"),
        "4": ("present",),
        "5": ("user_gone",),
    }
    before = rows(bed)
    assert outcomes(bed, tmp_path, *IMPORT) == wanted
    assert rows(bed) == before
    assert outcomes(bed, tmp_path, *IMPORT, "--write", "--yes") == wanted
    after = [(row["issuer"], row["access_token"], row["needs_reauth"]) for row in rows(bed)]
    assert after == [
        (GOOGLE, "whole", False),
        (GOOGLE, None, True),
        (None, None, True),
        (None, "whole", False),
        (None, CUT, False),
    ]


def test_a_row_that_was_written_since_is_left_alone(tmp_path: Path) -> None:
    bed = moved_to(f"sqlite:///{tmp_path}/app.sqlite")
    account = {"user_id": 1, "provider_id": "github", "provider_user_id": "1"}
    put(bed, {**account, "access_token": CUT})
    run(bed, *IMPORT, "--write", "--yes")
    with bed.app.app_context():  # a new token that happens to be that long
        store = bed.social.datastore
        row = store.find_connection(provider_id="github", provider_user_id="1")
        store.update_connection(row, access_token=CUT[::-1], needs_reauth=False)
        store.commit()
    before = rows(bed)
    assert outcomes(bed, tmp_path, *IMPORT, "--write", "--yes") == {"1": ("present", "cut")}
    assert rows(bed) == before


def test_the_documented_model_has_its_stumps_taken_out_and_its_doubles_told(
    tmp_path: Path,
) -> None:
    bed = moved_to(f"sqlite:///{tmp_path}/app.sqlite", declare=documented)
    account = {"provider_id": "github", "access_token": "whole"}
    put(
        bed,
        {**account, "user_id": 1, "provider_user_id": "1", "secret": CUT},
        {**account, "user_id": 1, "provider_user_id": "2"},
        {**account, "user_id": 1, "provider_user_id": "2"},
        {**account, "user_id": 1, "provider_user_id": "3"},
        {**account, "user_id": 2, "provider_user_id": "3"},
    )
    doubles = {"2": ("repeated",), "3": ("repeated",), "4": ("shared",), "5": ("shared",)}
    done = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")
    assert done == {"1": ("repaired", "cut"), **doubles}
    after = [(row["access_token"], row["secret"]) for row in rows(bed)]
    assert after == [(None, None), *[("whole", None)] * 4]
    assert outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")["1"][0] == "present"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "flask-dance", "--table", "connection"), "name the old one by --table"),
        ((*IMPORT, "--map", "github=google"), "--map and --keep are for others"),
        ((*IMPORT, "--keep", "newest"), "--map and --keep are for others"),
    ],
)
def test_what_would_make_other_rows_of_them_is_refused(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    bed = moved_to(f"sqlite:///{tmp_path}/app.sqlite", users=1)
    done = run(bed, *words)
    assert (done.exit_code, told in " ".join(done.output.split())) == (2, True), done.output


def test_the_same_table_of_another_database_is_an_old_one(tmp_path: Path) -> None:
    bed = moved_to(f"sqlite:///{tmp_path}/app.sqlite")
    old = moved_to(f"sqlite:///{tmp_path}/old.sqlite", users=1, declare=documented)
    put(old, {"user_id": 1, "provider_id": "github", "provider_user_id": "1"})
    words = (*IMPORT, "--database", f"sqlite:///{tmp_path}/old.sqlite", "--write", "--yes")
    assert outcomes(bed, tmp_path, *words) == {"1": ("imported", "no_token")}
    assert bed.accounts() == [("user1@example.com", "github", "1")]
