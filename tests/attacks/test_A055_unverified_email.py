"""A055: an address that nobody checked makes nobody anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.bed import Bed

VICTIM = "victim@example.org"
UNVERIFIED: list[Any] = [False, "false", 0, None, "absent", "", "yes", 1, [True], {}]


def claiming(bed: Bed, verified: Any) -> None:
    """A stranger's account at ``acme`` that says it is the victim's address, and how sure it is."""
    acme = bed.sandbox["acme"]
    for target in ("claims", "userinfo"):
        acme.set(target, email=VICTIM, email_verified=verified)
        if verified == "absent":
            acme.delete(target, "email_verified")


def handed_over(bed: Bed) -> list[Any]:
    """The grants that the application is asked about; it signs up whoever is verified, and no one
    else, as the documentation shows."""
    seen: list[Any] = []

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        seen.append(grant.identity)
        users = bed.app.extensions["security"].datastore
        return users.find_user(email=VICTIM) if grant.identity.email_verified else None

    return seen


def test_A055_unverified_email(bed: Bed) -> None:
    bed.add_user(VICTIM)
    seen = handed_over(bed)
    for verified in UNVERIFIED:
        bed.sandbox["acme"].honest()
        claiming(bed, verified)
        browser = bed.browser()
        assert browser.trip("/login/acme").status_code == 303, verified
        assert browser.who() is None, verified
    assert [(each.email, each.email_verified) for each in seen] == [(VICTIM, False)] * len(seen)
    assert len(seen) == len(UNVERIFIED)
    assert (bed.users(), bed.rows()) == ([VICTIM], [])
    assert bed.signals("login_completed") == []


def test_A055_a_provider_without_a_flag(bed: Bed) -> None:
    bed.add_user(VICTIM)
    bed.sandbox["plain"].set("api", email=VICTIM, email_verified=True, verified=True)
    seen = handed_over(bed)

    browser = bed.browser()
    browser.trip("/login/plain")

    assert [(each.email, each.email_verified) for each in seen] == [(VICTIM, False)]
    assert browser.who() is None


@pytest.mark.parametrize("handler", [True, False], ids=["a handler", "no handler"])
def test_A055_even_a_verified_address_matches_nobody_by_itself(
    make_bed: Callable[..., Bed], handler: bool
) -> None:
    bed = make_bed()
    bed.add_user(VICTIM)
    claiming(bed, True)
    if handler:
        bed.social.newcomer_handler(lambda grant: None)

    browser = bed.browser()
    browser.trip("/login/acme")

    assert browser.who() is None
    assert bed.rows() == []
