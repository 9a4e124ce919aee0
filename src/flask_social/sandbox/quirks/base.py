"""The steps at which a quirk can stand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ..answers import new_token
from ..provider import Client, Grant, Provider

if TYPE_CHECKING:
    from ..app import Sandbox
    from ..authorize import Asked

Form = dict[str, str]


class Quirk:
    """Changes nothing. A method for each step, in the order in which they come."""

    def around(
        self,
        sandbox: Sandbox,
        provider: Provider,
        request: Request,
        place: tuple[str, str, str],
        play: Callable[[], Response],
    ) -> Response:
        """The answer to any request; what *play* gives is how others answer it.

        *place* is the endpoint, and where that has paths below it the head and the rest of one.
        """
        return play()

    def asked(self, provider: Provider, params: Form) -> Form:
        """The parameters of an authorization request, wherever they are."""
        return params

    def address(self, provider: Provider, client: Client, redirect_uri: str) -> str:
        """Where the answer to an authorization request for *redirect_uri* goes."""
        return redirect_uri

    def check_asked(self, provider: Provider, asked: Asked) -> None:
        """:raises OAuthError: when the authorization request is not as it should be."""

    def coming_back(self, sandbox: Sandbox, provider: Provider, grant: Grant, params: Form) -> Form:
        """The parameters that go back with a code."""
        return params

    def serve(self, sandbox: Sandbox, provider: Provider, request: Request, form: Form) -> Any:
        """The token answer, where none of the standard's is meant; otherwise ``None``."""
        return None

    def client(self, sandbox: Sandbox, provider: Provider, form: Form) -> Client | None:
        """Who sent *form*, where that is proved in another way than the standard's."""
        return None

    def mint(self, sandbox: Sandbox, provider: Provider, grant: Grant) -> str:
        """A new access token."""
        return new_token()

    def told(self, provider: Provider, grant: Grant, form: Form, answer: Any) -> Any:
        """The token answer."""
        return answer

    def finished(self, sandbox: Sandbox, provider: Provider, said: Any) -> Any:
        """The token answer after edits."""
        return said

    def metadata(self, provider: Provider, document: dict[str, Any]) -> dict[str, Any]:
        """The discovery document."""
        return document

    def claims(
        self, sandbox: Sandbox, provider: Provider, grant: Grant, said: dict[str, Any]
    ) -> dict[str, Any]:
        """The claims of an ID token beside those that all have."""
        return said

    def sealed(self, provider: Provider, client: Client, token: str) -> str:
        """A signed token, as it goes out."""
        return token

    def open(
        self, sandbox: Sandbox, provider: Provider, request: Request, path: str
    ) -> Response | None:
        """The answer to an API call that needs nobody's token."""
        return None

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        """:raises OAuthError: when a profile call is not as it should be."""

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response | None:
        """The answer to a profile call, where it is no plain JSON."""
        return None
