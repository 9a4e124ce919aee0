"""Whether a token can be made new and given back, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Yes, no, or not known before the provider is asked; and how, in a sentence."""

    exists: bool | None
    how: str

    @property
    def short(self) -> str:
        """For a table."""
        return {True: "yes", False: "no", None: "maybe"}[self.exists]


NO_OAUTH = Answer(exists=False, how="It has no refresh tokens.")
NOT_IN_OAUTH1 = Answer(
    exists=False, how="OAuth 1.0a has no refresh tokens; most of its tokens do not expire."
)
NO_REFRESH = Answer(
    exists=False, how="It gives no refresh token: when a token ends, the person consents again."
)
LASTING = Answer(
    exists=False, how="It gives no refresh token, but one that lasts, when asked by {asked}."
)
MAYBE = Answer(exists=None, how="A token is refreshed if a refresh token comes with it.")
DEPENDS = Answer(
    exists=None,
    how="That depends on how your application is registered: a token is refreshed if a refresh "
    "token comes with it.",
)
BY_ITSELF = Answer(exists=True, how="A refresh token comes with every token.")
RENEWED = Answer(
    exists=True,
    how="There is no refresh token: a token that still works is exchanged for a newer one.",
)
SWITCHED_OFF = Answer(exists=False, how="The configuration does not let it be asked for.")
NO_WAY = Answer(exists=False, how="It takes none back: the token is only deleted here.")
BY_METADATA = Answer(
    exists=None, how="At the place that its metadata names, if they name one (RFC 7009)."
)
BY_RFC_7009 = Answer(exists=True, how="When the account is disconnected (RFC 7009).")
BY_OWN_WAY = Answer(exists=True, how="When the account is disconnected, in a way of its own.")


def refresh(provider: Any, *, has_file: bool) -> Answer:
    """Whether and when *provider* gives refresh tokens.

    :param has_file: whether somebody looked it up, and did not only configure its addresses.
    """
    if not hasattr(provider, "refresh"):
        return NOT_IN_OAUTH1 if hasattr(provider, "request_token_url") else NO_OAUTH
    gives = getattr(provider, "refreshes", True)
    if getattr(provider, "renewal_grant", None):
        return RENEWED
    asked = _asked(provider)
    if gives is False:
        return replace(LASTING, how=LASTING.how.format(asked=asked)) if asked else NO_REFRESH
    if not asked:
        known = BY_ITSELF if gives else DEPENDS
        return known if has_file else MAYBE
    offline = getattr(provider, "offline", None)
    if offline is False:
        return SWITCHED_OFF
    when = "on every trip" if offline else "when an account is connected"
    return Answer(exists=True, how=f"Asked for {when}, by {asked}.")


def _asked(provider: Any) -> str:
    """What a refresh token is asked for by, in words; empty where by nothing."""
    scopes = getattr(provider, "offline_scopes", ())
    params = getattr(provider, "offline_params", {})
    parts = [f"the scope `{each}`" for each in scopes]
    return ", ".join(parts + [f"`{name}={value}`" for name, value in params.items()])


def revocation(provider: Any) -> Answer:
    """Whether and how *provider* takes a token back."""
    if not hasattr(provider, "revoke"):
        return NO_WAY
    if getattr(provider, "revoke_url", None):
        own = getattr(provider, "shape_revoke", None) or hasattr(provider, "request_token_url")
        return BY_OWN_WAY if own else BY_RFC_7009
    if _has_own_revocation(provider):
        return BY_OWN_WAY
    is_discovered = hasattr(provider, "read_metadata") and not getattr(provider, "token_url", None)
    return BY_METADATA if is_discovered else NO_WAY


def _has_own_revocation(provider: Any) -> bool:
    """Whether the file of *provider* defines a class with a revocation of its own."""
    return any(
        "revocation" in vars(kind) or "revoke" in vars(kind)
        for kind in type(provider).__mro__
        if ".protocols." not in kind.__module__ and kind is not object
    )
