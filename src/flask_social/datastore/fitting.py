"""What of ours fits into the columns of a model that the application declared, whatever its ORM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

TIMES = ("created_at", "updated_at", "expires_at", "lease_until")
"""Ours where they are integers. A date column of the same name is the application's own."""
CUT = ("display_name", "full_name")
"""May lose its end where the column is short."""
DROPPED = ("email", "profile_url", "image_url", "token_type")
"""Is of no use without its end."""
SHORT_TOKEN = 4096
"""Characters below which a token column is worth a warning."""
WHOLE = re.compile(r"-?[0-9]{1,19}")
"""A number that a column of integers may hold."""
BIGGEST = 2**63


def whole(text: str) -> int | None:
    """The number that *text* spells, if the largest column of integers holds it."""
    if WHOLE.fullmatch(text) and -BIGGEST <= int(text) < BIGGEST:
        return int(text)
    return None


def uuid_of(text: str) -> UUID | None:
    """The UUID that *text* spells."""
    try:
        return UUID(text)
    except ValueError:
        return None


def shortened(name: str, text: str, length: int) -> str | None:
    """What of *text* goes into the column *name*, which holds *length* characters; 0: any."""
    if not 0 < length < len(text) or name not in (*CUT, *DROPPED):
        return text
    return text[:length] if name in CUT else None


def advice(model: str, lengths: Mapping[str, int], remedy: str) -> list[str]:
    """What to change about those token columns of *model*, by their *lengths*, that are short."""
    return [
        f"{model}.{token} holds {length} characters, tokens may be longer: {remedy}."
        for token, length in lengths.items()
        if length < SHORT_TOKEN
    ]
