"""Provider objects, with what an application's own views set out and come back by."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from flask import after_this_request, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from . import journey, pages, reading, security, stops
from .errors import CrossSite, Denied, FlowStopped
from .origins import own_address, this_address
from .remote import RemoteApp
from .state import state
from .values import Intent

P = ParamSpec("P")

INTENTS = frozenset({Intent.LOGIN, Intent.CONNECT})
"""What :meth:`OAuthRemoteApp.authorize` sets out for."""


class OAuthRemoteApp(RemoteApp):
    """A provider that the application is registered at, and the connections to it."""

    __slots__ = ()

    def authorize(self, callback: str | None = None) -> ResponseReturnValue:
        """Set out to the provider from a view of the application's own.

        With nobody signed in the trip is a login; else it connects an account to the visitor,
        and only they can end it. The view decides who may: like our own, let one that connects
        ask for a fresh sign-in, by ``@auth_required("session", within=...)``.

        :param callback: the path or the address of this site that the provider answers to, which
            must be registered there; its view is an :meth:`authorized_handler`. Without it the
            trip ends as one that our own routes began.
        :returns: the answer of the view: a redirect, or for a JSON client the address; for a
            trip that cannot begin, the same page as anywhere.
        :raises RuntimeError: when the view was not asked by POST. Any site can send a browser
            to a GET view, and so sign a visitor in as somebody else.
        :raises ValueError: when *callback* is not on this site.
        """
        if request.method != "POST":
            raise RuntimeError("authorize() sets out from a POST view: give the view a form.")
        after_this_request(pages.furnish)
        app_url = state().settings.app_url
        come_back_to = None if callback is None else own_address(callback, app_url, request)
        try:
            reading.require_readable()
            intent = Intent.LOGIN if security.visitor() is None else Intent.CONNECT
            if reading.is_cross_site():
                raise CrossSite("cross_site")
            return journey.set_out(self._here(), intent, come_back_to=come_back_to)
        except stops.stoppers() as error:
            return stops.answer(error, self.id)

    def authorized_handler(
        self, view: Callable[Concatenate[Any, P], Any]
    ) -> Callable[P, ResponseReturnValue]:
        """Decorate the view that :meth:`authorize` named as its callback.

        The view is called with the provider's answer, as it came, in front of its own arguments,
        or with ``None`` when the person cancelled. An answer that does not belong to a trip that
        this browser began to this provider and this address is not for the view: it is answered
        as our own callbacks do. So is whatever else ends the trip early.
        """

        @wraps(view)
        def handler(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            after_this_request(pages.furnish)
            pages.tell_no_referrer()
            try:
                reading.require_readable()
                here = self._here()
                if (answer := here._detour()) is not None:
                    return answer
                oauth_response = here._come_back()
            except stops.stoppers() as error:
                return stops.answer(error, self.id)
            try:
                answer = current_app.ensure_sync(view)(oauth_response, *args, **kwargs)
            except FlowStopped as error:
                return stops.answer(error, self.id)
            return cast(ResponseReturnValue, answer)

        return handler

    def _here(self) -> OAuthRemoteApp:
        """This provider as the present application has it: the same view may serve several.

        :raises NotHere: when it has none of that name.
        """
        return cast(OAuthRemoteApp, state().remote(self.id))

    def _detour(self) -> ResponseReturnValue | None:
        """What is answered to a request that ends no trip yet."""
        if request.method != "POST":
            return journey.detour(self)
        if journey.answers_by_post(self):
            return journey.bounce(self, request.form)
        raise MethodNotAllowed(["GET"])

    def _come_back(self) -> Any | None:
        """The provider's answer with the token, as it came; ``None`` when the person cancelled."""
        here = this_address(state().settings.app_url, request)
        try:
            _, grant = journey.come_back(self, INTENTS, here=here)
        except Denied as error:
            if error.code != "denied":
                raise
            stops.tell_cancelled(self, g.social_flow)
            return None
        return grant.token.raw
