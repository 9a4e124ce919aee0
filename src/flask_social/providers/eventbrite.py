"""Eventbrite -- https://www.eventbrite.com/platform/api#/introduction/authentication"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

IMAGES = "https://img.evbuc.com/https%3A%2F%2Fcdn.evbuc.com%2Fimages%2F"

provider = OAuth2(
    id="eventbrite", name="Eventbrite", color="#F05537",
    console="https://www.eventbrite.com/account-settings/apps",
    authorize_url="https://www.eventbrite.com/oauth/authorize",
    token_url="https://www.eventbrite.com/oauth/token",
    api_url="https://www.eventbriteapi.com/v3/", profile_call="users/me/",
    identity=fields(
        subject="id", name="name", email="emails[primary=true].email",
        email_verified="emails[primary=true].verified",
        image_url=IMAGES + "{image_id}%2F1%2Foriginal.jpg",
    ),
    email_trust="flag", refreshes=False,
)
