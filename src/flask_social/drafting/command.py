"""``flask social draft``: a provider's file, its golden files, and how the sandbox plays it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from .. import providers
from ..words.scopes import ASKED, why
from . import sketch, writing
from .guessing import ROLES, Guess, NoSubject, guess
from .sketch import Sketch, Unusable

ADDRESSES = ("authorize_url", "token_url", "request_token_url", "revoke_url", "profile_url")


@click.command("draft")
@click.argument("provider_id", metavar="ID")
@click.option(
    "--sample",
    required=True,
    type=click.Path(dir_okay=False),
    help="JSON: the profile, or the claims of an ID token.",
)
@click.option(
    "--token-sample", type=click.Path(dir_okay=False), help="JSON: what the token endpoint answers."
)
@click.option("--issuer", help="Makes it OpenID Connect.")
@click.option("--authorize-url", help="Where people are sent.")
@click.option("--token-url", help="Where codes are exchanged for tokens.")
@click.option("--request-token-url", help="Makes it OAuth 1.0a.")
@click.option("--revoke-url", help="Where tokens are given back (RFC 7009).")
@click.option("--profile-url", help="Whose answer the sample is.")
@click.option(
    "--api-url",
    help="Where the API begins, if not at a version in the profile's path or at its host.",
)
@click.option(
    "--scope", "scopes", multiple=True, help="To be asked for. Several times for several."
)
@click.option("--name", help="For people. Default: made of the id.")
@click.option("--docs", help="The address of the documentation. Default: the provider's site.")
@click.option("--console", help="The address of the page where applications are registered.")
@click.option("--color", help="Of the brand, as #1da1f2.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, exists=True),
    default=".",
    help="The checkout, or any folder. Default: here.",
)
def draft(provider_id: str, sample: str, token_sample: str | None, into: str, **given: Any) -> None:
    """Write the first draft of the provider ID out of addresses and a sample answer.

    It writes the provider's file, three golden files and the sandbox's file, says what it guessed
    and what you have to check, and overwrites nothing. Values of the sample get into the golden
    files, except tokens: take an account that is nobody's.
    """
    try:
        require_new(provider_id)
        it = sketched(provider_id, read(sample, "--sample"), token_sample, given)
        found = guess(it.sample)
        files = drafted(it, found)
    except NoSubject:
        raise click.ClickException(
            f"{sample}: no id was found, by which the person could be known again. It is a text or "
            "a whole number by a name such as id, sub, uid, user_id or uuid."
        ) from None
    except Unusable as error:
        raise click.ClickException(str(error)) from None
    write(Path(into), files)
    for line in report(it, found, files):
        click.echo(line)


def require_new(provider_id: str) -> None:
    """:raises Unusable: when there is such a provider, or when none can be called so."""
    sketch.require_id(provider_id)
    if (there := providers.resolve(provider_id)) is not None:
        also = "" if there == provider_id else f", another name of {there}"
        raise Unusable(f"There is a provider {provider_id!r} already{also}.")


def sketched(
    provider_id: str, sample: Any, token_sample: str | None, given: dict[str, Any]
) -> Sketch:
    """What was given, looked at. :raises Unusable: when something of it is missing or wrong."""
    addresses = {
        name: sketch.require_address(f"--{name.replace('_', '-')}", given[name])
        for name in (*ADDRESSES, "issuer", "docs", "console", "api_url")
    }
    issuer, kind = addresses["issuer"], require_enough(addresses)
    site = urlsplit(issuer or addresses["authorize_url"] or "").hostname
    token = token_sample and read(token_sample, "--token-sample")
    return Sketch(
        id=provider_id,
        name=named(given["name"] or provider_id.replace("_", " ").title()),
        docs=addresses.pop("docs") or f"https://{site}/",
        api_url=sketch.api_of(addresses["profile_url"], addresses.pop("api_url")),
        scopes=scopes_of(given["scopes"], kind),
        color=sketch.require_color(given["color"]),
        token=sketch.token_answer(token, kind),
        refreshes=None if token is None or kind == "OAuth1" else "refresh_token" in token,
        sample=sketch.claims_of(sample, issuer) if issuer else sample,
        **addresses,
    )


def require_enough(addresses: dict[str, str | None]) -> str:
    """The protocol that *addresses* are of, if none is missing and none too many.

    :raises Unusable: when one is.
    """
    issuer, old = addresses["issuer"], addresses["request_token_url"]
    if issuer and (addresses["profile_url"] or old):
        raise Unusable(
            "--issuer makes it OpenID Connect, where the sample is what the ID token claims: leave "
            "--profile-url and --request-token-url out. A profile beside it is written by hand."
        )
    wanted = () if issuer else ("authorize_url", "token_url", "profile_url")
    if missing := [f"--{each.replace('_', '-')}" for each in wanted if not addresses[each]]:
        raise Unusable(f"Give {', '.join(missing)} too, or the --issuer alone.")
    return "OAuth1" if old else "OAuth2"


def named(name: str) -> str:
    """*name*, if it can stand in the file's first line. :raises Unusable: when not."""
    if not name.isprintable() or '"' in name or "\\" in name or " -- " in name:
        raise Unusable(f"--name holds what no name has: {name!r}.")
    return name


def scopes_of(scopes: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """*scopes*, one by one. :raises Unusable: for OAuth 1.0a, which has none."""
    if scopes and kind == "OAuth1":
        raise Unusable("OAuth 1.0a has no scopes: leave --scope out.")
    return tuple(each for text in scopes for each in text.split())


def read(path: str, option: str) -> Any:
    """The JSON in a file. :raises Unusable: when there is none."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise Unusable(f"{option} {path}: {error.strerror}.") from None
    except ValueError as error:
        raise Unusable(f"{option} {path} is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise Unusable(f"{option} {path} is no JSON object, but {type(found).__name__}.")
    return found


def drafted(it: Sketch, found: Guess) -> dict[str, str]:
    """The files by their paths in a checkout."""
    golden = writing.golden(it, found)
    return {
        f"src/flask_social/providers/{it.id}.py": writing.module(it, found),
        **{
            f"tests/providers/{it.id}/{name}.json": writing.as_text(each)
            for name, each in golden.items()
        },
        f"src/flask_social/sandbox/catalogue/{it.id}.json": writing.as_lines(
            writing.sandbox(it, found)
        ),
    }


def write(folder: Path, files: dict[str, str]) -> None:
    """Write *files* below *folder*. :raises ClickException: when one is there, before any is."""
    if there := [path for path in files if (folder / path).exists()]:
        raise click.ClickException(f"{there[0]} is there already, and nothing is overwritten.")
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def report(it: Sketch, found: Guess, files: dict[str, str]) -> list[str]:
    """What was written, what was guessed, and what a person has to look at."""
    checks = [*found.to_check, *left_open(it, found)]
    guesses = [f"  {part:<15} {writing.literal(source)}" for part, source in found.sources.items()]
    return [
        "Written:",
        *(f"  {path}" for path in files),
        "Guessed from the sample:",
        *guesses,
        f"  {'email_trust':<15} {writing.literal(found.email_trust)}",
        "To check:",
        *(f"  - {each}" for each in checks),
    ]


def left_open(it: Sketch, found: Guess) -> list[str]:
    """What was not given, and what no sample tells."""
    checks = [f"{it.docs}: is that the page where its OAuth is documented?"]
    if it.kind != "OAuth1" and not it.refreshes:
        checks.append("Does it give refresh tokens? No sample of a token answer has one.")
    checks += [
        f"No {option} was given."
        for option in ("--console", "--color")
        if not getattr(it, option[2:])
    ]
    checks += [
        f"Why the scope {each!r} is asked for: say it in src/flask_social/words/scopes.py."
        for each in it.scopes
        if why(each, it.id) == ASKED
    ]
    wanted = [part for part in ROLES if not part.startswith("email")]  # of which is said more
    if lacks := [part for part in wanted if part not in found.sources]:
        checks.append(
            f"Not found: {', '.join(lacks)}. Write in those that the sample has after all."
        )
    checks.append("The golden files hold the sample's values: none of them may be a real person's.")
    return checks
