"""A row's token is shown to the server that gave it, whatever a configuration calls that now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_social.errors import ReconnectNeeded
from flask_social.testing import ServedSandbox, sandbox
from tests.bed import Bed

ADA = "ada@here.example"
CLIENT = {"consumer_key": "acme key", "consumer_secret": "acme secret"}
ELSEWHERE = "https://login.elsewhere.example"
JSON = {"Accept": "application/json"}


def asked(bed: Bed, provider_id: str) -> int:
    """How many requests of ours that carry a token the sandbox has had."""
    return sum(bed.calls(provider_id, each) for each in ("api", "userinfo", "token", "revoke"))


@pytest.fixture
def moved(bed: Bed) -> Bed:
    """An application with rows of another server than the one that its key names now."""
    bed.add_user(ADA)
    for provider_id in ("acme", "plain"):
        bed.connect(ADA, provider_id, "7", issuer=ELSEWHERE, refresh_token="refresh")
    return bed


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_its_token_is_not_handed_out(moved: Bed, provider_id: str) -> None:
    with moved.app.test_request_context():
        user = moved.db.session.get(moved.User, moved.user_id(ADA))
        remote = moved.social.remote(provider_id)
        row = remote.get_connection(user)
        for ask in (
            lambda: remote.get_api(user),
            lambda: remote.get_token(connection=row),
            lambda: remote.fresh_token(row, within=9_000),
        ):
            with pytest.raises(ReconnectNeeded) as caught:
                ask()
            assert caught.value.reason == "changed"
            assert caught.value.connection is row
            assert caught.value.reconnect_url == f"/reconnect/{provider_id}?provider_user_id=7"
    assert asked(moved, provider_id) == 0
    assert [each.needs_reauth for each in moved.rows()] == [False, False], "a key may be put back"
    assert moved.signals("connection_broken") == []


def test_nor_is_it_given_back_to_a_server_that_did_not_give_it(moved: Bed) -> None:
    with moved.app.app_context():
        [row] = moved.social.acme.connections()
        assert moved.social.acme.revoke(row) is False
    answer = moved.browser().sign_in(ADA).post("/disconnect/acme", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all_not_revoked"
    assert [each.provider_id for each in moved.rows()] == ["plain"]
    assert asked(moved, "acme") == 0


def test_one_of_the_provider_s_own_and_one_that_says_nothing_go_on(bed: Bed) -> None:
    bed.add_user(ADA)
    issuer = f"{bed.sandbox.url}acme"
    bed.connect(ADA, "acme", "7", issuer=issuer)
    bed.connect(ADA, "acme", "8", rank=2)
    with bed.app.app_context():
        for row in bed.social.acme.connections():
            assert bed.social.acme.get_token(connection=row).access_token == "stored before"
            bed.social.acme.revoke(row)
    assert bed.calls("acme", "revoke") == 2


def test_A058_swapped_names_send_no_token_to_the_other_server(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    with sandbox() as other:
        other.login_as("ada")
        rows = {
            "umbrella": CLIENT | {"issuer": f"{box.url}acme"},
            "initech": CLIENT | {"issuer": f"{other.url}acme"},
        }
        bed = make_bed(SOCIAL_PROVIDER_SOURCE=rows.get, SOCIAL_PRIVATE_HOSTS=["localhost"])
        bed.add_user(ADA)
        browser = bed.browser().sign_in(ADA)
        for name in rows:
            assert browser.trip(f"/connect/{name}").status_code == 303
        before = (asked(bed, "acme"), other.count("acme", "revoke"))
        rows["umbrella"], rows["initech"] = rows["initech"], rows["umbrella"]
        for name in rows:
            bed.app.extensions["social"].forget_provider(name)
        with bed.app.app_context():
            user = bed.db.session.get(bed.User, bed.user_id(ADA))
            for name in rows:
                with pytest.raises(ReconnectNeeded):
                    bed.social.remote(name).get_api(user)
        for name in rows:
            assert browser.post(f"/disconnect/{name}", headers=JSON).status_code == 200
        assert (asked(bed, "acme"), other.count("acme", "revoke")) == before
