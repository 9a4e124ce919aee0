"""Which server answered: mix-up, RFC 9207 and discovery."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.errors import ConfigurationError
from flask_social.testing import ServedSandbox
from tests.attacks.logins import U1, accepted, linked
from tests.bed import Bed, Browser, make_app, query_of, usual_config

PAIR = ("op-a", "op-b")


@pytest.fixture
def pair(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """An application with the honest OP-A and the hostile OP-B."""
    keys = {
        f"SOCIAL_{each.upper()}": {
            "consumer_key": f"{each} key",
            "consumer_secret": f"{each} secret",
            "issuer": f"{box.url}{each}",
        }
        for each in PAIR
    }
    return make_bed(**keys)


@pytest.mark.parametrize("with_iss", [True, False])
def test_A031_a_hostile_provider_passes_the_flow_on_to_an_honest_one(
    pair: Bed, with_iss: bool
) -> None:
    browser = pair.browser()
    started_at_b = query_of(browser.set_out("/login/op-b"))
    honest = query_of(browser.at_provider(browser.set_out("/login/op-a")))
    iss = {"iss": honest["iss"]} if with_iss else {}
    forged = {"code": honest["code"], "state": started_at_b["state"], **iss}

    answer = browser.get("/login/op-a", params=forged)

    assert answer.status_code == 400
    nothing_came_of_it(pair, browser)


def test_A031_an_honest_code_at_the_hostile_callback_is_refused_by_iss(pair: Bed) -> None:
    browser = pair.browser()
    started_at_b = query_of(browser.set_out("/login/op-b"))
    honest = query_of(browser.at_provider(browser.set_out("/login/op-a")))
    forged = {"code": honest["code"], "state": started_at_b["state"], "iss": honest["iss"]}

    answer = browser.get("/login/op-b", params=forged)

    assert answer.status_code == 502
    nothing_came_of_it(pair, browser)


def nothing_came_of_it(pair: Bed, browser: Browser) -> None:
    """Neither provider got the code, nobody is signed in, and the honest way still works."""
    assert pair.calls("op-a") == pair.calls("op-b") == 0
    assert browser.who() is None
    assert pair.users() == pair.rows() == []
    assert not pair.signals("login_failed") + pair.signals("login_completed")
    accepted(linked(pair, *PAIR), "op-a")


def test_A031_no_two_providers_share_a_callback_address(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    """Not even with one address for all purposes, nor where the application's view is the same."""
    for single in (False, True):
        bed = make_bed(SOCIAL_SINGLE_CALLBACK=single)
        addresses = [
            query_of(bed.browser().set_out(f"/login/{each}"))["redirect_uri"]
            for each in ("acme", "plain")
        ]
        assert len(set(addresses)) == 2
    same = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}op-a"}
    with pytest.raises(ConfigurationError, match="twice"):
        make_app({**usual_config(box.url), "SOCIAL_acme": same})


@pytest.mark.parametrize(
    ("announced", "iss", "is_accepted"),
    [
        (True, "another", False),
        (True, None, False),
        (True, "right", True),
        (False, "another", False),
        (False, None, True),
        (False, "right", True),
    ],
)
def test_A032_iss_in_the_callback(
    bed: Bed, announced: bool, iss: str | None, is_accepted: bool
) -> None:
    acme = bed.sandbox["acme"]
    acme.set("discovery", authorization_response_iss_parameter_supported=announced)
    linked(bed, "acme")
    if iss is None:
        acme.delete("callback", "iss")
    else:
        right = f"{bed.sandbox.url}acme"
        acme.set("callback", iss=right if iss == "right" else f"{right}/other")

    browser = bed.browser()

    answer = browser.trip("/login/acme")

    assert answer.status_code == (303 if is_accepted else 502)
    assert bed.calls("acme") == (1 if is_accepted else 0)
    assert browser.who() == (U1 if is_accepted else None)
    acme.honest()
    accepted(bed)


@pytest.mark.parametrize(
    "issuer",
    ["https://other.example", "slash", "upper", "scheme", None, ["list"]],
)
def test_A033_a_discovery_document_of_another_issuer(
    bed: Bed, issuer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    right = f"{bed.sandbox.url}acme"
    changed = {
        "slash": f"{right}/",
        "upper": right.upper(),
        "scheme": right.replace("http://", "https://"),
    }
    acme = bed.sandbox["acme"]
    acme.set("discovery", issuer=changed.get(issuer, issuer) if isinstance(issuer, str) else issuer)
    if issuer is None:
        acme.delete("discovery", "issuer")
    browser = bed.browser()

    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = browser.post("/login/acme")

    assert answer.status_code == 503
    assert "Location" not in answer.headers
    assert "not available" in answer.text
    assert "issuer" in caplog.text
    acme.honest()
    assert browser.post("/login/acme").status_code == 303, "nothing was kept as good"
