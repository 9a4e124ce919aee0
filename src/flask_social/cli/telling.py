"""``flask social provider NAME``: what there is to know of one provider."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import with_appcontext

from .. import providers as stock
from ..state import state
from ..words import portrait, snippet
from ..words.portrait import ANY, EMAIL_WORDS, PROTOCOLS, Portrait
from ..words.sources import LABELS
from .redirects import Redirects, redirects

OIDC = PROTOCOLS["OIDC"]


@click.command("provider")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@with_appcontext
def provider(name: str, as_json: bool) -> None:
    """Tell all about the provider NAME, which may be an alias or one of your configuration.

    That is where to register your application, which redirect URIs to enter there, which keys the
    configuration needs, what is asked for and why, and what comes back.
    """
    found = find(name)
    it, key = found.portrait, found.key
    uris = redirects(found.provider, found.hosts)
    if as_json:
        told = {**it.as_json(), "configured_as": key, "redirect_uris": uris.as_json()}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(_lines(it, key, uris)))


@dataclass(frozen=True, slots=True)
class Found:
    """The provider that a name stands for."""

    provider: Any
    portrait: Portrait
    key: str | None
    """The key that configures it; ``None`` where none does."""
    hosts: tuple[str, ...] = ()
    """The instances that the operator registered at, where visitors name one."""


def find(name: str) -> Found:
    """The provider that *name* stands for: one that is configured, or a stock one.

    :raises click.BadParameter: when there is none; it tells those that are called similarly, or
        what became of it.
    """
    name = name.lower().removeprefix("social_")
    remotes, known_as = state().providers, stock.resolve(name)
    for each in (name, known_as or name):
        if remote := remotes.get(each):
            instances = getattr(remote.registration, "instances", None)
            hosts = tuple(instances.given) if instances else ()
            told = portrait.of_remote(remote)
            return Found(remote.provider, told, f"SOCIAL_{each.upper()}", hosts)
    if known_as:
        return Found(stock.find_as(known_as, name), portrait.of_stock(known_as, name), None)
    if remote := state().find(name):
        return Found(remote.provider, portrait.of_remote(remote), "SOCIAL_PROVIDER_SOURCE")
    if gone := stock.fate(name):
        raise click.BadParameter(gone, param_hint="NAME")
    near = stock.like(name, most=5)
    hint = f"Did you mean {', '.join(near)}?" if near else "`flask social providers` lists them."
    raise click.BadParameter(f"there is no provider {name!r}. {hint}", param_hint="NAME")


def _lines(it: Portrait, key: str | None, uris: Redirects) -> list[str]:
    """The page for a terminal."""
    lines = [f"{it.name} ({it.id})", *_pairs(_facts(it, key))]
    for head, part in _parts(it, key, uris):
        if part:
            lines += ["", head, *(f"  {line}".rstrip() for line in part)]
    return lines


def _facts(it: Portrait, key: str | None) -> Iterator[tuple[str, str]]:
    """What is told in a line each."""
    pkce = {True: ", with PKCE (S256)", False: ", without PKCE", None: ""}[it.pkce]
    yield "Stock provider", it.provider if it.provider not in (None, it.id) else ""
    yield "Protocol", it.protocol + pkce
    yield "Also called", ", ".join(it.aliases)
    yield "Colour", it.color or ""
    yield "Issuer", (it.issuer or "") if it.protocol == OIDC else ""
    yield "Sends people to", it.sends_to or ""
    yield "Documentation", it.documentation or ""
    yield "Register at", it.console or ""
    yield "Configured as", key or "not configured"


def _parts(it: Portrait, key: str | None, uris: Redirects) -> Iterator[tuple[str, list[str]]]:
    """What is told in a part each: its head and its lines, perhaps none."""
    afterwards = [
        ("E-mail", EMAIL_WORDS[it.email]),
        ("Refresh", f"{it.refresh.short}. {it.refresh.how}"),
        ("Revocation", f"{it.revocation.short}. {it.revocation.how}"),
    ]
    enters = key is None or it.visitors != ANY
    uris_head = "Redirect URIs to enter there" if enters else "Redirect URIs"
    yield uris_head, [*_pairs(uris.pairs()), *_prose(uris.hint)]
    yield "Configuration", [] if key else snippet.source(it).splitlines()
    yield "What the keys are", _pairs((each.name, snippet.told(each)) for each in it.keys)
    yield "Instances", _prose(snippet.instances(it, key))
    yield "Good to know", [line for each in it.remarks for line in _prose(each)]
    yield "Scopes, and why", _pairs((each.scope, snippet.reason(each)) for each in it.scopes)
    yield "What comes back, and from where", _tells(it)
    yield "Addresses and tokens", _pairs(afterwards)
    yield "Quirks, taken care of", [line for each in it.quirks for line in _prose(each)]
    yield "Settings that may be changed", _prose(", ".join(it.changeable))


def _tells(it: Portrait) -> list[str]:
    if it.tells is None:
        return ["a function of its file reads it"]
    return _pairs([(LABELS[name], source.replace("`", "")) for name, source in it.tells.items()])


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Names and what is said of them, below each other."""
    kept = [(name, said) for name, said in pairs if said]
    width = max((len(name) for name, _ in kept), default=0)
    return [f"{name.ljust(width)}  {said}" for name, said in kept]


def _prose(text: str) -> list[str]:
    """*text* in lines that a terminal shows whole."""
    return click.wrap_text(text, 78).splitlines() if text else []
