"""Hugging Face -- https://huggingface.co/docs/hub/en/oauth"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="huggingface", name="Hugging Face", color="#FFD21E",
    console="https://huggingface.co/settings/applications/new",
    issuer="https://huggingface.co",
    api_url="https://huggingface.co/api/",
    client_auth=basic,
)
