"""``flask social draft``: what it guesses, what it refuses, and that its drafts work at once."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flask_social import providers
from flask_social.cli import social
from flask_social.drafting.guessing import Guess, NoSubject, guess
from flask_social.drafting.sketch import api_of
from flask_social.sandbox.played import played
from tests.bed import make_app
from tests.providers import golden as golden_files
from tests.providers import test_declarations, test_golden

OAUTH2 = (
    *("--authorize-url", "https://acme.example/oauth/authorize"),
    *("--token-url", "https://acme.example/oauth/token"),
    *("--profile-url", "https://api.acme.example/v1/users/me?fields=all"),
)
OAUTH1 = (*OAUTH2, "--request-token-url", "https://acme.example/oauth/request")
OIDC = ("--issuer", "https://login.acme.example")
PROFILE = {
    "id": 4711,
    "login": "ada",
    "name": "Ada Example",
    "email": "ada@example.com",
    "avatar_url": "https://pictures.acme.example/1.png",
    "html_url": "https://acme.example/ada",
    "company": {"id": 1, "name": "Acme", "url": "https://acme.example/"},
}
CLAIMS = {
    "sub": "u-4711",
    "iss": "https://login.acme.example",
    "aud": "us",
    "exp": 1,
    "nonce": "n",
    "at_hash": "h",
    "nickname": "ada",
    "name": "Ada Example",
    "email": "ada@example.com",
    "email_verified": True,
}


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A function that drafts the provider acme of a sample into the folder where we are."""
    monkeypatch.chdir(tmp_path)

    def make(sample: Any, *words: str, token: Any = None, name: str = "acme") -> Result:
        text = sample if isinstance(sample, str) else json.dumps(sample)
        Path("profile.json").write_text(text)
        more = []
        if token is not None:
            Path("token.json").write_text(json.dumps(token))
            more = ["--token-sample", "token.json"]
        args = ["draft", name, "--sample", "profile.json", *more, *words]
        return CliRunner().invoke(social, args, catch_exceptions=False)

    return make


@pytest.fixture
def found_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stock providers and golden files are looked for in the folder where we are too."""
    home = tmp_path / "src" / "flask_social" / "providers"
    here = tmp_path / "tests" / "providers"
    monkeypatch.setattr(providers, "__path__", [str(home), *providers.__path__])
    monkeypatch.setattr(golden_files, "HERE", here)
    monkeypatch.setattr(test_declarations, "HERE", here)
    caches = (providers._files, golden_files.registration, test_declarations.users)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()
    sys.modules.pop("flask_social.providers.acme", None)


def module() -> str:
    return Path("src/flask_social/providers/acme.py").read_text()


def made(name: str) -> Any:
    return json.loads(Path(f"tests/providers/acme/{name}.json").read_text())


def proved() -> None:
    """What is tested of every provider holds of the draft too."""
    importlib.invalidate_caches()
    providers._files.cache_clear()
    test_golden.test_the_golden_answers_make_the_golden_identity("acme")
    test_golden.test_every_provider_is_declared_as_the_house_wants_it("acme")
    if "OAuth1(" not in module():
        test_golden.test_every_trip_sets_out_with_state_and_challenge("acme")
    test_declarations.test_it_has_its_golden_files("acme")
    test_declarations.test_its_first_line_names_it_and_where_it_is_documented("acme")
    test_declarations.test_it_says_what_its_word_on_an_address_is_worth("acme")
    test_declarations.test_its_hooks_are_explained("acme")
    test_declarations.test_it_is_short("acme")
    description = json.loads(Path("src/flask_social/sandbox/catalogue/acme.json").read_text())
    assert played(description).id == "acme"


# Drafts that work.


@pytest.mark.usefixtures("found_here")
@pytest.mark.parametrize(
    ("sample", "words", "token"),
    [
        (PROFILE, OAUTH2, None),
        (PROFILE, (*OAUTH2, "--scope", "me", "--scope", "email other"), None),
        (PROFILE, OAUTH1, None),
        (PROFILE, OAUTH1, {"oauth_token": "a", "oauth_token_secret": "b", "user_id": "4711"}),
        (CLAIMS, OIDC, None),
        ({"sub": "1"}, OIDC, {"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"}),
        ({"data": [{"uid": "x1", "email": "a@b.example"}]}, OAUTH2, {"access_token": "a"}),
        ({"me": {"uuid": "x1", "names": {"first": "A", "last": "B"}}}, OAUTH2, None),
        ({"odd.key": {"id": 7, "e-mail": "x"}, "display name": "A"}, OAUTH2, None),
    ],
)
def test_a_draft_passes_the_tests_of_every_provider(
    draft: Callable[..., Result], sample: Any, words: tuple[str, ...], token: Any
) -> None:
    answer = draft(sample, *words, token=token)
    assert answer.exit_code == 0, answer.output
    proved()


def test_the_file_is_as_a_person_would_write_it(draft: Callable[..., Result]) -> None:
    token = {"access_token": "secret-1", "refresh_token": "secret-2", "expires_in": 7200}
    looks = ("--console", "https://acme.example/apps", "--color", "#C0392B")
    name = ("--name", "Acme Cloud", "--docs", "https://acme.example/docs")
    words = (*OAUTH2, "--scope", "me", *name, *looks)
    answer = draft(PROFILE, *words, token=token)
    assert (
        module()
        == '''"""Acme Cloud -- https://acme.example/docs"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="acme", name="Acme Cloud", color="#C0392B",
    console="https://acme.example/apps",
    authorize_url="https://acme.example/oauth/authorize",
    token_url="https://acme.example/oauth/token",
    api_url="https://api.acme.example/v1/",
    scopes=("me",),
    assume_bearer=True,
    profile_call="users/me?fields=all",
    identity=fields(
        subject="id", username="login", name="name", email="email", profile_url="html_url",
        image_url="avatar_url",
    ),
    email_trust="never",
)
'''
    )
    assert made("token") == {
        "access_token": "the-token",
        "refresh_token": "the-refresh-token",
        "expires_in": 7200,
    }
    assert made("profile") == {"users/me": PROFILE}
    assert "secret-" not in answer.output + "".join(
        each.read_text() for each in (*Path("src").rglob("*.*"), *Path("tests").rglob("*.*"))
    )


def test_openid_connect_names_only_what_is_not_standard(draft: Callable[..., Result]) -> None:
    draft(CLAIMS, *OIDC)
    assert (
        module()
        == '''"""Acme -- https://login.acme.example/"""

from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="acme", name="Acme",
    issuer="https://login.acme.example",
    identity=claims(username="nickname"),
)
'''
    )
    assert made("profile")["id_token"].keys() == CLAIMS.keys() - {"aud", "exp", "nonce", "at_hash"}


def test_it_says_what_it_guessed_and_what_is_left_to_a_person(draft: Callable[..., Result]) -> None:
    said = draft({**PROFILE, "verified": True}, *OAUTH2, "--scope", "xyzzy").output
    for part in (
        '  subject         "id"',
        '  email_trust     "never"',
        "`id` is taken for the account's id.",
        "`verified` may be about the address",
        "https://acme.example/: is that the page",
        "No --console was given.",
        "the scope 'xyzzy' is asked for",
        "none of them may be a real person's",
    ):
        assert part in said, part


def test_the_command_is_one_of_flask_too(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(json.dumps(PROFILE))
    args = ["social", "draft", "acme", "--sample", str(tmp_path / "profile.json"), *OAUTH2]
    done = make_app({}).app.test_cli_runner().invoke(args=[*args, "--into", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "src" / "flask_social" / "providers" / "acme.py").is_file()


# Guesses.


def sources(sample: Any) -> dict[str, Any]:
    return guess(sample).sources


@pytest.mark.parametrize(
    ("sample", "subject"),
    [
        ({"id": 1}, "id"),
        ({"sub": "a", "id": 1}, "sub"),
        ({"user_id": "a"}, "user_id"),
        ({"userId": "a"}, "userId"),
        ({"name": "x", "organization": {"id": 1}, "user": {"id": 2}}, "user.id"),
        ({"response": {"id": 3}}, "response.id"),
        ({"users": [{"uid": "x"}]}, "users[0].uid"),
        ({"a.b": {"id": "x"}}, '["a.b"].id'),
        ({"id": 0, "uid": "x"}, "uid"),
        ({"id": None, "uuid": "x"}, "uuid"),
        ({"id": True, "account_id": 5}, "account_id"),
        ({"id": 1.5, "guid": "x"}, "guid"),
    ],
)
def test_the_id_is_found_by_its_usual_names(sample: Any, subject: str) -> None:
    assert sources(sample)["subject"] == subject


@pytest.mark.parametrize("sample", [{}, {"name": "Ada"}, {"id": 0}, {"id": ""}, {"id": {"a": "b"}}])
def test_without_an_id_there_is_no_guess(sample: Any) -> None:
    with pytest.raises(NoSubject):
        guess(sample)


@pytest.mark.parametrize(
    ("more", "part", "source"),
    [
        ({"preferred_username": "a"}, "username", "preferred_username"),
        ({"screenName": "a"}, "username", "screenName"),
        ({"displayName": "A"}, "name", "displayName"),
        ({"first_name": "A", "last_name": "B"}, "name", "{first_name} {last_name}"),
        (
            {"name": {"givenName": "A", "familyName": "B"}},
            "name",
            "{name.givenName} {name.familyName}",
        ),
        ({"mail": "a@b.example"}, "email", "mail"),
        ({"emails": ["a@b.example"]}, "email", "emails[0]"),
        ({"emails": [{"value": "a@b.example"}]}, "email", "emails[0].value"),
        (
            {"emails": [{"email": "x@b.example"}, {"email": "a@b.example", "primary": True}]},
            "email",
            "emails[primary=true].email",
        ),
        ({"picture": {"data": {"url": "https://p.example/1"}}}, "image_url", "picture.data.url"),
        ({"picture": "https://p.example/1"}, "image_url", "picture"),
        ({"link": "https://acme.example/a"}, "profile_url", "link"),
    ],
)
def test_the_other_parts_are_found_by_theirs(more: Any, part: str, source: str) -> None:
    assert sources({"id": 1, **more})[part] == source


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"company": {"name": "Acme"}}, "name"),
        ({"picture": "1.png"}, "image_url"),
        ({"email": "nobody"}, "email"),
        ({"name": ["a"]}, "name"),
        ({"username": False}, "username"),
        ({"manager": {"email": "boss@example.com"}}, "email"),
    ],
)
def test_what_is_not_the_persons_or_no_such_thing_is_left_out(more: Any, part: str) -> None:
    assert part not in sources({"id": 1, **more})


@pytest.mark.parametrize(
    ("more", "trust", "source"),
    [
        ({}, "none", None),
        ({"email": "a@b.example"}, "never", None),
        ({"email": "a@b.example", "email_verified": False}, "flag", "email_verified"),
        ({"email": "a@b.example", "verified_email": "true"}, "flag", "verified_email"),
        ({"email": "a@b.example", "email_verified": "2027-01-01"}, "never", None),
        ({"email": "a@b.example", "verified": True}, "never", None),
        (
            {"emails": [{"value": "a@b.example", "verified": True}]},
            "flag",
            "emails[0].verified",
        ),
    ],
)
def test_an_address_counts_as_verified_only_by_a_flag_beyond_doubt(
    more: Any, trust: str, source: str | None
) -> None:
    found: Guess = guess({"id": 1, **more})
    assert (found.email_trust, found.sources.get("email_verified")) == (trust, source)


@pytest.mark.parametrize(
    ("profile", "given", "api"),
    [
        ("https://api.acme.example/v1/me", None, "https://api.acme.example/v1/"),
        ("https://acme.example/api/2.0/users/me", None, "https://acme.example/api/2.0/"),
        ("https://acme.example/me", None, "https://acme.example/"),
        ("https://acme.example/rest/me", "https://acme.example/rest", "https://acme.example/rest/"),
    ],
)
def test_where_the_api_begins(profile: str, given: str | None, api: str) -> None:
    assert api_of(profile, given) == api


# What it refuses, saying what is wrong.


@pytest.mark.parametrize(
    ("sample", "words", "said"),
    [
        ("{", OAUTH2, "--sample profile.json is no JSON: "),
        ("[1]", OAUTH2, "--sample profile.json is no JSON object, but list."),
        ({"name": "Ada"}, OAUTH2, "profile.json: no id was found"),
        (PROFILE, OAUTH2[2:], "Give --authorize-url too, or the --issuer alone."),
        (PROFILE, (), "Give --authorize-url, --token-url, --profile-url too"),
        (
            PROFILE,
            (*OAUTH2, "--token-url", "http://acme.example/token"),
            "--token-url has to be an https address, not 'http://acme.example/token'.",
        ),
        (PROFILE, (*OAUTH2, "--console", "acme"), "--console has to be an https address"),
        (PROFILE, (*OAUTH2, "--docs", "https://acme/"), "--docs is no address of a host"),
        (PROFILE, (*OAUTH2, "--docs", "https://a.example/#x"), "--docs is no address of a host"),
        (PROFILE, (*OAUTH2, "--docs", "https://u:p@a.example/"), "--docs is no address of a host"),
        (PROFILE, (*OAUTH2, "--docs", 'https://a.example/"'), "--docs holds what no address has"),
        (PROFILE, (*OAUTH2, "--token-url", "https://{host}.example/t"), "Write places by hand"),
        (
            PROFILE,
            (*OAUTH2, "--api-url", "https://other.example/"),
            "does not begin with --api-url",
        ),
        (PROFILE, (*OAUTH2, "--color", "red"), "--color is like #1da1f2, not 'red'."),
        (PROFILE, (*OAUTH2, "--name", 'A"B'), "--name holds what no name has"),
        (PROFILE, (*OAUTH1, "--scope", "me"), "OAuth 1.0a has no scopes"),
        (PROFILE, (*OAUTH2, *OIDC), "leave --profile-url and --request-token-url out"),
        (PROFILE, OIDC, "--sample has no sub"),
        (
            {**CLAIMS, "iss": "https://other.example"},
            OIDC,
            "is of the issuer 'https://other.example'",
        ),
    ],
)
def test_what_is_wrong_is_named(
    draft: Callable[..., Result], tmp_path: Path, sample: Any, words: tuple[str, ...], said: str
) -> None:
    answer = draft(sample, *words)
    assert answer.exit_code == 1
    assert said in answer.output, answer.output
    assert {each.name for each in tmp_path.iterdir()} == {"profile.json"}, "nothing is written"


@pytest.mark.parametrize("token", [[], {"accessToken": "a"}, {"data": {"access_token": "a"}}])
def test_a_token_answer_of_another_shape_is_named(draft: Callable[..., Result], token: Any) -> None:
    answer = draft(PROFILE, *OAUTH2, token=token)
    assert answer.exit_code == 1
    assert "--token-sample" in answer.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Acme", "cannot be an id"),
        ("4cme", "cannot be an id"),
        ("../acme", "cannot be an id"),
        ("class", "cannot be an id"),
        ("github", "There is a provider 'github' already."),
        ("x", "There is a provider 'x' already, another name of twitter."),
    ],
)
def test_a_name_that_cannot_be_taken_is_named(
    draft: Callable[..., Result], name: str, said: str
) -> None:
    answer = draft(PROFILE, *OAUTH2, name=name)
    assert answer.exit_code == 1
    assert said in answer.output


def test_a_sample_that_is_not_there_is_named(draft: Callable[..., Result]) -> None:
    answer = draft(PROFILE, *OAUTH2, "--sample", "missing.json")
    assert answer.exit_code == 1
    assert "--sample missing.json: No such file or directory." in answer.output


@pytest.mark.parametrize(
    "there", ["src/flask_social/providers/acme.py", "tests/providers/acme/identity.json"]
)
def test_nothing_is_overwritten(draft: Callable[..., Result], there: str) -> None:
    Path(there).parent.mkdir(parents=True)
    Path(there).write_text("mine")
    answer = draft(PROFILE, *OAUTH2)
    assert answer.exit_code == 1
    assert f"{there} is there already, and nothing is overwritten." in answer.output
    files = [each for each in Path().rglob("*.*") if each.is_file() and each.name != "profile.json"]
    assert [each.read_text() for each in files] == ["mine"]
