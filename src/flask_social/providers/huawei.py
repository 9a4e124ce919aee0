"""HUAWEI ID -- https://developer.huawei.com/consumer/en/doc/HMSCore-Guides/open-platform-oauth-0000001053629189"""

from ..protocols.calls import posted
from ..protocols.credentials import in_form
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="huawei", name="HUAWEI ID", color="#FF0000",
    console="https://developer.huawei.com/consumer/en/console",
    issuer="https://accounts.huawei.com",
    discovery_url="https://oauth-login.cloud.huawei.com/.well-known/openid-configuration",
    api_url="https://account.cloud.huawei.com/",
    offline_params={"access_type": "offline"},
    # It has no UserInfo but this, a form with the token in it.
    userinfo=False,
    token_use=in_form("access_token"),
    profile=posted("rest.php?nsp_svc=GOpen.User.getInfo", getNickName="1"),
    identity=claims(subject=("openID", "unionID"), name="displayName", image_url="headPictureURL"),
    email_trust="never",
)
