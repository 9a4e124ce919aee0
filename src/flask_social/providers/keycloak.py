"""Keycloak -- https://www.keycloak.org/securing-apps/oidc-layers

Before version 17, or below a path, the addresses begin otherwise: then give ``issuer`` and
``api_url`` whole, such as ``https://sso.example/auth/realms/acme``, in place of ``host`` and
``realm``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="keycloak", name="Keycloak", color="#4D4D4D",
    console="https://{host}/admin/{realm}/console/",
    issuer="https://{host}/realms/{realm}",
    api_url="https://{host}/admin/realms/{realm}/",
    # What it gives without being asked ends with the person's session.
    offline_scopes=("offline_access",),
    client_auth=basic,
)
