"""All that this library asks of Flask-Security and Flask-Login: who is here, and may they in.

Names of theirs that they do not document are used here and nowhere else; each has a test.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Flask, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_security import (
    auth_required,
    check_and_update_authn_fresh,
    current_user,
    get_url,
    login_user,
    unauth_csrf,
    url_for_security,
    user_authenticated,
)
from flask_security.confirmable import requires_confirmation
from flask_security.tf_plugin import tf_clean_session
from flask_security.utils import get_message

from . import clock, limits

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

SECOND_FACTOR = "social_second_factor"
"""The session key that remembers which provider began a login that waits for a second factor."""


def visitor() -> Any | None:
    """The user who is signed in, the object itself; ``None`` for anybody else.

    One who was deleted meanwhile, by another request, is nobody for the rest of this one.
    """
    try:
        present = bool(current_user and current_user.is_authenticated)
    except Exception:  # what an ORM raises for a row that it knows and cannot find
        if (key := session.get("_user_id")) is None or find_user(fs_uniquifier=key) is not None:
            raise
        forget_visitor()
        return None
    return current_user._get_current_object() if present else None


def visitor_id() -> str | None:
    """What names the visitor in a session: ``fs_uniquifier``."""
    user = visitor()
    return None if user is None else str(user.fs_uniquifier)


def forget_visitor() -> None:
    """Take whoever sent this request for nobody until it ends. Their session is left alone."""
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]


def visitor_now() -> Callable[[], None]:
    """A function that takes for the visitor again whoever is taken for so now."""
    before = g.get("_login_user")

    def restore() -> None:
        g._login_user = before
        if before is None:  # nobody asked yet; whoever asks finds out
            g.pop("_login_user")

    return restore


def find_user(**key: Any) -> Any | None:
    """The user whom *key* names, ``id`` or ``fs_uniquifier``, as the database says by now."""
    return _extension().datastore.find_user(**key)


def wants_json() -> bool:
    """Whether the client asks for JSON, as the application defines it."""
    return bool(_extension()._want_json(request))


def render_json(payload: dict[str, Any], status: int) -> ResponseReturnValue:
    """*payload* in Flask-Security's shape, or the application's own."""
    return cast(ResponseReturnValue, _extension()._render_json(payload, status, None, None))


def unforged(view: View[P]) -> View[P]:
    """Let only pass what Flask-Security takes for this site's own request, signed in or not."""
    return cast(View[P], unauth_csrf()(view))


def signed_in(view: View[P]) -> View[P]:
    """Let only somebody who is signed in by a session pass."""
    return cast(View[P], auth_required("session")(view))


def freshly_signed_in(confirm: Callable[[], ResponseReturnValue]) -> Callable[[View[P]], View[P]]:
    """Let only somebody pass who proved lately who they are: ways in are added and removed here.

    :param confirm: answers somebody whom Flask-Security's verify page cannot help, for want of
        anything to type there.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def fresh(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            within = current_app.config["SECURITY_FRESHNESS"]
            grace = current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"]
            if check_and_update_authn_fresh(within, grace, "session"):
                return view(*args, **kwargs)
            if wants_json() or can_reauthenticate(visitor()):
                return cast(ResponseReturnValue, _extension()._reauthn_handler(within, grace))
            return confirm()

        return signed_in(fresh)

    return guard


def can_reauthenticate(user: Any) -> bool:
    """Whether Flask-Security's own verify page can do anything for *user*."""
    return bool(user.password) or _has_passkey(user) or _has_unified_method(user)


def problem(user: Any) -> str | None:
    """What keeps *user* from signing in, in the words of the password form; ``None`` if nothing."""
    reasons: list[str] = []
    if not user.is_active or user.is_locked(reasons):
        return str(reasons[0] if reasons else get_message("DISABLED_ACCOUNT")[0])
    if requires_confirmation(user):  # type: ignore[no-untyped-call]
        return str(get_message("CONFIRMATION_REQUIRED")[0])
    return None


# Signing in.


def sign_in(
    user: Any,
    *,
    provider_id: str,
    remember: bool,
    next_url: str | None,
    keep: tuple[str, ...] | None,
) -> ResponseReturnValue | None:
    """Sign *user* in, or begin the second factor that is due.

    :param remember: whether the visitor asked to be remembered.
    :param next_url: where to go once a second factor has passed.
    :param keep: the session keys that may survive; ``None`` for the application's own.
    :returns: Flask-Security's answer when a second factor is due, else ``None``: signed in.
    """
    _renew_session(keep)
    begun: ResponseReturnValue | None = _extension().two_factor_plugins.tf_enter(
        user, remember, "oauth", next_loc=next_url
    )
    if begun is None:
        login_user(user, remember=remember, authn_via=["oauth", f"social:{provider_id}"])
        return None
    # Written even when False: otherwise SECURITY_DEFAULT_REMEMBER_ME decides after the factor.
    session["tf_remember_login"] = remember
    session[SECOND_FACTOR] = [provider_id, user.fs_uniquifier, clock.now()]
    return begun


def commit() -> None:
    """Write what Flask-Security changed while signing in."""
    _extension().datastore.commit()


def on_second_factor(app: Flask, completed: Callable[[str, Any], None]) -> Callable[..., None]:
    """Call ``completed(provider_id, user)`` when a login that we began passes its second factor.

    Flask-Security's own signal does not say how such a login began, so the session does.

    :returns: the receiver, which lives as long as somebody holds it.
    """

    def receiver(sender: Flask, user: Any, authn_via: Any = None, **extra: Any) -> None:
        provider_id, uniquifier, began = session.pop(SECOND_FACTOR, None) or ("", None, 0)
        recent = clock.now() - began <= limits.FLOW_LIFETIME
        if authn_via is None and uniquifier == user.fs_uniquifier and recent:
            completed(provider_id, user)

    user_authenticated.connect(receiver, app)
    return receiver


def freshen() -> None:
    """The visitor has just proved again who they are."""
    session["fs_paa"] = clock.now()
    session.pop("fs_gexp", None)


def _renew_session(keep: tuple[str, ...] | None) -> None:
    """Drop what an earlier visitor, or an attacker, may have left in the session."""
    tf_clean_session()  # type: ignore[no-untyped-call]
    for key in list(session):
        ours = key == SECOND_FACTOR or key.startswith(("fs_", "tf_"))
        if ours if keep is None else key not in keep:
            session.pop(key)
    if regenerate := getattr(current_app.session_interface, "regenerate", None):
        regenerate(session)


# Ways in, and where they lead.


def has_way_in(user: Any) -> bool:
    """Whether *user* could sign in without any provider."""
    config = current_app.config
    return bool(
        user.password
        or config.get("SECURITY_PASSWORDLESS")
        or (config.get("SECURITY_WAN_ALLOW_AS_FIRST_FACTOR") and _has_passkey(user))
        or _has_unified_method(user)
    )


def _has_passkey(user: Any) -> bool:
    keys = getattr(user, "webauthn", None) if current_app.config.get("SECURITY_WEBAUTHN") else None
    return any(key.usage == "first" for key in keys or ())


def _has_unified_method(user: Any) -> bool:
    return bool(
        current_app.config.get("SECURITY_UNIFIED_SIGNIN") and getattr(user, "us_totp_secrets", None)
    )


def login_url() -> str:
    """The login page."""
    return str(url_for_security("login"))


def after_login_url() -> str:
    """Where a login leads that names no other place: ``SECURITY_POST_LOGIN_VIEW``."""
    return url_of(current_app.config["SECURITY_POST_LOGIN_VIEW"])


def url_of(view: str) -> str:
    """The address of a configured view: an endpoint's name, or an address as it is."""
    return str(get_url(view))


def _extension() -> Any:
    return current_app.extensions["security"]
