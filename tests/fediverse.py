"""Servers that many run, each for its own people, on one port and by several names.

What they take and give is Mastodon's, and as much of it Gitea's as a login, an API call and a
refresh need.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import trustme
from urllib3.util.connection import create_connection
from werkzeug.wrappers import Request, Response

from flask_social.sandbox import Server
from flask_social.transport import names
from flask_social.transport.names import Address
from tests.bed import query_of
from tests.faulty import server_tls

PUBLIC = "93.184.215.14"
"""What all names resolve to, unless a test says otherwise; sockets to it lead to this machine."""
NAMES = tuple(f"{name}.example" for name in ("one", "two", "a.two", "three", "bad", "evil"))
PATHS = {
    "/oauth/token": "token",
    "/login/oauth/access_token": "token",
    "/apps/oauth2/api/v1/token": "token",
    "/oauth/revoke": "revoke",
    "/api/v1/apps": "register",
    "/api/v1/accounts/verify_credentials": "profile",
    "/api/v1/user": "profile",
}


@dataclass
class Instance:
    """One server: whom it knows and what it granted."""

    host: str
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Access and refresh tokens, and the client that has each."""
    asked: list[str] = field(default_factory=list)
    """What it was asked for, in the order of the requests."""
    forms: list[dict[str, str]] = field(default_factory=list)
    person: str = "7"
    closed: bool = False
    """It is another software: nothing is where Mastodon has it."""

    def forget(self) -> None:
        """Know no application any more."""
        self.clients.clear()

    def admit(self, client_id: str, secret: str) -> None:
        """Know an application that somebody registered by hand."""
        self.clients[client_id] = {"secret": secret, "uris": None, "scopes": None}


class Fediverse:
    """All servers. A WSGI application."""

    def __init__(self, authority: trustme.CA) -> None:
        self.instances: dict[str, Instance] = {}
        self.resolved: list[str] = []
        self.private: dict[str, str] = {}
        """Names that are at other addresses than :data:`PUBLIC`."""
        self.server = Server(self, ssl_context=server_tls(authority, *NAMES))
        self.server.start()
        self.port = int(urlsplit(self.server.url).port or 0)

    def host(self, name: str) -> str:
        """*name* as a visitor types it, with the port."""
        return f"{name}:{self.port}"

    def __getitem__(self, name: str) -> Instance:
        """The server of that name."""
        host = self.host(name)
        return self.instances.setdefault(host, Instance(host))

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        return self.answer(request)(environ, start_response)

    def answer(self, request: Request) -> Response:
        """What the server that the request names answers."""
        instance = self.instances.setdefault(request.host, Instance(request.host))
        what = PATHS.get(request.path, "nothing")
        instance.asked.append(what)
        instance.forms.append(request.form.to_dict())
        if instance.closed or what == "nothing":
            return Response("not found", 404)
        answer: Response = getattr(self, f"_{what}")(instance, request)
        return answer

    def consent(self, url: str) -> str:
        """Say yes on the page at *url*, which the browser was sent to; where it leads back to."""
        asked, instance = query_of(url), self.instances[urlsplit(url).netloc]
        client = instance.clients[asked["client_id"]]
        assert client["uris"] is None or asked["redirect_uri"] in client["uris"]
        scopes = asked.get("scope", "").split()
        assert client["scopes"] is None or set(scopes) <= set(client["scopes"])
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        instance.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}{'&' if '?' in asked['redirect_uri'] else '?'}{answer}"

    def _register(self, instance: Instance, request: Request) -> Response:
        form = request.form
        client_id, secret = f"id of {instance.host}", secrets.token_hex(8)
        instance.clients[client_id] = {
            "secret": secret,
            "uris": form["redirect_uris"].split("\n"),
            "scopes": form["scopes"].split(),
            "name": form["client_name"],
        }
        return _json({"id": "3", "client_id": client_id, "client_secret": secret})

    def _token(self, instance: Instance, request: Request) -> Response:
        form = request.form
        client = instance.clients.get(form["client_id"])
        if client is None or client["secret"] != form["client_secret"]:
            return _json({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            if instance.tokens.pop(form["refresh_token"], None) != form["client_id"]:
                return _json({"error": "invalid_grant"}, 400)
            return self._granted(instance, form["client_id"])
        if (asked := instance.codes.pop(form["code"], None)) is None:
            return _json({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        return self._granted(instance, form["client_id"])

    def _granted(self, instance: Instance, client_id: str) -> Response:
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        instance.tokens |= {access: client_id, refresh: client_id}
        answer = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer"}
        return _json({**answer, "expires_in": 3600})

    def _profile(self, instance: Instance, request: Request) -> Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if token not in instance.tokens:
            return _json({"error": "The access token is invalid"}, 401)
        return _json({"id": instance.person, "username": "ada", "login": "ada", "url": None})

    def _revoke(self, instance: Instance, request: Request) -> Response:
        form = request.form
        client = instance.clients.get(form["client_id"])
        if client is None or client["secret"] != form["client_secret"]:
            return _json({"error": "unauthorized_client"}, 403)
        instance.tokens.pop(form["token"], None)
        return _json({})


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


@contextmanager
def fediverse(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fediverse]:
    """Running servers, whose names an application's transport finds at public addresses."""
    made = Fediverse(authority)

    def resolve(host: str, port: int) -> Sequence[Address]:
        made.resolved.append(host)
        return [(made.private.get(host, PUBLIC), port)]

    def divert(address: Address, *rest: Any, **more: Any) -> socket.socket:
        here = ("127.0.0.1", address[1]) if address[0] == PUBLIC else address
        return create_connection(here, *rest, **more)

    monkeypatch.setattr("flask_social.transport.connections.create_connection", divert)
    try:
        with names.replaced(resolve):
            yield made
    finally:
        made.server.close()
