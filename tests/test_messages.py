"""Sentences: one for every outcome, in our own words or the application's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import flask_social
from flask_social.messages import MESSAGES, sentence

SOURCE = Path(flask_social.__file__).parent
CATEGORIES = {"success", "notice", "info", "error"}


@pytest.mark.parametrize("code", MESSAGES)
def test_every_sentence_is_whole_and_names_the_provider_at_most(code: str) -> None:
    text, category = sentence(code, "Acme", {}, otherwise="refused")
    assert category in CATEGORIES
    assert text[0].isupper()
    assert text[-1] == "."
    assert "{" not in text
    assert set(re.findall(r"\{(\w*)\}", MESSAGES[code][0])) <= {"provider"}


def test_an_application_says_it_in_its_own_words() -> None:
    replaced = {"connected": ("{provider}: bienvenue", "message")}
    assert sentence("connected", "Acme", replaced, otherwise="refused") == (
        "Acme: bienvenue",
        "message",
    )


def test_an_application_gives_a_sentence_to_a_code_of_its_own() -> None:
    replaced = {"wrong_company": ("Employees only.", "error")}
    said = sentence("wrong_company", "Acme", replaced, otherwise="refused")
    assert said == ("Employees only.", "error")


def test_a_code_without_a_sentence_takes_another_s() -> None:
    said = sentence("wrong_company", "Acme", {}, otherwise="refused")
    assert said == ("This Acme account may not be used here.", "error")
    assert sentence("kaput", "Acme", {}, otherwise="provider_error")[0].startswith("Acme did not")


def test_a_provider_s_name_is_text_and_no_template() -> None:
    said, _ = sentence("connected", "{0.__class__} {provider}", {}, otherwise="refused")
    assert said == "Your {0.__class__} {provider} account is connected."


def codes() -> set[str]:
    """The codes that the modules which talk to people raise, or hand to an outcome."""
    found = set()
    for name in (
        "endings",
        "stops",
        "journey",
        "reading",
        "views",
        "removal",
        "routes",
        "state",
        "flows/pending",
    ):
        for node in ast.walk(ast.parse((SOURCE / f"{name}.py").read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("outcome", "FlowRejected", "NotHere", "CrossSite", "Denied") and (
                node.args and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def test_every_code_that_a_visitor_can_meet_has_a_sentence() -> None:
    used = codes()
    assert {"connected", "missing", "cross_site", "unknown_provider", "last_way_in"} <= used
    assert used <= MESSAGES.keys()
