"""GitLab -- https://docs.gitlab.com/integration/openid_connect_provider/"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="gitlab", name="GitLab", color="#FC6D26",
    console="https://{host}/-/user_settings/applications",
    places={"host": "gitlab.com"},
    issuer="https://{host}",
    api_url="https://{host}/api/v4/",
    # The ID token tells the address alone; the name and the picture are here.
    userinfo=True,
)
