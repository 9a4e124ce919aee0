"""A057: at Microsoft anybody can be a tenant's operator, and have people say anything there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.errors import ProviderError, ReconnectNeeded
from flask_social.testing import ServedSandbox
from tests.attacks.logins import U1, refused
from tests.bed import Bed
from tests.freshness import Connected

VICTIM = "victim@example.org"
HOME = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant that the sandbox's people are of."""
EVIL = "66666666-7777-8888-9999-aaaaaaaaaaaa"


def make(make_bed: Callable[..., Bed], box: ServedSandbox, **microsoft: Any) -> Bed:
    """An application that lets people of Microsoft in, with U1 and the victim among its users."""
    keys = {"consumer_key": "microsoft key", "consumer_secret": "microsoft secret", **microsoft}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_MICROSOFT=keys)
    bed.add_user(U1)
    bed.add_user(VICTIM)
    return bed


def move(bed: Bed, tenant: str, **claims: Any) -> None:
    """Ada is of *tenant* from now on, and its operator has her ID tokens say *claims*."""
    issuer = f"{bed.sandbox.url}microsoft/{tenant}/v2.0"
    bed.sandbox["microsoft"].set("claims", tid=tenant, iss=issuer, **claims)


def test_A057_somebody_of_another_tenant_is_somebody_else(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make(make_bed, box)
    bed.browser().sign_in(U1).trip("/connect/microsoft")
    [row] = bed.rows()
    assert row.provider_user_id.startswith(f"{HOME}.")
    assert row.issuer == f"{box.url}microsoft/{HOME}/v2.0"
    bed.told.clear()

    move(bed, EVIL)
    browser = bed.browser()
    browser.trip("/login/microsoft")

    assert browser.who() is None, "whose object id and subject are the same"
    assert bed.signals("login_completed") == []
    assert [each[1:] for each in bed.accounts()] == [("microsoft", row.provider_user_id)]


@pytest.mark.parametrize("verified", ["absent", False, True])
def test_A057_the_victims_address_in_the_attackers_tenant_is_nobodys(
    make_bed: Callable[..., Bed], box: ServedSandbox, verified: Any
) -> None:
    bed = make(make_bed, box)
    seen: list[Any] = []

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        seen.append(grant.identity)
        users = bed.app.extensions["security"].datastore
        return users.find_user(email=VICTIM) if grant.identity.email_verified else None

    flag = {} if verified == "absent" else {"email_verified": verified}
    move(bed, EVIL, email=VICTIM, preferred_username=VICTIM, **flag)
    browser = bed.browser()
    browser.trip("/login/microsoft")

    [identity] = seen
    assert (identity.email, identity.email_verified) == (VICTIM, False)
    assert identity.subject.startswith(f"{EVIL}.")
    assert identity.issuer == f"{box.url}microsoft/{EVIL}/v2.0"
    assert browser.who() is None
    assert bed.rows() == []


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": EVIL},
        {"iss": "{home}microsoft/" + EVIL + "/v2.0"},
        {"iss": "{home}microsoft/{tenantid}/v2.0"},
        {"iss": "{home}microsoft"},
        {"tid": None},
    ],
)
def test_A057_an_issuer_and_a_tenant_that_disagree_are_refused(
    make_bed: Callable[..., Bed], box: ServedSandbox, claims: dict[str, Any]
) -> None:
    bed = make(make_bed, box)
    bed.browser().sign_in(U1).trip("/connect/microsoft")
    told = {
        name: value.replace("{home}", box.url) if value else value for name, value in claims.items()
    }
    box["microsoft"].set("claims", **told)
    refused(bed, "microsoft")


def test_A057_a_tenant_that_is_not_on_the_list_is_turned_away(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make(make_bed, box, tenants=[HOME])
    bed.browser().sign_in(U1).trip("/connect/microsoft")
    browser = bed.browser()
    assert browser.trip("/login/microsoft").status_code == 303
    assert browser.who() == U1
    bed.told.clear()

    move(bed, EVIL)
    browser = bed.browser()
    answer = browser.get(
        browser.at_provider(browser.set_out("/login/microsoft")),
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 403
    assert browser.who() is None
    assert bed.signals("login_completed") == []
    signed_in = bed.browser().sign_in(VICTIM)
    signed_in.trip("/connect/microsoft")
    assert [each[0] for each in bed.accounts()] == [U1]


def test_A057_a_refresh_for_another_tenant_breaks_the_connection(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    ada = Connected(make(make_bed, box), "microsoft")
    ada.expire()
    before = ada.row()
    move(ada.bed, EVIL)
    with pytest.raises(ReconnectNeeded, match="changed"), ada.api():
        pass
    assert ada.row().access_token == before.access_token
    assert ada.row().needs_reauth


def test_A057_people_of_a_tenant_that_was_taken_off_the_list_get_no_fresh_token(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    ada = Connected(make(make_bed, box), "microsoft")
    row = ada.row()
    bed = make(make_bed, box, tenants=[EVIL])
    bed.connect(
        U1,
        "microsoft",
        row.provider_user_id,
        issuer=row.issuer,
        refresh_token=str(row.refresh_token),
        id_token=str(row.id_token),
        expires_at=1,
    )
    box.reset_counters()
    with bed.app.test_request_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        with pytest.raises(ProviderError, match="issuer_changed"):
            bed.social.microsoft.get_api(user=user)
    assert bed.calls("microsoft", "token") == 0
