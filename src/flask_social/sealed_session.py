"""Secrets that an application keeps in its session: Flask signs the cookie, this seals them.

Anybody can read Flask's session cookie who has it, its owner to begin with. An application that
keeps the tokens of somebody who is still to register, as those of 1.6 did, would hand them out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from flask import Flask, Response, appcontext_pushed
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import SessionMixin

from .seal import Broken, seal, unseal
from .values import Secret

PURPOSE = "session"
KEY = " secret"
"""The name of our tag; Flask's own begin with a space too."""


def install(app: Flask) -> None:
    """Let the session of *app* seal every :class:`~flask_social.values.Secret` in it.

    Only where the session is a cookie of Flask's kind. What a server keeps needs no seal: there
    they become ordinary texts, since not every serializer takes texts of another type.
    """

    def look_again(sender: Flask) -> None:
        _install(app)  # an interface that was set since

    _install(app)
    appcontext_pushed.connect(look_again, app)
    app.extensions["social_sealed_session"] = look_again  # lives as long as somebody holds it


def _install(app: Flask) -> None:
    """Have the session interface of *app* seal secrets, or leave none, if it does not yet.

    One that seals is a copy, as its serializer is, since all applications share Flask's.
    """
    interface: Any = app.session_interface
    serializer = getattr(interface, "serializer", None)
    if not isinstance(serializer, TaggedJSONSerializer):
        if not isinstance(interface.save_session, _PlainSaving):
            interface.save_session = _PlainSaving(interface.save_session)
    elif not _seals(serializer, app):
        interface = copy(interface)
        interface.serializer = _copied(serializer)
        interface.serializer.register(_tag_of(app), index=0)
        app.session_interface = interface


# Where a server keeps the session.


class _PlainSaving:
    """A session interface's ``save_session`` that finds ordinary texts in place of secrets."""

    def __init__(self, save_session: Callable[[Flask, SessionMixin, Response], None]) -> None:
        self._save_session = save_session

    def __call__(self, app: Flask, session: SessionMixin, response: Response) -> None:
        for name, value in list(session.items()):
            if (plain := _plain(value)) is not value:
                session[name] = plain
        self._save_session(app, session, response)


def _plain(value: Any) -> Any:
    """*value* with ordinary texts for the secrets in it; itself, when it holds none."""
    if isinstance(value, Secret):
        return str(value)
    if type(value) is dict:
        made = {name: _plain(each) for name, each in value.items()}
        return made if any(made[name] is not value[name] for name in made) else value
    if type(value) in (list, tuple):
        members = [_plain(each) for each in value]
        changed = any(new is not old for new, old in zip(members, value, strict=True))
        return type(value)(members) if changed else value
    return value


# Where a cookie holds it.


def _seals(serializer: TaggedJSONSerializer, app: Flask) -> bool:
    """Whether *serializer* seals, and with the keys of *app*."""
    tag: Any = serializer.tags.get(KEY)
    return tag is not None and tag.app is app


def _copied(serializer: TaggedJSONSerializer) -> TaggedJSONSerializer:
    """A serializer with the tags of *serializer*, each bound to the new one, but none of ours."""
    made = copy(serializer)
    order = [tag for tag in serializer.order if tag.key != KEY]
    tags = {key: tag for key, tag in serializer.tags.items() if key != KEY}
    bound = {id(tag): _bound(tag, made) for tag in [*order, *tags.values()]}
    made.order = [bound[id(tag)] for tag in order]
    made.tags = {key: bound[id(tag)] for key, tag in tags.items()}
    return made


def _bound(tag: JSONTag, serializer: TaggedJSONSerializer) -> JSONTag:
    made = copy(tag)
    made.serializer = serializer
    return made


def _tag_of(app: Flask) -> type[JSONTag]:
    """How a secret is written into the session of *app*, and read."""
    owner = app

    class SealedSecret(JSONTag):
        __slots__ = ()
        key = KEY
        app = owner

        def check(self, value: Any) -> bool:
            return isinstance(value, Secret)

        def to_json(self, value: Any) -> str:
            return seal(value.encode("utf-8", "surrogatepass"), _keys(app), PURPOSE)

        def to_python(self, value: Any) -> Secret | None:
            """The secret; ``None`` when no key of the application opens it any more."""
            try:
                return Secret(
                    unseal(str(value), _keys(app), PURPOSE).decode("utf-8", "surrogatepass")
                )
            except Broken:
                return None

    return SealedSecret


def _keys(app: Flask) -> Sequence[str | bytes]:
    return [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
