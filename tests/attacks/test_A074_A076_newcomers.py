"""A074, A076, A080: the unknown get in nowhere, learn nothing, and have nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests

from flask_social.testing import ServedSandbox
from tests.attacks.leaks import opened
from tests.bed import Bed, usual_config
from tests.faulty import Faulty

KNOWN, UNKNOWN = "known@example.org", "nobody@example.org"
JSON = {"Accept": "application/json"}
RANDOM = re.compile(
    r"[0-9a-f]{40}|[0-9a-f]{24}|[0-9a-f]{16}|expires=[^;]+|session=[^;]+|\"csrf_token\":\"[^\"]+",
    re.IGNORECASE,
)
"""What differs from answer to answer: names of flows, ids, times, tokens; cookies are opened."""


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_A074_sign_up_closed(make_bed: Callable[..., Bed], provider_id: str) -> None:
    bed = make_bed(SECURITY_REGISTERABLE=False)
    browser = bed.browser()

    answer = browser.trip(f"/login/{provider_id}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "No account here is connected" in browser.get("/login").text
    assert browser.who() is None
    assert (bed.users(), bed.rows()) == ([], [])
    assert [told["provider"].id for told in bed.signals("login_failed")] == [provider_id]
    assert bed.signals("login_completed") == []
    callback = browser.at_provider(browser.set_out(f"/login/{provider_id}"))
    refused = browser.get(callback, headers=JSON)
    assert (refused.status_code, refused.json()["response"]["code"]) == (403, "not_linked")


def test_A074_a_handler_that_knows_nobody(bed: Bed) -> None:
    bed.social.newcomer_handler(lambda grant: None)
    browser = bed.browser()
    browser.trip("/login/acme")
    assert browser.who() is None
    assert (bed.users(), bed.rows()) == ([], [])
    assert len(bed.signals("login_failed")) == 1


# No account oracle.


def seen_by_a_stranger(bed: Bed, provider_id: str, email: str, how: Mapping[str, str]) -> Any:
    """All that somebody with a new account, and this address there, can tell of the answers.

    Of time, how many statements the database had to answer: seconds depend on the machine.
    """
    provider = bed.sandbox[provider_id]
    for target in ("claims", "userinfo", "api"):
        provider.set(target, email=email, email_verified=True)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out(f"/login/{provider_id}"))
    bed.statements.clear()
    answers = [browser.get(callback, headers=how), browser.get("/login", headers=how)]
    return [visible(answer) for answer in answers], list(bed.statements), browser.who()


def visible(answer: requests.Response) -> Any:
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    headers["Set-Cookie"] = RANDOM.sub("", headers.get("Set-Cookie", ""))
    cookies = sorted((RANDOM.sub("", each.name), each.value or "") for each in answer.cookies)
    kept = [
        (name, RANDOM.sub("", opened(value)) if name == "session" else "")
        for name, value in cookies
    ]
    return answer.status_code, headers, kept, RANDOM.sub("", answer.text)


@pytest.mark.parametrize(("provider_id", "generic"), [("acme", True), ("plain", False)])
def test_A076_no_account_oracle(
    make_bed: Callable[..., Bed], provider_id: str, generic: bool
) -> None:
    bed = make_bed(SECURITY_RETURN_GENERIC_RESPONSES=generic)
    bed.add_user(KNOWN)
    bed.browser().trip(f"/login/{provider_id}")  # the provider's keys are read once
    for how, status in (({}, 303), (JSON, 403)):
        known = seen_by_a_stranger(bed, provider_id, KNOWN, how)
        unknown = seen_by_a_stranger(bed, provider_id, UNKNOWN, how)

        assert known == unknown
        assert known[0][0][0] == status
        assert len(known[1]) > 0, "statements were counted"
        assert known[2] is None


# Pictures.


@pytest.mark.parametrize(("provider_id", "member"), [("acme", "picture"), ("plain", "avatar")])
def test_A080_avatar_fetch(
    make_bed: Callable[..., Bed], box: ServedSandbox, provider_id: str, member: str
) -> None:
    plain = usual_config(box.url)["SOCIAL_PLAIN"]
    plain["identity"] |= {"image_url": "avatar", "profile_url": "profile"}
    with Faulty(lambda exchange: exchange.reply(b"a picture")) as internal:
        picture = f"{internal.url}/latest/meta-data/"
        bed = make_bed(SOCIAL_PLAIN=plain)
        bed.add_user(KNOWN)
        for target in ("claims", "userinfo", "api"):
            bed.sandbox[provider_id].set(target, **{member: picture, "profile": picture})
        owner = bed.browser().sign_in(KNOWN)

        owner.trip(f"/connect/{provider_id}")
        bed.browser().trip(f"/login/{provider_id}")
        owner.trip(f"/reconnect/{provider_id}")
        listing = owner.get("/connections")
        confirm = owner.get(f"/connect/{provider_id}/{bed.rows()[0].provider_user_id}")

        [row] = bed.rows()
        assert row.image_url == picture
        assert (listing.status_code, confirm.status_code) == (200, 200)
        assert internal.connections == 0
