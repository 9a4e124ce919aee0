"""A020: an answer by form post, from the provider's own site, with what cookies travel with it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import requests
from werkzeug.test import TestResponse

from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox
from tests.bed import Bed, query_of
from tests.test_bounce import CROSS, HERE, U1, Https, form_of

PROVIDERS = ("posty", "other")


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """An application with two providers that answer by form post, and two that do not."""
    keys = {"consumer_key": "k", "consumer_secret": "s", "response_mode": "form_post"}
    posty = {**keys, "issuer": f"{box.url}posty"}
    other = {**posty, "issuer": f"{box.url}op-a"}
    made = make_bed(SOCIAL_POSTY=posty, SOCIAL_OTHER=other, SOCIAL_APP_URL=HERE)
    made.add_user(U1)
    ada = str(subject_of(box["posty"].script, box.people["ada"]))
    made.connect(U1, "posty", ada)
    return made


def answered(browser: Https, path: str) -> dict[str, str]:
    """Set out by the button at *path*, say yes: the fields that the provider's page posts."""
    address = browser.post(path).headers["Location"]
    return form_of(requests.get(address, timeout=60).text)


def posted(browser: Https, path: str, form: dict[str, str]) -> TestResponse:
    """Post *form* from the provider's site: of the cookies, only ``SameSite=None`` ones travel."""
    jar = browser.client._cookies
    assert jar is not None
    kept_back = {key: each for key, each in jar.items() if each.same_site != "None"}
    for key in kept_back:
        del jar[key]
    answer = browser.post(path, data=form, headers=CROSS)
    jar.update(kept_back)
    return answer


def who(browser: Https) -> str | None:
    answer = browser.get("/whoami", headers={"Accept": "application/json"})
    return answer.json["email"] if answer.status_code == 200 and answer.json else None


def test_A020_a_login_by_form_post(bed: Bed) -> None:
    browser = Https(bed)
    form = answered(browser, "/login/posty")

    bounce = posted(browser, "/callback/posty", form)

    assert bounce.status_code == 200
    assert "Location" not in bounce.headers, "no redirect, which could hold the code"
    assert form["code"] not in bounce.text + str(bounce.headers)
    assert (bed.calls("posty"), who(browser)) == (0, None)
    done = browser.get(f"/callback/posty?state={form['state']}")
    assert (done.status_code, done.headers["Location"]) == (303, "/home")
    assert form["code"] not in done.text + str(done.headers)
    assert (bed.calls("posty"), who(browser)) == (1, U1)
    assert len(bed.signals("login_completed")) == 1


def test_A020_a_replay_is_refused(bed: Bed) -> None:
    browser = Https(bed)
    form = answered(browser, "/login/posty")
    cookies = dict(browser.client._cookies or {})
    posted(browser, "/callback/posty", form)
    browser.get(f"/callback/posty?state={form['state']}")
    browser.post("/logout", json={})

    assert posted(browser, "/callback/posty", form).status_code == 400
    browser.client._cookies = cookies  # as the browser had them before
    posted(browser, "/callback/posty", form)
    replay = browser.get(f"/callback/posty?state={form['state']}")

    assert replay.status_code == 400
    assert "already used" in replay.text
    assert (bed.calls("posty"), who(browser)) == (1, None)


def test_A020_a_form_post_without_the_flow_is_refused(bed: Bed) -> None:
    attacker, victim = Https(bed), Https(bed)
    form = answered(attacker, "/login/posty")
    answer = posted(victim, "/callback/posty", form)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert victim.get(f"/callback/posty?state={form['state']}").status_code == 400
    assert (bed.calls("posty"), who(victim)) == (0, None)


def test_A020_a_form_post_to_another_providers_callback_is_refused(bed: Bed) -> None:
    browser = Https(bed)
    form = answered(browser, "/login/posty")
    answer = posted(browser, "/callback/other", form)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers, "nothing is kept"
    assert browser.get(f"/callback/other?state={form['state']}").status_code == 400
    assert bed.calls("posty") + bed.calls("op-a") == 0


@pytest.mark.parametrize("path", ["/callback/acme", "/callback/plain"])
def test_A020_a_post_to_a_provider_that_answers_by_query_is_not_allowed(
    bed: Bed, path: str
) -> None:
    browser = Https(bed)
    start = browser.post(path.replace("callback", "login"))
    form = {"code": "c", "state": query_of(start.headers["Location"])["state"]}
    assert browser.post(path, data=form, headers=CROSS).status_code == 405
    assert bed.told == []


@pytest.mark.parametrize("path", ["/login/acme", "/login/posty", "/connect/posty"])
def test_A020_a_form_post_to_a_start_is_refused(bed: Bed, path: str) -> None:
    browser = Https(bed)
    form = answered(browser, "/login/posty")
    answer = browser.post(path, data=form, headers=CROSS)
    assert answer.status_code == 403
    assert "Location" not in answer.headers
    assert bed.calls("posty") == 0


def test_A020_a_code_in_the_address_ends_no_flow_of_a_form_post_provider(bed: Bed) -> None:
    attacker, victim = Https(bed), Https(bed)
    query = f"/callback/posty?{urlencode(answered(attacker, '/login/posty'))}"
    assert victim.get(query).status_code == 400
    assert attacker.get(query).status_code == 502
    assert (bed.calls("posty"), who(attacker), who(victim)) == (0, None, None)
