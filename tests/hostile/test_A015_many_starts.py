"""A015 at length: ten thousand starts that nobody ends leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.attacks.test_A010_to_A015_lifetime import starts_without_cookies
from tests.bed import Bed


def test_A015_ten_thousand_starts_of_a_client_without_cookies_leave_nothing(
    make_bed: Callable[..., Bed], tmp_path: Path
) -> None:
    starts_without_cookies(make_bed(database=f"sqlite:///{tmp_path}/bed.sqlite"), 10_000)
