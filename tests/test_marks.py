"""The neutral mark of a provider: a letter on a disc, readable, escaped, and asked of nobody."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template_string

from flask_social import marks, providers
from tests.bed import make_app

KEYS = {"consumer_key": "key", "consumer_secret": "secret"}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, color: str | None = None) -> ET.Element:
    return ET.fromstring(str(marks.svg(name, color)))


def letter(name: str, color: str | None = None) -> str | None:
    return drawn(name, color).findtext(f"{SVG}text")


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("GitHub", "G"),
        ("vk", "V"),
        ("42 School", "4"),
        ("  [spaced]", "S"),
        ("Яндекс", "Я"),
        ("微信", "微"),
        ("हिंदी", "हिं"),
        ("ß", "ß"),
        ("ŉ", "ŉ"),
        ("Élan", "É"),
        ("E\u0301lan", "E\u0301"),
        ("🦊", "?"),
        ("", "?"),
        ("\ud800a", "A"),
    ],
)
def test_the_mark_is_the_first_letter_in_any_script(name: str, initial: str) -> None:
    assert letter(name) == initial


@pytest.mark.parametrize(
    "name", ['"><script>alert(1)</script>', "<b>Acme</b>", "A & B", "a\x00b\x1fc", "it's"]
)
def test_a_name_is_text_and_no_markup(name: str) -> None:
    mark = drawn(name)
    assert mark.get("aria-label") == "".join(each for each in name if each.isprintable())
    assert [each.tag for each in mark.iter()] == [
        f"{SVG}{each}" for each in ("svg", "circle", "text")
    ]


@pytest.mark.parametrize(
    "color", [None, "", "red", "#12", "#12345", "#1234567", 'url("//x")', '#fff" onload="x', "#ggg"]
)
def test_a_colour_that_is_none_gives_the_neutral_one(color: str | None) -> None:
    assert drawn("Acme", color).find(f"{SVG}circle").get("fill") == marks.NEUTRAL  # type: ignore[union-attr]


def test_the_mark_takes_the_colour_and_tells_its_name() -> None:
    mark = drawn("Acme", "#F80")
    assert (mark.get("role"), mark.get("aria-label")) == ("img", "Acme")
    assert mark.find(f"{SVG}circle").get("fill") == "#f80"  # type: ignore[union-attr]


def test_beside_its_name_it_says_nothing() -> None:
    mark = ET.fromstring(str(marks.svg("Acme", beside_name=True)))
    assert (mark.get("aria-hidden"), mark.get("role"), mark.get("aria-label")) == (
        "true",
        None,
        None,
    )


def test_contrast_is_that_of_wcag() -> None:
    # Values of the formula as others publish them.
    assert round(marks.contrast("#000", "#fff"), 2) == 21
    assert round(marks.contrast("#777777", "#ffffff"), 2) == 4.48
    assert round(marks.contrast("#0000ff", "#ffffff"), 2) == 8.59
    assert marks.contrast("#abc", "#aabbcc") == 1


def test_the_letter_can_be_read_on_every_colour() -> None:
    steps = [f"{part:02x}" for part in range(0, 256, 15)]
    for color in (f"#{red}{green}{blue}" for red in steps for green in steps for blue in steps):
        assert marks.contrast(marks.letter_on(color), color) >= 4.5


@pytest.mark.parametrize("provider_id", providers.names())
def test_every_stock_provider_has_a_mark(provider_id: str) -> None:
    provider = providers.find(provider_id)
    assert letter(provider.name, getattr(provider, "color", None)) not in (None, "?")  # type: ignore[union-attr]


def test_a_mark_needs_no_style_and_loads_nothing() -> None:
    mark = str(marks.svg("Acme", "#123456"))
    assert "style" not in mark
    assert "href" not in mark
    assert mark.count("//") == 1, "the name of SVG alone"


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app(
        {
            "SOCIAL_GITHUB": {**KEYS, "color": "#181717"},
            "SOCIAL_ACME": {**KEYS, "issuer": "https://acme.example", "name": "<Acme>"},
        }
    ).app


def test_an_application_has_the_mark_of_each_provider(app: Flask) -> None:
    with app.test_request_context():
        shown = render_template_string(
            "{% for each in social_providers() %}{{ each.mark }}{% endfor %}"
        )
    assert shown == str(marks.svg("GitHub", "#181717") + marks.svg("<Acme>"))
    assert 'aria-label="&lt;Acme&gt;"' in shown


def test_buttons_show_the_mark_and_are_called_by_their_label_alone(app: Flask) -> None:
    source = """{% from "social/_macros.html" import connect_button, social_login %}
    {{ social_login("github", "GitHub") }}{{ connect_button("github", "GitHub") }}"""
    with app.test_request_context():
        shown = render_template_string(source)
    assert shown.count(str(marks.svg("GitHub", "#181717", beside_name=True))) == 2


def test_an_account_at_a_provider_that_is_gone_has_a_mark_too(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string('{{ social_mark("old_place") }}') == str(
            marks.svg("Old Place", beside_name=True)
        )
