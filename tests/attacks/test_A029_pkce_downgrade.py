"""A029: no metadata and no error talks the library out of PKCE; an operator can, and is warned."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.attacks.logins import accepted, linked
from tests.bed import Bed, query_of, usual_config


@pytest.mark.parametrize("methods", [None, ["plain"], [], ["none", "plain"]], ids=repr)
def test_A029_metadata_do_not_choose_the_challenge(
    bed: Bed, box: ServedSandbox, methods: list[str] | None
) -> None:
    if methods is None:
        box["acme"].delete("discovery", "code_challenge_methods_supported")
    else:
        box["acme"].set("discovery", code_challenge_methods_supported=methods)
    query = query_of(bed.browser().set_out("/login/acme"))
    assert (query["code_challenge_method"], len(query["code_challenge"])) == ("S256", 43)
    accepted(linked(bed))


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_A029_an_error_is_not_answered_by_a_request_without_a_challenge(
    bed: Bed, box: ServedSandbox, provider_id: str
) -> None:
    linked(bed)
    box[provider_id].set("callback", error="invalid_request", error_description="no PKCE here")
    box[provider_id].delete("callback", "code")
    browser = bed.browser()

    answer = browser.trip(f"/login/{provider_id}")

    assert (answer.status_code, answer.headers.get("Location")) == (502, None)
    assert "no PKCE here" not in answer.text
    assert (box.count(provider_id, "authorize"), bed.calls(provider_id)) == (1, 0)
    assert browser.who() is None
    again = query_of(browser.set_out(f"/login/{provider_id}"))
    assert again["code_challenge_method"] == "S256"
    box[provider_id].honest()
    accepted(bed, provider_id)


def test_A029_a_refused_verifier_is_not_answered_by_an_exchange_without_one(
    bed: Bed, box: ServedSandbox
) -> None:
    linked(bed)
    box["acme"].change("token", lambda honest: {"error": "invalid_request"})
    browser = bed.browser()
    assert browser.trip("/login/acme").status_code == 502
    [exchange] = [each for each in box.requests if each.endpoint == "token"]
    assert "code_verifier=" in exchange.body
    assert browser.who() is None
    box["acme"].honest()
    accepted(bed)


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_A029_switching_it_off_is_the_operators_word_and_leaves_a_warning(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    provider_id: str,
) -> None:
    key = f"SOCIAL_{provider_id.upper()}"
    keys: dict[str, Any] = {**usual_config(box.url)[key], "pkce": False}
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed = make_bed(**{key: keys})
    warnings = [each.getMessage() for each in caplog.records if "pkce" in each.getMessage()]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{key}: pkce is off")
    assert "secret" not in warnings[0]
    assert "code_challenge" not in query_of(bed.browser().set_out(f"/login/{provider_id}"))
    other = "plain" if provider_id == "acme" else "acme"
    assert "code_challenge" in query_of(bed.browser().set_out(f"/login/{other}"))
