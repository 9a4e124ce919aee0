"""MediaWiki -- https://www.mediawiki.org/wiki/OAuth/For_Developers

This is a wiki by OAuth 1.0a. The provider ``wikimedia`` is the same by OAuth 2.0. Another wiki is
another ``api_url``, and signs as what its ``$wgCanonicalServer`` says.
"""

from ..protocols.identified import Identified
from ..protocols.identity import fields

provider = Identified(
    id="mediawiki_oauth1", name="MediaWiki",
    console="https://meta.wikimedia.org/wiki/Special:OAuthConsumerRegistration/propose",
    # Another wiki is another host, and signs as what its $wgCanonicalServer says.
    signed_as="https://meta.wikimedia.org",
    request_token_url="w/index.php?title=Special:OAuth/initiate",
    authorize_url="w/index.php?title=Special:OAuth/authenticate",
    token_url="w/index.php?title=Special:OAuth/token",
    api_url="https://meta.wikimedia.org/",
    authorize_params={"oauth_consumer_key": "{client_id}"},
    profile_call="w/index.php?title=Special:OAuth/identify",
    identity=fields(
        subject="sub", username="username", name=("realname", "username"), email="email",
        email_verified="confirmed_email",
        profile_url="https://meta.wikimedia.org/wiki/User:{username}",
    ),
    email_trust="flag",
)
