"""F1 to F3: nobody answers at the provider, or it takes its time."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import trustme
from werkzeug.wrappers import Request, Response

from flask_social import clock, limits, transport
from flask_social.sandbox import Fault, Hang
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import U1, Visits
from tests.faulty import Faulty, Watch, refusing

REACHED = "cannot be reached at the moment. Nothing was changed"
NO_SUCH_HOST = f"{'nobody' * 10}.test{'.x' * 150}"


@contextmanager
def outage(box: ServedSandbox) -> Iterator[None]:
    """Nobody listens at the providers' port, which nobody else gets."""
    box.go_down()
    try:
        yield
    finally:
        box.come_up()


def test_F01_the_kept_metadata_do_while_the_provider_is_away(
    acme: Visits, box: ServedSandbox
) -> None:
    now = clock.now()
    with outage(box):
        with clock.replaced(lambda: now + limits.METADATA_STALE - 100):
            there = acme.bed.browser().set_out("/login/acme")
        assert there.startswith(f"{box.url}acme/authorize?")
        with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
            acme.fails(503, REACHED, "unreachable", asked=0, at_start=True)
            assert acme.bed.browser().sign_in(U1).who() == U1
    acme.works()


def test_F01_a_host_that_has_no_address_is_told_at_the_start(
    make_bed: Callable[..., Bed], caplog: pytest.LogCaptureFixture
) -> None:
    lost = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"http://{NO_SUCH_HOST}"}
    bed = make_bed(SOCIAL_LOST=lost)
    visits = Visits(bed, caplog)
    ended = visits.by("lost").fails(503, REACHED, "unreachable", asked=0, at_start=True)
    assert "Lost cannot be reached" in ended.answer.text
    visits.works()


def expired(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    then = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("127.0.0.1", not_after=then).configure_cert(context)
    return context


def test_F02_a_token_endpoint_that_is_not_there(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Any,
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ExitStack() as servers:
        silent = servers.enter_context(Faulty(lambda exchange: exchange.hang_up()))
        old = servers.enter_context(Faulty(lambda exchange: None, expired(authority)))
        port = servers.enter_context(refusing())
        addresses = {
            "refuses": (f"http://127.0.0.1:{port}/token", "no connection"),
            "unknown": (f"http://{NO_SUCH_HOST}/token", "unknown host"),
            "hangs_up": (f"https://127.0.0.1:{silent.port}/token", "TLS"),
            "expired": (f"https://127.0.0.1:{old.port}/token", "TLS: certificate has expired"),
        }
        plain = usual_config(box.url)["SOCIAL_PLAIN"]
        config = {
            f"SOCIAL_{name.upper()}": {**plain, "token_url": url}
            for name, (url, _) in addresses.items()
        }
        bed = make_bed(SOCIAL_CA_BUNDLE=str(tmp_path / "ca.pem"), **config)
        works = Visits(bed, caplog)
        for name, (_, told) in addresses.items():
            visits = works.by(name)
            assert told in visits.fails(503, REACHED, "unreachable", asked=0).line
        assert old.requests == silent.requests == []
        works.works()


def test_F02_a_provider_that_closes_between_consent_and_callback(
    plain: Visits, box: ServedSandbox
) -> None:
    browser = plain.bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    before = plain.kept()
    plain.begin_anew()
    with outage(box):
        answer = browser.get(callback)
    assert (answer.status_code, REACHED in answer.text) == (503, True)
    assert browser.get(callback).status_code == 400, "the flow was spent"
    assert plain.kept() == before
    assert plain.bed.calls("plain") == 0
    plain.works()


def test_F03_a_slow_answer_is_waited_for_outside_of_any_transaction(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    postgres_database: str,
) -> None:
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    bed = make_bed(database=postgres_database, SOCIAL_ACME=acme)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for person, endpoint in (("ada", "jwks"), ("alan", "token"), ("grace", "userinfo")):
        box.login_as(person)
        callback = browser.at_provider(browser.set_out("/connect/acme"))
        hang = Hang()
        box["acme"].fail(endpoint, hang)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(browser.get, callback)
            assert hang.entered.wait(60)
            meanwhile = transactions(bed)
            box["acme"].clear()
            assert waiting.result(60).status_code == 303
        assert meanwhile == []
    assert len(bed.accounts()) == 3


def transactions(bed: Bed) -> list[Any]:
    """What the application's connections to PostgreSQL are at, but for this one."""
    query = """SELECT state, query FROM pg_stat_activity
        WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()
        AND state <> 'idle'"""
    with bed.app.app_context():
        return list(bed.db.session.execute(sa.text(query)))


@dataclass
class Ages(Fault):
    """Every answer takes *seconds*, by the clock that the deadline of the request goes by."""

    watch: Watch
    seconds: float

    def before(self, request: Request) -> Response | None:
        self.watch.ahead += self.seconds
        return None


def test_F03_it_is_the_deadline_of_the_whole_request_that_counts(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch()
    monkeypatch.setattr(transport, "time", watch)
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    bed = make_bed(SOCIAL_ACME=acme)
    visits = Visits(bed, caplog, "acme")
    for endpoint in ("token", "userinfo"):
        box["acme"].fail(endpoint, Ages(watch, 20))
    visits.works()
    box["acme"].clear()
    box["acme"].fail("token", Ages(watch, 61))
    visits.fails(504, "takes too long to answer", "too_slow")
    assert box.count("acme", "userinfo") == 0
    visits.mended()
