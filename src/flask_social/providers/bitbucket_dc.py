"""Bitbucket Data Center -- https://confluence.atlassian.com/bitbucketserver/bitbucket-oauth-2-0-provider-api-1108483661.html"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from ..errors import ProviderError
from ..http import Request, Send
from ..protocols.base import require_object
from ..protocols.identity import STEP, Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


@dataclass(frozen=True, kw_only=True)
class NamedByHeader(OAuth2):
    """Whose a token is, no call tells, but a header of any answer; a profile is had by a name."""

    def fetch_profile(self, client: Client, token: Token, send: Send) -> Profile:
        request = Request(url=self.api_address("application-properties"), purpose=STEP)
        name = unquote(send(self.as_person(request, token, client)).headers.get("x-ausername", ""))
        path = f"users/{quote(name, safe='', errors='replace')}"
        found = self.reader(client, token, send)(path) if name.strip(".") else {}
        # That of an address is a slug, perhaps somebody else's.
        if require_object(found, STEP).get("name") != name:
            raise ProviderError(STEP, "no_subject", "the answer does not say whose the token is")
        return found


provider = NamedByHeader(
    id="bitbucket_dc", name="Bitbucket Data Center", color="#0052CC",
    console="https://{host}/plugins/servlet/applinks/listApplicationLinks",
    authorize_url="https://{host}/rest/oauth2/latest/authorize",
    token_url="https://{host}/rest/oauth2/latest/token",
    api_url="https://{host}/rest/api/latest/",
    scopes=("PUBLIC_REPOS",),
    assume_bearer=True,
    identity=fields(
        subject="id", username=("slug", "name"), name="displayName", email="emailAddress",
        profile_url="links.self[0].href", image_url="avatarUrl",
    ),
    email_trust="never",
)
