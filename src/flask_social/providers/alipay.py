"""Alipay -- https://opendocs.alipay.com/open/284/web

An application has a ``private_key`` in place of a secret. With Alipay's own public key, as
``"gateway_key"``, its answers are checked: JSON labelled as a page, errors with status 200.
"""

from ..protocols.calls import posted
from ..protocols.identity import fields
from ..protocols.rsa2 import Gateway
from ..protocols.shaping import nested, spent_at

SPENT = ("isv.refresh-token-invalid", "isv.refresh-token-time-out", "isv.code-invalid")
ANSWER = "alipay_user_info_share_response"

provider = Gateway(
    id="alipay", name="Alipay", color="#1677FF", console="https://open.alipay.com/develop/manage",
    proofs=("consumer_key", "private_key"),
    authorize_url="https://openauth.alipay.com/oauth2/publicAppAuthorize.htm",
    token_url="https://openapi.alipay.com/gateway.do",
    api_url="https://openapi.alipay.com/",
    scopes=("auth_user",), scope_separator=",",
    renames={"client_id": "app_id"},
    callback_words={"code": "auth_code"},
    token_params={"method": "alipay.system.oauth.token"},
    token_media="text/html",
    api_media="text/html",
    assume_bearer=True,
    shape_token=spent_at(
        "error_response.sub_code", SPENT, nested("alipay_system_oauth_token_response"),
    ),
    profile=posted("gateway.do", method="alipay.user.info.share"),
    identity=fields(
        subject=(f"{ANSWER}.open_id", f"{ANSWER}.user_id"), name=f"{ANSWER}.nick_name",
        image_url=f"{ANSWER}.avatar",
    ),
    email_trust="none",
)
