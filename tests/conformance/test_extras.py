"""What the Foundation's comprehensive plan has besides, and login begun by a third party."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_social.testing import ServedSandbox
from tests.bed import Bed, query_of

from .party import USER, Party, without_profile

Rp = Callable[..., Bed]
HMAC_SECRET = "a secret of thirty-two bytes or more"


def test_oidcc_client_test_missing_aud(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].delete("claims", "aud")
    by_query.reject()


def test_oidcc_client_test_invalid_sig_hs256(rp: Rp, box: ServedSandbox) -> None:
    box["acme"].sign("HS256", "secret")
    party = Party(rp(algorithms=["HS256"], consumer_secret=HMAC_SECRET))
    party.accept()
    box["acme"].sign("HS256", "secret", broken=True)
    answer = party.trip(browser := party.browser(), "/login/acme")
    assert (answer.status_code, browser.who()) == (502, None)


def test_oidcc_client_test_invalid_sig_es256(rp: Rp, box: ServedSandbox) -> None:
    box["acme"].sign("ES256")
    party = Party(rp(algorithms=["ES256"]))
    party.accept()
    box["acme"].sign("ES256", broken=True)
    answer = party.trip(browser := party.browser(), "/login/acme")
    assert (answer.status_code, browser.who()) == (502, None)


def test_oidcc_client_test_invalid_athash(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", at_hash="AAAAAAAAAAAAAAAAAAAAAA")
    by_query.reject()


def test_oidcc_client_test_missing_athash(by_query: Party, box: ServedSandbox) -> None:
    """It is optional where the access token comes straight from the token endpoint."""
    box["acme"].delete("claims", "at_hash")
    by_query.accept()


def test_oidcc_client_test_nonce_unless_code_flow(by_query: Party, box: ServedSandbox) -> None:
    """There it may be left out; we never do, and want it back."""
    url = by_query.browser().set_out("/login/acme")
    assert len(query_of(url)["nonce"]) >= 43
    by_query.accept()
    box["acme"].delete("claims", "nonce")
    by_query.reject()


@pytest.mark.parametrize("where", ["claims", "userinfo"])
def test_oidcc_client_test_distributed_claims(
    by_query: Party, box: ServedSandbox, where: str
) -> None:
    elsewhere(box, where, {"endpoint": f"{box.url}sink/claims", "access_token": "for-it"})
    by_query.accept("op-a")
    nothing_was_fetched(by_query, box)


@pytest.mark.parametrize("where", ["claims", "userinfo"])
def test_oidcc_client_test_aggregated_claims(
    by_query: Party, box: ServedSandbox, where: str
) -> None:
    elsewhere(box, where, {"JWT": "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImV2aWxAZXhhbXBsZS5vcmcifQ."})
    by_query.accept("op-a")
    nothing_was_fetched(by_query, box)


def elsewhere(box: ServedSandbox, where: str, source: dict[str, str]) -> None:
    """Let ``op-a`` say in *where* that the address and the subject are to be had from *source*."""
    box["op-a"].change("claims", without_profile)
    box["op-a"].delete("userinfo", "email", "email_verified")
    names = {"email": "there", "email_verified": "there", "sub": "there"}
    box["op-a"].edit(where).members.update(_claim_names=names, _claim_sources={"there": source})


def nothing_was_fetched(party: Party, box: ServedSandbox) -> None:
    assert not box.sink
    rows = {row.provider_id: row for row in party.bed.rows()}
    assert rows["op-a"].email != "evil@example.org"
    assert rows["op-a"].email_verified is not True or rows["op-a"].email == "ada@example.com"


def test_oidcc_client_test_mtls_endpoint_aliases(rp: Rp, box: ServedSandbox) -> None:
    """They are for clients with a certificate, of which we are none: the usual ones are asked."""
    aliases = {each: f"{box.url}sink/{each}" for each in ("token_endpoint", "userinfo_endpoint")}
    box["acme"].set("discovery", mtls_endpoint_aliases=aliases)
    Party(rp(userinfo=True)).accept()
    assert (box.count("acme", "token"), box.count("acme", "userinfo")) == (1, 1)
    assert not box.sink


def test_oidcc_client_test_userinfo_signed(by_query: Party, box: ServedSandbox) -> None:
    """We ask for none, and yet check one that comes: signature, issuer and audience."""
    box["op-a"].signed_userinfo = True
    by_query.accept("op-a")
    bad = ({"aud": "invalid"}, {"iss": "https://invalid.example"}, {"sub": "invalid"})
    for claims in bad:
        box["op-a"].signed_userinfo = True
        box["op-a"].set("userinfo", **claims)
        by_query.reject("op-a")


def test_oidcc_client_test_3rd_party_init_login(by_query: Party, box: ServedSandbox) -> None:
    """The page at which it arrives asks for a click: nobody sets out without one."""
    evil = "https://evil.example/"
    params = {"iss": f"{box.url}acme", "login_hint": "ada", "target_link_uri": evil}
    browser = by_query.browser()

    page = browser.get("/login/acme", params=params)

    assert (page.status_code, page.headers.get("Location")) == (200, None)
    assert not browser.http.cookies.get_dict()
    assert box.count("acme") == 0
    assert evil not in page.text
    assert 'action="/login/acme" method="post"' in page.text
    answer = browser.trip("/login/acme")
    assert answer.headers["Location"] == "/home"
    assert browser.who() == USER
    assert not [each for each in box.requests if "login_hint" in each.query]
