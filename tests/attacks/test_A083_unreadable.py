"""A83: a token that no key opens means that the person has to reconnect, and nothing worse."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_social.errors import ReconnectNeeded
from flask_social.testing import ServedSandbox
from tests.bed import Bed, make_app, served
from tests.freshness import Connected, config


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(name.encode() * 16).decode()}"


def test_A083_what_no_key_opens_is_reconnect_needed(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    first = Connected(make_bed(**config(box), SOCIAL_TOKEN_KEYS=[key("k1")], database=database))
    assert first.account() == "Ada Lovelace"
    for keys, reads in (([key("k2")], False), ([key("k2"), key("k1")], True)):
        bed = make_app({**config(box), "SOCIAL_TOKEN_KEYS": keys}, database=database)
        with served(bed):
            bed.sandbox = box
            first.bed = bed
            if reads:
                assert first.account() == "Ada Lovelace"
                continue
            with pytest.raises(ReconnectNeeded, match="unreadable"), first.api():
                pass
            assert not first.row().needs_reauth  # a key put back heals it
            assert first.broken() == []
            page = bed.browser().sign_in("ada@example.org").get("/connections")
            assert page.status_code == 200


def test_A083_a_login_mends_it(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    first = Connected(make_bed(**config(box), SOCIAL_TOKEN_KEYS=[key("k1")], database=database))
    bed = make_app({**config(box), "SOCIAL_TOKEN_KEYS": [key("k2")]}, database=database)
    with served(bed):
        bed.sandbox = box
        first.bed = bed
        with pytest.raises(ReconnectNeeded, match="unreadable"), first.api():
            pass
        assert bed.browser().trip("/login/acme").headers["Location"] == "/home"
        assert first.account() == "Ada Lovelace"
