"""F29: an answer that comes twice leads where the first one did, wherever the operator says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bed import Bed

U1 = "one@example.org"


@pytest.mark.parametrize("key", ["SOCIAL_CONNECT_ALLOW_REDIRECT", "SOCIAL_CONNECT_ALLOW_VIEW"])
def test_F29_a_connect_leads_to_the_configured_view_both_times(
    make_bed: Callable[..., Bed], key: str
) -> None:
    bed = make_bed(**{key: "/profile"})
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    held = browser.http.cookies.copy()

    first, second = browser.get(callback), browser.get(callback)
    browser.http.cookies.update(held)  # as if the browser had sent both at once
    third = browser.get(callback)

    assert [each.headers["Location"] for each in (first, second, third)] == ["/profile"] * 3
    assert bed.calls("acme") == 1
    assert len(bed.rows()) == 1
    assert len(bed.signals("connection_created")) == 1
