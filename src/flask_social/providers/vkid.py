"""VK ID -- https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/start-integration/auth-without-sdk/auth-without-sdk-web

The callback names a device, without which no token is given or refreshed. There is no secret, and
no flag tells whether an address was checked: ``verified`` is a badge of the account.
"""

from ..protocols.calls import posted
from ..protocols.credentials import in_form, public
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="vkid", name="VK ID", color="#0077FF", console="https://id.vk.com/about/business/go",
    authorize_url="https://id.vk.ru/authorize",
    token_url="https://id.vk.ru/oauth2/auth",
    api_url="https://id.vk.ru/",
    scopes=("vkid.personal_info", "email"),
    kept="device_id",
    token_params={"device_id": "{kept}", "state": "{state}"},
    client_auth=public, assume_bearer=True,
    token_use=in_form("access_token"),
    profile=posted("oauth2/user_info", client_id="{client_id}"),
    revoke_url="oauth2/revoke",
    shape_revoke=access_token_as("access_token", client_id="{client_id}"),
    identity=fields(
        subject="user.user_id", name="{user.first_name} {user.last_name}", email="user.email",
        profile_url="https://vk.ru/id{user.user_id}", image_url="user.avatar",
    ),
    email_trust="never",
)
