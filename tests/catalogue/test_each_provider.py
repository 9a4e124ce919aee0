"""Each provider from the first request to the last, against the sandbox, over real HTTP.

The first of its answers is a no. Then the person of the golden files connects their account and
logs in by it, which somebody else with an account there cannot; the application calls the API,
has the token refreshed, and the connection goes, with the token.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_social.api import ApiSession
from flask_social.testing import ServedSandbox
from flask_social.values import Grant, Identity
from tests.bed import Bed, Browser
from tests.catalogue.conftest import PLAYED, U1
from tests.catalogue.steps import (
    expected,
    grants,
    is_taken,
    keeping,
    questions,
    remote_of,
    row_of,
    signals,
    told,
    trip,
)

JSON = {"Accept": "application/json"}
COLUMNS = {
    "provider_user_id": "subject",
    "full_name": "name",
    "email": "email",
    "email_verified": "email_verified",
    "profile_url": "profile_url",
    "image_url": "image_url",
}
"""Columns of a connection, and what of an identity is in them."""


@pytest.mark.parametrize("provider_id", PLAYED)
def test_a_connection_from_its_beginning_to_its_end(
    bed: Bed, box: ServedSandbox, browser: Browser, provider_id: str
) -> None:
    cancel(bed, box, browser, provider_id)
    grant = connect(bed, box, browser, provider_id)
    log_in(bed, box, provider_id, grant.identity)
    if provider_id in TOKENLESS:
        have_no_api(bed, box, provider_id)
    else:
        call_the_api(bed, box, provider_id)
        refresh(bed, box, provider_id)
    disconnect(bed, box, browser, provider_id)


TOKENLESS = {
    "launchpad": "an assertion of OpenID 2.0 tells who somebody is, and gives no token",
    "steam": "the same; its API knows applications, by a key",
}
STAYING = {"lastfm": "its page has no way back to the application for who says no"}
"""Where a no ends at the provider, and why."""


def cancel(bed: Bed, box: ServedSandbox, browser: Browser, provider_id: str) -> None:
    """Who says no is let go, by the provider's own words for it, and nothing more is asked."""
    played, before = box[provider_id], len(bed.told)
    played.deny()
    asked = questions(played)
    if provider_id in STAYING:
        page = browser.http.get(browser.set_out(f"/connect/{provider_id}"), allow_redirects=False)
        assert (page.status_code, page.history) == (400, [])
        said = []
    else:
        answer = trip(browser, f"/connect/{provider_id}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/declined")
        said = [("connection_denied", provider_id)]
    assert signals(bed, before) == said
    assert questions(played) == asked
    assert row_of(bed, provider_id) is None
    played.login_as("sample")


def connect(bed: Bed, box: ServedSandbox, browser: Browser, provider_id: str) -> Grant:
    """The account is the user's, as the golden file has it."""
    with grants(bed) as seen:
        answer = trip(browser, f"/connect/{provider_id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    [grant] = seen
    assert told(grant.identity) == expected(box, provider_id)
    row = row_of(bed, provider_id)
    for column, name in COLUMNS.items():
        assert getattr(row, column) == getattr(grant.identity, name)
    assert row.display_name == (grant.identity.username or grant.identity.name)
    assert row.access_token == grant.token.access_token
    assert row.issuer == grant.identity.issuer
    return grant


def log_in(bed: Bed, box: ServedSandbox, provider_id: str, identity: Identity) -> None:
    """Somebody without a session is the user by that account, and nobody by another one."""
    stranger, played, before = bed.browser(), box[provider_id], len(bed.told)
    played.login_as("ada")
    with grants(bed) as seen:
        answer = trip(stranger, f"/login/{provider_id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    [other] = seen
    assert other.identity.subject != identity.subject
    assert signals(bed, before) == [("login_failed", provider_id)]
    assert stranger.who() is None
    assert row_of(bed, provider_id).provider_user_id == identity.subject
    played.login_as("sample")
    assert trip(stranger, f"/login/{provider_id}").headers["Location"] == "/home"
    assert stranger.who() == U1
    stranger.hang_up()


def have_no_api(bed: Bed, box: ServedSandbox, provider_id: str) -> None:
    """There is nothing to call an API with, nothing to refresh, and nothing to give back."""
    row = row_of(bed, provider_id)
    assert (row.access_token or "", row.refresh_token) == ("", None)
    with bed.app.app_context():
        remote = remote_of(bed, provider_id)
        assert remote.get_api(connection=row) is None
        assert remote.get_token(connection=row) is None
        assert remote.revoke(row) is False
    assert box[provider_id].script.refresh == "never"
    assert not can_revoke(box, provider_id)


def call_the_api(bed: Bed, box: ServedSandbox, provider_id: str) -> None:
    """A call of the application's own carries the person's token, and the provider takes it."""
    played, remote, row = box[provider_id], remote_of(bed, provider_id), row_of(bed, provider_id)
    before = played.counts["api"]
    with bed.app.app_context():
        client: Any = remote.get_api(connection=row)
        if provider_id in TWEEPY:
            assert str(client.get_me().data.id) == row.provider_user_id
        else:
            assert isinstance(client, ApiSession)
            assert is_taken(client, played)
    assert played.counts["api"] > before


def refresh(bed: Bed, box: ServedSandbox, provider_id: str) -> None:
    """An expired token is made new, where the provider gave something to do it with."""
    before, played = row_of(bed, provider_id), box[provider_id]
    if before.refresh_token is None:
        assert played.script.kind == "oauth1" or played.script.refresh == "never"
        return
    played.access_tokens[before.access_token].expires_at = 1  # it is of no use there either
    with bed.app.app_context():
        old = keeping(remote_of(bed, provider_id), before)
        assert not is_taken(old, played)
        bed.db.session.execute(
            sa.update(bed.Connection).where(bed.Connection.id == before.id).values(expires_at=1)
        )
        bed.db.session.commit()
    call_the_api(bed, box, provider_id)
    after = row_of(bed, provider_id)
    assert after.access_token != before.access_token
    assert after.refresh_token
    assert not after.needs_reauth


def disconnect(bed: Bed, box: ServedSandbox, browser: Browser, provider_id: str) -> None:
    """The row goes, and the token is of no use any more where the provider takes it back."""
    row, played = row_of(bed, provider_id), box[provider_id]
    with bed.app.app_context():
        old = None if provider_id in TOKENLESS else keeping(remote_of(bed, provider_id), row)
    assert old is None or is_taken(old, played)
    answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)
    assert answer.status_code == 200, answer.text
    assert row_of(bed, provider_id) is None
    if old is not None:
        taken_back = can_revoke(box, provider_id) and provider_id not in KEPT_ON
        assert is_taken(old, played) is not taken_back


TWEEPY = ("twitter", "twitter2")
"""Whose client is no session of ours, if tweepy is installed; more of it in tests/vendors."""
KEPT_ON = {"heroku": "what is taken back is an authorization, and its number is not told"}
"""Providers that take tokens back, but not from us, and why."""
BY_HAND = {
    "facebook": True,
    "foursquare": False,
    "github": True,
    "google": True,
    "linkedin": True,
    "twitter": True,
    "vk": False,
}
"""Whether those that the sandbox plays by scripts of their own take tokens back."""


def can_revoke(box: ServedSandbox, provider_id: str) -> bool:
    """Whether a provider takes tokens back, as the sandbox's files say."""
    play = box[provider_id].script.play
    return BY_HAND[provider_id] if play is None else play.revoke is not None
