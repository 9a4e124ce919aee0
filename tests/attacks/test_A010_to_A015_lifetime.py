"""How long a flow counts, how often, what can be guessed of it, and what abandoned ones cost."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from flask_social import clock, limits
from flask_social.testing import ServedSandbox
from flask_social.values import Flow, Intent
from tests.bed import Bed, query_of

U1 = "one@example.org"
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@pytest.fixture
def bed(make_bed: Callable[..., Bed], tmp_path: Path) -> Bed:
    """An application whose ledger is a table: one in memory would have none to look at."""
    return make_bed(database=f"sqlite:///{tmp_path}/bed.sqlite")


# A12: a flow that is too old.


@pytest.mark.parametrize("path", ["/login/acme", "/connect/acme", "/reconnect/acme"])
def test_A012_an_expired_flow(bed: Bed, path: str) -> None:
    bed.add_user(U1)
    first = bed.browser().sign_in(U1)
    first.trip("/connect/acme")
    browser = bed.browser() if "login" in path else first
    [row] = bed.rows()
    bed.sandbox.reset_counters()
    started = clock.now()
    with clock.replaced(lambda: started):
        start = browser.post(path)
        callback = browser.at_provider(start.headers["Location"])
    assert "; Max-Age=600; " in start.headers["Set-Cookie"], "a browser keeps it no longer"

    with clock.replaced(lambda: started + 11 * 60):
        answer = browser.get(callback)

    assert answer.status_code == 400
    assert "took too long" in answer.text
    assert "Start again" in answer.text
    assert bed.calls("acme") == 0
    assert [told["reason"] for told in bed.signals("flow_rejected")] == ["expired"]
    assert [each.version for each in bed.rows()] == [row.version]
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"
    assert spent(bed) == 2, "the connect's and the last login's; of the expired one there is none"


def spent(bed: Bed) -> int:
    with bed.app.app_context():
        return bed.db.session.scalar(sa.select(sa.func.count()).select_from(bed.SpentFlow)) or 0


def test_A012_rows_of_flows_that_are_over_are_purged(bed: Bed) -> None:
    bed.browser().trip("/login/acme")
    assert spent(bed) == 1
    later = clock.now() + 2 * limits.FLOW_LIFETIME
    with clock.replaced(lambda: later):
        bed.browser().trip("/login/plain")
    assert spent(bed) == 1


# A13: nothing of a flow can be guessed.


def test_A013_ten_thousand_starts_share_nothing(bed: Bed) -> None:
    with bed.app.app_context():
        state = bed.app.extensions["social"]
        remote, send = state.remote("acme"), state.wire.for_request()
        blank = Flow(
            provider_id="acme", intent=Intent.LOGIN, callback_url=bed.url, created_at=clock.now()
        )
        random.seed(0)
        before = random.getstate()
        flows = [remote.provider.begin(remote.client, blank, send)[0] for _ in range(10_000)]
    assert random.getstate() == before, "nothing was drawn from it"
    secrets = [each for flow in flows for each in (flow.state, flow.nonce, flow.code_verifier)]
    assert len(set(secrets)) == 30_000
    assert {len(each) for each in secrets} == {43}, "256 bits in base64"
    assert frozenset().union(*secrets) <= UNRESERVED
    for place in range(42):  # the 43rd character holds four bits
        assert len({each[place] for each in secrets}) == 64, "every character varies"


AFTER_SEEDING = """
import random
random.seed(0)
import json, sys
from flask_social.protocols.oauth2 import OAuth2
from flask_social.values import Client, Flow, Intent
provider = OAuth2(id="plain", name="Plain", authorize_url="https://op.example/a",
                  token_url="https://op.example/t", api_url="https://op.example/")
flow = Flow(provider_id="plain", intent=Intent.LOGIN, callback_url="https://app.example/x",
            created_at=0)
begun = []
for _ in range(2):
    begun += [provider.begin(Client(id="id"), flow, None)[0] for _ in range(100)]
    random.seed(0)
json.dump([[str(each.state), str(each.code_verifier)] for each in begun], sys.stdout)
"""


def test_A013_a_seed_before_the_first_import_decides_nothing() -> None:
    run = subprocess.run([sys.executable, "-c", AFTER_SEEDING], check=True, capture_output=True)
    values = [value for pair in json.loads(run.stdout) for value in pair]
    assert len(values) == len(set(values)) == 400


def test_A013_what_the_provider_sees_is_new_each_time(bed: Bed) -> None:
    seen: list[str] = []
    for _ in range(20):
        query = query_of(bed.browser().set_out("/login/acme"))
        seen += [query["state"], query["nonce"], query["code_challenge"]]
    assert len(set(seen)) == 60


# A15: flows that nobody ends.


def test_A015_two_hundred_abandoned_starts_of_one_browser(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser()
    before, now = spent(bed), clock.now()
    for n in range(200):
        with clock.replaced(lambda n=n: now + n // 2):  # type: ignore[misc]
            answer = browser.post("/login/acme", data={"next": f"/{n}" + "x" * 100})
        sent = "; ".join(f"{each.name}={each.value}" for each in browser.http.cookies)
        assert len(sent) < 4_096
        assert all(len(each) < 4_096 for each in answer.raw.headers.getlist("Set-Cookie"))
    kept = [each for each in browser.http.cookies if "social-flow" in each.name]
    assert sum(len(each.name) + len(each.value or "") for each in kept) <= limits.FLOW_COOKIES
    assert 3 <= len(kept) <= 10
    assert spent(bed) == before, "no row was written"
    with clock.replaced(lambda: now + 100):
        done = browser.get(browser.at_provider(answer.headers["Location"]))
    assert done.headers["Location"] == "/199" + "x" * 100
    assert browser.who() == U1


def test_A015_starts_of_a_client_without_cookies_leave_nothing(bed: Bed) -> None:
    starts_without_cookies(bed, 100)


def starts_without_cookies(bed: Bed, how_many: int) -> None:
    """Set out *how_many* times, by a client that keeps no cookie; then once as a browser."""
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    client: Client = bed.app.test_client(use_cookies=False)
    client.post("/login/acme")  # the first one may still learn of the provider's metadata
    tables, before = counted(bed), len(bed.statements)
    asked = bed.calls("acme", "discovery")
    for _ in range(how_many):
        answer = client.post("/login/acme")
        assert answer.status_code == 303
        assert all(len(each) < 4_096 for each in answer.headers.getlist("Set-Cookie"))
    assert bed.statements[before:] == [], "the database does not hear of it"
    assert counted(bed) == tables
    assert (bed.calls("acme"), bed.calls("acme", "discovery")) == (1, asked)
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"


def counted(bed: Bed) -> dict[str, Any]:
    """How many rows each table has."""
    with bed.app.app_context():
        return {
            name: bed.db.session.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in bed.db.metadata.tables.items()
        }


def test_A015_starts_with_a_request_token_leave_no_more(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "classic key", "consumer_secret": "classic secret"}
    urls = {
        f"{name}_url": f"{box.url}classic/{name}"
        for name in ("request_token", "authorize", "access_token")
    }
    known: dict[str, Any] = {"profile_call": "me", "identity": {"subject": "id", "name": "name"}}
    known["base_url"] = f"{box.url}classic/api/"
    bed = make_bed(SOCIAL_CLASSIC=keys | urls | known)
    browser = bed.browser()
    for _ in range(30):
        browser.set_out("/login/classic")
    kept = [each for each in browser.http.cookies if "social-flow" in each.name]
    assert sum(len(each.name) + len(each.value or "") for each in kept) <= limits.FLOW_COOKIES
    assert spent(bed) == 0
