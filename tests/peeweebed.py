"""A whole application with Peewee for its users and its connections, and browsers for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Flask, got_request_exception
from flask_security import (
    PeeweeUserDatastore,
    RoleMixin,
    Security,
    UserMixin,
    auth_required,
    hash_password,
)
from peewee import (
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)
from playhouse.flask_utils import FlaskDB
from werkzeug.serving import ThreadedWSGIServer, make_server

from flask_social import PeeweeConnectionDatastore, Social
from flask_social.models.peewee_v1 import ConnectionMixin, FlowMixin
from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, PATIENT, Browser, QuietHandler, usual_config


@dataclass
class PeeweeBed:
    """An application with everything that a test wants to look at."""

    app: Flask
    social: Social
    db: FlaskDB
    User: Any
    Connection: Any
    SpentFlow: Any
    sandbox: ServedSandbox
    url: str = ""
    raised: list[BaseException] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def browser(self) -> Browser:
        """A visitor with no cookies yet."""
        return Browser(self)  # type: ignore[arg-type]

    def add_user(self, email: str, password: str | None = PASSWORD) -> Any:
        """A confirmed user; with no password one who only has providers."""
        with self.app.app_context(), self.db.database.connection_context():
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

    def connect(self, email: str, provider_id: str, subject: str) -> None:
        """A connection, straight into the table."""
        with self.db.database.connection_context():
            self.Connection.create(
                user=self.User.get(email=email),
                provider_id=provider_id,
                provider_user_id=subject,
                access_token="stored before",
            )

    def accounts(self) -> list[tuple[str, str, str]]:
        """Who is connected to what: e-mail, provider id, provider user id."""
        model = self.Connection
        query = model.select(self.User.email, model.provider_id, model.provider_user_id)
        with self.db.database.connection_context():
            return list(query.join(self.User).order_by(model.id).tuples())

    def users(self) -> list[str]:
        with self.db.database.connection_context():
            return [user.email for user in self.User.select().order_by(self.User.id)]

    def raw(self) -> list[tuple[Any, ...]]:
        """Every connection as the database has it: subject, version and the four tokens."""
        query = (
            "SELECT provider_user_id, version, access_token, secret, refresh_token, id_token"
            " FROM connection ORDER BY id"
        )
        with self.db.database.connection_context():
            return list(self.db.database.execute_sql(query).fetchall())


def shipped(db: FlaskDB, user_model: Any) -> Any:
    """The connection model of an application of today."""

    class Connection(db.Model, ConnectionMixin):
        user = ForeignKeyField(user_model, backref="connections", on_delete="CASCADE")

    return Connection


def documented(db: FlaskDB, user_model: Any) -> Any:
    """As applications of 1.6 had it."""

    class Connection(db.Model):
        user = ForeignKeyField(user_model, backref="connections")
        provider_id = TextField()
        provider_user_id = TextField()
        access_token = TextField()
        secret = TextField(null=True)
        display_name = TextField()
        profile_url = TextField()
        image_url = TextField()
        rank = IntegerField(null=True)

    return Connection


@contextmanager
def served(
    box: ServedSandbox,
    database: Database,
    declare: Callable[[FlaskDB, Any], Any] = shipped,
    **config: Any,
) -> Iterator[PeeweeBed]:
    """An application on a free port of 127.0.0.1, with an empty database.

    :param declare: makes the connection model.
    """
    bed = _application(box, database, declare, config)
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


def _application(
    box: ServedSandbox,
    database: Database,
    declare: Callable[[FlaskDB, Any], Any],
    config: dict[str, Any],
) -> PeeweeBed:
    app = Flask(__name__)
    app.testing = True
    app.config.update(
        SECRET_KEY="a secret of this test",
        SECURITY_PASSWORD_SALT="salt",
        # No plain text here: Peewee logs every statement with its parameters.
        SECURITY_PASSWORD_HASH="hex_sha256",
        SECURITY_PASSWORD_SCHEMES=["hex_sha256"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_POST_LOGIN_VIEW="/home",
        WTF_CSRF_ENABLED=False,
        **PATIENT,
        **usual_config(box.url),
    )
    app.config.update(config)
    db = FlaskDB(app, database)
    user, role, link, flow = _models(db)
    connection = declare(db, user)
    with database.connection_context():
        database.create_tables([user, role, link, connection, flow])
    Security(app, PeeweeUserDatastore(db, user, role, link))
    social = Social(app, PeeweeConnectionDatastore(db, connection, flow))

    @app.get("/whoami")
    @auth_required("session")
    def whoami() -> dict[str, Any]:
        from flask_security import current_user

        return {"email": current_user.email}

    return PeeweeBed(app, social, db, user, connection, flow, box)


def _models(db: FlaskDB) -> tuple[Any, Any, Any, Any]:
    class Role(RoleMixin, db.Model):
        name = CharField(80, unique=True)
        permissions: Any = CharField(null=True)

    class User(UserMixin, db.Model):
        email = CharField(unique=True)
        password = CharField(null=True)
        active = BooleanField(default=True)
        fs_uniquifier = CharField(64, unique=True)
        confirmed_at = DateTimeField(null=True)

    class UserRole(db.Model):
        user = ForeignKeyField(User, backref="roles")
        role = ForeignKeyField(Role, backref="users")

    class SpentFlow(db.Model, FlowMixin):
        pass

    return User, Role, UserRole, SpentFlow


def _noting(bed: PeeweeBed) -> Callable[..., None]:
    def broken(sender: Flask, exception: BaseException, **arguments: Any) -> None:
        bed.raised.append(exception)

    got_request_exception.connect(broken, bed.app)
    return broken
