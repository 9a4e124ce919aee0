"""What the library alone decides in a request, whatever a configuration says of its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import ConfigurationError

HELD = frozenset(
    {
        "response_type",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
    }
)
"""Parameters that go under their own names. Renamed they would be switched off in silence."""
BACK = "redirect_uri"
"""May be called otherwise. What stands in its place has to be the application's by its contract
with the provider."""
SHAPED = HELD | {BACK}


def of(params: Mapping[str, str]) -> dict[str, str]:
    """Those of *params* that nobody shapes."""
    return {name: value for name, value in params.items() if name in SHAPED}


def require_kept(
    provider_id: str, renames: Mapping[str, str], credentials: Collection[str]
) -> None:
    """:raises ConfigurationError: when *renames* touch what the library alone decides."""
    for ours, theirs in renames.items():
        ends_there = theirs == BACK and ours not in credentials
        if ours in HELD or theirs in HELD or ends_there:
            raise ConfigurationError(
                f"{provider_id}: renames makes {ours!r} {theirs!r}. State, PKCE, the nonce and "
                f"where people come back to are not for a configuration to change."
            )
