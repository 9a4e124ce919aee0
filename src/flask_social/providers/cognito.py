"""Amazon Cognito -- https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html"""

from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="cognito", name="Amazon Cognito", color="#DD344C",
    console="https://console.aws.amazon.com/cognito/",
    # The pool's domain for people is another, which the metadata tell.
    issuer="https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
    client_auth=basic,
    identity=claims(username=("username", "cognito:username")),
)
