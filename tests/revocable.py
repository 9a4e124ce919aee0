"""Applications whose providers can take a token back, and somebody connected to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, usual_config

U1 = "one@example.org"
JSON = {"Accept": "application/json"}
STOCK = ("google", "facebook", "foursquare", "github", "linkedin", "twitter", "vk")


def with_revocation(make_bed: Callable[..., Bed], box: ServedSandbox, **given: Any) -> Bed:
    """An application of ``acme``, whose metadata tell where, and ``plain``, which is told."""
    plain = usual_config(box.url)["SOCIAL_PLAIN"] | {"revoke_url": f"{box.url}plain/revoke"}
    bed = make_bed(**{"SOCIAL_PLAIN": plain, **given})
    bed.add_user(U1)
    return bed


def of_stock(make_bed: Callable[..., Bed], box: ServedSandbox, **given: Any) -> Bed:
    """An application of every stock provider, all of them played by the sandbox."""
    providers = {
        f"SOCIAL_{name.upper()}": {
            "consumer_key": f"{name} key",
            "consumer_secret": f"{name} secret",
        }
        for name in STOCK
    }
    bed = make_bed(SOCIAL_SANDBOX=box.url, **providers, **given)
    bed.add_user(U1)
    return bed


def connected(bed: Bed, provider_id: str, *people: str) -> Browser:
    """The browser of U1, to whom the accounts of *people*, or Ada's, are connected now."""
    browser = bed.browser().sign_in(U1)
    for person in people or ("ada",):
        bed.sandbox.login_as(person)
        assert browser.trip(f"/connect/{provider_id}").status_code == 303
    bed.sandbox.reset_counters()
    bed.told.clear()
    return browser


def is_dead(bed: Bed, provider_id: str, token: str) -> bool:
    """Whether the provider takes the access *token* no more."""
    return bool(bed.sandbox[provider_id].access_tokens[token].grant.revoked)
