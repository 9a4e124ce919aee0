"""Ada's visits, by each of the usual providers."""

from __future__ import annotations

import pytest

from tests.bed import Bed
from tests.faults.visits import Visits


@pytest.fixture
def plain(bed: Bed, caplog: pytest.LogCaptureFixture) -> Visits:
    """By a provider of OAuth 2.0."""
    return Visits(bed, caplog, "plain")


@pytest.fixture
def acme(bed: Bed, caplog: pytest.LogCaptureFixture) -> Visits:
    """By a provider of OpenID Connect."""
    return Visits(bed, caplog, "acme")
