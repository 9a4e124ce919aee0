"""Every sentence a person can see, by its outcome's code, and how they see a date.

An application changes one by ``SOCIAL_MSG_<CODE> = ("text", "category")``. The place
``{provider}`` is filled with its name; a provider's own words never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .errors import ConfigurationError

MESSAGES: dict[str, tuple[str, str]] = {
    # What went well.
    "logged_in": ("You are signed in with {provider}.", "success"),
    "signed_in": ("You are signed in already.", "notice"),
    "connected": ("Your {provider} account is connected.", "success"),
    "already_connected": ("This {provider} account is already connected to yours.", "notice"),
    "reconnected": ("Your {provider} account is connected anew.", "success"),
    "verified": ("Thank you, it is you.", "success"),
    "removed": ("Your {provider} account is disconnected.", "info"),
    "removed_all": ("All your {provider} accounts are disconnected.", "info"),
    "removed_not_revoked": (
        "Your {provider} account is disconnected here, but {provider} did not confirm that it "
        "ended this site's access. You can end it in the settings of your account there.",
        "notice",
    ),
    "removed_all_not_revoked": (
        "All your {provider} accounts are disconnected here, but {provider} did not confirm that "
        "it ended this site's access. You can end it in the settings of your accounts there.",
        "notice",
    ),
    "authorize": ("Continue at {provider}.", "info"),
    # What the person, or their account, stands in the way of.
    "denied": ("You cancelled at {provider}. Nothing was changed.", "error"),
    "refused": ("This {provider} account may not be used here.", "error"),
    "not_linked": (
        "No account here is connected to this {provider} account. "
        "Sign in another way first, then connect it.",
        "error",
    ),
    "not_allowed": ("This account cannot sign in.", "error"),
    "somebody_elses": ("This {provider} account is connected to another account here.", "error"),
    "wrong_account": ("That was another {provider} account than the one connected here.", "error"),
    "cannot_verify": (
        "{provider} cannot confirm that it is you. Sign out and in again instead.",
        "error",
    ),
    "not_found": ("There is no such connection.", "error"),
    "last_way_in": (
        "This is your only way to sign in. Set a password or connect another account first.",
        "error",
    ),
    "reconnect_needed": (
        "{provider} asks for your consent again. Please reconnect your account.",
        "error",
    ),
    "confirm_first": ("Please confirm first that it is you.", "notice"),
    # What a visitor says of where their account is.
    "no_instance": ("Say on which server your {provider} account is.", "error"),
    "bad_instance": (
        "That is not the name of a server. Type it as in its address, such as social.example.",
        "error",
    ),
    "instance_refused": ("Accounts of that server cannot be used here.", "error"),
    "private_address": ("There is no {provider} that this site can reach by that name.", "error"),
    "not_registered": (
        "That server did not let this site in. It may be no {provider} server.",
        "error",
    ),
    "too_many_instances": (
        "This site has met too many new servers lately. Please try again in an hour.",
        "error",
    ),
    # What does not belong to a trip of this browser.
    "missing": (
        "This was not started in this browser, or it took too long. Please start again here.",
        "error",
    ),
    "expired": ("That took too long. Please start again.", "error"),
    "used": ("This answer was already used. Please start again.", "error"),
    "foreign": ("This answer belongs to something else you started. Please start again.", "error"),
    "not_signed_in": ("You are no longer signed in. Please sign in and start again.", "error"),
    "malformed": ("This request is not as it should be. Please start again.", "error"),
    "two_sessions": (
        "Your browser sent two different sessions. Please delete this site's cookies and start "
        "again.",
        "error",
    ),
    "cross_site": ("This request came from another site and was not carried out.", "error"),
    # What this site itself cannot do now. Whether a commit arrived is not always known.
    "store_unavailable": (
        "This site cannot get at its data at the moment. As far as it knows, nothing was changed; "
        "please try again in a moment.",
        "error",
    ),
    "not_stored": (
        "What the provider gave could not be stored by this site. Nothing was changed here; please "
        "tell the people who run it.",
        "error",
    ),
    "unknown_provider": ("There is no such provider here.", "error"),
    # What the provider did.
    "invalid_grant": (
        "This attempt is no longer valid at {provider}. Please start again.",
        "error",
    ),
    "invalid_client": ("Signing in with {provider} is not available at the moment.", "error"),
    "login_required": (
        "{provider} wants you to sign in there first. Please start again.",
        "error",
    ),
    "interaction_required": (
        "{provider} has a question to you first. Please start again and answer it there.",
        "error",
    ),
    "consent_required": (
        "{provider} needs your consent first. Please start again and agree there.",
        "error",
    ),
    "account_selection_required": (
        "Please start again and choose one of your accounts at {provider}.",
        "error",
    ),
    "temporarily_unavailable": (
        "{provider} cannot do this right now. Nothing was changed; please try again in a moment.",
        "error",
    ),
    "server_error": (
        "Something went wrong at {provider}. Nothing was changed; please try again.",
        "error",
    ),
    "invalid_request": (
        "{provider} does not understand what this site asks for. Nothing was changed.",
        "error",
    ),
    "invalid_scope": (
        "{provider} does not share what this site asks for. Nothing was changed.",
        "error",
    ),
    "unauthorized_client": (
        "{provider} does not let this site ask. Nothing was changed.",
        "error",
    ),
    "unsupported_response_type": (
        "{provider} does not answer the way this site asks. Nothing was changed.",
        "error",
    ),
    "too_slow": (
        "{provider} takes too long to answer. Nothing was changed; please try again.",
        "error",
    ),
    "busy": (
        "{provider} is busy. Nothing was changed; please try again in a moment.",
        "error",
    ),
    "unreachable": (
        "{provider} cannot be reached at the moment. Nothing was changed; please try again later.",
        "error",
    ),
    "unavailable": (
        "{provider} is not available at the moment. Nothing was changed; please try again later.",
        "error",
    ),
    "provider_error": ("{provider} did not answer as expected. Nothing was changed.", "error"),
}


def replacement(key: str, value: Any) -> tuple[str, str]:
    """The *value* of *key*, if it is a text with no place but ``{provider}``, and a category.

    :raises ConfigurationError: when it is anything else.
    """
    match value:
        case (str(text), str(category)):
            try:
                text.format(provider="")
            except (AttributeError, LookupError, TypeError, ValueError):
                raise ConfigurationError(f"{key} has a place other than {{provider}}.") from None
            return text, category
    raise ConfigurationError(f"{key} must be a tuple (text, flash category).")


def sentence(
    code: str, provider: str, replaced: Mapping[str, tuple[str, str]], *, otherwise: str
) -> tuple[str, str]:
    """The sentence and its flash category for an outcome's *code*.

    :param provider: the provider's name for people.
    :param replaced: what the application says instead, by code.
    :param otherwise: the code whose sentence serves a code that has none.
    """
    text, category = replaced.get(code) or MESSAGES.get(code) or MESSAGES[otherwise]
    return text.format(provider=provider), category


def date(when: Any) -> str:
    """The day, in UTC, of a time that a connection's row holds: ``2027-01-31``."""
    try:
        moment = datetime.fromtimestamp(when, UTC) if isinstance(when, int) else when
        return f"{moment:%Y-%m-%d}"
    except (OSError, OverflowError, TypeError, ValueError):
        return str(when)
