"""A051: a good ID token of one person, and UserInfo that speaks of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.attacks.logins import accepted, linked, refused_until_honest
from tests.bed import Bed


def asking_userinfo(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """U1 at ``acme``, which is asked for UserInfo each time."""
    keys = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}acme"}
    return linked(make_bed(SOCIAL_ACME={**keys, "userinfo": True}), "acme")


@pytest.mark.parametrize("sub", ["somebody else", None], ids=repr)
def test_A051_userinfo_of_somebody_else_or_of_nobody(
    make_bed: Callable[..., Bed], box: ServedSandbox, sub: str | None
) -> None:
    bed = asking_userinfo(make_bed, box)
    accepted(bed)
    if sub is None:
        box["acme"].delete("userinfo", "sub")
    else:
        box["acme"].set("userinfo", sub=sub, name="Somebody Else")
    refused_until_honest(bed)
    assert [row.full_name for row in bed.rows()] == ["Ada Lovelace"]


@pytest.mark.parametrize("changed", [{"aud": "other"}, {"iss": "https://other.example"}], ids=repr)
def test_A051_signed_userinfo_for_somebody_else(
    make_bed: Callable[..., Bed], box: ServedSandbox, changed: dict[str, Any]
) -> None:
    bed = asking_userinfo(make_bed, box)
    box["acme"].signed_userinfo = True
    accepted(bed)
    box["acme"].set("userinfo", name="Somebody Else", **changed)
    refused_until_honest(bed)
    assert [row.full_name for row in bed.rows()] == ["Ada Lovelace"]
