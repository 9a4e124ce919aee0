"""Secrets in Flask's session cookie are sealed, for one application at a time."""

from __future__ import annotations

import logging
import marshal
from typing import Any

import pytest
from flask import Flask, session
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import (
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
    session_json_serializer,
)
from itsdangerous import URLSafeTimedSerializer

from flask_social import sealed_session
from flask_social.values import Secret
from tests.bed import make_app

TOKEN = "a token of somebody's account"


def app_with(**config: Any) -> Flask:
    app = Flask("sealing")
    app.config.update({"SECRET_KEY": "the present key", **config})
    sealed_session.install(app)
    return app


def written(app: Flask, value: Any) -> str:
    """*value*, as the session of *app* has it in its cookie."""
    return serializer_of(app).dumps({"kept": value})


def read(app: Flask, cookie: str) -> Any:
    return serializer_of(app).loads(cookie)["kept"]


def serializer_of(app: Flask) -> URLSafeTimedSerializer:
    interface: Any = app.session_interface
    found: URLSafeTimedSerializer = interface.get_signing_serializer(app)
    return found


def readable(app: Flask, cookie: str) -> str:
    """What anybody reads in *cookie*: the signature is not asked for, nor any key of ours."""
    plain = Flask("reader")
    plain.secret_key = app.secret_key
    return repr(serializer_of(plain).loads(cookie))


@pytest.mark.parametrize("token", [TOKEN, "", "t" * 2_000, "mit Ümläut \U0001f511 \ud800"])
def test_a_secret_comes_back_as_one_and_cannot_be_read(token: str) -> None:
    app = app_with()
    values = {"access_token": Secret(token), "nested": [{"secret": Secret(token)}], "name": "Ada"}
    cookie = written(app, values)
    assert "Ada" in readable(app, cookie)
    assert token not in readable(app, cookie) or not token
    back = read(app, cookie)
    assert back == values
    assert type(back["access_token"]) is type(back["nested"][0]["secret"]) is Secret


def test_what_is_no_secret_is_written_as_by_flask() -> None:
    app = app_with()
    value = {"text": "plain", "pair": (1, b"2"), " secret": "x", "one": {" secret": "y"}}
    plain = SecureCookieSessionInterface()
    assert read(app, written(app, value)) == value
    assert serializer_of(app).dump_payload("x") == _signing(plain, app).dump_payload("x")


def _signing(interface: SecureCookieSessionInterface, app: Flask) -> URLSafeTimedSerializer:
    found = interface.get_signing_serializer(app)
    assert found is not None
    return found


def test_a_key_that_was_replaced_still_opens_and_one_that_is_gone_leaves_nothing() -> None:
    cookie = written(app_with(SECRET_KEY="the old key"), Secret(TOKEN))
    rotated = app_with(SECRET_KEY_FALLBACKS=["the old key"])
    assert read(rotated, cookie) == TOKEN
    here: Any = app_with().session_interface
    forgotten: Any = app_with(SECRET_KEY="a forgotten key").session_interface
    envelope = forgotten.serializer.tags[" secret"].to_json(Secret(TOKEN))
    assert here.serializer.tags[" secret"].to_python(envelope) is None
    assert here.serializer.tags[" secret"].to_python({"not": "an envelope"}) is None


def test_other_applications_and_flask_itself_are_left_as_they_are() -> None:
    order, tags = list(session_json_serializer.order), dict(session_json_serializer.tags)
    before = Flask("before")
    app, after = app_with(), Flask("after")
    after.secret_key = "k"
    assert before.session_interface is Flask.session_interface is after.session_interface
    assert app.session_interface is not Flask.session_interface
    assert SecureCookieSessionInterface.serializer is session_json_serializer
    assert (session_json_serializer.order, session_json_serializer.tags) == (order, tags)
    assert TOKEN in readable(after, written(after, Secret(TOKEN)))
    assert TOKEN not in readable(app, written(app, Secret(TOKEN)))


def test_two_applications_seal_each_under_its_own_key() -> None:
    one, two = app_with(SECRET_KEY="one"), app_with(SECRET_KEY="two")
    assert read(one, written(one, Secret(TOKEN))) == TOKEN
    assert read(two, written(two, Secret(TOKEN))) == TOKEN
    first: Any = one.session_interface
    second: Any = two.session_interface
    assert (
        second.serializer.tags[" secret"].to_python(
            first.serializer.tags[" secret"].to_json(Secret(TOKEN))
        )
        is None
    )


class Celsius(float):
    """A value of an application's own, which it tells its session how to write."""


class TagCelsius(JSONTag):
    __slots__ = ()
    key = " C"

    def check(self, value: Any) -> bool:
        return isinstance(value, Celsius)

    def to_json(self, value: Any) -> Any:
        return self.serializer.tag((float(value), Secret(TOKEN)))

    def to_python(self, value: Any) -> Any:
        return Celsius(value[0])


def test_an_application_s_own_serializer_keeps_its_tags_and_their_order() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagCelsius, index=1)
    serializer.register(TagCelsius, force=True, index=0)

    class Interface(SecureCookieSessionInterface):
        pass

    app = Flask("sealing")
    app.secret_key = "k"
    app.session_interface = Interface()
    app.session_interface.serializer = serializer
    sealed_session.install(app)
    assert isinstance(app.session_interface, Interface)
    installed: Any = app.session_interface
    assert [each.key for each in installed.serializer.order][1:] == [
        each.key for each in serializer.order
    ]
    assert all(each.serializer is installed.serializer for each in installed.serializer.order)
    assert all(each.serializer is serializer for each in serializer.order)
    cookie = written(app, Celsius(21.5))
    assert isinstance(read(app, cookie), Celsius)
    assert TOKEN not in readable(app, cookie)


class ServerSession(dict[str, Any], SessionMixin):
    """A session of which the browser has the name alone."""


class Elsewhere(SessionInterface):
    """A kind of session that a server keeps, written as what takes no other texts than Python's."""

    def __init__(self) -> None:
        self.kept = b""

    def open_session(self, app: Flask, request: Any) -> ServerSession:
        return ServerSession(marshal.loads(self.kept) if self.kept else {})

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        self.kept = marshal.dumps(dict(session))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_session_that_a_server_keeps_gets_ordinary_texts(when: str) -> None:
    app = Flask("elsewhere")
    interface = Elsewhere()
    if when == "after":
        sealed_session.install(app)
    app.session_interface = interface
    if when == "before":
        sealed_session.install(app)

    @app.get("/keep")
    def keep() -> str:
        session["flat"] = Secret(TOKEN)
        session["deep"] = {"list": [Secret(TOKEN), 1], "pair": (Secret(TOKEN),), "name": "Ada"}
        return "kept"

    @app.get("/show")
    def show() -> dict[str, Any]:
        return dict(session)

    client = app.test_client()
    assert client.get("/keep").text == "kept"
    shown = client.get("/show").get_json()
    assert shown == {"flat": TOKEN, "deep": {"list": [TOKEN, 1], "pair": [TOKEN], "name": "Ada"}}
    assert app.session_interface is interface
    assert client.get("/show").headers.get("Vary") is None


def test_a_cookie_interface_that_is_set_afterwards_seals_as_well() -> None:
    app = app_with()

    @app.get("/keep")
    def keep() -> str:
        session["kept"] = Secret(TOKEN)
        return "kept"

    @app.get("/show")
    def show() -> str:
        return f"{type(session['kept']).__name__} {session['kept']}"

    class Later(SecureCookieSessionInterface):
        pass

    later = app.session_interface = Later()
    client = app.test_client()
    client.get("/keep")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert TOKEN not in readable(app, cookie.value)
    assert later.serializer is session_json_serializer
    again = app_with()
    again.add_url_rule("/show", view_func=show)
    again.session_interface = Later()
    reader = again.test_client()
    reader.set_cookie("session", cookie.value)
    assert reader.get("/show").text == f"Secret {TOKEN}", "the first request of another process"


def test_an_interface_of_another_application_seals_with_its_own_keys() -> None:
    one, two = app_with(SECRET_KEY="one"), Flask("two")
    two.secret_key = "two"
    two.session_interface = one.session_interface
    sealed_session.install(two)
    one.secret_key = "one has another key by now"
    cookie = written(two, Secret(TOKEN))
    assert TOKEN not in readable(two, cookie)
    assert read(two, cookie) == TOKEN
    one.secret_key = "one has a third one"
    assert read(two, cookie) == TOKEN
    interface: Any = two.session_interface
    assert [each.key for each in interface.serializer.order].count(" secret") == 1


def test_social_seals_the_session_of_the_application_that_it_is_set_up_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app({}).app
    with caplog.at_level(logging.DEBUG):
        cookie = written(app, {"access_token": Secret(TOKEN)})
    assert TOKEN not in readable(app, cookie)
    assert read(app, cookie) == {"access_token": TOKEN}
    assert TOKEN not in caplog.text
