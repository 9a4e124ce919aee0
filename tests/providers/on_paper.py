"""A stock provider that answers on paper what its golden files say."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import Key, OctKey

from flask_social.http import Request, Response
from flask_social.protocols import discovery
from flask_social.protocols.atproto import Atproto
from flask_social.protocols.data_centres import DataCentres
from flask_social.protocols.encrypted import Encrypted
from flask_social.protocols.identified import NONCE, Identified
from flask_social.protocols.keys import ALGORITHMS
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.openid2 import OpenID2
from flask_social.protocols.session_key import SessionKey
from flask_social.protocols.signed_callback import SignedCallback
from flask_social.protocols.token_answer import FORM
from flask_social.values import Grant
from tests.protocols.paper import CLIENT, NOW, Answer, Paper, answer, ec, flow, public, rsa, sign
from tests.providers import others, pushed
from tests.providers.golden import OPENING, registration

BESIDE = frozenset({"callback", "access_token", "headers"})
"""Members of ``profile.json`` that are no path elsewhere."""
KEPT = "what-the-callback-brought"
OTHERS = frozenset({"id_token", "userinfo", "signed_userinfo", "callback"})
"""Members of ``profile.json`` that are no path, where the provider speaks OpenID Connect."""


def network(provider: OAuth1 | OAuth2, token: dict[str, Any], profile: dict[str, Any]) -> Paper:
    """The provider on paper, with its own addresses."""
    pages: dict[str, Any] = {
        urljoin(provider.api_url, path): answer(each, media=provider.api_media)
        for path, each in profile.items()
        if path not in (OTHERS if isinstance(provider, OIDC) else BESIDE)
    }
    for path, headers in profile.get("headers", {}).items():
        url = urljoin(provider.api_url, path)
        pages[url] = replace(pages[url], headers={**pages[url].headers, **headers})
    if isinstance(provider, OpenID2 | SessionKey):
        return Paper(others.both(others.answering(provider, token), pages))
    if isinstance(provider, Atproto):
        return Paper(pushed.answering(provider, token, profile))
    if isinstance(provider, DataCentres):
        provider = provider.at(_told(profile).get(provider.kept or ""))
    if isinstance(provider, Identified):
        return Paper(_identifying(provider, token, profile))
    if isinstance(provider, OAuth1):
        form = answer(urlencode(token).encode(), media=FORM)
        return Paper({provider.token_url: form, **pages})
    if isinstance(provider, OIDC):
        return Paper({**_openid(provider, token, profile), **pages})
    if claims := profile.get("access_token"):
        claims = {"aud": CLIENT.id, "iat": NOW, "exp": NOW + 300, **claims}
        token = {**token, "access_token": sign(claims)}
        pages[getattr(provider, "jwks_url", "")] = answer({"keys": [public(rsa())]})
    tokens = {provider.token_url: answer(token, media=provider.token_media)}
    return Paper(others.both(tokens, pages))


def _openid(provider: OIDC, token: dict[str, Any], profile: dict[str, Any]) -> dict[str, Answer]:
    """A provider of OpenID Connect: its metadata, its keys, its tokens, and UserInfo."""
    claims = {"aud": CLIENT.id, "iat": NOW, "exp": NOW + 300, **profile["id_token"]}
    if provider.nonce:
        claims["nonce"] = flow().nonce
    home = provider.issuer
    metadata = {
        "issuer": provider.announced,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "jwks_uri": f"{home}/keys",
        "userinfo_endpoint": f"{home}/userinfo",
    }
    algorithm = provider.algorithms[0]
    key = _key(algorithm)

    def said(claims: dict[str, Any]) -> str:
        text = sign(claims, key, {"alg": algorithm, "kid": key.kid or ...})
        return encrypted(text) if isinstance(provider, Encrypted) else text

    told = {**token, "id_token": said(claims)}
    keys = [] if isinstance(key, OctKey) else [public(key)]
    about = answer(profile.get("userinfo", {}))
    if "signed_userinfo" in profile:
        signed = {"iss": provider.issuer, "aud": CLIENT.id, **profile["signed_userinfo"]}
        about = answer(said(signed).encode(), media="application/jwt")
    return {
        provider.discovery_url or discovery.address_of(home): answer(metadata),
        provider.token_url or f"{home}/token": answer(told, media=provider.token_media),
        provider.jwks_url or f"{home}/keys": answer({"keys": keys}),
        provider.userinfo_url or f"{home}/userinfo": about,
    }


def encrypted(text: str) -> str:
    """*text*, for the application's eyes alone."""
    header = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "JWT"}
    registry = JWERegistry(algorithms=[header["alg"], header["enc"]])
    return encrypt_compact(header, text.encode(), OPENING, registry=registry)


def _identifying(
    provider: Identified, token: dict[str, Any], profile: dict[str, Any]
) -> dict[str, Answer]:
    """A provider whose addresses differ by their query alone, and whose profile is signed."""
    [claims] = [told for path, told in profile.items() if path not in BESIDE]

    def page(request: Request) -> Response:
        if request.url == provider.token_url:
            return answer(urlencode(token).encode(), media=FORM)
        [nonce] = NONCE.findall(request.headers["Authorization"])
        said = {"aud": CLIENT.id, "iat": NOW, "exp": NOW + 100, **claims, "nonce": nonce}
        secret = OctKey.import_key(CLIENT.secret or "")
        return answer(sign(said, secret, {"alg": "HS256", "kid": ...}).encode(), media="text/html")

    return {provider.token_url.partition("?")[0]: page}


def _key(algorithm: str) -> Key:
    """What the provider signs with."""
    if ALGORITHMS[algorithm].key_type == "oct":
        return OctKey.import_key(CLIENT.secret or "")
    return ec(f"P-{algorithm[2:]}") if algorithm.startswith("ES") else rsa()


def complete(
    provider: OAuth1 | OAuth2, send: Paper, profile: dict[str, Any] | None = None
) -> Grant:
    """What the provider's answers make of a person who has said yes."""
    client = registration(provider.id).client
    if isinstance(provider, OAuth1):
        trip = flow(request_token="the-request-token", request_secret="its-secret")
        params = {"oauth_token": "the-request-token", "oauth_verifier": "v"}
        return provider.complete(client, trip, params, send)
    if isinstance(provider, OpenID2 | SessionKey):
        params = others.callback(provider, _told(profile))
        return provider.complete(client, flow(), params, send)
    kept = {provider.kept: KEPT} if provider.kept else {}
    params = {"code": "c", **kept, **_told(profile)}
    if isinstance(provider, Atproto):
        trip, params = flow(request_secret=pushed.KEY), {**params, "iss": provider.issuer}
        return provider.complete(client, trip, params, send)
    if isinstance(provider, SignedCallback):
        params = signed_callback(params)
    return provider.complete(client, flow(), params, send)


def signed_callback(params: dict[str, str]) -> dict[str, str]:
    """*params* with the signature of a provider that signs its callbacks."""
    text = "&".join(f"{name}={quote(params[name], safe='')}" for name in sorted(params))
    digest = hmac.new((CLIENT.secret or "").encode(), text.encode(), hashlib.sha256)
    return {**params, "hmac": digest.hexdigest()}


def _told(profile: dict[str, Any] | None) -> dict[str, str]:
    """What the golden callback brings beside the code."""
    told: dict[str, str] = (profile or {}).get("callback", {})
    return told
