"""A083 and F63: whoever steals the database has no token, and keys may be changed or lost.

The file is read as it is, past SQLAlchemy: tables, indexes, and what was deleted.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_social import clock
from flask_social.datastore.tokens import TOKENS
from flask_social.errors import ReconnectNeeded
from flask_social.testing import ServedSandbox
from flask_social.values import Unreadable
from tests.bed import Bed, usual_config
from tests.revocable import JSON, U1

FIRST, SECOND = (f"{name}:{letter * 43}=" for name, letter in (("first", "A"), ("second", "E")))
ENVELOPE = re.compile(r"social:v1:(\w+):[A-Za-z0-9_-]+")
HOUR = 3600


class Stolen:
    """The database's file, and applications on it."""

    def __init__(self, make_bed: Callable[..., Bed], box: ServedSandbox, folder: Path) -> None:
        self.make_bed = make_bed
        self.box = box
        self.folder = folder
        self.beds: list[Bed] = []
        self.id_tokens: list[str] = []
        box["acme"].change("token", self._noted)

    def _noted(self, answer: Any) -> Any:
        self.id_tokens.append(answer["id_token"])
        return answer

    def app(self, *keys: str, **settings: Any) -> Bed:
        """An application with *keys*, on the same file as those before."""
        usual, home = usual_config(self.box.url), self.box.url
        usual["SOCIAL_PLAIN"]["revoke_url"] = f"{home}plain/revoke"
        usual["SOCIAL_ACME"]["api_url"] = f"{home}acme/api/"
        bed = self.make_bed(
            database=f"sqlite:///{self.folder / 'app.sqlite'}",
            SOCIAL_TOKEN_KEYS=list(keys),
            **usual,
            **settings,
        )
        add_views(bed.app, bed)
        if not bed.users():
            bed.add_user(U1)
        self.beds.append(bed)
        return bed

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The connections as the file has them."""
        with closing(sqlite3.connect(self.folder / "app.sqlite")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM connection ORDER BY id")]

    def keys_used(self) -> set[str]:
        """The ids of the keys that its tokens are sealed under; ``plain`` where they are not."""
        held = [row[name] for row in self.rows for name in TOKENS if row[name] is not None]
        assert held, "no token is stored at all"
        return {found[1] if (found := ENVELOPE.fullmatch(each)) else "plain" for each in held}

    def shows_nothing(self) -> None:
        """No token that was ever granted, and no secret, stands anywhere in the file."""
        written = b"".join(each.read_bytes() for each in self.folder.iterdir())
        granted = [
            token
            for provider in self.box.providers.values()
            for token in (*provider.access_tokens, *provider.refresh_tokens)
        ]
        assert granted
        assert self.id_tokens
        secrets = {"acme secret", "plain secret", *(key.partition(":")[2] for key in KEYS)}
        for each in (*granted, *self.id_tokens, *secrets):
            assert each.encode() not in written


KEYS = (FIRST, SECOND)


def add_views(app: Flask, bed: Bed) -> None:
    """A view that calls the API as whoever is signed in."""

    @app.get("/me/<provider_id>")
    def me(provider_id: str) -> Any:
        api: Any = bed.social.providers[provider_id].get_api()
        answer = api.get("me")
        return {"status": answer.status_code}


@pytest.fixture
def stolen(make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path) -> Stolen:
    return Stolen(make_bed, box, tmp_path)


def live(bed: Bed, box: ServedSandbox) -> None:
    """Connect two accounts, log in by both, let both expire, and call both APIs."""
    browser = bed.browser().sign_in(U1)
    for provider_id in ("acme", "plain"):
        assert browser.trip(f"/connect/{provider_id}").status_code == 303
        assert bed.browser().trip(f"/login/{provider_id}").headers["Location"] == "/home"
    before = {row.access_token for row in bed.rows()}
    now = clock.now()
    with clock.replaced(lambda: now + HOUR):
        for provider_id in ("acme", "plain"):
            assert browser.get(f"/me/{provider_id}").json() == {"status": 200}
    assert not before & {row.access_token for row in bed.rows()}, "nothing was refreshed"


def test_A083_a_dump_after_login_refresh_and_rotation_shows_no_token(
    stolen: Stolen, box: ServedSandbox
) -> None:
    bed = stolen.app(FIRST)
    live(bed, box)
    assert stolen.keys_used() == {"first"}
    assert {name for name in TOKENS if stolen.rows[0][name]} >= {"access_token", "id_token"}
    stolen.shows_nothing()

    rotated = stolen.app(SECOND, FIRST)
    done = rotated.app.test_cli_runner().invoke(args=["social", "rotate-keys"])
    assert done.exit_code == 0, done.output
    assert stolen.keys_used() == {"second"}
    live(rotated, box)
    stolen.shows_nothing()


def test_A083_a_new_key_writes_and_the_old_one_still_reads(
    stolen: Stolen, box: ServedSandbox
) -> None:
    bed = stolen.app(FIRST)
    live(bed, box)
    before = [row.access_token for row in bed.rows()]

    bed = stolen.app(SECOND, FIRST)
    assert [row.access_token for row in bed.rows()] == before
    assert stolen.keys_used() == {"first"}, "reading writes nothing"
    bed.browser().trip("/login/acme")
    first, second = stolen.rows
    assert {ENVELOPE.fullmatch(first[name])[1] for name in TOKENS if first[name]} == {"second"}  # type: ignore[index]
    assert {ENVELOPE.fullmatch(second[name])[1] for name in TOKENS if second[name]} == {"first"}  # type: ignore[index]


@pytest.mark.parametrize("way", ["to another row", "to another column", "from another provider"])
def test_A083_an_envelope_opens_where_it_was_made_alone(
    stolen: Stolen, box: ServedSandbox, way: str
) -> None:
    """Or whoever can write to the table would use another person's token as their own."""
    bed = stolen.app(FIRST)
    live(bed, box)
    box.login_as("grace")
    bed.browser().sign_in(U1).trip("/connect/acme")
    acme, plain, grace = stolen.rows
    moved = {
        "to another row": (grace["id"], "access_token", acme["access_token"]),
        "to another column": (acme["id"], "access_token", acme["refresh_token"]),
        "from another provider": (acme["id"], "access_token", plain["access_token"]),
    }
    key, column, envelope = moved[way]
    with closing(sqlite3.connect(stolen.folder / "app.sqlite")) as database:
        database.execute(f"UPDATE connection SET {column} = ? WHERE id = ?", (envelope, key))
        database.commit()
    [row] = [each for each in bed.rows() if each.id == key]
    assert isinstance(row.access_token, Unreadable)
    assert row.access_token == ""


def test_A083_with_storing_switched_off_there_is_nothing_to_steal(
    stolen: Stolen, box: ServedSandbox
) -> None:
    bed = stolen.app(SOCIAL_STORE_TOKENS=False)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    browser.trip("/reconnect/acme")
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"
    [row] = stolen.rows
    assert [row[name] for name in TOKENS] == [None] * 4
    stolen.shows_nothing()
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        assert bed.social.acme.get_api(user) is None


# The key is lost.


@pytest.fixture
def lost(stolen: Stolen, box: ServedSandbox) -> Bed:
    """U1 is connected to both, and the key that their tokens are sealed under is gone."""
    live(stolen.app(FIRST), box)
    bed = stolen.app(SECOND)
    bed.told.clear()
    box.reset_counters()
    return bed


def test_F63_login_works_and_what_needs_the_token_says_reconnect(
    lost: Bed, stolen: Stolen, box: ServedSandbox
) -> None:
    browser = lost.browser().sign_in(U1)
    before = stolen.rows
    for provider_id in ("acme", "plain"):
        page = browser.get(f"/me/{provider_id}")
        assert page.status_code == 409
        assert f"/reconnect/{provider_id}" in page.text
        said = browser.get(f"/me/{provider_id}", headers=JSON)
        assert (said.status_code, said.json()["response"]["code"]) == (409, "reconnect_needed")
    assert browser.get("/connections").status_code == 200
    assert stolen.rows == before, "nothing was thrown away: the key may be found again"
    assert box.count("acme") + box.count("plain") == 0
    assert lost.signals("connection_broken") == [], "it is not the provider's doing"
    assert browser.who() == U1

    assert lost.browser().trip("/login/acme").headers["Location"] == "/home"
    assert browser.get("/me/acme").json() == {"status": 200}, "a login mends it"
    assert browser.get("/me/plain").status_code == 409
    assert browser.trip("/reconnect/plain").status_code == 303
    assert browser.get("/me/plain").json() == {"status": 200}, "and so does a new consent"
    assert stolen.keys_used() == {"second"}


def test_F63_outside_of_requests_the_error_is_typed(lost: Bed) -> None:
    with lost.app.app_context():
        user = lost.db.session.get(lost.User, lost.user_id(U1))
        with pytest.raises(ReconnectNeeded) as raised:
            lost.social.acme.get_api(user)
        assert raised.value.reason == "unreadable"


def test_F63_a_key_that_is_found_again_opens_everything(
    lost: Bed, stolen: Stolen, box: ServedSandbox
) -> None:
    browser = lost.browser().sign_in(U1)
    assert browser.get("/me/acme").status_code == 409
    found = stolen.app(SECOND, FIRST)
    browser = found.browser().sign_in(U1)
    for provider_id in ("acme", "plain"):
        assert browser.get(f"/me/{provider_id}").json() == {"status": 200}


def test_F63_what_cannot_be_read_is_not_given_back_and_the_row_goes(
    lost: Bed, stolen: Stolen, box: ServedSandbox
) -> None:
    browser = lost.browser().sign_in(U1)
    answer = browser.post("/disconnect/plain", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all"
    assert [row["provider_id"] for row in stolen.rows] == ["acme"]
    assert box.count("plain") == 0
