"""What the log is told of an application's settings, and of its providers: what should not stay."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Iterator

from flask import Flask

from . import limits
from .config import Settings
from .messages import MESSAGES
from .registration import Made, Registration

log = logging.getLogger("flask_social")


def tell(app: Flask, settings: Settings, registrations: Iterable[Registration]) -> None:
    """Warn of what works and yet should not stay, with the key that it is about."""
    for warning in _of_settings(app, settings):
        log.warning(warning)
    cautions = Cautions()
    for each in registrations:
        cautions.watch(each)


def _of_settings(app: Flask, settings: Settings) -> Iterator[str]:
    if not (app.debug or app.testing):
        yield from _in_earnest(app, settings)
    if settings.allow_insecure_providers:
        yield "SOCIAL_ALLOW_INSECURE_PROVIDERS lets tokens travel over plain http."
    for code in settings.messages.keys() - MESSAGES.keys():
        for near in difflib.get_close_matches(code, MESSAGES, n=1, cutoff=0.85):
            yield f"SOCIAL_MSG_{code.upper()}: did you mean SOCIAL_MSG_{near.upper()}?"


def has_address(app: Flask, settings: Settings) -> bool:
    """Whether it is settled where *app* is, whatever the ``Host`` header of a request says."""
    config = app.config
    return bool(settings.app_url or config.get("SERVER_NAME") or config.get("TRUSTED_HOSTS"))


def _in_earnest(app: Flask, settings: Settings) -> Iterator[str]:
    """The same, of what is right in debug and testing."""
    if not has_address(app, settings):
        yield (
            "Callback URLs follow the Host header of each request. Set SOCIAL_APP_URL, SERVER_NAME "
            "or TRUSTED_HOSTS."
        )
    if settings.store_tokens and not settings.token_keys:
        yield (
            "SOCIAL_TOKEN_KEYS is not set: whoever gets a copy of the database can use the tokens "
            "in it. `flask social new-key` makes a key."
        )
    if (settings.app_url or "").lower().startswith("http:"):
        yield "SOCIAL_APP_URL is plain http: whoever is on the way reads codes and sessions."
    if any(origin.startswith("http:") for origin in settings.trusted_origins):
        yield "SOCIAL_TRUSTED_ORIGINS has a plain http origin: anybody on the way can speak for it."
    if settings.request_timeout > limits.REQUEST_TIMEOUT:
        seconds = f"{settings.request_timeout:g}"
        yield f"SOCIAL_REQUEST_TIMEOUT lets a provider hold a worker for {seconds} seconds."


class Cautions:
    """Warns of the providers of one application: at the start, or when one is first used."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], str] = {}
        self._told: set[frozenset[str]] = set()

    def watch(self, registration: Registration) -> None:
        """Tell of *registration*: now, or when its provider is read, what is to be told by then."""
        key = f"SOCIAL_{registration.id.upper()}"
        if registration.stock:
            self._tell_twin(key, registration.stock, registration.client.id)
        registration.making.when_made(lambda made: self._look_at(key, made))

    def _look_at(self, key: str, made: Made) -> None:
        if getattr(made.provider, "pkce", True) is False:  # RFC 9700 section 2.1.1
            log.warning(
                "%s: pkce is off, so that a code that leaks is of use to whoever finds it.", key
            )
        for what in made.lowered:
            log.warning(
                "%s: %s takes protection away. Does this provider leave no other way?", key, what
            )
        names = ("issuer", "token_url", "id")
        place = next(filter(None, (getattr(made.provider, each, None) for each in names)))
        self._tell_twin(key, place, made.client.id)

    def _tell_twin(self, key: str, place: str, client_id: str) -> None:
        """Tell of two registrations of one client at one *place*: a provider's id, or address."""
        if not client_id:  # where visitors name the instance there is none yet
            return
        twin = self._clients.setdefault((place, client_id), key)
        pair = frozenset({key, twin})
        if twin != key and pair not in self._told:
            self._told.add(pair)
            log.warning(
                "%s and %s are one client at one provider: one account counts as two.", key, twin
            )
