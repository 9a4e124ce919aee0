"""DingTalk -- https://open.dingtalk.com/document/orgapp-server/obtain-identity-credentials"""

from dataclasses import replace

from ..http import Request
from ..protocols.callback_words import CallbackWords
from ..protocols.credentials import in_header
from ..protocols.identity import fields
from ..protocols.shaping import as_json, called

WORDS = {
    "client_id": "clientId", "client_secret": "clientSecret", "grant_type": "grantType",
    "refresh_token": "refreshToken",
}  # fmt: skip


def in_its_words(request: Request) -> Request:
    """A token is asked for in JSON, and there alone parameters have other names."""
    told = {WORDS.get(name, name): value for name, value in (request.form or {}).items()}
    return as_json(replace(request, form=told))


provider = CallbackWords(
    id="dingtalk", name="DingTalk", console="https://open-dev.dingtalk.com/",
    authorize_url="https://login.dingtalk.com/oauth2/auth",
    token_url="https://api.dingtalk.com/v1.0/oauth2/userAccessToken",
    api_url="https://api.dingtalk.com/v1.0/", profile_call="contact/users/me",
    scopes=("openid",),
    authorize_params={"prompt": "consent"},
    callback_words={"code": "authCode"},
    token_use=in_header("x-acs-dingtalk-access-token"),
    shape_token_request=in_its_words,
    shape_token=called(
        access_token="accessToken", refresh_token="refreshToken", expires_in="expireIn",
    ),
    assume_bearer=True,
    identity=fields(
        subject=("unionId", "openId"), name="nick", email="email", image_url="avatarUrl",
    ),
    email_trust="never",
)
