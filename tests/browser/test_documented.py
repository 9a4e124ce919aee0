"""A person at a browser uses the forms of the 1.6.2 documentation as they are printed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, PATIENT, Bed
from tests.browser.conftest import Visitor, allow, press, serving
from tests.documented.snippets import KEYS, USER, with_profile

pytestmark = pytest.mark.browser


@pytest.fixture
def documented(
    providers: ServedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bed]:
    """The application that the documentation builds, served."""
    for name, seconds in PATIENT.items():
        monkeypatch.setitem(KEYS, name, seconds)
    bed = with_profile(tmp_path, providers)
    with serving(bed.app) as bed.url:
        yield bed


def log_in(page: Page, documented: Bed) -> None:
    """By the documented form."""
    page.goto(f"{documented.url}/sign-in")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Login")
    expect(page).to_have_url(f"{documented.url}/profile")


def connected(documented: Bed) -> list[str]:
    return [provider_id for _email, provider_id, _subject in documented.accounts()]


@pytest.mark.parametrize("name", ["Twitter", "Facebook", "foursquare"])
def test_the_buttons_connect_log_in_and_disconnect(
    new_visitor: Callable[[], Visitor], documented: Bed, name: str
) -> None:
    page, elsewhere = new_visitor().tab(), new_visitor().tab()
    log_in(page, documented)
    press(page, f"Connect {name}")
    allow(page)
    expect(page).to_have_url(f"{documented.url}/connections")
    page.goto(f"{documented.url}/profile")
    expect(page.get_by_role("button", name=f"Disconnect {name}")).to_be_visible()

    elsewhere.goto(f"{documented.url}/sign-in")
    press(elsewhere, f"Login with {name}")
    allow(elsewhere)
    expect(elsewhere).to_have_url(f"{documented.url}/profile")

    press(page, f"Disconnect {name}")  # method="DELETE", which is a GET to the browser
    expect(page.get_by_role("heading", name="Disconnect")).to_be_visible()
    assert connected(documented) == [name.lower()]
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(f"{documented.url}/connections")
    assert connected(documented) == []
    page.goto(f"{documented.url}/profile")
    expect(page.get_by_role("button", name=f"Connect {name}")).to_be_visible()


def test_the_profile_is_for_those_who_logged_in(page: Page, documented: Bed) -> None:
    page.goto(f"{documented.url}/profile")
    expect(page).to_have_url(f"{documented.url}/login?next=/profile")
