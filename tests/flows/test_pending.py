"""Flows in cookies: found by their key, for what they were started for, in this browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from flask_social import clock, limits
from flask_social.errors import FlowRejected
from flask_social.flows import pending
from flask_social.flows.pending import Cookie, Expected, Pending
from flask_social.seal import seal, unseal
from flask_social.values import Flow, Intent, Secret

NOW = 1_900_000_000
KEYS = ["a secret"]


class Clock:
    def __init__(self) -> None:
        self.time = float(NOW)

    def __call__(self) -> float:
        return self.time


@pytest.fixture(autouse=True)
def clock_() -> Iterator[Clock]:
    source = Clock()
    with clock.replaced(source):
        yield source


class Browser:
    """The cookies of a browser, and the place that the application sees in them."""

    def __init__(self, *, secure: bool = False, keys: list[str | bytes] | None = None) -> None:
        self.cookies: dict[str, str] = {}
        self.secure = secure
        self.keys: list[str | bytes] = keys or list(KEYS)

    @property
    def place(self) -> Pending:
        return Pending(keys=self.keys, cookies=dict(self.cookies), secure=self.secure)

    def take(self, *cookies: Cookie) -> None:
        for cookie in cookies:
            if cookie.value:
                self.cookies[cookie.name] = cookie.value
            else:
                self.cookies.pop(cookie.name, None)

    def set_out(self, flow: Flow, *, cross_site: bool = False) -> list[Cookie]:
        cookies = self.place.remember(flow, cross_site=cross_site)
        self.take(*cookies)
        return cookies

    def size(self) -> int:
        return sum(len(name) + len(value) for name, value in self.cookies.items())


def flow(**changes: Any) -> Flow:
    members: dict[str, Any] = {
        "provider_id": "acme",
        "intent": Intent.LOGIN,
        "callback_url": "https://app.test/login/acme",
        "created_at": clock.now(),
        "issuer": "https://acme.test",
        "state": Secret("state-1"),
        "code_verifier": Secret("verifier-1"),
        "nonce": Secret("nonce-1"),
    }
    return Flow(**(members | changes))


def expected(**changes: Any) -> Expected:
    members: dict[str, Any] = {
        "provider_id": "acme",
        "intents": frozenset({Intent.LOGIN}),
        "issuer": "https://acme.test",
        "callback_url": "https://app.test/login/acme",
        "user_id": None,
    }
    return Expected(**(members | changes))


def refusal(place: Pending, key: str, wanted: Expected) -> str:
    with pytest.raises(FlowRejected) as caught:
        place.recall(key, wanted)
    return caught.value.code


# Out and back.


def test_a_flow_comes_back_with_all_its_members() -> None:
    browser = Browser()
    sent = flow(
        intent=Intent.CONNECT,
        user_id="uniquifier",
        subject="7",
        next_url="/profile?tab=1",
        remember=True,
    )
    browser.set_out(sent)
    wanted = expected(intents=frozenset({Intent.CONNECT}), user_id="uniquifier")
    assert browser.place.recall("state-1", wanted) == sent


def test_an_oauth_1_flow_is_found_by_its_request_token() -> None:
    browser = Browser()
    sent = flow(state=Secret(""), request_token=Secret("temporary"), request_secret=Secret("s"))
    browser.set_out(sent)
    assert browser.place.recall("temporary", expected()) == sent
    assert browser.place.find("state-1") is None


def test_the_secrets_of_a_flow_stay_masked_after_the_return() -> None:
    browser = Browser()
    browser.set_out(flow())
    found = browser.place.recall("state-1", expected())
    for name in ("state", "code_verifier", "nonce", "request_token", "request_secret"):
        assert isinstance(getattr(found, name), Secret)
    assert isinstance(found.intent, Intent)


def test_looking_spends_nothing() -> None:
    browser = Browser()
    browser.set_out(flow())
    first = browser.place.recall("state-1", expected())
    assert browser.place.recall("state-1", expected()) == first


def test_a_cookie_names_and_shows_neither_the_state_nor_the_verifier() -> None:
    provider_id = "acme-at-length"  # of its four letters alone a cookie may happen to have a run
    [cookie] = Browser().set_out(flow(provider_id=provider_id))
    for secret in ("state-1", "verifier-1", "nonce-1", provider_id):
        assert secret not in cookie.name
        assert secret not in cookie.value
        assert secret not in repr(Browser().place)


def test_the_state_is_not_even_inside_the_cookie() -> None:
    browser = Browser()
    [cookie] = browser.set_out(flow(state=Secret("s" * 43)))
    [shorter] = Browser().set_out(flow(state=Secret("s")))
    assert len(cookie.value) == len(shorter.value)


# The cookie.


def test_a_plain_cookie_is_lax_and_lives_ten_minutes() -> None:
    [cookie] = Browser().set_out(flow())
    assert (cookie.samesite, cookie.secure, cookie.max_age) == ("Lax", False, 600)
    assert cookie.name.startswith("social-flow-")


def test_a_cookie_on_https_is_secure_and_its_name_keeps_siblings_out() -> None:
    [cookie] = Browser(secure=True).set_out(flow())
    assert (cookie.samesite, cookie.secure) == ("Lax", True)
    assert cookie.name.startswith("__Host-social-flow-")


@pytest.mark.parametrize("secure", [False, True])
def test_a_form_post_flow_travels_with_a_cross_site_request(secure: bool) -> None:
    [cookie] = Browser(secure=secure).set_out(flow(), cross_site=True)
    assert (cookie.samesite, cookie.secure) == ("None", True)


def test_a_lifetime_of_the_operators_own_is_the_cookies_as_well(clock_: Clock) -> None:
    browser = Browser()
    place = Pending(keys=KEYS, cookies={}, secure=False, lifetime=60)
    [cookie] = place.remember(flow(), cross_site=False)
    assert cookie.max_age == 60
    clock_.time += 61
    place = Pending(keys=KEYS, cookies={cookie.name: cookie.value}, secure=False, lifetime=60)
    assert refusal(place, "state-1", expected()) == "expired"
    browser.take(cookie)
    assert browser.place.recall("state-1", expected()).state == "state-1"


# What is refused.


def test_a_state_that_this_browser_does_not_have_is_missing() -> None:
    browser = Browser()
    assert refusal(browser.place, "state-1", expected()) == "missing"
    browser.set_out(flow())
    assert refusal(browser.place, "state-2", expected()) == "missing"


@pytest.mark.parametrize(
    "key", ["", "\0", "\ud800", "ß" * 5000, "state-1 ", "STATE-1", "../state-1"]
)
def test_an_odd_state_is_missing_and_raises_nothing_else(key: str) -> None:
    browser = Browser()
    browser.set_out(flow())
    assert refusal(browser.place, key, expected()) == "missing"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"provider_id": "plain"}, "foreign"),
        ({"issuer": "https://evil.test"}, "foreign"),
        ({"issuer": None}, "foreign"),
        ({"callback_url": "https://app.test/connect/acme"}, "foreign"),
        ({"intents": frozenset({Intent.CONNECT, Intent.VERIFY})}, "foreign"),
    ],
)
def test_a_flow_never_ends_as_another(wanted: dict[str, Any], code: str) -> None:
    browser = Browser()
    browser.set_out(flow())
    assert refusal(browser.place, "state-1", expected(**wanted)) == code


@pytest.mark.parametrize("intent", [Intent.CONNECT, Intent.RECONNECT, Intent.VERIFY])
def test_a_flow_of_one_user_never_ends_for_another(intent: Intent) -> None:
    browser = Browser()
    browser.set_out(flow(intent=intent, user_id="one"))
    wanted = expected(intents=frozenset({intent}), user_id="another")
    assert refusal(browser.place, "state-1", wanted) == "foreign"


def test_a_connect_flow_without_anybody_signed_in_says_so() -> None:
    browser = Browser()
    browser.set_out(flow(intent=Intent.CONNECT, user_id="one"))
    wanted = expected(intents=frozenset({Intent.CONNECT}), user_id=None)
    assert refusal(browser.place, "state-1", wanted) == "not_signed_in"


def test_a_connect_flow_of_nobody_ends_for_nobody_who_is_signed_in() -> None:
    browser = Browser()
    browser.set_out(flow(intent=Intent.CONNECT, user_id=None))
    wanted = expected(intents=frozenset({Intent.CONNECT}), user_id="one")
    assert refusal(browser.place, "state-1", wanted) == "foreign"


def test_a_login_ends_whoever_is_signed_in_by_now() -> None:
    # The view decides what becomes of it; the flow is the browser's own.
    browser = Browser()
    browser.set_out(flow())
    assert browser.place.recall("state-1", expected(user_id="one")).intent is Intent.LOGIN


@pytest.mark.parametrize(("seconds", "ends"), [(0, True), (600, True), (601, False)])
def test_a_flow_lives_ten_minutes(seconds: int, ends: bool, clock_: Clock) -> None:
    browser = Browser()
    browser.set_out(flow())
    clock_.time += seconds
    if ends:
        assert browser.place.recall("state-1", expected()).created_at == NOW
    else:
        assert refusal(browser.place, "state-1", expected()) == "expired"


@pytest.mark.parametrize(("seconds", "ends"), [(60, True), (61, False)])
def test_a_flow_from_the_future_is_taken_within_the_skew_of_clocks(
    seconds: int, ends: bool, clock_: Clock
) -> None:
    browser = Browser()
    browser.set_out(flow())
    clock_.time -= seconds
    if ends:
        assert browser.place.recall("state-1", expected()).created_at == NOW
    else:
        assert refusal(browser.place, "state-1", expected()) == "expired"


def test_a_changed_cookie_is_missing() -> None:
    browser = Browser()
    [cookie] = browser.set_out(flow())
    for value in ("", "nonsense", cookie.value[:-1], cookie.value + "A", "é" * 40):
        browser.cookies[cookie.name] = value
        assert refusal(browser.place, "state-1", expected()) == "missing"


def test_a_cookie_under_the_name_of_another_flow_is_missing() -> None:
    browser = Browser()
    [one] = browser.set_out(flow())
    [other] = browser.set_out(flow(state=Secret("state-2")))
    browser.cookies[one.name] = other.value
    assert refusal(browser.place, "state-1", expected()) == "missing"


def test_a_cookie_that_a_sibling_subdomain_planted_is_not_looked_at_on_https() -> None:
    # Only the browser itself sets __Host- names, and never with a Domain.
    victim, attacker = Browser(secure=True), Browser()
    [planted] = attacker.set_out(flow())
    victim.take(planted)
    assert refusal(victim.place, "state-1", expected()) == "missing"


def test_a_flow_sealed_under_a_retired_secret_still_ends() -> None:
    browser = Browser(keys=["old"])
    sent = flow()
    browser.set_out(sent)
    browser.keys = ["new", "old"]
    assert browser.place.recall("state-1", expected()) == sent
    browser.keys = ["new"]
    assert refusal(browser.place, "state-1", expected()) == "missing"


@pytest.mark.parametrize("packed", [b"[]", b"[1]", b"{}", b'"x"', b"null", b"7"])
def test_what_another_version_packed_is_missing(packed: bytes) -> None:
    browser = Browser()
    [cookie] = browser.set_out(flow())
    browser.cookies[cookie.name] = seal(packed, KEYS, cookie.name)
    assert refusal(browser.place, "state-1", expected()) == "missing"


def test_a_format_of_tomorrow_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(pending, "FORMAT", pending.FORMAT + 1)
        browser.set_out(flow())
    assert refusal(browser.place, "state-1", expected()) == "missing"


def test_a_purpose_of_tomorrow_is_missing() -> None:
    browser = Browser()
    [cookie] = browser.set_out(flow())
    packed = json.loads(unseal(browser.cookies[cookie.name], KEYS, cookie.name))
    packed[packed.index(flow().intent)] = "of tomorrow"
    browser.cookies[cookie.name] = seal(json.dumps(packed).encode(), KEYS, cookie.name)
    assert refusal(browser.place, "state-1", expected()) == "missing"


# Several at once.


def test_parallel_tabs_do_not_clobber_each_other() -> None:
    browser = Browser()
    flows = [flow(state=Secret(f"state-{n}"), next_url=f"/{n}") for n in range(4)]
    for each in flows:
        browser.set_out(each)
    assert [browser.place.recall(each.state, expected()) for each in flows] == flows


def test_abandoned_flows_never_grow_beyond_the_room_and_the_oldest_go_first(
    clock_: Clock,
) -> None:
    browser = Browser(secure=True)
    for n in range(200):
        clock_.time += 1
        browser.set_out(flow(state=Secret(f"state-{n}"), next_url="/" + "x" * 100))
        assert browser.size() <= limits.FLOW_COOKIES
    kept = [n for n in range(200) if browser.place.find(f"state-{n}")]
    assert kept == list(range(200 - len(kept), 200))
    assert len(kept) >= 5


def test_of_flows_of_the_same_second_the_one_that_the_browser_sends_first_is_the_oldest() -> None:
    # RFC 6265 section 5.4: cookies are sent in the order in which they were made.
    browser = Browser()
    for n in range(20):
        browser.set_out(flow(state=Secret(f"state-{n}"), next_url="/" + "x" * 300))
    kept = [n for n in range(20) if browser.place.find(f"state-{n}")]
    assert kept == list(range(20 - len(kept), 20))
    assert 2 <= len(kept) < 20


def test_the_newest_flow_is_kept_though_it_fills_the_room_alone() -> None:
    browser = Browser()
    browser.set_out(flow(state=Secret("old")))
    browser.set_out(flow(next_url="/" + "x" * 511, issuer="https://" + "i" * 200))
    assert browser.place.find("state-1") is not None
    browser.set_out(flow(state=Secret("big"), callback_url="https://app.test/" + "y" * 3_000))
    assert browser.place.find("big") is not None
    assert browser.place.find("state-1") is None


def test_what_holds_no_flow_goes_before_every_flow(clock_: Clock) -> None:
    browser = Browser()
    broken = "social-flow-" + "0" * 24
    browser.cookies[broken] = "x" * 2_000
    browser.set_out(flow(state=Secret("old")))
    clock_.time += 1
    cookies = browser.set_out(
        flow(next_url="/" + "x" * 511, callback_url="https://app.test/" + "y" * 500)
    )
    assert [each.name for each in cookies if not each.value] == [broken]
    assert browser.place.find("old") is not None


@pytest.mark.parametrize(
    "name",
    [
        "social-flow-☃",
        "social-flow-é",
        "social-flow-",
        "social-flow-" + "g" * 24,
        "social-x",
        "social-flow-" + "0" * 25,
        "session",
        "__Host-social-flow-" + "0" * 24,
    ],
)
def test_a_cookie_of_another_name_is_never_deleted(name: str) -> None:
    # A name that somebody else chose would come back in a header of ours.
    browser = Browser()
    browser.cookies[name] = "x" * 4_000
    [only] = browser.set_out(flow())
    assert only.value


def test_a_deletion_has_the_name_and_no_value() -> None:
    browser = Browser(secure=True)
    [cookie] = browser.set_out(flow())
    [deletion] = browser.place.forget("state-1")
    assert (deletion.name, deletion.value, deletion.max_age) == (cookie.name, "", 0)
    assert deletion.secure
    browser.take(deletion)
    assert browser.place.forget("state-1") == []
    assert refusal(browser.place, "state-1", expected()) == "missing"


# The answer that is kept for the next request.


def test_an_answer_is_kept_for_the_request_that_comes_next() -> None:
    browser = Browser()
    browser.set_out(flow(), cross_site=True)
    answer = {"state": "state-1", "code": "a code", "user": '{"name": "é"}'}
    cookie = browser.place.keep_answer("state-1", answer)
    assert (cookie.samesite, cookie.secure) == ("Lax", False)
    assert "a code" not in cookie.value
    browser.take(cookie)
    assert browser.place.kept_answer("state-1") == answer
    assert {each.name for each in browser.place.forget("state-1")} == set(browser.cookies)


def test_no_answer_is_kept_for_another_state() -> None:
    browser = Browser()
    browser.take(browser.place.keep_answer("state-1", {"code": "c"}))
    assert browser.place.kept_answer("state-2") is None


def test_a_flow_is_no_answer_and_an_answer_no_flow() -> None:
    browser = Browser()
    [sent] = browser.set_out(flow())
    kept = browser.place.keep_answer("state-1", {"code": "c"})
    browser.cookies = {sent.name: kept.value, kept.name: sent.value}
    assert browser.place.find("state-1") is None
    assert browser.place.kept_answer("state-1") is None


def test_only_a_mapping_is_taken_for_an_answer() -> None:
    browser = Browser()
    cookie = browser.place.keep_answer("state-1", {"code": "c"})
    browser.cookies[cookie.name] = seal(b'["code"]', KEYS, cookie.name)
    assert browser.place.kept_answer("state-1") is None


def test_an_answer_that_fits_into_no_cookie_is_malformed() -> None:
    browser = Browser()
    assert browser.place.keep_answer("state-1", {"code": "c" * 2_000}).value
    with pytest.raises(FlowRejected) as caught:
        browser.place.keep_answer("state-1", {"code": "c" * 4_000})
    assert caught.value.code == "malformed"


def test_a_kept_answer_gives_way_to_a_new_flow(clock_: Clock) -> None:
    browser = Browser()
    browser.set_out(flow(state=Secret("old")))
    browser.take(browser.place.keep_answer("old", {"code": "c" * 1_500}))
    clock_.time += 1
    browser.set_out(flow(callback_url="https://app.test/" + "y" * 800))
    assert browser.place.kept_answer("old") is None
    assert browser.place.find("old") is not None
    assert browser.size() <= limits.FLOW_COOKIES


def test_every_member_of_a_flow_is_packed() -> None:
    # A member that is added and not packed would silently come back as its default.
    names = {each.name for each in fields(Flow)}
    sent = flow(
        intent=Intent.VERIFY, user_id="u", subject="s", next_url="/n", remember=True,
        request_secret=Secret("r"),
    )  # fmt: skip
    changed = {each.name for each in fields(Flow) if getattr(sent, each.name) != each.default}
    assert changed == names - {"request_token"}
    browser = Browser()
    browser.set_out(sent)
    assert browser.place.find("state-1") == sent


def test_no_answer_deletes_more_cookies_than_a_proxy_takes_headers_of() -> None:
    browser = Browser()
    for n in range(150):
        browser.cookies[f"social-flow-{n:024x}"] = "planted" * 20
    cookies = browser.set_out(flow())
    assert len([each for each in cookies if not each.value]) == pending.DELETIONS
    assert browser.place.find("state-1") is not None
    browser.set_out(flow(state=Secret("state-2")))
    assert browser.place.find("state-1") is not None
