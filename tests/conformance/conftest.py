"""Relying parties, each for one module, as their cases change nothing but the providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.bed import Bed

from .party import USER, Party, party


@pytest.fixture(scope="module")
def _by_query(served_sandbox: ServedSandbox) -> Iterator[Party]:
    with party(served_sandbox) as made:
        yield made


@pytest.fixture(scope="module")
def _by_form(
    served_sandbox: ServedSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Party]:
    with party(served_sandbox, tmp_path_factory.mktemp("form_post")) as made:
        yield made


@pytest.fixture
def by_query(_by_query: Party, box: ServedSandbox) -> Party:
    """A relying party whose answers come in the query."""
    box.reset_counters()
    return _by_query


@pytest.fixture
def by_form(_by_form: Party, box: ServedSandbox) -> Party:
    """A relying party whose answers come by form post, over https."""
    box.reset_counters()
    return _by_form


@pytest.fixture
def rp(make_bed: Callable[..., Bed], box: ServedSandbox) -> Callable[..., Bed]:
    """A relying party of ``acme`` for one test; its keywords alter the provider."""

    def make(**options: Any) -> Bed:
        keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{box.url}acme"}
        bed = make_bed(SOCIAL_ACME={**keys, **options})
        bed.add_user(USER)
        bed.browser().sign_in(USER).trip("/connect/acme")
        box.reset_counters()
        return bed

    return make
