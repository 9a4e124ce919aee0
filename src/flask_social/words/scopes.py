"""Why a provider is asked for each of its scopes, in words for whoever registers an application.

Most scopes say it by their names, and words that providers share are read by rules. What a name
does not say stands in a table, by itself or for one provider.
"""

from __future__ import annotations

import re

NAME = "to read the name"
WHO = "to read who the person is: the id, the name, and what else the profile shows"
EMAIL = "to read the e-mail address"
PICTURE = "to read the picture"
STAY = "to get a refresh token, by which the connection lasts while the person is away"
LAST = "to get a token that does not expire"
SIGN_IN = "to sign the person in; it permits nothing else"
ASKED = "because your configuration asks for it"
"""For a scope that nobody here knows, which only a configuration brings in."""

EXACT = {
    "openid": "to sign the person in with OpenID Connect, by an ID token",
    "profile": "to read name, user name and picture, what a profile shows",
    "given_name": NAME,
    "family_name": NAME,
    "usual_name": "to read the name that the person goes by",
    "name": NAME,
    "phone": "to read the telephone number",
    "address": "to read the postal address",
    "groups": "to read the groups that the person is in",
    "offline": STAY,
    "identify": WHO,
    "identity": WHO,
    "public": "to read what anybody may see of the account",
    "basic": "to read the basic facts of the account",
    "read": "to read the account; there is no scope for the profile alone",
    "run": "to read the national number (RUN), by which the person is known",
    "siret": "to read the number of the organisation that the person works for",
}
"""By the scope, whoever asks for it."""

OWN = {
    "alipay": {"auth_user": WHO},
    "asana": {"default": "to have what the application was registered for; there is no finer one"},
    "atlassian": {"read:me": WHO},
    "baidu": {"basic": WHO},
    "bitbucket_dc": {"PUBLIC_REPOS": "since it is the least that may be asked; it gives the name"},
    "bluesky": {
        "atproto": "to sign the person in with the AT protocol",
        "transition:generic": "to read and write in the person's name; there is no finer scope yet",
    },
    "cilogon": {"org.cilogon.userinfo": "to read what the person's organisation says of them"},
    "deezer": {"basic_access": WHO, "offline_access": LAST},
    "docusign": {
        "signature": "since every application asks for it; it gives access to envelopes",
        "extended": "to get a refresh token that is renewed as long as it is used",
    },
    "egi_checkin": {"voperson_id": "to read the id, which stays the same in all of the research"},
    "feedly": {"https://cloud.feedly.com/subscriptions": "to read the profile and the feeds"},
    "govbr": {"govbr_confiabilidades": "to read how well the person's identity was checked"},
    "hubspot": {"oauth": "since every application has to ask for it; it tells whose the token is"},
    "eveonline": {"publicData": "to read what anybody may see of the character"},
    "itsme": {"service:{service_code}": "to name the service that you ordered"},
    "mendeley": {"all": "to read the account; there is no other scope"},
    "mercadolibre": {"read": "to read the account"},
    "patreon": {"identity[email]": EMAIL},
    "podio": {"global:all": "to read the account; finer scopes are for what is in Podio"},
    "qq": {"get_user_info": "to read nickname and picture"},
    "quickbooks": {
        "com.intuit.quickbooks.accounting": "to call the API for the company that is chosen"
    },
    "shopify": {"read_products": "since a shop has to be asked for something; it reads products"},
    "squareup": {"MERCHANT_PROFILE_READ": "to read whose the business is"},
    "stackexchange": {"no_expiry": LAST},
    "streamelements": {"channel:read": "to read the channel, which is the account"},
    "streamlabs": {"socket.token": "to open the stream of events of the account"},
    "stripe": {"read_write": "to connect the account; Stripe gives most applications no less"},
    "tumblr2": {"basic": WHO},
    "twitter2": {"tweet.read": "since reading the profile needs it"},
    "vimeo": {"private": "to read what only the account itself sees, its e-mail address too"},
    "webex": {"spark:kms": "since Webex wants it with every other scope, for its encryption"},
    "wechat": {"snsapi_login": "to sign the person in by a code on the screen"},
    "wordpress": {"auth": SIGN_IN},
    "xiaomi": {"1": WHO},
    "ynab": {"read-only": "to read the account and change nothing"},
    "odnoklassniki": {"VALUABLE_ACCESS": "to call the API at all", "GET_EMAIL": EMAIL},
}
"""By provider and scope, where the name alone says too little, or something else."""

RULES = (
    (r"offline|refresh", STAY),
    (r"e-?mails?", EMAIL),
    (r"avatar|picture|image|photo", PICTURE),
    (r"nickname|display_?name|full_?name", NAME),
    (r"phone|mobile", EXACT["phone"]),
    (r"(?<![a-z])(open|external|user|voperson)_?id(?![a-z])", "to read the account's id"),
    (r"who|self|(?<![a-z])me(?![a-z])|user|profile|account|ident|people|person|prefs", WHO),
    (r"basic|login|(?<![a-z])auth", WHO),
    (r"(?<![a-z])id(?![a-z])|adobeid", WHO),
    (r"(?<![a-z])(read|data|info)", "to read the account; there is nothing narrower"),
)
"""What a part of a scope's name says; the first that is found counts."""


def why(scope: str, provider_id: str | None = None) -> str:
    """Why *scope* is asked for: a clause that goes on from "asked"."""
    own = OWN.get(provider_id or "", {})
    return own.get(scope) or EXACT.get(scope) or _by_rule(scope) or ASKED


def _by_rule(scope: str) -> str | None:
    """What the words of a scope's name say. An address counts by its last part."""
    last = scope.rstrip("/").rpartition("/")[2] if scope.startswith("https://") else scope
    return next((said for rule, said in RULES if re.search(rule, last, re.IGNORECASE)), None)
