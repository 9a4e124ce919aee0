"""What every answer carries, and how foreign, doubled and odd requests are met."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask_wtf import CSRFProtect

from flask_social import Denied
from flask_social.sandbox import Headers, Reset, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed, query_of

U1 = "one@example.org"
JSON = {"Accept": "application/json"}
IS_JSON = {"Content-Type": "application/json"}
EVIL = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


def private(answer: requests.Response, referrer: str) -> None:
    cache = answer.headers["Cache-Control"]
    assert "no-store" in cache
    assert "private" in cache
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Referrer-Policy"] == referrer
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_A026_callbacks_and_pages_keep_to_themselves(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    private(browser.trip("/connect/acme"), "no-referrer")
    private(browser.get("/login/acme?code=1&state=2"), "no-referrer")
    private(browser.get("/connections"), "same-origin")
    private(browser.get("/connect/plain"), "same-origin")
    private(browser.post("/login/nobody"), "same-origin")


def test_A001_a_start_is_by_post_alone(bed: Bed) -> None:
    browser = bed.browser()
    page = browser.get("/login/acme")
    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert "Set-Cookie" not in page.headers
    answer = browser.post("/login/acme", headers=EVIL)
    assert answer.status_code == 403
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", [EVIL, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_A002_no_other_site_connects_or_removes(bed: Bed, headers: dict[str, str]) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", "5")
    browser = bed.browser().sign_in(U1)
    for answer in (
        browser.post("/connect/acme", headers=headers),
        browser.post("/reconnect/acme", headers=headers),
        browser.post("/verify/acme", headers=headers),
        browser.post("/disconnect/acme", headers=headers),
        browser.post("/connect/acme/5", headers=headers),
        browser.delete("/connect/acme/5", headers=headers),
        browser.delete("/connect/acme", headers=headers),
    ):
        assert answer.status_code == 403
    assert bed.accounts() == [(U1, "acme", "5")]


def test_origins_that_the_operator_trusts_may(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(
        SOCIAL_TRUSTED_ORIGINS=["https://spa.example"], SOCIAL_APP_URL="https://app.example/mount"
    )
    for origin in ("https://spa.example", "https://app.example"):
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": origin}
        assert bed.browser().post("/login/plain", headers=headers).status_code == 303
    assert bed.browser().post("/login/plain", headers=EVIL).status_code == 403


def test_csrf_protect_applies_as_well_and_our_pages_carry_its_token(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(WTF_CSRF_ENABLED=True)
    CSRFProtect(bed.app)
    browser = bed.browser()
    assert browser.post("/login/plain").status_code == 400
    page = browser.get("/login/plain").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert browser.post("/login/plain", data={"csrf_token": token}).status_code == 303


def test_csrf_protect_lets_a_form_post_answer_through(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    posty = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}posty"}
    bed = make_bed(WTF_CSRF_ENABLED=True, SOCIAL_POSTY={**posty, "response_mode": "form_post"})
    CSRFProtect(bed.app)
    answer = bed.browser().post("/callback/posty", data={"state": "1", "code": "2"}, headers=EVIL)
    assert "not started in this browser" in answer.text


def test_A019_prefetch_and_head_spend_nothing(bed: Bed) -> None:
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    for headers in ({"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
        assert browser.get(callback, headers=headers).status_code == 425
    browser.http.head(callback)
    browser.http.options(callback)
    assert bed.calls("plain") == 0
    assert browser.get(callback).status_code == 303
    assert bed.calls("plain") == 1


def test_A022_an_error_without_a_flow_says_nothing_of_it(bed: Bed) -> None:
    sentence = "Call +1-800-EVIL to unlock"
    browser = bed.browser()
    answer = browser.get(
        "/login/acme", params={"error": "access_denied", "error_description": sentence}
    )
    assert answer.status_code == 400
    assert "EVIL" not in answer.text
    assert "EVIL" not in browser.get("/login").text
    assert bed.signals("login_failed") == bed.signals("login_denied") == []
    assert [told["reason"] for told in bed.signals("flow_rejected")] == ["missing"]


def test_a_repeated_parameter_is_refused(bed: Bed) -> None:
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    answer = browser.get(f"{callback}&code=another")
    assert answer.status_code == 400
    assert bed.calls("acme") == 0


@pytest.mark.parametrize("name", ["nobody", "__class__", "app", "settings", "_x"])
def test_an_unknown_provider_is_a_404(bed: Bed, name: str) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for path in (f"/login/{name}", f"/connect/{name}", f"/reconnect/{name}", f"/verify/{name}"):
        assert browser.get(path).status_code == 404
        if not path.startswith("/login"):
            assert browser.post(path, headers=JSON).status_code == 404
    assert bed.browser().post(f"/login/{name}").status_code == 404
    assert browser.get(f"/callback/{name}?state=1").status_code == 404


def test_A020_a_form_post_at_a_provider_that_answers_by_query_is_a_405(bed: Bed) -> None:
    assert bed.browser().post("/callback/acme", data={"state": "1"}).status_code == 405


def test_a_flow_ends_after_its_lifetime(bed: Bed) -> None:
    from flask_social import clock

    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    now = clock.now()
    with clock.replaced(lambda: now + 660):
        answer = browser.get(callback)
    assert answer.status_code == 400
    assert "took too long" in answer.text
    assert bed.calls("acme") == 0


def test_many_tabs_do_not_clobber_each_other_and_the_cookies_stay_small(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/plain")
    browser = bed.browser()
    tabs = [browser.set_out("/login/plain", next=f"/tab/{number}") for number in range(20)]
    cookies = browser.http.cookies.get_dict()
    flows = {name: value for name, value in cookies.items() if name.startswith("social-flow-")}
    assert sum(len(name) + len(value) for name, value in flows.items()) <= 3500
    assert len(flows) >= 5
    newest, oldest = browser.at_provider(tabs[-1]), browser.at_provider(tabs[0])
    assert browser.get(oldest).status_code == 400
    assert browser.get(newest).headers["Location"] == "/tab/19"


def test_provider_faults_are_pages_with_their_status(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    cases: list[tuple[Any, int, str]] = [
        (Reset(), 503, "cannot be reached"),
        (Status(500), 502, "not available"),
        (Status(503, headers={"Retry-After": "120"}), 503, "not available"),
        (Status(429, headers={"Retry-After": "1e9"}), 503, "busy"),
        (Status(401, '{"error":"invalid_client"}', IS_JSON), 503, "not available at the moment"),
        (Status(400, '{"error":"invalid_grant"}', IS_JSON), 502, "no longer valid"),
        (Headers({"Content-Type": "text/html"}), 502, "did not answer as expected"),
    ]
    for fault, status, words in cases:
        bed.sandbox["plain"].clear()
        bed.sandbox["plain"].fail("token", fault)
        with caplog.at_level(logging.DEBUG):
            answer = bed.browser().trip("/login/plain")
        assert (answer.status_code, words in answer.text) == (status, True), fault
        assert bed.signals("provider_failed")[-1]["provider"].id == "plain"
        correlation = answer.text.partition("<code>")[2].partition("<")[0]
        assert correlation in caplog.text
        assert "plain secret" not in caplog.text
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert ["SOCIAL_PLAIN" in record.getMessage() for record in errors] == [True]
    assert bed.signals("login_failed") == []


def test_a_busy_provider_says_when_to_come_back(bed: Bed) -> None:
    fault = Status(429, headers={"Retry-After": "120"})
    bed.sandbox["plain"].fail("token", fault)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    answer = browser.get(callback, headers=JSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    assert answer.json()["response"]["code"] == "busy"


def test_a_grant_checker_refuses_with_words_of_its_own(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SOCIAL_MSG_NOT_STAFF=("Staff only, please.", "error"))
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")

    @bed.social.grant_checker
    def staff_only(grant: Any) -> None:
        raise Denied("not_staff")

    browser = bed.browser()
    browser.trip("/login/acme")
    assert browser.who() is None
    assert "Staff only, please." in browser.get("/login").text
    assert len(bed.signals("login_failed")) == 1
    signed_in = bed.browser().sign_in(U1)
    signed_in.trip("/connect/plain")
    assert [row[1] for row in bed.accounts()] == ["acme"]


def test_hooks_that_raise_refuse(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    @bed.social.newcomer_handler
    def broken(grant: Any) -> None:
        raise RuntimeError("broken handler")

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"

    @bed.social.grant_checker
    def broken_too(grant: Any) -> None:
        raise RuntimeError("broken checker")

    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert "may not be used here" in browser.get("/login").text
    assert "broken handler" in caplog.text
    assert "broken checker" in caplog.text


def test_flashes_can_be_switched_off_by_either_key(make_bed: Callable[..., Bed]) -> None:
    for key in ("SOCIAL_FLASH_MESSAGES", "SECURITY_FLASH_MESSAGES"):
        bed = make_bed(**{key: False})
        browser = bed.browser()
        browser.trip("/login/acme")
        assert "No account here" not in browser.get("/login").text


def test_the_documented_redirects_are_followed(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(
        SOCIAL_CONNECT_ALLOW_REDIRECT="/allowed",
        SOCIAL_CONNECT_ALLOW_VIEW="/not this one",
        SOCIAL_CONNECT_DENY_VIEW="home",
    )
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    assert browser.trip("/connect/acme").headers["Location"] == "/allowed"
    bed.sandbox.deny()
    assert browser.trip("/connect/plain").headers["Location"] == "/home"
    assert [told["provider"].id for told in bed.signals("connection_denied")] == ["plain"]


def test_a_login_that_comes_home_to_somebody_signed_in_changes_nobody(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user("two@example.org")
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme", next="/there"))
    browser.sign_in("two@example.org")
    bed.sandbox.reset_counters()

    answer = browser.get(callback)

    assert answer.headers["Location"] == "/there"
    assert browser.who() == "two@example.org"
    assert bed.calls("acme") == 0
    assert browser.post("/login/acme").headers["Location"] == "/home"


def test_one_callback_address_for_every_intent(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SOCIAL_SINGLE_CALLBACK=True)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    url = browser.set_out("/connect/acme")
    assert query_of(url)["redirect_uri"] == f"{bed.url}/callback/acme"
    browser.get(browser.at_provider(url))
    assert len(bed.rows()) == 1
    stranger = bed.browser()
    stranger.trip("/login/acme")
    assert stranger.who() == U1


def test_a_raising_receiver_changes_nothing(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    from flask_social import connection_created

    def broken(sender: Any, **arguments: Any) -> None:
        raise RuntimeError("broken receiver")

    bed.add_user(U1)
    with connection_created.connected_to(broken, sender=bed.app):
        answer = bed.browser().sign_in(U1).trip("/connect/acme")
    assert answer.status_code == 303
    assert len(bed.rows()) == 1
    assert "broken receiver" in caplog.text
