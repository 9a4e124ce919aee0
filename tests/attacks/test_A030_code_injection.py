"""A030: a code that was stolen from somebody else is of no use in one's own flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.attacks.logins import U1, accepted, linked
from tests.bed import Bed, query_of

GUARDS = {"PKCE": {}, "the nonce": {"pkce": False}, "both are off": {"pkce": False, "nonce": False}}


def make(make_bed: Callable[..., Bed], box: ServedSandbox, options: dict[str, Any]) -> Bed:
    """U1 at a provider that lets people in without PKCE, if they do not ask for it."""
    keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{box.url}op-a"}
    return linked(make_bed(**{"SOCIAL_OP-A": {**keys, **options}}), "op-a")


def inject(bed: Bed) -> tuple[Any, Any]:
    """The attacker's browser, and what it gets for the victim's code with its own state."""
    victim, attacker = bed.browser(), bed.browser()
    stolen = query_of(victim.at_provider(victim.set_out("/login/op-a")))["code"]
    own = query_of(attacker.set_out("/login/op-a"))["state"]
    issuer = f"{bed.sandbox.url}op-a"
    return attacker, attacker.get(
        "/login/op-a", params={"code": stolen, "state": own, "iss": issuer}
    )


@pytest.mark.parametrize("guard", ["PKCE", "the nonce"])
def test_A030_a_stolen_code_in_a_flow_of_ones_own(
    make_bed: Callable[..., Bed], box: ServedSandbox, guard: str
) -> None:
    bed = make(make_bed, box, GUARDS[guard])
    before = [(row.version, row.access_token) for row in bed.rows()]

    attacker, answer = inject(bed)

    assert answer.status_code == 502
    assert bed.calls("op-a") == 1
    assert attacker.who() is None
    assert [(row.version, row.access_token) for row in bed.rows()] == before
    assert not bed.signals("login_completed")
    [failed] = bed.signals("provider_failed")
    assert failed["error"].code == ("invalid_grant" if guard == "PKCE" else "bad_id_token")
    accepted(bed, "op-a")


def test_A030_the_provider_itself_hands_out_tokens_for_a_stolen_code(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    """So it is our checks that refuse: where an operator drops both, the attack succeeds."""
    bed = make(make_bed, box, GUARDS["both are off"])
    box["op-a"].delete("claims", "nonce")

    attacker, answer = inject(bed)

    assert answer.status_code == 303
    assert attacker.who() == U1
