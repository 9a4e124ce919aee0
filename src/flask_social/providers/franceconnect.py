"""FranceConnect -- https://docs.partenaires.franceconnect.gouv.fr/fs/fs-technique/fs-technique-oidc-flux/"""

from ..protocols.identity import fields
from ..protocols.oidc import OIDC

provider = OIDC(
    id="franceconnect", name="FranceConnect", color="#000091",
    console="https://partenaires.franceconnect.gouv.fr/",
    # For trying it out: fcp-low.integ01.dev-franceconnect.fr.
    places={"host": "oidc.franceconnect.gouv.fr"},
    issuer="https://{host}/api/v2",
    scopes=("openid", "given_name", "family_name", "email"),
    authorize_params={"acr_values": "eidas1", "prompt": "login consent"},
    # Which of them, an application chooses when it registers.
    algorithms=("RS256", "ES256"),
    userinfo=True,
    # preferred_username is none: it is the family's name in use, family_name that by birth.
    identity=fields(subject="sub", name="{given_name} {family_name}", email="email"),
    email_trust="never", refreshes=False,
)
