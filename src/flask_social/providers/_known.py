"""What is known of providers without reading a file: other names, needs, and those that are gone.

``tests/providers/test_known.py`` compares it with the files, and says how to write it anew.
"""

from __future__ import annotations

ALIASES: dict[str, str] = {
    "42": "fortytwo",
    "42school": "fortytwo",
    "500px": "fivehundredpx",
    "adobeio": "adobe",
    "azure": "microsoft",
    "azuredevops": "azure_devops",
    "ciscospark": "webex",
    "elixir": "lifescience",
    "entra": "microsoft",
    "fxa": "mozilla",
    "healthgraph": "runkeeper",
    "hydra": "ory",
    "intuit": "quickbooks",
    "lark": "feishu",
    "mi": "xiaomi",
    "oryhydra": "ory",
    "px500": "fivehundredpx",
    "visualstudio": "azure_devops",
    "wechatenterprise": "wecom",
    "windowslive": "live",
    "workweixin": "wecom",
    "worldcoin": "worldid",
    "x": "twitter",
}
"""Other names of stock providers, and of some that are gone."""

ELSEWHERE: dict[str, dict[str, str]] = {"lark": {"domain": "larksuite.com"}}
"""Aliases that are the provider at another place, and which."""

NEEDS: dict[str, dict[str, str]] = {
    "apple": {"team_id": "credential"},
    "asgardeo": {"org": "name"},
    "auth0": {"domain": "host"},
    "authelia": {"host": "host"},
    "authentik": {"host": "host", "slug": "name"},
    "azure_b2c": {"policy": "name", "tenant": "label", "tenant_id": "name"},
    "bitbucket_dc": {"host": "host"},
    "bluesky": {"client_id": "checked"},
    "bungie": {"api_key": "credential"},
    "clerk": {"domain": "host"},
    "cognito": {"region": "label", "user_pool_id": "name"},
    "descope": {"client_id": "name"},
    "ebay": {"runame": "credential"},
    "forgejo": {"host": "host"},
    "fusionauth": {"host": "host", "issuer": "address"},
    "gitea": {"host": "host"},
    "itsme": {"encryption_key": "credential", "service_code": "credential"},
    "jupyterhub": {"host": "host"},
    "kanidm": {"client_id": "name", "host": "host"},
    "keycloak": {"host": "host", "realm": "name"},
    "kinde": {"domain": "host"},
    "logto": {"host": "host"},
    "mastodon": {"instance": "host"},
    "mattermost": {"host": "host"},
    "nextcloud": {"host": "host"},
    "odnoklassniki": {"application_key": "credential"},
    "oidc": {"issuer": "address"},
    "okta": {"domain": "host"},
    "onelogin": {"subdomain": "label"},
    "ory": {"slug": "label"},
    "phabricator": {"host": "host"},
    "pingone": {"environment_id": "name"},
    "pocketid": {"host": "host"},
    "shopify": {"shop": "checked"},
    "stackexchange": {"request_key": "credential"},
    "tailscale": {"tailnet": "label"},
    "wecom": {"agent_id": "credential"},
    "workos": {"connection": "credential"},
    "zendesk": {"subdomain": "label"},
    "zitadel": {"domain": "host"},
}
"""What a configuration of a provider has to give beside the client's id and secret, and in what
form. ``checked`` is what its file alone can tell."""

PROOFS: dict[str, tuple[str, ...]] = {
    "alipay": ("consumer_key", "private_key"),
    "apple": ("consumer_key", "private_key", "key_id"),
    "bluesky": (),
    "itsme": ("consumer_key", "private_key"),
    "launchpad": (),
    "lichess": ("consumer_key",),
    "logingov": ("consumer_key", "private_key"),
    "steam": ("consumer_secret",),
    "vkid": ("consumer_key",),
}
"""By what those providers know an application that do not by id and secret."""

GONE: dict[str, tuple[str, str | None]] = {
    "azure_devops": (
        "Azure DevOps takes no new applications since April 2025 and ends its login in 2026: ask "
        "Microsoft for the scope 499b84ac-1321-427f-aa17-267ca6975798/.default.",
        "microsoft",
    ),
    "buffer": (
        "Buffer takes no new applications for the API that had this login since 2019.",
        None,
    ),
    "discourse": (
        "Discourse signs people in by signed messages of its own, which is neither OAuth nor "
        "OpenID Connect.",
        None,
    ),
    "facebook_limited": (
        "Facebook's Limited Login is for apps on phones: a web site has no way to begin it.",
        "facebook",
    ),
    "fitbit": (
        "Fitbit closed its API in 2026; the Google Health API, by Google's login, took its place.",
        "google",
    ),
    "fivehundredpx": ("500px shut its API down in June 2018.", None),
    "goodreads": ("Goodreads gives out no keys since December 2020.", None),
    "google_onetap": (
        "Google's One Tap is a script in the page and no trip to Google, so nothing here is "
        "behind it.",
        "google",
    ),
    "live": ("Microsoft closed the Live SDK and apis.live.net.", "microsoft"),
    "lyft": ("Lyft closed its API to the public.", None),
    "medium": ("Medium gives out no tokens since March 2023.", None),
    "openid2": (
        "OpenID 2.0 was superseded by OpenID Connect, and has people name the server that this "
        "application should ask.",
        None,
    ),
    "pocket": ("Pocket closed in July 2025, and its API after it.", None),
    "runkeeper": ("Runkeeper closed its Health Graph API to new partners.", None),
    "telegram": (
        "Telegram's widget is a script in the page; its login by OpenID Connect does the same.",
        "telegram_oidc",
    ),
    "tripit": (
        "TripIt speaks OAuth Core 1.0 from before 1.0a, where a stranger can end the trip that "
        "somebody else began.",
        None,
    ),
    "twilio": (
        "Twilio Connect signs nothing that it answers, so that anybody can make it up.",
        None,
    ),
    "xing": ("XING withdrew its API.", None),
}
"""Providers that people may ask for and that have no file: why, and which one follows, if any."""
