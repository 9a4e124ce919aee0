"""The test bed: a whole application on 127.0.0.1, the sandbox on localhost, and browsers between.

Browsers treat the two names as two sites. Nothing here is faked: requests travel over loopback,
rows are in a database, and the sandbox enforces what honest providers enforce.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import sqlalchemy as sa
from flask import Flask, got_request_exception
from flask_security import Security, SQLAlchemyUserDatastore, auth_required, hash_password
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from flask_social import Social, SQLAlchemyConnectionDatastore
from flask_social import signals as social_signals
from tests.declared import Declared, declared, shipped

PASSWORD = "correct horse battery"
TWO_FACTOR = {
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TOTP_SECRETS": {"1": "TjQ9Qa31VOrfEzuPy4VHQWPCTmRzCnFzMKLxXYiZu9B"},
    "SECURITY_TOTP_ISSUER": "the test bed",
}
PATIENT = {f"SOCIAL_{limit}_TIMEOUT": 60 for limit in ("CONNECT", "READ", "CALL", "REQUEST")}
"""Settings of an application that waits for its providers, however busy the machine is."""
SIGNALS = (
    "connection_created",
    "connection_failed",
    "connection_removed",
    "connection_updated",
    "connection_denied",
    "connection_broken",
    "login_failed",
    "login_completed",
    "login_denied",
    "flow_rejected",
    "provider_failed",
    "store_failed",
)


UNSERVED: list[Bed] = []
"""Applications that were made and that nothing closes yet."""


class Compiled(BytecodeCache):
    """What Jinja made of each template, which all applications of the process share."""

    def __init__(self) -> None:
        self._code: dict[tuple[Any, ...], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(self._of(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[self._of(bucket)] = bucket.code

    def _of(self, bucket: Bucket) -> tuple[Any, ...]:
        """Its name, its text, and what extensions of the application may have made of that."""
        return bucket.key, bucket.checksum, tuple(bucket.environment.extensions)


TEMPLATES = Compiled()


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 without an access log, which would hold codes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits up to 40 ms for the ACK of its head

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        pass


@dataclass
class Bed:
    """An application with everything that a test wants to look at."""

    app: Flask
    social: Social
    db: SQLAlchemy
    User: Any
    Connection: Any
    SpentFlow: Any
    sandbox: Any
    WebAuthn: Any = None
    declared: Declared | None = None
    """Where the models are from, and go to."""
    url: str = ""
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Signals as they came: name and arguments."""
    statements: list[str] = field(default_factory=list)
    """SQL as it was sent."""
    raised: list[BaseException] = field(default_factory=list)
    """What the application answered a 500 for."""
    statuses: list[int] = field(default_factory=list)
    """The status of every answer of the application."""

    def browser(self) -> Browser:
        """A visitor with no cookies yet."""
        return Browser(self)

    def add_user(self, email: str, password: str | None = PASSWORD, **columns: Any) -> None:
        """A confirmed user; with no password one who only has providers."""
        with self.app.app_context():
            datastore = self.app.extensions["security"].datastore
            hashed = hash_password(password) if password else None
            columns.setdefault("confirmed_at", self.app.extensions["security"].datetime_factory())
            datastore.create_user(email=email, password=hashed, **columns)
            datastore.commit()

    def user_id(self, email: str) -> int:
        with self.app.app_context():
            found = self.db.session.scalar(sa.select(self.User.id).where(self.User.email == email))
            assert found is not None
            return int(found)

    def connect(self, email: str, provider_id: str, subject: str, **columns: Any) -> None:
        """A connection, straight into the table."""
        with self.app.app_context():
            row = self.Connection(
                user_id=self.user_id(email),
                provider_id=provider_id,
                provider_user_id=subject,
                **{"access_token": "stored before", **columns},
            )
            self.db.session.add(row)
            self.db.session.commit()

    def rows(self) -> list[Any]:
        """Every connection, oldest first, detached."""
        with self.app.app_context():
            query = sa.select(self.Connection).order_by(self.Connection.id)
            rows = list(self.db.session.scalars(query))
            self.db.session.expunge_all()
            return rows

    def accounts(self) -> list[tuple[str, str, str]]:
        """Who is connected to what: e-mail, provider id, provider user id."""
        with self.app.app_context():
            query = (
                sa.select(
                    self.User.email, self.Connection.provider_id, self.Connection.provider_user_id
                )
                .join(self.User, self.User.id == self.Connection.user_id)
                .order_by(self.Connection.id)
            )
            return [tuple(row) for row in self.db.session.execute(query)]

    def users(self) -> list[str]:
        with self.app.app_context():
            return list(self.db.session.scalars(sa.select(self.User.email).order_by(self.User.id)))

    def change_user(self, email: str, **columns: Any) -> None:
        with self.app.app_context():
            query = sa.update(self.User).where(self.User.email == email).values(**columns)
            self.db.session.execute(query)
            self.db.session.commit()

    def signals(self, name: str) -> list[dict[str, Any]]:
        """The arguments of each *name* that was sent."""
        return [arguments for told, arguments in self.told if told == name]

    def calls(self, provider_id: str, endpoint: str = "token") -> int:
        """How many requests the sandbox's *endpoint* has had."""
        return int(self.sandbox.count(provider_id, endpoint))


class Browser:
    """A visitor: cookies, and no redirect followed unless a test follows it."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return self._send("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        return self._send("POST", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> requests.Response:
        return self._send("DELETE", path, **kwargs)

    def sign_in(self, email: str, password: str = PASSWORD) -> Browser:
        """By Flask-Security's password form."""
        answer = self.post("/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return self

    def sign_out(self) -> None:
        self.post("/logout", json={})

    def who(self) -> str | None:
        """The e-mail of whom the application takes this browser for; ``None`` for nobody."""
        answer = self.get("/whoami", headers={"Accept": "application/json"})
        return answer.json()["email"] if answer.status_code == 200 else None

    def set_out(self, path: str, **form: str) -> str:
        """Press the button at *path*; the provider's address that the answer leads to."""
        answer = self.post(path, data=form)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return answer.headers["Location"]

    def at_provider(self, url: str) -> str:
        """What the provider answers by itself; the callback's address it leads back to."""
        answer = self.http.get(url, allow_redirects=False, timeout=120)
        assert answer.status_code in (302, 303), (answer.status_code, answer.text)
        return answer.headers["Location"]

    def trip(self, path: str, **form: str) -> requests.Response:
        """Set out, say yes at the provider, come back: the answer of the callback."""
        return self.get(self.at_provider(self.set_out(path, **form)))

    def hang_up(self) -> None:
        """Close the connections now; closing the session leaves that to the garbage collector."""
        for adapter in self.http.adapters.values():
            pools: Any = adapter.poolmanager.pools  # type: ignore[attr-defined]
            for pool in map(pools.get, pools.keys()):
                pool.close()
        self.http.close()

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        url = path if path.startswith("http") else self.bed.url + path
        answer = self.http.request(method, url, allow_redirects=False, timeout=120, **kwargs)
        self.bed.statuses.append(answer.status_code)
        assert answer.status_code != 500, self.bed.raised
        return answer


def query_of(url: str) -> dict[str, str]:
    """The query parameters of *url*, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def usual_config(sandbox_url: str) -> dict[str, Any]:
    """The keys of an application whose providers are the sandbox's ``acme`` and ``plain``."""
    plain = f"{sandbox_url}plain"
    return {
        "SOCIAL_ACME": {
            "consumer_key": "acme key",
            "consumer_secret": "acme secret",
            "issuer": f"{sandbox_url}acme",
        },
        "SOCIAL_PLAIN": {
            "consumer_key": "plain key",
            "consumer_secret": "plain secret",
            "authorize_url": f"{plain}/authorize",
            "token_url": f"{plain}/token",
            "api_url": f"{plain}/api/",
            "profile_call": "me",
            "identity": {"subject": "id", "name": "name", "email": "email"},
        },
    }


def make_app(
    config: dict[str, Any],
    *,
    database: str = "sqlite://",
    testing: bool = True,
    social: Social | None = None,
    declare: Callable[[SQLAlchemy], Any] = shipped,
    registrations: Any = None,
) -> Bed:
    """An application with Flask-SQLAlchemy, Flask-Security and Flask-Social, not served yet.

    :param social: an object that serves other applications too; without it one of its own.
    :param declare: makes the connection model.
    :param registrations: what the store keeps of instances that visitors name.
    """
    app = Flask(__name__)
    app.jinja_options = {"bytecode_cache": TEMPLATES}
    app.testing, app.debug = testing, False
    app.config.update(
        SECRET_KEY="a secret of this test",
        SECURITY_PASSWORD_SALT="salt",
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_PASSWORD_SCHEMES=["plaintext"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_POST_LOGIN_VIEW="/home",
        **PATIENT,
        SQLALCHEMY_DATABASE_URI=database,
        WTF_CSRF_ENABLED=False,
    )
    app.config.update(config)
    models = declared(declare)
    db = models.db
    db.init_app(app)
    Security(app, SQLAlchemyUserDatastore(db, models.User, models.Role))
    social = Social() if social is None else social
    store = SQLAlchemyConnectionDatastore(db, models.Connection, models.SpentFlow)
    store.registrations = registrations
    social.init_app(app, store)

    @app.get("/whoami")
    @auth_required("session")
    def whoami() -> dict[str, Any]:
        from flask_security import current_user

        return {"email": current_user.email}

    @app.get("/home")
    def home() -> str:
        return "home"

    with app.app_context():
        models.create_tables()
    names = ("User", "Connection", "SpentFlow", "WebAuthn")
    parts = {name: getattr(models, name) for name in names}
    bed = Bed(app, social, db, **parts, sandbox=None, declared=models)
    UNSERVED.append(bed)
    return bed


def close(bed: Bed) -> None:
    """Close the database connections of *bed*."""
    with bed.app.app_context():
        bed.db.session.remove()
        for engine in bed.db.engines.values():
            engine.dispose()


def end(bed: Bed) -> None:
    """Close *bed* for good: another application may have its models."""
    close(bed)
    if bed.declared is not None:
        bed.declared.give_back()
        bed.declared = None


@contextmanager
def served(bed: Bed) -> Iterator[Bed]:
    """*bed*'s application on a free port of 127.0.0.1, what it does noted in the bed."""
    UNSERVED.remove(bed)
    server = make_server("127.0.0.1", 0, bed.app, threaded=True, request_handler=QuietHandler)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False  # closing waits for whoever still holds a database connection
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    bed.url = f"http://127.0.0.1:{server.server_port}"
    try:
        with listening(bed):
            yield bed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        end(bed)


@contextmanager
def listening(bed: Bed) -> Iterator[None]:
    """Note signals and SQL in *bed*."""
    receivers = []
    for name in SIGNALS:

        def receiver(sender: Flask, _name: str = name, **arguments: Any) -> None:
            connection, user = arguments.get("connection"), arguments.get("user")
            if connection is not None:  # read while its session lives
                arguments["account"] = (connection.provider_id, connection.provider_user_id)
            arguments["email"] = user.email if user is not None else None
            bed.told.append((_name, arguments))

        getattr(social_signals, name).connect(receiver, bed.app)
        receivers.append(receiver)
    with bed.app.app_context():
        engine = bed.db.engine

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        bed.statements.append(" ".join(statement.split()))

    def broken(sender: Flask, exception: BaseException, **arguments: Any) -> None:
        bed.raised.append(exception)

    got_request_exception.connect(broken, bed.app)
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
