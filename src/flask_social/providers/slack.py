"""Slack -- https://docs.slack.dev/authentication/sign-in-with-slack/"""

from ..protocols.credentials import bearer
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="slack", name="Slack", color="#4A154B", console="https://api.slack.com/apps",
    issuer="https://slack.com",
    api_url="https://slack.com/api/",
    revoke_url="https://slack.com/api/auth.revoke", shape_revoke=bearer,
    # People's ids are unique in their team alone.
    identity=claims(subject='{["https://slack.com/team_id"]}_{["https://slack.com/user_id"]}'),
    refreshes=None,
)
