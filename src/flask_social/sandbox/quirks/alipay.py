"""Alipay: one gateway, to which applications sign what they ask, and which signs its answers."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from werkzeug.wrappers import Request, Response

from ..answers import OAuthError, json_answer
from ..clients import known, read_key
from ..keys import rsa_key
from ..provider import Client, Grant, Provider
from .base import Form, Quirk

if TYPE_CHECKING:
    from ..app import Sandbox

COMMON = {"charset", "sign", "sign_type", "timestamp", "version", "app_id", "method"}


class Alipay(Quirk):
    """``sign`` is RSA2 over all other parameters, by the key that the client registered."""

    def client(self, sandbox: Sandbox, provider: Provider, form: Form) -> Client:
        client = known(sandbox, provider, form.get("client_id", ""))
        given = {name: value for name, value in form.items() if name != "client_id"}
        check_sign({**given, "app_id": client.id}, client)
        return client

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        given = {**request.args.to_dict(), **request.form.to_dict()}
        if given.get("app_id") != grant.client_id:
            raise OAuthError("invalid-app-id", "app_id is not that of the token")
        check_sign(given, provider.clients[grant.client_id])

    def finished(self, sandbox: Sandbox, provider: Provider, said: Any) -> Any:
        """The answer with our signature over its first member."""
        if not isinstance(said, dict) or "sign" not in said:
            return said
        inner = next(value for name, value in said.items() if name != "sign")
        content = json.dumps(inner).encode()
        key = rsa_key(provider.keys.current)
        signature = key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return {**said, "sign": base64.b64encode(signature).decode()}

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response:
        return json_answer(self.finished(sandbox, provider, found))


def check_sign(given: Form, client: Client) -> None:
    """:raises OAuthError: when *given* was not signed by the client's key."""
    if missing := COMMON - given.keys():
        raise OAuthError("missing-parameter", f"{', '.join(sorted(missing))} is missing")
    if given["sign_type"] != "RSA2" or not client.public_key:
        raise OAuthError("invalid-signature-type", "RSA2 is wanted, and a registered key", 401)
    signed = {name: value for name, value in given.items() if name != "sign" and value}
    content = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
    key = read_key(client.public_key).public_key
    try:
        signature = base64.b64decode(given["sign"], validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise OAuthError("invalid-signature", "the key is no RSA key", 401)
        key.verify(signature, content.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error) as error:
        raise OAuthError("invalid-signature", "sign does not verify", 401) from error
