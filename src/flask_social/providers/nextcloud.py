"""Nextcloud -- https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="nextcloud", name="Nextcloud", color="#0082C9",
    console="https://{host}/settings/admin/security",
    issuer="https://{host}",
    authorize_url="https://{host}/apps/oauth2/authorize",
    token_url="https://{host}/apps/oauth2/api/v1/token",
    api_url="https://{host}/ocs/v2.php/", profile_call="cloud/user?format=json",
    headers={"OCS-APIRequest": "true"},
    identity=fields(
        subject="ocs.data.id", username="ocs.data.id",
        name=("ocs.data.displayname", "ocs.data.display-name"), email="ocs.data.email",
    ),
    email_trust="never",
)
