"""The files of a draft, as texts."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ..protocols.identity import STANDARD, Source, fields
from ..protocols.userinfo import SHOWN
from .guessing import Guess
from .sketch import Sketch

WIDTH = 100
"""Characters in a line of the project."""
PUT_IN = ("id", "username", "name", "first", "last", "email", "verified", "picture")
"""What the sandbox puts of its people into a sample."""
MODULES = {"OIDC": "oidc", "OAuth2": "oauth2", "OAuth1": "oauth1"}


def module(it: Sketch, guess: Guess) -> str:
    """The provider's file, set tightly as those of the catalogue are."""
    differs = _identity(it, guess)
    reader = ("claims" if it.kind == "OIDC" else "fields") if differs else ""
    imports = [f"from ..protocols.identity import {reader}"] if reader else []
    imports.append(f"from ..protocols.{MODULES[it.kind]} import {it.kind}")
    trust = None if it.kind == "OIDC" and guess.email_trust == "flag" else guess.email_trust
    lines = filled(_stated(id=it.id, name=it.name, color=it.color), WIDTH - 4)
    lines += _stated(
        console=it.console,
        issuer=it.issuer,
        request_token_url=it.request_token_url,
        authorize_url=it.authorize_url,
        token_url=it.token_url,
        revoke_url=it.revoke_url,
        api_url=it.api_url or None,
        scopes=it.scopes or None,
        assume_bearer=(it.kind != "OAuth1" and "token_type" not in it.token) or None,
        profile_call=it.call or None,
    )
    if reader:
        lines += _call(f"identity={reader}(", _stated(**differs))
    lines += _stated(email_trust=trust, refreshes=False if it.refreshes is False else None)
    text = [f'"""{it.name} -- {it.docs}"""', "", *imports, "", f"provider = {it.kind}("]
    return "\n".join([*text, *(f"    {line}" for line in lines), ")", ""])


def _identity(it: Sketch, guess: Guess) -> dict[str, Source]:
    """The sources that the file has to name: with OpenID Connect those that are not standard."""
    if it.kind != "OIDC":
        return guess.sources
    return {name: each for name, each in guess.sources.items() if STANDARD[name] != each}


def _stated(**members: Any) -> list[str]:
    """Those of *members* that have a value, as arguments."""
    return [f"{name}={literal(each)}," for name, each in members.items() if each is not None]


def _call(head: str, parts: list[str]) -> list[str]:
    """A call with the arguments *parts*: in one line if it fits, else in lines that are full."""
    one = f"{head}{' '.join(parts).rstrip(',')}),"
    if len(one) <= WIDTH - 4:
        return [one]
    return [head, *(f"    {line}" for line in filled(parts, WIDTH - 8)), "),"]


def filled(parts: list[str], width: int) -> list[str]:
    """*parts* in as few lines of *width* as they take."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} {part}".strip()
        if len(longer) > width and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def literal(value: Any) -> str:
    """*value* as it is written in Python here: a text in double quotes if it holds none."""
    if isinstance(value, tuple):
        inside = ", ".join(literal(each) for each in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if not isinstance(value, str):
        return repr(value)
    return repr(value) if '"' in value else json.dumps(value, ensure_ascii=False)


def golden(it: Sketch, guess: Guess) -> dict[str, Any]:
    """The golden files by name: the answers, and the identity that comes of them."""
    sources = guess.sources
    profile = {it.call.partition("?")[0]: it.sample}
    if it.kind == "OIDC":
        profile = {"id_token": it.sample}
        sources = STANDARD | guess.sources
        if not SHOWN & it.sample.keys():  # then UserInfo is asked
            profile["userinfo"] = {"sub": it.sample["sub"]}
    identity = asdict(fields(**sources)(it.sample))
    del identity["raw"]
    if guess.email_trust == "never":
        identity["email_verified"] = False
    return {"token": it.token, "profile": profile, "identity": identity | {"issuer": it.issuer}}


def sandbox(it: Sketch, guess: Guess) -> dict[str, Any]:
    """How the sandbox plays it: see the module ``sandbox.played``."""
    said: dict[str, Any] = {"id": it.id, "name": it.name, "kind": MODULES[it.kind]}
    token = {"url": it.token_url or f"{it.issuer}/token", "lifetime": it.token.get("expires_in")}
    sample, about = "profile", it.sample
    roles = {role: [list(guess.ways[role].way)] for role in PUT_IN if role in guess.ways}
    scopes = list(it.scopes)
    if it.kind == "OIDC":
        said["issuer"], sample = it.issuer, "id_token"
        about = {name: value for name, value in it.sample.items() if name != "iss"}
        scopes = scopes or ["openid", "profile", "email"]
    said |= {
        "scopes": scopes,
        "authorize": {"url": it.authorize_url or f"{it.issuer}/authorize"},
        "token": token if it.kind == "OAuth1" else token | {"auth": ["client_secret_post"]},
        "request_token": it.request_token_url,
        "refresh": {"when": "always" if it.refreshes else "never"},
        "revoke": it.revoke_url and {"url": it.revoke_url},
        "calls": [{"url": it.profile_url}] if it.profile_url else [],
        "samples": {sample: about},
        "person": {sample: roles},
    }
    return {name: value for name, value in said.items() if value is not None}


def as_lines(document: dict[str, Any]) -> str:
    """*document* as a file of JSON with a line for each member."""
    members = (
        f"  {json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}"
        for name, each in document.items()
    )
    return "{\n" + ",\n".join(members) + "\n}\n"


def as_text(document: Any) -> str:
    """*document* as a file of JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
