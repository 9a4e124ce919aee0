"""Mail.ru -- https://o2.mail.ru/docs/"""

from ..protocols.credentials import basic, in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mailru", name="Mail.ru", color="#005FF9", console="https://o2.mail.ru/app/",
    authorize_url="https://oauth.mail.ru/login",
    token_url="https://oauth.mail.ru/token",
    api_url="https://oauth.mail.ru/", profile_call="userinfo",
    scopes=("userinfo",),
    client_auth=basic, assume_bearer=True,
    token_use=in_query("access_token"),
    identity=fields(
        subject="id", username="nickname", name="name", email="email", image_url="image",
    ),
    email_trust="always",
)
