"""One call of each client library that get_api() may give, and what its API answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from flask_social import vendors
from flask_social.api import ApiSession
from flask_social.protocols.credentials import bearer
from flask_social.values import Client, Token
from tests.faulty import PATIENT, Exchange, Faulty

CLIENT = Client(id="the-client", secret="the-client-secret")
REFRESH = "the-refresh-token"
ACCOUNT = "acct_ada"


@dataclass
class Store:
    """Where the session takes the token from: the refresh of a connection, on paper."""

    access_token: str = "the-first-token"
    asked: int = 0
    fails: Exception | None = None

    def __call__(self) -> Token:
        self.asked += 1
        if self.fails:
            raise self.fails
        return Token(
            access_token=self.access_token, refresh_token=REFRESH, expires_at=4_000_000_000
        )


@dataclass
class Renewing:
    """What the session does about a 401: it has the store's token renewed, once."""

    store: Store
    refused: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)

    def renew(self, refused: str) -> Token:
        self.refused.append(refused)
        self.store.access_token = "the-renewed-token"
        return self.store()

    def give_up(self, refused: str) -> None:
        self.gave_up.append(refused)


@dataclass(frozen=True)
class Case:
    """A library, and one call that it makes."""

    name: str
    path: str
    """Of the address where its API begins."""
    call: Callable[[Any], Any]
    target: str
    """What is asked for on the wire, without the query."""
    answer: Any
    result: Any
    method: str = "GET"
    others: dict[str, Any] = field(default_factory=dict)
    """Answers to other calls that belong to it."""

    def __repr__(self) -> str:
        return self.name

    def script(self, exchange: Exchange) -> None:
        """The API, as far as the call goes."""
        answers = {self.target: self.answer, **self.others}
        answer = answers[exchange.received.target.partition("?")[0]]
        exchange.reply(json.dumps(answer).encode(), Content_Type="application/json")


def made(name: str, url: str, store: Store, **options: Any) -> Any:
    """A client of the library *name* at *url*."""
    return client_of(name, session_at(url, store, **options))


def session_at(url: str, store: Store, **options: Any) -> ApiSession:
    """A session of ours at *url*."""
    return ApiSession(
        base_url=url,
        token=store,
        client=CLIENT,
        token_use=bearer,
        options=PATIENT,
        **options,
    )


def client_of(name: str, session: ApiSession) -> Any:
    library = vendors.find("SOCIAL_ACME", name)
    assert library is not None
    row = SimpleNamespace(provider_user_id=ACCOUNT, access_token="what-the-row-has", secret=None)
    return library(session, row, CLIENT)


def at(server: Faulty, case: Case, store: Store) -> Any:
    """A client of *case*'s library at *server*."""
    return made(case.name, server.url + case.path, store)


async def discord_name(api: Any) -> str:
    async with api as discord:
        return str((await discord.fetch_my_user()).username)


DROPBOX_ACCOUNT = {
    "account_id": "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
    "name": dict.fromkeys(
        ("given_name", "surname", "familiar_name", "display_name", "abbreviated_name"), "Ada"
    ),
    "email": "ada@example.com",
    "email_verified": True,
    "disabled": False,
    "locale": "en",
    "referral_link": "https://db.tt/ada",
    "is_paired": False,
    "account_type": {".tag": "basic"},
    "root_info": {".tag": "user", "root_namespace_id": "1", "home_namespace_id": "1"},
}
DISCORD_USER = {
    "id": "115590097100865541",
    "username": "ada",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "flags": 0,
    "public_flags": 0,
    "mfa_enabled": False,
    "locale": "en-US",
}

CASES = [
    Case(
        name="PyGithub",
        path="/api/v3",
        call=lambda api: api.get_user("ada").login,
        target="/api/v3/users/ada",
        answer={"login": "ada", "url": "/users/ada"},
        result="ada",
    ),
    Case(
        name="googleapiclient",
        path="/",
        call=lambda api: api.build("drive", "v3").about().get(fields="user").execute(),
        target="/drive/v3/about",
        answer={"user": {"emailAddress": "ada@example.com"}},
        result={"user": {"emailAddress": "ada@example.com"}},
    ),
    Case(
        name="google-auth",
        path="/",
        call=lambda api: api.get(api.credentials._session.url_for("drive/v3/about")).json(),
        target="/drive/v3/about",
        answer={"user": {"emailAddress": "ada@example.com"}},
        result={"user": {"emailAddress": "ada@example.com"}},
    ),
    Case(
        name="slack-sdk",
        path="/api",
        call=lambda api: api.chat_postMessage(channel="C1", text="hello")["ts"],
        target="/api/chat.postMessage",
        answer={"ok": True, "ts": "1503435956.000247"},
        result="1503435956.000247",
        method="POST",
    ),
    Case(
        name="spotipy",
        path="/v1",
        call=lambda api: api.current_user()["id"],
        target="/v1/me/",
        answer={"id": "ada"},
        result="ada",
    ),
    Case(
        name="python-gitlab",
        path="/api/v4",
        call=lambda api: api.projects.get(7).path,
        target="/api/v4/projects/7",
        answer={"id": 7, "path": "engine"},
        result="engine",
    ),
    Case(
        name="dropbox",
        path="/2",
        call=lambda api: api.users_get_current_account().email,
        target="/2/users/get_current_account",
        answer=DROPBOX_ACCOUNT,
        result="ada@example.com",
        method="POST",
    ),
    Case(
        name="Mastodon.py",
        path="/api/v1",
        call=lambda api: api.account_verify_credentials().username,
        target="/api/v1/accounts/verify_credentials",
        answer={"id": "1", "username": "ada", "acct": "ada"},
        result="ada",
    ),
    Case(
        name="notion-client",
        path="/v1",
        call=lambda api: api.users.me()["id"],
        target="/v1/users/me",
        answer={"object": "user", "id": "ada"},
        result="ada",
    ),
    Case(
        name="praw",
        path="/",
        call=lambda api: api.user.me(use_cache=False).name,
        target="/api/v1/me",
        answer={"name": "ada", "id": "1"},
        result="ada",
    ),
    Case(
        name="hikari",
        path="/api/v10",
        call=lambda api: asyncio.run(discord_name(api)),
        target="/api/v10/users/@me",
        answer=DISCORD_USER,
        result="ada",
    ),
    Case(
        name="stravalib",
        path="/api/v3",
        call=lambda api: api.get_athlete().firstname,
        target="/api/v3/athlete",
        answer={"id": 1, "firstname": "Ada"},
        result="Ada",
    ),
    Case(
        name="jira",
        path="/ex/jira/11223344",
        call=lambda api: api.issue("ENGINE-1").fields.summary,
        target="/ex/jira/11223344/rest/api/2/issue/ENGINE-1",
        answer={"key": "ENGINE-1", "id": "1", "fields": {"summary": "Notes"}},
        result="Notes",
    ),
    Case(
        name="simple-salesforce",
        path="/services/data/v59.0",
        call=lambda api: api.Contact.get("0035e000001")["Name"],
        target="/services/data/v59.0/sobjects/Contact/0035e000001",
        answer={"Id": "0035e000001", "Name": "Ada"},
        result="Ada",
    ),
    Case(
        name="tweepy",
        path="/",
        call=lambda api: api.get_me().data.username,
        target="/2/users/me",
        answer={"data": {"id": "1", "name": "Ada", "username": "ada"}},
        result="ada",
    ),
]
STRIPE = Case(
    name="stripe",
    path="/v1",
    call=lambda api: api.v1.customers.list(params={"limit": 1}).data[0].id,
    target="/v1/customers",
    answer={
        "object": "list",
        "url": "/v1/customers",
        "has_more": False,
        "data": [{"id": "cus_ada", "object": "customer"}],
    },
    result="cus_ada",
)
