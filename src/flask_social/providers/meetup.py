"""Meetup -- https://www.meetup.com/graphql/authentication/"""

from ..protocols.calls import graphql
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="meetup", name="Meetup", color="#ED1C40",
    console="https://www.meetup.com/graphql/oauth/list/",
    authorize_url="https://secure.meetup.com/oauth2/authorize",
    token_url="https://secure.meetup.com/oauth2/access",
    api_url="https://api.meetup.com/",
    scopes=("basic",),
    profile=graphql("gql-ext", "{ self { id name email memberUrl memberPhoto { baseUrl id } } }"),
    identity=fields(
        subject="self.id", name="self.name", email="self.email", profile_url="self.memberUrl",
        image_url="{self.memberPhoto.baseUrl}{self.memberPhoto.id}/676x380.jpg",
    ),
    email_trust="never",
)
