"""The tables of the documentation are the library's own."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from flask_social import signals
from flask_social.client_keys import CLIENT_KEYS
from flask_social.config import Settings
from flask_social.kinds import NOT_SETTABLE
from flask_social.messages import MESSAGES
from flask_social.options import OLDER, OTHER_NAMES
from flask_social.per_visitor import KEYS
from flask_social.protocols.credentials import METHODS
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.routes import ROUTES
from flask_social.sandbox import PEOPLE
from flask_social.words.keys import FURTHER
from flask_social.words.portrait import Portrait
from tests.doctables import DOCS, names, rows


def test_every_setting_is_in_the_tables_with_its_default() -> None:
    headings = ("## Routes and addresses", "## Behaviour", "## The network")
    table = [row for heading in headings for row in rows("configuration.md", heading)]
    told = {names(row[0])[0]: ast.literal_eval(names(row[2])[0]) for row in table}
    settings = {
        f"SOCIAL_{each.name.upper()}": each.default
        for each in fields(Settings)
        if each.name != "messages"
    }
    assert told == settings


def test_every_message_is_in_the_table() -> None:
    table = rows("configuration.md", "## Messages")
    assert {names(row[0])[0]: (row[1], row[2]) for row in table} == MESSAGES


def test_every_key_of_a_provider_is_in_the_tables() -> None:
    table = [
        *rows("providers.md", "## Those that are there"),
        *rows("providers.md", "## Keys that change a provider"),
    ]
    told = {name for row in table for name in names(row[0]) if not name.startswith("SOCIAL_")}
    members = members_of(OIDC) | members_of(OAuth1)
    others = OLDER | OTHER_NAMES.keys() | CLIENT_KEYS.keys() | {"module", "provider", "api_client"}
    assert told == members | others


def members_of(kind: type) -> set[str]:
    """The fields of a kind of provider that a configuration may set, functions apart."""
    functions = {"client_auth", "token_use", "profile", "api"}
    named = {each.name for each in fields(kind)}
    return named - functions - NOT_SETTABLE - {each for each in named if each.startswith("shape_")}


def test_every_member_of_the_list_is_in_the_table() -> None:
    told = {name for row in rows("cli.md", "## Providers") for name in names(row[0])}
    assert told == {each.name for each in fields(Portrait)} | {"configured_as"}


def test_keys_of_one_kind_of_provider_are_told_somewhere() -> None:
    pages = "".join(each.read_text() for each in DOCS.glob("*.md"))
    further = FURTHER.keys() - {"gateway_key", "signed_as"}  # their providers' pages tell
    assert not [each for each in (*KEYS, *further) if f"| `{each}`" not in pages]
    table = rows("configuration.md", "## Providers")
    told = {name for row in table for name in names(row[0])}
    assert KEYS | {"tenants", "trusted_tenants", "required_claims", "email_trust"} <= told


def test_a_key_stands_below_the_protocols_that_have_it() -> None:
    def told(introduction: str) -> set[str]:
        section = (DOCS / "providers.md").read_text().split(introduction, 1)[1]
        table = section.partition("\n\n|")[2].partition("\n\n")[0].splitlines()
        return {names(line.split("|")[1])[0] for line in table if "`" in line.split("|")[1]}

    oauth1, oauth2, oidc = members_of(OAuth1), members_of(OAuth2), members_of(OIDC)
    aside = {
        *("token_endpoint_auth_method", "private_key", "request_token_params"),
        *("module", "provider", "api_client"),
    }
    assert told("first counts.") - aside == oauth1 & oauth2
    assert told("These are for OAuth 2.0 and OpenID Connect:") - aside == oauth2 - oauth1
    told_oidc = told("These are for OpenID Connect alone:")
    assert told_oidc - {"userinfo_url", "jwks_url"} <= oidc - oauth2
    assert told("These are for OAuth 1.0a alone:") == oauth1 - oauth2


def test_every_client_authentication_is_in_the_table() -> None:
    table = rows("providers.md", "## How your application proves who it is")
    assert {names(row[0])[0].strip('"') for row in table} == set(METHODS)


def test_every_signal_is_in_the_table_with_its_arguments() -> None:
    told = {
        names(row[0])[0]: names(row[1]) for row in rows("signals.md", "# Signals") if len(row) == 3
    }
    body = ast.parse(Path(signals.__file__).read_text()).body
    known = {
        ast.unparse(made.targets[0]): re.findall(r"``(\w+)``", ast.unparse(said).partition(":")[0])
        for made, said in pairwise(body)
        if isinstance(made, ast.Assign) and isinstance(said, ast.Expr)
        if ast.unparse(made.value).startswith("_signals.signal(")
    }
    assert len(known) == 12
    assert told == known


def test_the_codes_of_the_outcomes_are_those_of_the_messages() -> None:
    table = rows("outcomes.md", "# Outcomes")
    told = {name for row in table for name in names(row[2])}
    silent = {"authorize", "confirm_first", "cannot_verify"}
    faults = {"invalid_grant", "invalid_client", "unavailable", "provider_error"}
    assert told == MESSAGES.keys() - silent - faults


def test_every_route_is_in_the_table() -> None:
    told = {
        (names(rule)[0], verb, names(endpoint)[0])
        for rule, verbs, endpoint, _use in rows("outcomes.md", "## Routes")
        for verb in verbs.split(", ")
    }
    assert told == {(rule, verb, view.__name__) for rule, verb, view in ROUTES}


def test_everybody_in_the_sandbox_is_in_the_table() -> None:
    told = [(names(row[0])[0], row[1]) for row in rows("sandbox.md", "## Who is there")]
    assert told == [(person.key, person.name) for person in PEOPLE]
