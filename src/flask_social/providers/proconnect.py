"""ProConnect -- https://partenaires.proconnect.gouv.fr/docs/fournisseur-service/implementation_technique"""

from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="proconnect", name="ProConnect", color="#000091",
    console="https://partenaires.proconnect.gouv.fr/",
    issuer="https://auth.agentconnect.gouv.fr/api/v2",
    scopes=("openid", "given_name", "usual_name", "email", "siret"),
    authorize_params={"acr_values": "eidas1"},
    # Which of them, an application chooses when it registers.
    algorithms=("RS256", "ES256"),
    userinfo=True,
    identity=claims(name="{given_name} {usual_name}"),
    email_trust="never", refreshes=False,
)
