"""JupyterHub -- https://jupyterhub.readthedocs.io/en/stable/explanation/oauth.html"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="jupyterhub", name="JupyterHub", color="#F37626",
    issuer="https://{host}",
    authorize_url="https://{host}/hub/api/oauth2/authorize",
    token_url="https://{host}/hub/api/oauth2/token",
    api_url="https://{host}/hub/api/", profile_call="user",
    # A hub knows people by their names alone.
    identity=fields(subject="name", username="name", name="name"),
    email_trust="none", refreshes=False,
)
