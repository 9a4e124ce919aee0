"""Qiita -- https://qiita.com/api/v2/docs"""

from dataclasses import dataclass, replace

from ..http import Response
from ..protocols.identity import fields
from ..protocols.oauth2 import TOKEN_STEP, OAuth2
from ..protocols.revoking import deleted_by_name
from ..protocols.shaping import as_json, called
from ..values import Token


@dataclass(frozen=True, kw_only=True)
class Creating(OAuth2):
    """A token is created there, which is answered by status 201."""

    def read_token(self, response: Response, step: str = TOKEN_STEP) -> Token:
        status = 200 if response.status == 201 else response.status
        return super().read_token(replace(response, status=status), step)


provider = Creating(
    id="qiita", name="Qiita", color="#55C500", console="https://qiita.com/settings/applications",
    authorize_url="https://qiita.com/api/v2/oauth/authorize",
    token_url="https://qiita.com/api/v2/access_tokens",
    api_url="https://qiita.com/api/v2/", profile_call="authenticated_user",
    scopes=("read_qiita",),
    shape_token_request=as_json,
    shape_token=called(access_token="token", scope="scopes"),
    assume_bearer=True,
    revoke_url="access_tokens", shape_revoke=deleted_by_name(),
    identity=fields(
        subject="permanent_id", username="id", name=("name", "id"),
        profile_url="https://qiita.com/{id}", image_url="profile_image_url",
    ),
    email_trust="none", refreshes=False,
)
