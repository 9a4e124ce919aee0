"""What an application pays for is what it uses: imports, counted in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flask_social import providers

ROOT = Path(__file__).parents[1]

ORMS = {"sqlalchemy", "flask_sqlalchemy", "flask_sqlalchemy_lite", "mongoengine", "peewee"}
VENDORS = {"tweepy", "googleapiclient", "google", "github", "facebook", "foursquare", "linkedin"}
PROTOCOL_LIBRARIES = {"joserfc", "oauthlib", "requests_oauthlib", "authlib"}

SECURED = """
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy

app = Flask("app")
app.testing = True
app.config.update(
    SECRET_KEY="s", SECURITY_PASSWORD_SALT="salt", SQLALCHEMY_DATABASE_URI="sqlite://",
)
db = SQLAlchemy(app)
fsqla_v3.FsModels.set_db_info(db)

class Role(db.Model, fsqla_v3.FsRoleMixin): pass
class User(db.Model, fsqla_v3.FsUserMixin): pass

Security(app, SQLAlchemyUserDatastore(db, User, Role))
"""

SOCIAL = """
from flask_social import Social, SQLAlchemyConnectionDatastore
from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin

class Connection(db.Model, ConnectionMixin): pass
class SpentFlow(db.Model, FlowMixin): pass

app.config["SOCIAL_GITHUB"] = {"consumer_key": "key", "consumer_secret": "secret"}
Social(app, SQLAlchemyConnectionDatastore(db, Connection, SpentFlow))
with app.app_context():
    db.create_all()
"""

# One login as far as the provider, and the page of one that comes back to nothing.
VISIT = """
client = app.test_client()
answer = client.post("/login/github")
assert answer.status_code == 303, answer.status_code
assert answer.headers["Location"].startswith("https://github.com/login/oauth/authorize?")
assert client.get("/login/github").status_code == 200
assert client.get("/login/github?code=c&state=s").status_code == 400
"""


def loaded(*scripts: str) -> set[str]:
    """The modules that are loaded once *scripts* have run, in a process of their own."""
    ending = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*scripts, ending])],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.fixture(scope="module")
def without_us() -> set[str]:
    """What Flask-Security and Flask-SQLAlchemy load by themselves."""
    return loaded(SECURED)


@pytest.fixture(scope="module")
def with_github() -> set[str]:
    """What is loaded once an application with one OAuth 2.0 provider has served a visitor."""
    return loaded(SECURED, SOCIAL, VISIT)


def test_an_application_with_one_oauth_2_provider_loads_no_library_of_another_protocol(
    without_us: set[str], with_github: set[str]
) -> None:
    added = packages(with_github) - packages(without_us)
    assert added & PROTOCOL_LIBRARIES == set()
    ours = {name for name in with_github if name.startswith("flask_social.protocols.")}
    assert "flask_social.protocols.oauth2" in ours
    heavy = ("oidc", "oauth1", "openid2", "id_token", "keys", "discovery", "userinfo")
    assert ours & {f"flask_social.protocols.{name}" for name in heavy} == set()


def test_it_loads_no_vendor_s_client_and_no_orm_but_its_own(
    without_us: set[str], with_github: set[str]
) -> None:
    added = packages(with_github) - packages(without_us)
    assert added & (VENDORS | ORMS) == set()
    assert not any(name.startswith("flask_social.vendors.") for name in with_github)
    stores = {name for name in with_github if name.startswith("flask_social.datastore.")}
    assert not any("mongoengine" in name or "peewee" in name for name in stores)


def test_it_loads_no_other_provider_s_file(with_github: set[str]) -> None:
    start = "flask_social.providers."
    loaded = {name for name in with_github if name.startswith(start)}
    assert {name for name in loaded if not name.startswith(f"{start}_")} == {f"{start}github"}
    assert len(providers.names()) >= 5


def test_it_loads_neither_the_sandbox_nor_a_library_for_the_api_it_does_not_call(
    with_github: set[str],
) -> None:
    assert not any(name.startswith("flask_social.sandbox") for name in with_github)
    assert "flask_social.api" not in with_github
    assert "requests" not in packages(with_github)


def test_importing_the_package_loads_no_orm_and_no_provider() -> None:
    plain = loaded("import flask_security")
    ours = loaded("import flask_security", "import flask_social")
    added = packages(ours) - packages(plain)
    assert added & (ORMS | VENDORS | PROTOCOL_LIBRARIES | {"requests"}) == set()
    assert not any(name.startswith("flask_social.models.") for name in ours)
    files = {f"flask_social.providers.{name}" for name in providers.names()}
    assert files & ours == set()
    assert "flask_social.datastore.sqlalchemy" not in ours


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from flask_social import NoSuchThing"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert "ImportError: cannot import name 'NoSuchThing'" in done.stderr
