"""A83 on every store: what is dumped from the database after login, refresh and rotation.

``tests/attacks/test_A083_at_rest.py`` has what becomes of keys that are lost, and reads the octets
of SQLite's file.
"""

from __future__ import annotations

from typing import Any

from flask_social import clock
from flask_social.datastore.sealing import KEYS_FRESH
from flask_social.testing import ServedSandbox
from tests.tokens.stores import EMAIL, FIRST, SECOND, Store

FOR_EVER = 10**9
"""Seconds: no token lasts so long, so that each is refreshed."""


def test_A083_no_token_is_in_the_dump_of_any_store(
    store: Store, box: ServedSandbox, keys: list[str]
) -> None:
    bed = store.bed
    id_tokens: list[str] = []

    def noted(answer: Any) -> Any:
        id_tokens.append(answer["id_token"])
        return answer

    box["acme"].change("token", noted)
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    for provider_id in ("acme", "plain"):
        assert browser.trip(f"/connect/{provider_id}").headers["Location"] == "/connections"
        assert bed.browser().trip(f"/login/{provider_id}").headers["Location"] == "/home"
    refresh(bed)

    after_refresh = store.dump()
    keys[:] = [SECOND, FIRST]
    later = clock.now() + KEYS_FRESH + 1
    with clock.replaced(lambda: later):
        done = bed.app.test_cli_runner().invoke(args=["social", "rotate-keys"])
    assert done.exit_code == 0, done.output
    after_rotation = store.dump()

    assert after_refresh.count("social:v1:first:") == 5, "two pairs and an ID token"
    assert after_rotation.count("social:v1:second:") == 5
    assert "social:v1:first:" not in after_rotation
    granted = [
        token
        for provider in box.providers.values()
        for token in (*provider.access_tokens, *provider.refresh_tokens)
    ]
    assert (len(granted), len(id_tokens)) == (12, 3), "connected, logged in, refreshed"
    for token in (*granted, *id_tokens):
        assert token not in after_refresh + after_rotation


def refresh(bed: Any) -> None:
    """Refresh every connection, as a job would."""
    with bed.app.app_context():
        social = bed.app.extensions["social"]
        for provider in social.providers.values():
            for connection in provider.connections():
                assert provider.fresh_token(connection, within=FOR_EVER) is not None
