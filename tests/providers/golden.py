"""The golden files, and the stock providers as an application has them.

``token.json`` is the answer of the token endpoint (which OAuth 1.0a sends as a form).
``profile.json`` holds what stands at each path below the API, without the query, or at the whole
address of another host; for OpenID Connect ``id_token`` holds the claims that the provider signs,
and ``userinfo`` what it tells there. ``callback`` holds what the callback brings beside the code.
``access_token`` holds the claims of an access token that is signed, ``signed_userinfo`` those of
UserInfo that is; ``headers`` those of an answer that matter. ``identity.json`` is what must come
of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import Key

from flask_social import providers
from flask_social.places import places
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.openid2 import OpenID2
from flask_social.protocols.session_key import SessionKey
from flask_social.registration import Registration, register
from tests.protocols.paper import CLIENT, ec, rsa

HERE = Path(__file__).parent
HOSTS = frozenset({
    "authorization_server", "country_host", "domain", "host", "instance", "lms_host", "region_host",
})  # fmt: skip
"""Places in addresses that hold a host's name."""
SIGNING: dict[str, Key] = {
    "alipay": rsa("ours"),
    "apple": ec("P-256"),
    "itsme": rsa("ours"),
    "logingov": rsa("ours"),
}
"""The private keys of applications that prove by a signature who they are."""
OPENING = rsa("opening")
"""The private key of an application that is sent what is encrypted."""


def golden(provider_id: str, name: str) -> Any:
    """The golden file *name* of a provider."""
    return json.loads((HERE / provider_id / f"{name}.json").read_text("utf-8"))


def settings(provider_id: str) -> dict[str, Any]:
    """A configuration of the stock provider, with whatever it cannot do without."""
    provider: Any = providers.find(provider_id)
    if hasattr(provider, "enrolled"):
        return {"consumer_key": f"https://app.example/client-metadata/{provider_id}.json"}
    unfilled = sorted(places(provider) - provider.places.keys() - {"client_id"})
    return {
        "consumer_key": CLIENT.id,
        "consumer_secret": CLIENT.secret,
        **{name: f"{name.replace('_', '-')}.example" for name in unfilled if name in HOSTS},
        **{name: "example" for name in unfilled if name not in HOSTS},
        **({"issuer": "https://issuer.example"} if "issuer" in unfilled else {}),
        **{name: f"the-{name}" for name in provider.credentials},
        **({"private_key": _text(key)} if (key := SIGNING.get(provider_id)) else {}),
        **({"key_id": key.kid} if key and "key_id" in (provider.proofs or ()) else {}),
        **({"encryption_key": _text(OPENING)} if "encryption_key" in provider.credentials else {}),
    }


def _text(key: Key) -> str:
    return json.dumps(key.as_dict(private=True))


@cache
def registration(provider_id: str) -> Registration:
    """The stock provider and its client, as :func:`settings` configure them."""
    return register(provider_id, settings(provider_id), sandbox_url=None, allow_http=False)


def stock(provider_id: str) -> OAuth1 | OAuth2:
    """The stock provider of that id, its places filled.

    The few of another protocol pass for one of these: what all have in common, they have too.
    """
    provider: Any = registration(provider_id).provider
    assert isinstance(provider, OAuth1 | OAuth2 | OpenID2 | SessionKey)
    passed: Any = provider
    return passed
