"""What the attacks on the protocol share: an account that is connected, and logins that lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_social.testing import ServedSandbox
from tests.bed import Bed, make_app, served, usual_config

U1 = "one@example.org"
PAGES = ("did not answer as expected", "no longer valid", "not available")
"""What a page says of a provider's lie, of its ``invalid_grant``, and of one that is away."""


def linked(bed: Bed, *providers: str) -> Bed:
    """*bed*, where Ada's account at each of *providers* is connected to U1."""
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for each in providers or ("acme", "plain"):
        assert browser.trip(f"/connect/{each}").status_code == 303
    bed.sandbox.reset_counters()
    bed.told.clear()
    return bed


@contextmanager
def linked_once(box: ServedSandbox) -> Iterator[Bed]:
    """The same for all tests of a module, whose cases change nothing but the provider."""
    box.reset()
    box.login_as("ada")
    with served(make_app(usual_config(box.url))) as bed:
        bed.sandbox = box
        yield linked(bed)


def refused(bed: Bed, provider_id: str = "acme", status: int = 502) -> None:
    """A login now ends with a page: nobody is signed in, no row changes, and one signal tells."""
    before = [(row.version, row.access_token) for row in bed.rows()]
    signals = ("provider_failed", "login_completed")
    failed, completed = (len(bed.signals(name)) for name in signals)
    browser = bed.browser()
    answer = browser.trip(f"/login/{provider_id}")
    assert answer.status_code == status, answer.text
    assert any(each in answer.text for each in PAGES), answer.text
    assert browser.who() is None
    assert [(row.version, row.access_token) for row in bed.rows()] == before
    assert [len(bed.signals(name)) for name in signals] == [failed + 1, completed]


def accepted(bed: Bed, provider_id: str = "acme") -> None:
    """A login now signs U1 in."""
    browser = bed.browser()
    answer = browser.trip(f"/login/{provider_id}")
    assert answer.status_code == 303, answer.text
    assert browser.who() == U1
    bed.told.clear()


def refused_until_honest(bed: Bed, provider_id: str = "acme") -> None:
    """A login now is refused, and the next one, to which the provider does not lie, is not."""
    refused(bed, provider_id)
    bed.sandbox[provider_id].honest()
    accepted(bed, provider_id)
