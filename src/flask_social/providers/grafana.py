"""Grafana -- https://grafana.com/docs/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="grafana", name="Grafana", color="#F46800",
    authorize_url="https://grafana.com/oauth2/authorize",
    token_url="https://grafana.com/api/oauth2/token",
    api_url="https://grafana.com/api/", profile_call="oauth2/user",
    scopes=("user:email",),
    assume_bearer=True,
    # It is known to tell no id but the login.
    identity=fields(subject="login", username="login", name="name", email="email"),
    email_trust="never", refreshes=False,
)
