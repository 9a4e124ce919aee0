"""What is known of the stock providers without their files agrees with the files."""

from __future__ import annotations

import pytest

from flask_social import providers
from flask_social.providers._known import ALIASES, ELSEWHERE, GONE, NEEDS, PROOFS
from flask_social.providers._looks import LOOKS
from flask_social.registration import register
from tests.providers import known
from tests.providers.golden import settings

ANEW = "write it anew: .venv/bin/python -m tests.providers.known"


def test_names_and_colours_are_those_of_the_files() -> None:
    assert known.looks() == LOOKS, ANEW


def test_needs_are_those_of_the_files() -> None:
    assert known.needs() == NEEDS, ANEW


def test_what_they_know_applications_by_is_that_of_the_files() -> None:
    assert known.proofs() == PROOFS, ANEW


def test_an_alias_is_no_provider_s_own_id_and_stands_for_one() -> None:
    files = set(providers.names())
    assert not ALIASES.keys() & (files | GONE.keys())
    assert set(ALIASES.values()) <= files | GONE.keys()
    for alias, places in ELSEWHERE.items():
        assert places.keys() <= known.stock(ALIASES[alias]).places.keys()


def test_who_follows_one_that_is_gone_is_there() -> None:
    assert {successor for _, successor in GONE.values()} - {None} <= set(providers.names())


@pytest.mark.parametrize("provider_id", providers.names())
def test_a_file_can_be_configured_by_its_keys_and_what_it_needs(provider_id: str) -> None:
    options = settings(provider_id)
    lazy = register(provider_id, options, sandbox_url=None, allow_http=False)
    eager = register(
        provider_id, {**options, "name": lazy.name}, sandbox_url=None, allow_http=False
    )
    forms = NEEDS.get(provider_id, {}).items()
    checked = "checked" in {form for _, form in forms}
    named = hasattr(known.stock(provider_id), "enrolled")  # by itself, from where it is reached
    assert lazy.making.is_made is (checked or named)
    before = (lazy.name, lazy.module)
    assert (lazy.provider.name, lazy.module) == (eager.name, eager.module) == before
