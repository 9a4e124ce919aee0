"""``"api_client"``: which names are taken, and that no library is imported before it is needed."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import tweepy

from flask_social import vendors
from flask_social.api import ApiSession
from flask_social.errors import ConfigurationError
from flask_social.registration import register
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.doctables import names, rows
from tests.test_lean import SECURED, loaded

CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}
OWN = {
    "authorize_url": "https://op.test/authorize",
    "token_url": "https://op.test/token",
    "api_url": "https://op.test/api/",
    "identity": {"subject": "id"},
}
ROOT = Path(__file__).parents[1]
FRESH = "## How the token stays fresh"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
each_library = pytest.mark.parametrize(
    "library", vendors.LIBRARIES, ids=lambda library: library.distribution
)


def api_of(name: str, **options: Any) -> Any:
    """The ``api`` of the provider that the configuration makes."""
    made = register(name, CLIENT | options, sandbox_url=None, allow_http=False)
    return getattr(made.provider, "api", None)


def refusal(name: str, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as raised:
        api_of(name, **options)
    return str(raised.value)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where every library is installed, none of which may be imported."""
    for library in vendors.LIBRARIES:
        module = ModuleType(library.package)
        module.__spec__ = ModuleSpec(library.package, None)
        monkeypatch.setitem(sys.modules, library.package, module)


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where none of the libraries is installed."""
    for library in vendors.LIBRARIES:
        monkeypatch.setitem(sys.modules, library.package, None)


# Names.


@each_library
def test_a_library_is_known_by_either_name_however_it_is_spelt(
    library: vendors.Library, installed: None
) -> None:
    for name in (library.distribution, library.package):
        for spelt in (name, name.upper(), name.lower(), re.sub(r"[-_.]", "_", name)):
            assert api_of("github", api_client=spelt) is library


def test_it_may_be_asked_for_under_any_provider_s_name(installed: None) -> None:
    library = vendors.find("SOCIAL_FORGE", "python-gitlab")
    assert api_of("forge", **OWN, api_client="gitlab") is library
    assert api_of("google", api_client="python-gitlab") is library
    assert api_of("twitter", api_client="python-gitlab") is library


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("PyGitHubb", "PyGithub"),
        ("googleapi-client", "googleapiclient"),
        ("stripes", "stripe"),
        ("slacksdk", "slack_sdk"),
        ("sesion", "session"),
    ],
)
def test_an_unknown_name_is_told_with_the_key_and_the_nearest(name: str, nearest: str) -> None:
    said = refusal("github", api_client=name)
    assert said.startswith("SOCIAL_GITHUB: ")
    assert repr(name) in said
    assert nearest.lower() in said.lower().partition("did you mean")[2]


def test_a_name_that_is_near_to_none_is_told_alone() -> None:
    assert "Did you mean" not in refusal("github", api_client="qqqq")


@pytest.mark.parametrize("value", [True, 1, ["PyGithub"], tweepy])
def test_a_name_is_a_text(value: Any) -> None:
    said = refusal("github", api_client=value)
    assert said == "SOCIAL_GITHUB: api_client must be a text, the name of a library."


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    assert refusal("github", api_clinet="PyGithub").endswith("Did you mean api_client?")


@each_library
def test_a_library_that_is_not_installed_is_told_with_what_installs_it(
    library: vendors.Library, missing: None
) -> None:
    said = refusal("acme", **OWN, api_client=library.distribution)
    assert said.startswith("SOCIAL_ACME: ")
    assert said.endswith(f"pip install Flask-Social[{library.extra}]")


def test_a_package_whose_parent_is_not_there_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = vendors.Library("nothing-at-all", "no_such_parent.client", "nothing", "nothing")
    assert not library.is_installed()


# Defaults.


def test_without_the_key_and_with_none_the_provider_s_own_default_stays() -> None:
    default = api_of("twitter")
    assert default is not None
    assert api_of("twitter", api_client=None) is default
    assert api_of("github") is api_of("github", api_client=None) is None


@pytest.mark.parametrize("name", ["session", "Session"])
def test_session_asks_for_the_authorised_session(name: str) -> None:
    assert api_of("twitter", api_client=name) is None
    assert api_of("github", api_client=name) is None


def test_a_module_of_1_6_may_ask_for_a_library_and_the_application_for_another(
    installed: None,
) -> None:
    module = ModuleType("old_forge")
    given = {each: value for each, value in OWN.items() if each != "identity"}
    vars(module).update(
        config={**given, "api_client": "gitlab"},
        get_connection_values=lambda *args, **kwargs: {},
        get_provider_user_id=lambda *args, **kwargs: "1",
        get_api=lambda **kwargs: None,
    )
    assert api_of("forge", module=module) is vendors.find("", "gitlab")
    assert api_of("forge", module=module, api_client="PyGithub") is vendors.find("", "github")


def test_a_provider_that_makes_no_clients_takes_none(installed: None) -> None:
    provider = SimpleNamespace(id="acme", name="Acme", begin=None, complete=None)
    module = SimpleNamespace(provider=provider)
    said = refusal("acme", module=module, api_client="gitlab")
    assert said.startswith("SOCIAL_ACME: Acme has no setting 'api_client'")


# What get_api() gives.


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"api_client": "tweepy"}, tweepy.Client), ({"api_client": "session"}, ApiSession)],
    ids=["tweepy", "session"],
)
def test_get_api_gives_what_was_asked_for(
    options: dict[str, Any], kind: type, make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "twitter-key", "consumer_secret": "twitter-secret"}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_TWITTER={**keys, **options})
    bed.add_user("ada@example.com")
    bed.browser().sign_in("ada@example.com").trip("/connect/twitter")
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id("ada@example.com"))
        api = bed.social.twitter.get_api(user=user)
    assert isinstance(api, kind)
    assert hasattr(api, "PostUpdate") is (kind is tweepy.Client)


# Nothing is imported before it is needed.

START = """
from flask_social import Social, SQLAlchemyConnectionDatastore, vendors
from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin

class Connection(db.Model, ConnectionMixin): pass
class SpentFlow(db.Model, FlowMixin): pass

for number, library in enumerate(vendors.LIBRARIES):
    app.config[f"SOCIAL_ACME{number}"] = {
        "consumer_key": "key", "consumer_secret": "secret", "api_client": library.distribution,
        "authorize_url": "https://op.test/authorize", "token_url": "https://op.test/token",
        "api_url": "https://op.test/api/", "identity": {"subject": "id"},
    }
social = Social(app, SQLAlchemyConnectionDatastore(db, Connection, SpentFlow))
with app.app_context():
    db.create_all()
    assert social.acme0.get_api(user=User()) is None
assert app.test_client().get("/login/acme0").status_code == 200
"""


def test_an_application_that_asks_for_every_library_imports_none_at_its_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for library in vendors.LIBRARIES:
        folder = tmp_path.joinpath(*library.package.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text("raise AssertionError('imported')\n")
    (tmp_path / "google" / "__init__.py").write_text("")  # looked into, for google.auth
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    modules = loaded(SECURED, START)
    assert modules & {library.package for library in vendors.LIBRARIES} == set()
    files = {f"flask_social.vendors.{library.file}" for library in vendors.LIBRARIES}
    assert modules & (files | {"flask_social.vendors.sending"}) == set()


# What is declared.


@each_library
def test_a_library_is_in_the_extra_that_its_error_names(library: vendors.Library) -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    named = [re.split(r"[<>=]", each)[0] for each in extras[library.extra]]
    assert library.distribution in named
    assert library.extra in re.findall(r"\w+", " ".join(extras["all"]))
    folder = ROOT / "src" / "flask_social" / "vendors"
    assert (folder / f"{library.file}.py").is_file()


def test_what_check_installs_is_what_the_extras_ask_for() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    asked = {each for library in vendors.LIBRARIES for each in extras[library.extra]}
    groups = PROJECT["dependency-groups"]
    assert {*groups["clients"]} == asked - set(extras["twitter"])
    assert {"include-group": "clients"} in groups["check"]
    assert {"include-group": "clients"} not in groups["tests"]


def test_every_library_is_in_the_tables_of_the_documentation() -> None:
    table = rows("clients.md", "## Those that are known")
    told = {(*names(row[1]), names(row[2])[0]) for row in table}
    known = {
        (*dict.fromkeys((each.distribution, each.package)), each.extra)
        for each in vendors.LIBRARIES
    }
    assert told == known
    fresh = [each for row in rows("clients.md", FRESH) for each in names(row[0])]
    assert sorted(fresh) == sorted(each.distribution for each in vendors.LIBRARIES)
