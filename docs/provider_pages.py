"""The pages about providers, a page each and an overview, out of their files.

Sphinx writes them into ``docs/providers/`` before it reads anything else; they are not committed.
What they tell is what ``flask social provider NAME`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask_social import marks, providers
from flask_social.providers._known import GONE
from flask_social.words import portrait, snippet
from flask_social.words.portrait import EMAIL_WORDS, Portrait
from flask_social.words.sources import LABELS

SITE = "https://app.example"
SETTINGS = "../providers.md#keys-that-change-a-provider"
OVERVIEW = """# All providers

{count} providers are ready to be configured, each by `SOCIAL_` and its id in capitals:
`SOCIAL_GITHUB`. Behind some ids stand other names for the same. `flask social providers` lists them
in a terminal, and `flask social provider NAME` tells what stands on these pages, with the redirect
URIs of your own application. Any other provider takes a [configuration](../providers.md) or
[a file](../add-a-provider.md). Some are [not there](#not-there), for a reason.

<div id="provider-filter"></div>

{table}

- **Refresh:** whether it gives refresh tokens; "maybe" where that depends on how you registered.
- **Revocation:** whether it takes tokens back when an account is disconnected; "maybe" where the
  provider's own metadata tell.
- **E-mail:** "verified" if it tells only addresses that it has checked, "verified by flag" if it
  says of each whether it has, "unverified" if neither is so, "none" if it tells none.
  [`email_trust`](../providers.md#when-an-address-counts-as-verified) changes it.

## Not there

A configuration of one of these stops the start and says what became of it. The id is free for a
provider of your own.

{gone}

:::{{toctree}}
:hidden:
:maxdepth: 1

{names}
:::
"""
HEADS = ("Provider", "Id", "Protocol", "Refresh", "Revocation", "E-mail")
EMAIL_SHORT = {"flag": "verified by flag", "always": "verified", "unverified": "unverified"}


def write(folder: Path) -> None:
    """Write all pages into *folder*: what has changed, so that Sphinx reads nothing in vain."""
    folder.mkdir(exist_ok=True)
    wanted = pages()
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        target = folder / name
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


def pages() -> dict[str, str]:
    """The texts of all pages by their names."""
    told = [portrait.of_stock(name) for name in providers.names()]
    return {"index.md": overview(told), **{f"{it.id}.md": page(it) for it in told}}


def overview(told: list[Portrait]) -> str:
    """Everybody in a table."""
    rows = [
        (
            f"[{escaped(it.name)}]({it.id}.md)",
            ", ".join(f"`{each}`" for each in (it.id, *it.aliases)),
            it.protocol,
            it.refresh.short,
            it.revocation.short,
            EMAIL_SHORT.get(it.email, "none"),
        )
        for it in sorted(told, key=lambda it: it.name.casefold())
    ]
    names = "\n".join(sorted(it.id for it in told))
    gone = table(("Id", "What became of it"), [(f"`{name}`", fate(name)) for name in sorted(GONE)])
    return OVERVIEW.format(count=len(told), table=table(HEADS, rows), names=names, gone=gone)


def fate(name: str) -> str:
    """What became of a provider that is not there, with a link to the one in its place."""
    sentence, successor = GONE[name]
    instead = f" In its place: [{successor}]({successor}.md)." if successor else ""
    return escaped(sentence) + instead


def page(it: Portrait) -> str:
    """All about one."""
    return "\n\n".join(each for each in parts(it) if each) + "\n"


def parts(it: Portrait) -> Iterator[str]:
    """The blocks of a page, some of them empty."""
    yield f"# {escaped(it.name)}"
    yield f'<p class="provider-mark">{marks.svg(it.name, it.color, beside_name=True)}</p>'
    heads, *rows = [row for row in facts(it) if row[1]]
    yield table(heads, rows)
    yield "## Register your application"
    yield f"Register it at <{it.console}>." if it.console and "{" not in it.console else ""
    yield f"Register it at `{it.console}`." if it.console and "{" in it.console else ""
    yield f"The redirect URIs to enter there are, for an application at `{SITE}`:"
    yield table(("For", "Address"), redirects(it))
    yield f"`flask social provider {it.id}` tells those of your own."
    yield "## Configure it"
    yield f"```python\n{snippet.source(it)}\n```"
    yield table(
        ("Key", "Meaning"), [(f"`{each.name}`", escaped(snippet.told(each))) for each in it.keys]
    )
    if it.visitors:
        yield f"{escaped(snippet.instances(it))} See [instances](../instances.md)."
    yield "\n\n".join(escaped(each) for each in it.remarks)
    yield f"There are [more settings]({SETTINGS}), which all providers of its protocol have."
    if it.scopes:
        yield "## What is asked for"
        scopes = [(f"`{each.scope}`", escaped(snippet.reason(each))) for each in it.scopes]
        yield table(("Scope", "Why"), scopes)
    yield "## What comes back"
    yield tells(it)
    if it.quirks:
        yield "## Quirks"
        yield "These are taken care of:"
        yield "\n".join(f"- {escaped(each)}" for each in it.quirks)


def facts(it: Portrait) -> Iterator[tuple[str, str]]:
    """What is told in one line each."""
    pkce = {True: ", with PKCE (S256)", False: ", without PKCE", None: ""}[it.pkce]
    yield "Key", f"`SOCIAL_{it.id.upper()}`"
    yield "Also called", ", ".join(f"`{each}`" for each in it.aliases)
    yield "Protocol", it.protocol + pkce
    yield "E-mail", EMAIL_WORDS[it.email]
    yield "Refresh", f"{it.refresh.short}. {escaped(it.refresh.how)}"
    yield "Revocation", f"{it.revocation.short}. {escaped(it.revocation.how)}"
    yield "Issuer", f"`{it.issuer}`" if it.issuer and it.protocol == "OpenID Connect" else ""
    yield "Sends people to", f"`{it.sends_to}`" if it.sends_to else ""
    yield "Colour", f"`{it.color}`" if it.color else ""
    yield "Documentation", f"<{it.documentation}>" if it.documentation else ""


def redirects(it: Portrait) -> list[tuple[str, str]]:
    """The redirect URIs to enter."""
    if it.form_post:
        return [("everything", f"`{SITE}/callback/{it.id}`")]
    return [
        ("logging in", f"`{SITE}/login/{it.id}`"),
        ("connecting, reconnecting, verifying", f"`{SITE}/connect/{it.id}`"),
        ("everything, with `SOCIAL_SINGLE_CALLBACK`", f"`{SITE}/callback/{it.id}`"),
    ]


def tells(it: Portrait) -> str:
    """Where the parts of an identity come from."""
    if it.tells is None:
        return "A function in its file reads who the person is."
    rows = [(LABELS[name], escaped(source)) for name, source in it.tells.items()]
    return table(("What", "Where it stands in the provider's answer, if it is there"), rows)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def escaped(text: str) -> str:
    """*text* as Markdown that shows it as it is, what stands in backticks apart."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([\\*_\[\]<>#])", r"\\\1", part)
        for part in parts
    )
