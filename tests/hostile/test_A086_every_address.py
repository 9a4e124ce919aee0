"""A086: no address of the application takes a token, by whatever name and in whatever place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from flask_social.routes import ROUTES
from tests.attacks.logins import U1, accepted, linked
from tests.attacks.test_A086_token_substitution import ASKED, U2, disguised, tokens_of
from tests.bed import Bed


def addresses(bed: Bed) -> list[tuple[str, str]]:
    """Every verb and path that the application has; logging out, which takes nothing, is last."""

    def filled(rule: Rule, provider_id: str) -> str:
        values = dict.fromkeys(rule.arguments, "x") | {"provider_id": provider_id}
        adapter = bed.app.url_map.bind("127.0.0.1")
        return adapter.build(
            rule.endpoint, {each: values[each] for each in rule.arguments}, force_external=False
        )

    found = {
        (verb, filled(rule, provider_id))
        for rule in bed.app.url_map.iter_rules()
        for verb in rule.methods or ()
        for provider_id in ("acme", "plain")
        if verb not in ("HEAD", "OPTIONS")
    }
    return sorted(found, key=lambda each: (each[1].startswith("/logout"), each))


def ways(ours: dict[str, str], others: dict[str, str]) -> Iterator[dict[str, Any]]:
    """As a form or in JSON; and in the query, the header and cookies beside it."""
    carried = {
        "params": disguised(others),
        "headers": {"Authorization": f"Bearer {ours['access_token']}"},
        "cookies": {"access_token": ours["access_token"], "g_csrf_token": "wrong"},
    }
    yield {"data": disguised(ours), **carried}
    yield {"json": disguised(ours), **carried}


@pytest.mark.parametrize("visitor", ["nobody", "somebody else"])
def test_A086_no_address_takes_a_token(bed: Bed, visitor: str) -> None:
    """Neither one that was given to this application nor one for another."""
    linked(bed, "acme")
    bed.add_user(U2)
    ours = tokens_of(bed, "acme key", "acme secret")
    others = tokens_of(bed, "other key", "other secret")
    browser = bed.browser()
    if visitor != "nobody":
        browser.sign_in(U2)
    before = [(row.version, row.access_token) for row in bed.rows()]
    bed.sandbox.reset_counters()
    tried = set()

    for verb, path in addresses(bed):
        for way in ways(ours, others):
            answer = browser.http.request(
                verb, bed.url + path, allow_redirects=False, timeout=120, **way
            )
            tried.add((verb, path))
            assert answer.status_code < 500, (verb, path, bed.raised)
        assert (browser.who() == U2) is (visitor != "nobody") or path.startswith("/logout")

    rules = {rule.replace("<provider_id>", "acme") for rule, _, _ in ROUTES if "path:" not in rule}
    assert rules <= {path for _, path in tried}
    assert not any(bed.calls(each, endpoint) for each in ("acme", "plain") for endpoint in ASKED)
    assert [(row.version, row.access_token) for row in bed.rows()] == before
    assert bed.users() == [U1, U2]
    assert not bed.signals("login_completed") + bed.signals("connection_created")
    accepted(bed)
