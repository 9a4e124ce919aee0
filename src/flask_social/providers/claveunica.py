"""Clave Unica -- https://www.claveunica.gob.cl/integracion/"""

from ..protocols.calls import posted
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="claveunica", name="Clave Unica", color="#0F69C4",
    issuer="https://accounts.claveunica.gob.cl/openid",
    api_url="https://accounts.claveunica.gob.cl/openid/",
    scopes=("openid", "run", "name"),
    # UserInfo, which it wants to be asked for by POST.
    userinfo=False,
    profile=posted("userinfo"),
    identity=claims(subject="RolUnico.numero", name="{name.nombres[0]} {name.apellidos[0]}"),
    email_trust="never", refreshes=False,
)
