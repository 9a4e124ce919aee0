"""Mercado Libre -- https://developers.mercadolibre.com.ar/en_us/authentication-and-authorization"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mercadolibre", name="Mercado Libre", color="#FFE600",
    console="https://developers.mercadolibre.com.ar/devcenter",
    # People log in at the host of their country.
    places={"country_host": "auth.mercadolibre.com.ar"},
    authorize_url="https://{country_host}/authorization",
    token_url="https://api.mercadolibre.com/oauth/token",
    api_url="https://api.mercadolibre.com/", profile_call="users/me",
    scopes=("read",),
    offline_scopes=("offline_access",),
    identity=fields(
        subject="id", username="nickname", name=("{first_name} {last_name}", "nickname"),
        email="email", profile_url="permalink", image_url="thumbnail.picture_url",
    ),
    email_trust="never",
)
