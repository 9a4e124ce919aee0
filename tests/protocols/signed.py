"""Signed requests as the other side reads them: twice, and both readings have to agree.

One is the server half of oauthlib, whose client half signs. The other is RFC 5849 sections 3.4
and 3.5.1 written down once more, which the RFC's own numbers are checked against.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from oauthlib.common import Request as OauthlibRequest
from oauthlib.oauth1.rfc5849 import signature as oauthlib

from flask_social.http import Request

Pairs = Iterable[tuple[str, str]]

DIGESTS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256", "HMAC-SHA512": "sha512"}
VERIFIERS: dict[str, Any] = {
    "HMAC-SHA1": oauthlib.verify_hmac_sha1,
    "HMAC-SHA256": oauthlib.verify_hmac_sha256,
    "HMAC-SHA512": oauthlib.verify_hmac_sha512,
    "PLAINTEXT": oauthlib.verify_plaintext,
}


@dataclass(frozen=True)
class Signed:
    """A request as it comes in."""

    method: str
    url: str
    authorization: str = field(repr=False)
    form: str = ""
    """The body, where its type is that of a form."""

    @property
    def oauth(self) -> dict[str, str]:
        """The protocol parameters, out of the header (section 3.5.1)."""
        scheme, _, members = self.authorization.partition(" ")
        assert scheme == "OAuth"
        pairs = [member.strip().partition("=") for member in members.split(",")]
        assert all(value[0] == value[-1] == '"' for _, _, value in pairs)
        found = {unquote(name): unquote(value[1:-1]) for name, _, value in pairs}
        assert len(found) == len(pairs)
        return found

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is signed: query, form and protocol parameters (section 3.4.1.3.1)."""
        sent = [*_pairs(urlsplit(self.url).query), *_pairs(self.form)]
        protocol = [each for each in self.oauth.items() if each[0] != "oauth_signature"]
        return [*sent, *protocol]

    def is_by(self, client_secret: str, token_secret: str) -> bool:
        """Whether the signature is made with these secrets, as both readings say."""
        ours, theirs = (
            reading(self, client_secret, token_secret) for reading in (as_written, as_oauthlib)
        )
        assert ours is theirs, "the two readings differ"
        return ours


def sent(request: Request) -> Signed:
    """*request* as the transport puts it on the wire."""
    form = "" if request.form is None else urlencode(request.form)
    kinds = {name.lower(): value for name, value in request.headers.items()}
    if request.body is not None and "form-urlencoded" in kinds.get("content-type", "").lower():
        form = request.body.decode()
    return Signed(request.method, request.url, request.headers["Authorization"], form)


def escape(text: str) -> str:
    """Section 3.6."""
    return quote(text, safe="-._~")


def base_string(method: str, url: str, pairs: Pairs) -> str:
    """Section 3.4.1."""
    parts = urlsplit(url)
    host = f"{parts.hostname}"
    if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host += f":{parts.port}"
    address = urlunsplit((parts.scheme, host, parts.path or "/", "", ""))
    normalized = "&".join(
        "=".join(each) for each in sorted((escape(n), escape(v)) for n, v in pairs)
    )
    return "&".join(map(escape, (method.upper(), address, normalized)))


def signature(base: str, kind: str, client_secret: str, token_secret: str) -> str:
    """Sections 3.4.2 and 3.4.4."""
    key = f"{escape(client_secret)}&{escape(token_secret)}"
    if kind == "PLAINTEXT":
        return key
    digest = hmac.digest(key.encode(), base.encode(), getattr(hashlib, DIGESTS[kind]))
    return base64.b64encode(digest).decode()


def as_written(request: Signed, client_secret: str, token_secret: str) -> bool:
    """What the RFC says about the signature."""
    kind, given = request.oauth["oauth_signature_method"], request.oauth["oauth_signature"]
    base = base_string(request.method, request.url, request.pairs)
    return signature(base, kind, client_secret, token_secret) == given


def as_oauthlib(request: Signed, client_secret: str, token_secret: str) -> bool:
    """What oauthlib's server half says. It reads one way to escape a query alone: ours."""
    parts, method = urlsplit(request.url), cast("Any", request.method)
    query, form = urlencode(_pairs(parts.query)), urlencode(_pairs(request.form))
    headers = {"Authorization": request.authorization}
    # Its own endpoints set these two in the same way, and its stubs know of neither.
    found: Any = OauthlibRequest(urlunsplit(parts._replace(query=query)), method)
    found.params = oauthlib.collect_parameters(uri_query=query, body=form, headers=headers)
    found.signature = request.oauth["oauth_signature"]
    verify = VERIFIERS[request.oauth["oauth_signature_method"]]
    return bool(verify(found, client_secret, token_secret))


def altered(request: Signed, **oauth: str) -> Signed:
    """*request* with other protocol parameters in its header, and the old signature."""
    members = {**request.oauth, **oauth}
    header = ", ".join(f'{escape(name)}="{escape(value)}"' for name, value in members.items())
    return replace(request, authorization=f"OAuth {header}")


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)
