"""gov.br -- https://acesso.gov.br/roteiro-tecnico/iniciarintegracao.html

The subject is the person's tax number (CPF), and therefore personal. The server for tests is
``"domain": "staging.acesso.gov.br"``.
"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oidc import OIDC

provider = OIDC(
    id="govbr", name="gov.br", color="#1351B4",
    places={"domain": "acesso.gov.br"},
    issuer="https://sso.{domain}/",
    api_url="https://api.{domain}/",
    scopes=("openid", "email", "profile", "govbr_confiabilidades"),
    client_auth=basic,
    # Its user name is that number again, its profile nobody's own, and its picture wants a token.
    identity=fields(subject="sub", name="name", email="email", email_verified="email_verified"),
    refreshes=False,
)
