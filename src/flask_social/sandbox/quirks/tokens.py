"""EVE Online and Dexcom: the access token is a JWT, which tells whose it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .. import dialect, samples
from ..answers import new_token
from ..keys import kid_of, sign
from ..provider import Grant, Provider
from .base import Quirk

if TYPE_CHECKING:
    from ..app import Sandbox


class JwtToken(Quirk):
    """Its claims are edited as ``access_token``; it is signed as ID tokens are."""

    def mint(self, sandbox: Sandbox, provider: Provider, grant: Grant) -> str:
        play, now = dialect.play_of(provider), sandbox.now()
        lifetime = provider.script.access_token_lifetime or 3600
        audience: Any = grant.client_id
        if play.token.audience:
            audience = [grant.client_id, play.token.audience]
        said = samples.document(play, "access_token", grant.person)
        said |= {
            "iss": f"{sandbox.url}{provider.id}",
            "aud": audience,
            "azp": grant.client_id,
            "iat": now,
            "exp": now + lifetime,
            "jti": new_token(),
        }
        how = provider.signing
        kid = provider.keys.current
        header = {"alg": how.alg, "typ": "JWT", "kid": kid_of(kid, how.alg)}
        said = provider.say("access_token", said)
        secret = provider.clients[grant.client_id].secret or ""
        payload = said if isinstance(said, str) else json.dumps(said)
        return sign(header, payload.encode(), how, provider.keys, secret)
