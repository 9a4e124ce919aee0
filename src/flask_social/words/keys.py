"""What the settings of a provider mean, and an example of each for a snippet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import client_keys, places
from ..kinds import settable

PEM = "-----BEGIN PRIVATE KEY----- ..."
EXAMPLES = {
    "consumer_key": ("what the provider calls client id, app id or API key", "client-id"),
    "consumer_secret": ("the secret that goes with it", "client-secret"),
    "private_key": ("the key that you made or got when registering, as PEM", PEM),
    "issuer": ("the provider's issuer, by which all else is discovered", "https://acme.example"),
    "key_id": ("the name of that key at the provider", "key id"),
    "agent_id": ("the number of the application within the company", "1000002"),
    "api_key": ("the key of its API, from the page of your application", "api key"),
    "application_key": ("the public key of your application, beside its id", "application key"),
    "auth_server": ("the authorization server of your organisation", "default"),
    "authorization_server": ("the host where people sign in", "bsky.social"),
    "connection": ("the connection, or the provider, that people come by", "authkit"),
    "country_host": ("the host of your country", "auth.mercadolibre.com.ar"),
    "domain": ("the host name of your tenant, or your own name for it", "acme.example"),
    "encryption_key": ("the private key that opens what is encrypted for you", PEM),
    "environment_id": ("the id of your environment", "00000000-1111-2222-3333-444444444444"),
    "host": ("the host name of the installation", "login.acme.example"),
    "instance": ("the host name of the instance", "social.acme.example"),
    "lms_host": ("the host name of the installation", "courses.acme.example"),
    "org": ("the name of your organisation there", "acme"),
    "pds": ("the host of the person's data server", "bsky.social"),
    "policy": ("the user flow, or policy, that signs people in", "B2C_1_signin"),
    "public_key": ("the provider's public key, from the page of your application", "public key"),
    "realm": ("the realm that people sign in to", "acme"),
    "region": ("the region that your accounts are in", "eu-central-1"),
    "request_key": ("the key of its API, from the page of your application", "request key"),
    "runame": ("the name that eBay gave your redirect URI", "Acme-Acme-app-abcdef"),
    "service_code": ("the code of the service that you ordered", "ACME_LOGIN"),
    "shop": ("the shop's name, as in shop.myshopify.com", "acme"),
    "slug": ("the short name of your application or project there", "acme"),
    "subdomain": ("the first part of your address there", "acme"),
    "tailnet": ("the name of your tailnet", "acme"),
    "team_id": ("the id of your team, from the page of your membership", "A1B2C3D4E5"),
    "tenant": ("the name of your tenant", "acme"),
    "tenant_id": ("the id of the tenant", "00000000-1111-2222-3333-444444444444"),
    "user_pool_id": ("the id of the user pool", "eu-central-1_AbCdEfGhI"),
    "version": ("the version of the API", "2026-10"),
    "workspace": ("the workspace that people have to be in", "acme"),
}
"""Meaning and example of each key that some provider needs, beside its places' defaults."""

OWN = {
    "alipay": {"consumer_key": "the APPID"},
    "apple": {
        "consumer_key": "the Services ID, not the App ID",
        "private_key": "what is in the file AuthKey_....p8 that Apple let you load once",
        "key_id": "the Key ID, which is in that file's name; Apple refuses whoever leaves it out",
    },
    "dropbox": {"consumer_key": "the App key", "consumer_secret": "the App secret"},
    "facebook": {"consumer_key": "the App ID", "consumer_secret": "the App secret"},
    "gitlab": {"consumer_key": "the Application ID", "consumer_secret": "the Secret"},
    "google": {"consumer_key": "the Client ID", "consumer_secret": "the Client secret"},
    "kakao": {"consumer_key": "the REST API key", "consumer_secret": "the Client secret"},
    "keycloak": {"consumer_key": "the Client ID", "consumer_secret": "the Client secret"},
    "lastfm": {"consumer_key": "the API key", "consumer_secret": "the Shared secret"},
    "line": {"consumer_key": "the Channel ID", "consumer_secret": "the Channel secret"},
    "microsoft": {
        "consumer_key": "the Application (client) ID",
        "consumer_secret": "the Value of a client secret, not its Secret ID",
        "host": "the host of a national cloud",
        "tenant": "the id of the one tenant that people are of, and no domain",
    },
    "qq": {"consumer_key": "the APP ID", "consumer_secret": "the APP Key"},
    "steam": {"consumer_secret": "the Web API key"},
    "tiktok": {"consumer_key": "the Client key", "consumer_secret": "the Client secret"},
    "twitter": {
        "consumer_key": "the API Key, not the Client ID",
        "consumer_secret": "the API Key Secret",
    },
    "twitter2": {
        "consumer_key": "the Client ID, not the API Key",
        "consumer_secret": "the Client Secret",
    },
    "vkid": {"consumer_key": "the application's ID"},
    "wechat": {"consumer_key": "the AppID", "consumer_secret": "the AppSecret"},
    "weibo": {"consumer_key": "the App Key", "consumer_secret": "the App Secret"},
}
"""By provider and key, what its console calls it."""
FURTHER = {
    "tenants": "the ids of the tenants that are let in, a list",
    "trusted_tenants": "the ids of tenants whose word on addresses counts, a list",
    "client_name": "what people are told that the application is called",
    "directory_url": "the directory of accounts, where it is another",
    "gateway_key": "the provider's public key, by which its answers are checked",
    "signed_as": "what the wiki calls itself: its $wgCanonicalServer",
}
"""What some kinds of provider take besides and none needs, with its meaning."""

SPELT = {"api": "api_client", "client_auth": "token_endpoint_auth_method"}
"""Fields that a configuration sets by a name, where the provider has a function."""
CODE = {"profile", "token_use"}
"""Fields that hold functions, which a configuration rather leaves to a module."""
UNKNOWN = ("what this provider calls {name}", "acme")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a provider's mapping."""

    name: str
    meaning: str
    required: bool = True
    default: str | None = None
    """What stands for it where nobody says otherwise."""

    @property
    def example(self) -> str:
        """A value for a snippet."""
        return self.default or EXAMPLES.get(self.name, UNKNOWN)[1]


def needed(provider: Any) -> tuple[Key, ...]:
    """The keys of a configuration of *provider*, those first that it cannot do without."""
    defaults = getattr(provider, "places", {})
    required = (*client_keys.needed(provider), *places.wanted(provider))
    optional = [*sorted(places.to_fill(provider) & defaults.keys())]
    if hasattr(provider, "enrolled"):  # an application registers nowhere
        optional += ["private_key"]
    if "private_key" in (*required, *optional) and not hasattr(provider, "gateway_key"):
        optional += ["key_id"]  # what is no assertion has no place for it
    optional += [each for each in FURTHER if each in settable(provider)]
    wanted = dict.fromkeys((*required, *optional))
    return tuple(
        Key(
            name=name,
            meaning=meaning(name, provider.id),
            required=name in required,
            default=defaults.get(name),
        )
        for name in wanted
    )


def meaning(name: str, provider_id: str) -> str:
    """What the key *name* is for, in a provider's own words where they are known."""
    own = OWN.get(provider_id, {}).get(name) or FURTHER.get(name)
    return own or EXAMPLES.get(name, UNKNOWN)[0].format(name=name)


def changeable(provider: Any) -> tuple[str, ...]:
    """The further settings by which a configuration may change *provider*, by their names."""
    named = {SPELT.get(each, each) for each in settable(provider)}
    return tuple(
        sorted(each for each in named if each not in CODE and not each.startswith("shape_"))
    )
