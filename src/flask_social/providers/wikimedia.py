"""Wikimedia -- https://www.mediawiki.org/wiki/OAuth/For_Developers

``mediawiki_oauth1`` is the same by OAuth 1.0a.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="wikimedia", name="Wikimedia", color="#000000",
    console="https://meta.wikimedia.org/wiki/Special:OAuthConsumerRegistration/propose",
    authorize_url="https://meta.wikimedia.org/w/rest.php/oauth2/authorize",
    token_url="https://meta.wikimedia.org/w/rest.php/oauth2/access_token",
    api_url="https://meta.wikimedia.org/w/",
    profile_call="rest.php/oauth2/resource/profile",
    identity=fields(
        subject="sub", username="username", name=("realname", "username"), email="email",
        email_verified="confirmed_email",
        profile_url="https://meta.wikimedia.org/wiki/User:{username}",
    ),
    email_trust="flag",
)
