"""Which issuers a stored token may be of, for a provider to be shown it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from flask_social.flows.issuers import is_foreign
from flask_social.flows.revocation import NotRevoked, Revoked, revoke
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.openid2 import OpenID2
from flask_social.registration import register
from tests.protocols.paper import CLIENT as PAPER_CLIENT
from tests.protocols.paper import ISSUER, Paper, answer, token

CLIENT = {"consumer_key": "acme key", "consumer_secret": "acme secret"}
ELSEWHERE = "https://login.elsewhere.example"
REVOKE = "https://op.example/revoke"
TENANT = "11111111-2222-3333-4444-555555555555"


def made(name: str, /, **options: Any) -> Any:
    return register(name, CLIENT | options, sandbox_url=None, allow_http=False).provider


def test_several_tenants_say_themselves_which_issuers_are_theirs() -> None:
    of_tenant = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert not is_foreign(made("microsoft"), of_tenant)
    assert is_foreign(made("microsoft"), f"https://login.microsoftonline.us/{TENANT}/v2.0")
    assert is_foreign(made("microsoft"), ELSEWHERE)
    assert not is_foreign(made("microsoft", tenant=TENANT), of_tenant)
    assert is_foreign(made("microsoft", tenant=TENANT.replace("1", "2")), of_tenant)


def test_a_provider_without_an_issuer_has_given_no_row_that_has_one() -> None:
    for provider in (made("github"), OAuth1(id="a", name="A"), OpenID2(id="a", name="A")):
        assert is_foreign(provider, ELSEWHERE)


def test_of_one_of_the_application_s_own_making_what_it_declares_counts() -> None:
    assert is_foreign(SimpleNamespace(issuer="https://login.example"), ELSEWHERE)
    assert not is_foreign(SimpleNamespace(issuer=ELSEWHERE), ELSEWHERE)
    assert not is_foreign(SimpleNamespace(), ELSEWHERE), "it may say so in each identity"


@pytest.mark.parametrize(
    ("issuer", "is_asked"), [(ELSEWHERE, False), (ISSUER, True), ("", True), (None, True)]
)
def test_a_token_is_given_back_to_who_gave_it_alone(issuer: str | None, is_asked: bool) -> None:
    network = Paper({REVOKE: answer({})})
    provider = OAuth2(id="op", name="Op", issuer=ISSUER, revoke_url=REVOKE)
    done = revoke(provider, PAPER_CLIENT, token(), network, issuer=issuer)
    assert network.asked == ([REVOKE] if is_asked else [])
    if is_asked:
        assert done == Revoked()
    else:
        assert isinstance(done, NotRevoked)
        assert done.error.code == "issuer_changed"
