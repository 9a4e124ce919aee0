"""Who may come in: what an operator requires of a person's claims, an organisation or a group.

What was sent along with the person, ``hd`` for instance, is a wish that they can change in their
browser. Only what the provider says of them afterwards counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigurationError, Denied

Required = Mapping[str, frozenset[str]]
"""Claims by their names, and of each the values of which it has to have one."""


def read_required(provider_id: str, required: Sequence[str]) -> Required:
    """What texts such as ``hd=acme.example`` require.

    :raises ConfigurationError: for a text of another form.
    """
    found: dict[str, frozenset[str]] = {}
    for each in required:
        name, _, value = each.partition("=")
        if not name or not value:
            raise ConfigurationError(f"{provider_id}: required_claims are 'name=value'.")
        found[name] = found.get(name, frozenset()) | {value}
    return found


def require(required: Required, claims: Mapping[str, Any]) -> None:
    """:raises Denied: ``refused``, unless *claims* have one permitted value of all *required*.

    A claim that is a list has to have it among its members. Values are compared as they are: one
    of another case, or another type, is another.
    """
    for name, permitted in required.items():
        value = claims.get(name)
        members = value if isinstance(value, list) else [value]
        if not any(isinstance(each, str) and each in permitted for each in members):
            raise Denied("refused", f"the claim {name} is missing or not one that is required")
