"""ORCID -- https://info.orcid.org/documentation/api-tutorials/api-tutorial-get-and-authenticated-orcid-id/"""

from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="orcid", name="ORCID", color="#A6CE39", console="https://orcid.org/developer-tools",
    issuer="https://orcid.org",
    api_url="https://pub.orcid.org/v3.0/",
    scopes=("openid",),
    revoke_url="https://orcid.org/oauth/revoke",
    # Where somebody keeps their name to themselves, its parts may be there all the same.
    identity=claims(
        username="sub", name=("name", "{given_name} {family_name}"),
        profile_url="https://orcid.org/{sub}",
    ),
    email_trust="none",
)
