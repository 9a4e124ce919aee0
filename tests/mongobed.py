"""A whole application with MongoEngine for its users and its connections, and browsers for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar
from uuid import uuid4

from flask import Flask, got_request_exception
from flask_security import (
    MongoEngineUserDatastore,
    RoleMixin,
    Security,
    UserMixin,
    auth_required,
    hash_password,
)
from mongoengine import (
    CASCADE,
    BooleanField,
    DateTimeField,
    Document,
    ListField,
    ReferenceField,
    StringField,
    connect,
)
from mongoengine.connection import disconnect, get_db
from pymongo.errors import PyMongoError
from werkzeug.serving import ThreadedWSGIServer, make_server

from flask_social import MongoEngineConnectionDatastore, Social
from flask_social.models.mongoengine_v1 import ConnectionMixin, FlowMixin
from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, PATIENT, Browser, QuietHandler, usual_config

_numbers = count(1)


@dataclass
class MongoBed:
    """An application with everything that a test wants to look at."""

    app: Flask
    social: Social
    User: Any
    Connection: Any
    SpentFlow: Any
    alias: str
    sandbox: ServedSandbox
    url: str = ""
    raised: list[BaseException] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def browser(self) -> Browser:
        """A visitor with no cookies yet."""
        return Browser(self)  # type: ignore[arg-type]

    def add_user(self, email: str, password: str | None = PASSWORD) -> Any:
        """A confirmed user; with no password one who only has providers."""
        with self.app.app_context():
            hashed = hash_password(password) if password else None
            return self.app.extensions["security"].datastore.create_user(
                email=email, password=hashed, confirmed_at=self.now()
            )

    def newcomer(self, email: str) -> Any:
        """A user who is in no database yet."""
        uniquifier = uuid4().hex
        return self.User(email=email, fs_uniquifier=uniquifier, confirmed_at=self.now())

    def now(self) -> Any:
        return self.app.extensions["security"].datetime_factory()

    def connect(self, email: str, provider_id: str, subject: str) -> Any:
        """A connection, straight into the collection."""
        return self.Connection(
            user=self.User.objects.get(email=email),
            provider_id=provider_id,
            provider_user_id=subject,
            access_token="stored before",
        ).save()

    def accounts(self) -> list[tuple[str, str, str]]:
        """Who is connected to what: e-mail, provider id, provider user id."""
        return [
            (row.user.email, row.provider_id, row.provider_user_id)
            for row in self.Connection.objects.order_by("pk")
        ]

    def users(self) -> list[str]:
        return [user.email for user in self.User.objects.order_by("pk")]

    def raw(self) -> list[dict[str, Any]]:
        """The connections as the database has them."""
        return list(self.Connection._get_collection().find().sort("_id"))


@contextmanager
def served(box: ServedSandbox, client: dict[str, Any], **config: Any) -> Iterator[MongoBed]:
    """An application on a free port of 127.0.0.1, with an empty database.

    :param client: what MongoEngine is told of the server.
    """
    alias = f"social_app_{next(_numbers)}"
    connect(alias, alias, uuidRepresentation="standard", tz_aware=True, **client)
    bed = _application(box, alias, config)
    server = make_server("127.0.0.1", 0, bed.app, threaded=True, request_handler=QuietHandler)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    bed.url = f"http://127.0.0.1:{server.server_port}"
    note = _noting(bed)
    try:
        yield bed
    finally:
        got_request_exception.disconnect(note, bed.app)
        server.shutdown()
        thread.join()
        server.server_close()
        with suppress(PyMongoError):  # it may be away
            get_db(alias).client.drop_database(alias)
        disconnect(alias)


def _application(box: ServedSandbox, alias: str, config: dict[str, Any]) -> MongoBed:
    app = Flask(__name__)
    app.testing = True
    app.config.update(
        SECRET_KEY="a secret of this test",
        SECURITY_PASSWORD_SALT="salt",
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_PASSWORD_SCHEMES=["plaintext"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_POST_LOGIN_VIEW="/home",
        WTF_CSRF_ENABLED=False,
        **PATIENT,
        **usual_config(box.url),
    )
    app.config.update(config)
    user, role, connection, flow = _models(alias)
    Security(app, MongoEngineUserDatastore(None, user, role))
    social = Social(app, MongoEngineConnectionDatastore(None, connection, flow))

    @app.get("/whoami")
    @auth_required("session")
    def whoami() -> dict[str, Any]:
        from flask_security import current_user

        return {"email": current_user.email}

    return MongoBed(app, social, user, connection, flow, alias, box)


def _models(alias: str) -> tuple[Any, Any, Any, Any]:
    class Role(Document, RoleMixin):
        meta: ClassVar = {"db_alias": alias}
        name = StringField(max_length=80, unique=True)
        permissions = ListField(StringField())

    class User(Document, UserMixin):
        meta: ClassVar = {"db_alias": alias}
        email = StringField(max_length=255, unique=True)
        password = StringField(max_length=255)
        active = BooleanField(default=True)
        fs_uniquifier = StringField(max_length=64, unique=True)
        confirmed_at = DateTimeField()
        roles = ListField(ReferenceField(Role), default=[])

    class Connection(ConnectionMixin, Document):
        meta: ClassVar = {"db_alias": alias}
        user = ReferenceField(User, required=True, reverse_delete_rule=CASCADE)

    class SpentFlow(FlowMixin, Document):
        meta: ClassVar = {"db_alias": alias}

    return User, Role, Connection, SpentFlow


def _noting(bed: MongoBed) -> Callable[..., None]:
    def broken(sender: Flask, exception: BaseException, **arguments: Any) -> None:
        bed.raised.append(exception)

    got_request_exception.connect(broken, bed.app)
    return broken
