"""SurveyMonkey -- https://api.surveymonkey.com/v3/docs

An application belongs to one of its data centres. Those of Europe and Canada are
``"host": "api.eu.surveymonkey.com"`` and ``"host": "api.surveymonkey.ca"``.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="surveymonkey", name="SurveyMonkey", color="#00BF6F",
    console="https://developer.surveymonkey.com/apps/",
    places={"host": "api.surveymonkey.com"},
    issuer="https://{host}",
    authorize_url="https://{host}/oauth/authorize",
    token_url="https://{host}/oauth/token",
    api_url="https://{host}/v3/", profile_call="users/me",
    scopes=("users_read",), scope_separator=",",
    identity=fields(
        subject="id", username="username", name="{first_name} {last_name}", email="email",
    ),
    email_trust="never", refreshes=False,
)
