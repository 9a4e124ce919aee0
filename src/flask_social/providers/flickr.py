"""Flickr -- https://www.flickr.com/services/api/auth.oauth.html"""

from ..protocols.identity import Profile, fields, look_up
from ..protocols.oauth1 import OAuth1

CALL = "rest?method=flickr.people.getInfo&user_id={token.user_nsid}&format=json&nojsoncallback=1"
ICON = "https://farm{iconfarm}.staticflickr.com/{iconserver}/buddyicons/{nsid}.jpg"


def icon(profile: Profile) -> str | None:
    """The picture of a person who has one: it is at no server otherwise."""
    person = profile["person"]
    return look_up(ICON, person) if str(person.get("iconserver", 0)) != "0" else None


provider = OAuth1(
    id="flickr", name="Flickr", color="#0063DC",
    console="https://www.flickr.com/services/apps/create/",
    request_token_url="https://www.flickr.com/services/oauth/request_token",
    authorize_url="https://www.flickr.com/services/oauth/authorize",
    token_url="https://www.flickr.com/services/oauth/access_token",
    api_url="https://api.flickr.com/services/", profile_call=CALL,
    # Without it people are told that there is an error.
    authorize_params={"perms": "read"},
    identity=fields(
        subject="person.nsid", username="person.username._content",
        name=("person.realname._content", "person.username._content"),
        profile_url="person.profileurl._content", image_url=icon,
    ),
    email_trust="none",
)
