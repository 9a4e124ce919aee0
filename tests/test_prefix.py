"""Routes below a part of the path that the application itself takes, such as a language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from tests.bed import Bed, query_of

U1 = "one@example.org"


def with_languages(bed: Bed) -> Bed:
    """*bed* as Flask's own documentation has applications speak several languages."""

    @bed.app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.language = (values or {}).pop("lang", None) or "en"

    @bed.app.url_defaults
    def give(endpoint: str, values: dict[str, Any]) -> None:
        if bed.app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", g.get("language", "en"))

    return bed


def test_every_trip_stays_in_its_language(make_bed: Callable[..., Bed]) -> None:
    bed = with_languages(make_bed(SOCIAL_URL_PREFIX="/<lang>/social"))
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    there = browser.set_out("/de/social/connect/plain")
    assert query_of(there)["redirect_uri"] == f"{bed.url}/de/social/connect/plain"
    answer = browser.get(browser.at_provider(there))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/de/social/connections")
    page = browser.get("/de/social/connections").text
    assert 'action="/de/social/' in page
    assert "/en/" not in page
    assert bed.browser().trip("/en/social/login/plain").headers["Location"] == "/home"
    assert bed.browser().get("/fr/social/login/plain?state=s&code=c").status_code == 400
    assert bed.raised == []
