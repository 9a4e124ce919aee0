"""A084: no object that holds secrets shows them to whoever only looks at it, or takes it along.

What a secret is written into by name, it is in: ``str()``, ``+``, ``%s``, an f-string, JSON. That
is what a secret is for. All else is here.
"""

from __future__ import annotations

import code
import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import reprlib
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from flask import jsonify, render_template_string, session
from werkzeug.debug.tbtools import DebugTraceback

from flask_social.testing import ServedSandbox
from flask_social.values import Secret
from tests.attacks.held import Held, handed_out
from tests.attacks.leaks import U1, keys
from tests.bed import Bed

ACMES = ("access_token", "refresh_token", "id_token")


@pytest.fixture
def held(make_bed: Callable[..., Bed], box: ServedSandbox) -> Iterator[Held]:
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_TWITTER=keys("twitter"))
    bed.add_user(U1)
    with handed_out(bed) as held:
        yield held


def members(each: Any) -> str:
    return repr(vars(each))


def fields_of(each: Any) -> str:
    named = {field.name: getattr(each, field.name) for field in dataclasses.fields(each)}
    return f"{named!r} {dataclasses.replace(each)!r}"


def abridged(each: Any) -> str:
    """What debuggers and asyncio show, but not cut short."""
    wide = reprlib.Repr()
    wide.maxother = wide.maxstring = wide.maxdict = wide.maxlist = wide.maxlevel = 10_000
    return wide.repr(each)


def logged(each: Any) -> str:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (each, [each]), None)
    return f"{record.getMessage()} {record.__dict__!r}"


def traced(each: Any) -> str:
    """The traceback of an exception about *each*, as a log holds it."""
    try:
        raise RuntimeError("cannot use", each)
    except RuntimeError as error:
        return "".join(traceback.format_exception(error))


def debugged(each: Any) -> str:
    """Werkzeug's debugger, whose page shows source and no values until somebody asks for them."""
    try:
        raise RuntimeError("cannot use", each)
    except RuntimeError as error:
        seen = DebugTraceback(error)
        page = seen.render_debugger_html(evalex=True, secret="s", evalex_trusted=True)
        return page + seen.render_traceback_text()


def typed_into_a_shell(each: Any) -> str:
    """What ``flask shell`` answers to the name of a thing, and to a list that holds it."""
    shown = io.StringIO()
    with redirect_stdout(shown), redirect_stderr(shown):
        shell = code.InteractiveConsole({"thing": each})
        for line in ("thing", "[thing]", "print(thing)", "vars(thing)"):
            shell.push(line)
    return shown.getvalue()


LOOKS: dict[str, Callable[[Any], Any]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": lambda each: f"{each} {each!r} {[each]} %s %r" % (each, each),
    "vars": members,
    "fields": fields_of,
    "pprint": pprint.pformat,
    "reprlib": abridged,
    "log record": logged,
    "traceback": traced,
    "debugger": debugged,
    "shell": typed_into_a_shell,
    "template": lambda each: render_template_string("{{ x }} {{ [x] }} {{ x|pprint }}", x=each),
}
TAKES: dict[str, Callable[[Any], Any]] = {
    "pickle": pickle.dumps,
    "pickle 0": lambda each: pickle.dumps(each, 0),
    "copy": lambda each: repr(copy.copy(each)),
    "deepcopy": lambda each: json.dumps(copy.deepcopy(each), default=vars),
    "asdict": lambda each: json.dumps(dataclasses.asdict(each)),
    "astuple": lambda each: json.dumps(dataclasses.astuple(each)),
    "json": json.dumps,
    "jsonify": lambda each: jsonify(each).get_data(as_text=True),
    "tojson": lambda each: render_template_string("{{ x|tojson }}", x=each),
}
INTERNAL = ("pending", "cookie")
"""What lives in the middle of a request, and never gets into an application's hands."""
SPOKEN_FOR = ("raw", "oauth_response of login_failed", "headers of the request")
"""Mappings of texts: to write JSON of them is to write what they hold."""


def test_the_secrets_are_there_to_be_found(held: Held) -> None:
    row = held.objects["row acme"]
    assert {type(getattr(row, name)) for name in ACMES} == {Secret}
    assert held.secrets.shown_in(row.access_token) == ["access token"]
    assert held.secrets.shown_in(str(held.objects["request"].headers["Authorization"]))
    for name in ("client", "token", "flow of acme", "grant of twitter", "row twitter"):
        assert "<secret>" in fields_or_members(held.objects[name]), name
    assert {"id token", "token secret", "code_verifier", "nonce"} <= held.secrets.seen


def fields_or_members(each: Any) -> str:
    if not dataclasses.is_dataclass(each):
        return members(each)
    return " ".join(
        fields_or_members(value) if dataclasses.is_dataclass(value) else repr(value)
        for value in (getattr(each, field.name) for field in dataclasses.fields(each))
    )


def test_A084_nothing_shows_a_secret_to_whoever_looks(held: Held) -> None:
    internal = {name: held.objects.pop(name) for name in INTERNAL}
    shown = {way: held.shown(look) for way, look in LOOKS.items()}
    assert shown == {way: {} for way in LOOKS}
    assert held.secrets.shown_in(repr(internal)) == []


def test_A084_nothing_takes_a_secret_along(held: Held) -> None:
    for name in INTERNAL + SPOKEN_FOR:
        del held.objects[name]
    taken = {way: held.shown(take) for way, take in TAKES.items()}
    assert taken == {way: {} for way in TAKES}


HOLDERS = ("grant of acme", "flow of acme", "token", "client", "row in memory")
REFUSING = ("session", "remote app", "twitter")


def test_A084_what_holds_a_secret_says_so_instead_of_being_pickled(held: Held) -> None:
    for name in (*HOLDERS, *REFUSING):
        with pytest.raises(TypeError, match=r"secret|token"):
            pickle.dumps(held.objects[name])


def test_A084_nothing_gets_into_a_cookie_that_can_be_read(held: Held) -> None:
    interface, answer = held.bed.app.session_interface, held.bed.app.response_class()
    for name in HOLDERS:
        session["kept"] = held.objects[name]
        with pytest.raises(TypeError, match="A secret is neither pickled nor copied"):
            interface.save_session(held.bed.app, session, answer)
    assert "Set-Cookie" not in answer.headers
