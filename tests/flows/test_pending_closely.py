"""Flows in cookies, to the byte and the second; and what the operator reads of a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social import clock, limits
from flask_social.errors import FlowRejected
from flask_social.flows.pending import Expected
from flask_social.seal import unseal
from flask_social.values import Intent, Secret

from .test_pending import KEYS, NOW, Browser, expected, flow


def told(browser: Browser, wanted: Expected, key: str = "state-1") -> tuple[str, str]:
    with pytest.raises(FlowRejected) as caught:
        browser.place.recall(key, wanted)
    return caught.value.code, caught.value.detail


@pytest.mark.parametrize(
    ("wanted", "code", "detail"),
    [
        ({"provider_id": "x"}, "foreign", "the flow was started with another provider_id"),
        ({"issuer": "x"}, "foreign", "the flow was started with another issuer"),
        ({"callback_url": "x"}, "foreign", "the flow was started with another callback_url"),
        ({"intents": frozenset({Intent.LOGIN})}, "foreign", "the flow was started to connect"),
        (
            {"user_id": "two"},
            "foreign",
            "another user started the flow, or nobody is signed in",
        ),
        (
            {"user_id": None},
            "not_signed_in",
            "another user started the flow, or nobody is signed in",
        ),
    ],
)
def test_a_refusal_tells_the_operator_what_differs(
    wanted: dict[str, Any], code: str, detail: str
) -> None:
    browser = Browser()
    with clock.replaced(lambda: NOW):
        browser.set_out(flow(intent=Intent.CONNECT, user_id="one"))
        right = {"intents": frozenset({Intent.CONNECT}), "user_id": "one"}
        assert told(browser, expected(**(right | wanted))) == (code, detail)


def test_a_flow_that_is_not_there_or_too_old_is_told_apart() -> None:
    browser = Browser()
    with clock.replaced(lambda: NOW):
        browser.set_out(flow())
        assert told(browser, expected(), "other") == (
            "missing",
            "no flow of this browser has this state",
        )
    with clock.replaced(lambda: NOW + 601):
        assert told(browser, expected()) == ("expired", "the flow is older than its lifetime")


def test_an_answer_is_kept_that_fills_its_room_to_the_byte() -> None:
    place = Browser().place

    def size(length: int) -> int:
        return len(place.keep_answer("state-1", {"code": "c" * length}).value)

    # Three bytes are four letters, and one more than fits is refused.
    fits = (limits.FLOW_COOKIES - size(0)) // 4 * 3
    while size(fits) < limits.FLOW_COOKIES:
        fits += 1
    with pytest.raises(FlowRejected) as caught:
        size(fits + 1)
    assert caught.value.detail == "the provider's answer is too long"


def test_what_is_sealed_holds_no_blank_that_only_takes_room() -> None:
    browser = Browser()
    [cookie] = browser.set_out(flow())
    answer = browser.place.keep_answer("state-1", {"code": "c", "iss": "i"})
    for each in (cookie, answer):
        assert b" " not in unseal(each.value, KEYS, each.name)


@pytest.mark.parametrize(("more", "stays"), [(0, True), (1, False)])
def test_the_room_is_filled_to_the_byte(more: int, stays: bool) -> None:
    browser, new = Browser(), flow()
    [alone] = Browser().set_out(new)
    name = "social-flow-" + "0" * 24
    room = limits.FLOW_COOKIES - len(alone.name) - len(alone.value) - len(name)
    browser.cookies[name] = "x" * (room + more)
    browser.set_out(new)
    assert (name in browser.cookies) is stays
    assert browser.place.find("state-1") == new


def test_what_holds_no_flow_is_older_than_the_first_second() -> None:
    browser = Browser()
    browser.set_out(flow(state=Secret("old"), created_at=1))
    broken = "social-flow-" + "0" * 24
    browser.cookies[broken] = "x" * 2_000  # sent last, hence the younger of two of one second
    browser.set_out(flow(callback_url="https://app.test/" + "y" * 900))
    assert broken not in browser.cookies
    assert browser.place.find("old") is not None


@pytest.mark.parametrize("secure", [False, True])
def test_a_deletion_asks_for_no_more_than_the_cookie_it_ends(secure: bool) -> None:
    browser = Browser(secure=secure)
    browser.set_out(flow())
    [deletion] = browser.place.forget("state-1")
    assert (deletion.samesite, deletion.secure) == ("Lax", secure)
