"""F10 and F11: every type that an answer may claim, and every encoding that it may be in."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest

from flask_social.sandbox import Headers
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.test_F08_to_F13_bad_answers import FORM
from tests.faults.visits import UNEXPECTED, Visits


def test_F10_an_answer_is_what_it_says_it_is_and_what_the_provider_declares(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    plain = usual_config(box.url)["SOCIAL_PLAIN"]
    bed = make_bed(
        SOCIAL_FORMAL={**plain, "token_media": FORM},
        SOCIAL_TEXTUAL={**plain, "token_media": "text/plain"},
    )
    good = {
        "plain": {("application/json", "json")},
        "formal": {("application/json", "json"), (FORM, "form")},
        "textual": {("application/json", "json"), ("text/plain", "json")},
    }
    for provider_id, taken in good.items():
        visits = Visits(bed, caplog, provider_id, plays="plain")
        for media, kind in product(("application/json", "text/plain", FORM), ("json", "form")):
            visits.provider.change("token", urlencode if kind == "form" else dict)
            visits.provider.fail("token", Headers({"Content-Type": media}))
            if (media, kind) in taken:
                visits.works()
            else:
                visits.fails(502, UNEXPECTED, "bad_answer")
            visits.provider.honest()


def test_F11_json_is_utf_8_whatever_it_says(plain: Visits) -> None:
    def encoded(honest: dict[str, Any]) -> bytes:
        return json.dumps({**honest, "name": "Ädä"}, ensure_ascii=False).encode(encoding)

    encodings = ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "utf-8")
    for encoding, charset in product(encodings, ("", "; charset=utf-8", "; charset=its own")):
        said = f"application/json{charset}".replace("its own", encoding)
        plain.provider.change("api", encoded)
        plain.provider.fail("api", Headers({"Content-Type": said}))
        if encoding.startswith("utf-8"):
            plain.works()
            assert plain.row().full_name == "Ädä"
        else:
            plain.fails(502, UNEXPECTED, "bad_answer")
        plain.provider.honest()


def test_F11_octets_that_are_no_utf_8(plain: Visits) -> None:
    plain.provider.replace("token", b'{"access_token": "\xff\xfe"}')
    line = plain.fails(502, UNEXPECTED, "bad_answer").line
    assert "JSON is not UTF-8" in line
    plain.mended()
