"""A59 and A87 on every store: whose account it is, to the letter, and tokens of any length."""

from __future__ import annotations

from typing import Any

from flask_social import limits
from flask_social.testing import ServedSandbox
from tests.tokens.stores import EMAIL, Store

SUBJECTS = ("AbC", "abC", "abC ", "ab\u00c7", "abC\u0327", "x" * 254 + "y", "x" * 254 + "Y")
"""Look-alikes, and two as long as a subject may be."""
LENGTHS = (10_000, 60_000)


def test_A059_look_alikes_are_different_people(store: Store, box: ServedSandbox) -> None:
    bed = store.bed
    for number, subject in enumerate(SUBJECTS):
        bed.add_user(f"{number}@example.org")
        box["plain"].set("api", id=subject)
        browser = bed.browser().sign_in(f"{number}@example.org")
        assert browser.trip("/connect/plain").headers["Location"] == "/connections"

    for number, subject in enumerate(SUBJECTS):
        box["plain"].set("api", id=subject)
        browser = bed.browser()
        assert browser.trip("/login/plain").headers["Location"] == "/home"
        assert browser.who() == f"{number}@example.org", subject
    assert sorted(account[2] for account in bed.accounts()) == sorted(SUBJECTS)


def test_A087_long_tokens_come_back_as_they_were(store: Store, box: ServedSandbox) -> None:
    bed, provider = store.bed, box["plain"]
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    for length in LENGTHS:

        def stretched(answer: Any, length: int = length) -> Any:
            for name, held in (
                ("access_token", provider.access_tokens),
                ("refresh_token", provider.refresh_tokens),
            ):
                long: str = answer[name].ljust(length, ".")
                held[long] = held[answer[name]]  # type: ignore[assignment]
                answer[name] = long
            return answer

        provider.change("token", stretched)
        assert browser.trip("/connect/plain").headers["Location"] == "/connections"
        with bed.app.app_context():
            [token] = bed.app.extensions["social"].datastore.stored_tokens()
            assert len(token.access_token or "") == len(token.refresh_token or "") == length
            assert token.access_token in provider.access_tokens
            assert token.refresh_token in provider.refresh_tokens
    longest = "t" * (limits.ACCESS_TOKEN + 1)
    provider.change("token", lambda answer: {**answer, "access_token": longest})
    assert browser.trip("/connect/plain").status_code == 502
    with bed.app.app_context():
        now = bed.app.extensions["social"].datastore.stored_tokens()
    assert now == [token], "nothing is cut, and nothing is changed"
