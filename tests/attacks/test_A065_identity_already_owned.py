"""A065: an account that is connected to one user is never moved to another."""

from __future__ import annotations

from tests.bed import Bed

U1, U2 = "one@example.org", "two@example.org"


def test_A065_identity_already_owned(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user(U2)
    bed.browser().sign_in(U1).trip("/connect/acme")
    [before] = bed.rows()
    thief = bed.browser().sign_in(U2)

    answer = thief.trip("/connect/acme")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    page = thief.get("/connections").text
    assert "is connected to another account here" in page
    assert U1 not in page
    assert len(bed.signals("connection_failed")) == 1
    assert [account[0] for account in bed.accounts()] == [U1]
    [after] = bed.rows()
    assert (after.access_token, after.version) == (before.access_token, before.version)


def test_A065_a_json_client_gets_a_409(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user(U2)
    bed.browser().sign_in(U1).trip("/connect/plain")
    thief = bed.browser().sign_in(U2)
    callback = thief.at_provider(thief.set_out("/connect/plain"))

    answer = thief.get(callback, headers={"Accept": "application/json"})

    assert answer.status_code == 409
    assert answer.json()["response"]["code"] == "somebody_elses"
    assert U1 not in answer.text


def test_A065_connecting_ones_own_account_again_renews_it(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    [before] = bed.rows()

    browser.trip("/connect/acme")

    [after] = bed.rows()
    assert after.id == before.id
    assert after.access_token != before.access_token
    assert [told["email"] for told in bed.signals("connection_failed")] == [U1]
    assert [told["email"] for told in bed.signals("connection_updated")] == [U1]
    assert "already connected to yours" in browser.get("/connections").text
