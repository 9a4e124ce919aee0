"""``SOCIAL_PROVIDER_SOURCE``: providers that no key names, tenants' own out of a table."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_social import clock, limits, tenancy
from flask_social.errors import ConfigurationError, NotHere, ProviderUnavailable
from flask_social.protocols.identity import standard_claims
from flask_social.testing import ServedSandbox, sandbox
from tests.bed import Bed, make_app
from tests.doctables import names, rows

ADA, BOB = "ada@here.example", "bob@here.example"
JSON = {"Accept": "application/json"}


class Table(dict[str, Any]):
    """The rows of tenants, by the ids of their providers, and who was asked for."""

    def __init__(self, **rows: Any) -> None:
        super().__init__(rows)
        self.asked: list[str] = []

    def __call__(self, provider_id: str) -> Any:
        self.asked.append(provider_id)
        row = self.get(provider_id)
        if isinstance(row, Exception):
            raise row
        return row


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Iterator[Clock]:
    turned = Clock()
    with clock.replaced(turned):
        yield turned


def row(box: ServedSandbox, **more: Any) -> dict[str, Any]:
    """What a tenant has, whose server is the sandbox's ``acme``."""
    client = {"consumer_key": "acme key", "consumer_secret": "acme secret"}
    return {**client, "issuer": f"{box.url}acme", **more}


@pytest.fixture
def table(box: ServedSandbox) -> Table:
    return Table(umbrella=row(box, name="Umbrella"))


@pytest.fixture
def make(make_bed: Callable[..., Bed], table: Table) -> Callable[..., Bed]:
    """A function that serves an application with the table, and the sandbox in its own network."""

    def made(**given: Any) -> Bed:
        usual = {"SOCIAL_PROVIDER_SOURCE": table, "SOCIAL_PRIVATE_HOSTS": ["localhost"]}
        return make_bed(**{**usual, **given})

    return made


@pytest.fixture
def tenants(make: Callable[..., Bed]) -> Bed:
    return make()


def on_paper(table: Callable[[str], Any], **config: Any) -> Bed:
    """An application that nobody visits."""
    return make_app({"SOCIAL_PROVIDER_SOURCE": table, **config})


# What it is for.


def test_a_user_connects_and_logs_in_by_a_provider_of_the_table(tenants: Bed, table: Table) -> None:
    tenants.add_user(ADA)
    browser = tenants.browser().sign_in(ADA)
    assert browser.trip("/connect/umbrella").headers["Location"] == "/connections"
    [found] = tenants.rows()
    assert (found.provider_id, found.issuer) == ("umbrella", table["umbrella"]["issuer"])

    stranger = tenants.browser()
    assert stranger.trip("/login/umbrella").headers["Location"] == "/home"
    assert stranger.who() == ADA
    [told] = tenants.signals("login_completed")
    assert (told["provider"].id, told["provider"].name) == ("umbrella", "Umbrella")
    assert table.asked == ["umbrella"], "and then it is kept"


def test_its_api_is_called_with_the_stored_token(tenants: Bed) -> None:
    tenants.add_user(ADA)
    tenants.browser().sign_in(ADA).trip("/connect/umbrella")
    with tenants.app.app_context():
        user = tenants.db.session.get(tenants.User, tenants.user_id(ADA))
        [connection] = tenants.social.connections(user=user)
        remote = tenants.social.remote(connection.provider_id)
        assert remote is tenants.social.umbrella
        answer = remote.get_api(connection=connection).get(f"{tenants.sandbox.url}acme/userinfo")
        assert answer.json()["name"] == "Ada Lovelace"


def test_pages_show_the_providers_of_the_configuration_and_the_visitor_s_own(
    tenants: Bed, table: Table
) -> None:
    table["initech"] = {**table["umbrella"], "name": "Initech"}
    tenants.add_user(ADA)
    browser = tenants.browser().sign_in(ADA)
    before = browser.get("/connections").text
    assert "Connect Acme" in before
    assert "Umbrella" not in before
    browser.trip("/connect/umbrella")
    page = browser.get("/connections").text
    assert "Umbrella" in page
    assert "not available here any more" not in page
    assert "Connect another Umbrella account" in page
    assert "Initech" not in page
    [found] = tenants.rows()
    asked = browser.get(f"/connect/umbrella/{found.provider_user_id}").text
    assert "Disconnect Umbrella?" in asked
    assert "Continue to Umbrella" in tenants.browser().get("/login/umbrella").text


def test_a_connection_is_removed_and_its_token_given_back_past_the_guard(
    tenants: Bed,
) -> None:
    tenants.add_user(ADA)
    browser = tenants.browser().sign_in(ADA)
    browser.trip("/connect/umbrella")
    assert browser.post("/disconnect/umbrella").headers["Location"] == "/connections"
    assert tenants.rows() == []
    assert tenants.calls("acme", "revoke") >= 1
    assert "did not confirm" not in browser.get("/connections").text


def test_it_is_a_way_in_as_long_as_the_source_knows_it(tenants: Bed, table: Table) -> None:
    tenants.add_user(ADA)
    browser = tenants.browser().sign_in(ADA)
    browser.trip("/connect/umbrella")
    browser.trip("/connect/acme")
    tenants.change_user(ADA, password=None)
    del table["umbrella"]
    tenants.app.extensions["social"].forget_provider("umbrella")
    assert browser.post("/disconnect/acme", headers=JSON).status_code == 409
    table["umbrella"] = row(tenants.sandbox)
    tenants.app.extensions["social"].forget_provider("umbrella")
    assert browser.post("/disconnect/acme", headers=JSON).status_code == 200


def test_a_key_of_the_configuration_wins_and_the_source_is_not_asked(
    tenants: Bed, table: Table
) -> None:
    table["acme"] = {"issuer": "https://elsewhere.example"}
    assert tenants.browser().set_out("/login/acme").startswith(f"{tenants.sandbox.url}acme/")
    with tenants.app.app_context():
        assert set(tenants.social.providers) == {"acme", "plain"}
    assert table.asked == []


def test_a_stock_provider_s_places_and_names_stand_in_a_row_too(table: Table) -> None:
    table["umbrella"] = {
        "provider": "keycloak",
        "host": "sso.umbrella.example",
        "realm": "staff",
        "consumer_key": "key",
        "consumer_secret": "secret",
    }
    bed = on_paper(table)
    with bed.app.app_context():
        remote = bed.social.umbrella
        assert remote.provider.issuer == "https://sso.umbrella.example/realms/staff"
        assert remote.name == "Keycloak (sso.umbrella.example, staff)"
        assert remote.module == "flask_social.providers.keycloak"


def test_a_source_may_be_asynchronous(table: Table) -> None:
    async def source(provider_id: str) -> Any:
        return table(provider_id)

    bed = on_paper(source)
    with bed.app.app_context():
        assert bed.social.umbrella.name == "Umbrella"


def test_tokens_of_its_connections_are_refreshed_ahead(tenants: Bed, table: Table) -> None:
    tenants.add_user(ADA)
    browser = tenants.browser().sign_in(ADA)
    for provider_id in ("umbrella", "acme"):
        tenants.sandbox.login_as("ada" if provider_id == "acme" else "grace")
        browser.trip(f"/connect/{provider_id}")
    with tenants.app.app_context():
        soon = {"expires_at": clock.now() + 60}
        tenants.db.session.execute(sa.update(tenants.Connection).values(**soon))
        tenants.db.session.commit()
    run = tenants.app.test_cli_runner().invoke
    words = ["social", "refresh", "-v", "--within", "600"]  # far from the hour that new ones have
    assert run(args=[*words, "--provider", "umbrella"]).stdout.startswith("1 refreshed")
    assert run(args=words).stdout.startswith("1 refreshed"), "acme's, the other has an hour again"
    assert run(args=[*words, "--provider", "initech"]).exit_code == 2
    with tenants.app.app_context():
        tenants.db.session.execute(sa.update(tenants.Connection).values(**soon))
        tenants.db.session.commit()
    assert run(args=words).stdout.startswith("2 refreshed")
    tenants.app.extensions["social"].forget_provider("umbrella")
    table["umbrella"] = OSError("the table is away")
    with tenants.app.app_context():
        tenants.db.session.execute(sa.update(tenants.Connection).values(**soon))
        tenants.db.session.commit()
    ended = run(args=words)
    assert (ended.exit_code, ended.stdout) == (
        1,
        "1 refreshed, 0 to be reconnected, 1 not refreshed\n",
    )
    del table["umbrella"]
    assert run(args=[*words, "--within", "0"]).exit_code == 0, "one that is gone is left alone"


# How long an answer counts.


def test_a_changed_row_counts_when_the_age_is_over(table: Table, hands: Clock) -> None:
    bed = on_paper(table)
    with bed.app.app_context():
        before = bed.social.umbrella
        table["umbrella"] = {**table["umbrella"], "name": "Umbrella & Sons"}
        hands.now += limits.PROVIDER_SOURCE_MAX_AGE - 1
        assert bed.social.umbrella is before
        hands.now += 1
        assert bed.social.umbrella.name == "Umbrella & Sons"
    assert table.asked == ["umbrella", "umbrella"]


def test_a_row_that_is_as_it_was_leaves_the_provider_what_it_is(table: Table, hands: Clock) -> None:
    table["umbrella"]["scopes"] = ["openid", "email"]
    bed = on_paper(table, SOCIAL_PROVIDER_SOURCE_MAX_AGE=10)
    with bed.app.app_context():
        before = bed.social.umbrella
        hands.now += 10
        assert bed.social.umbrella is before
        table["umbrella"]["scopes"].append("profile")  # changed in place, as an ORM may do it
        hands.now += 10
        assert bed.social.umbrella.provider.scopes == ("openid", "email", "profile")
    assert len(table.asked) == 3


def test_a_row_that_is_gone_ends_logins_and_its_connections_stay(
    make: Callable[..., Bed], table: Table, hands: Clock
) -> None:
    bed = make(SOCIAL_PROVIDER_SOURCE_MAX_AGE=60)
    bed.sandbox.release()
    bed.add_user(ADA)
    bed.connect(ADA, "umbrella", "7")
    browser = bed.browser()
    assert browser.get("/login/umbrella").status_code == 200
    del table["umbrella"]
    assert browser.get("/login/umbrella").status_code == 200
    hands.now += 60
    assert browser.get("/login/umbrella").status_code == 404
    assert bed.browser().post("/login/umbrella", headers=JSON).status_code == 404
    page = bed.browser().sign_in(ADA).get("/connections").text
    assert "Umbrella is not available here any more" in page
    assert [each.provider_id for each in bed.rows()] == ["umbrella"]


def test_a_provider_can_be_forgotten_at_once(table: Table) -> None:
    bed = on_paper(table)
    with bed.app.app_context():
        assert bed.social.umbrella.name == "Umbrella"
        table["umbrella"] = {**table["umbrella"], "name": "Umbrella & Sons"}
        bed.social.forget_provider("umbrella")
        assert bed.social.umbrella.name == "Umbrella & Sons"
        bed.social.forget_provider("nobody")
    bed = make_app({})
    with bed.app.app_context():
        bed.social.forget_provider("umbrella")  # without a source there is nothing to forget


def test_that_there_is_none_counts_for_a_shorter_time(table: Table, hands: Clock) -> None:
    bed = on_paper(table)
    with bed.app.app_context():
        for _ in range(3):
            assert bed.social.find("initech") is None
        table["initech"] = table["umbrella"]
        hands.now += limits.NO_PROVIDER_MAX_AGE
        assert bed.social.find("initech") is not None
    assert table.asked == ["initech", "initech"]


@pytest.mark.parametrize(
    "name",
    [
        "Umbrella", "UMBRELLA", "umbrella ", "umbrella\n", "um brella", "umbrella%00", "ümbrella",
        "a" * 65, "", "../umbrella", "umbrella.", "app_url", "providers", "provider_source", "wire",
    ],
)  # fmt: skip
def test_what_is_no_provider_s_name_is_never_asked_for(table: Table, name: str) -> None:
    table[name] = table["umbrella"]
    bed = on_paper(table)
    with bed.app.app_context():
        with pytest.raises(NotHere):
            bed.social.remote(name)
        assert bed.app.extensions["social"].may_have(name) is False
    assert table.asked == []


def test_strangers_ids_take_no_room_of_what_there_is(table: Table) -> None:
    bed = on_paper(table)
    state = bed.app.extensions["social"]
    with bed.app.app_context():
        before = bed.social.umbrella
        for number in range(limits.SOURCED_PROVIDERS + 50):
            assert bed.social.find(f"nobody-{number}") is None
        assert bed.social.umbrella is before
    assert len(state.sourced._absent) == limits.SOURCED_PROVIDERS
    assert table.asked.count("umbrella") == 1


def test_providers_that_are_kept_are_bounded_too(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SOURCED_PROVIDERS", 2)
    table |= dict.fromkeys(("initech", "hooli"), table["umbrella"])
    bed = on_paper(table)
    with bed.app.app_context():
        for name in ("umbrella", "initech", "hooli", "hooli", "umbrella"):
            assert bed.social.find(name) is not None
    assert table.asked == ["umbrella", "initech", "hooli", "umbrella"]


def test_an_attribute_that_is_nothing_says_what_there_is(table: Table) -> None:
    bed = on_paper(table)
    with bed.app.app_context(), pytest.raises(AttributeError, match="No provider 'initech'"):
        _ = bed.social.initech
    assert table.asked == ["initech"]


# What goes wrong is the trouble of that provider alone.

SECRET = "canary of a row"


def trouble(bed: Bed, caplog: pytest.LogCaptureFixture, provider_id: str = "umbrella") -> str:
    """That the provider is in trouble for who wants to log in, and the others are not; the log."""
    with caplog.at_level(logging.WARNING, "flask_social"):
        page = bed.browser().get(f"/login/{provider_id}")
        answer = bed.browser().post(f"/login/{provider_id}", headers=JSON)
    assert (page.status_code, answer.status_code) == (503, 503)
    assert f'href="/login/{provider_id}"' in page.text, "a button to try again"
    assert SECRET not in page.text + answer.text + caplog.text
    assert bed.browser().set_out("/login/acme")
    assert len(bed.signals("provider_failed")) == 2
    bed.add_user(ADA)
    bed.connect(ADA, provider_id, "7")
    shown = bed.browser().sign_in(ADA).get("/connections")
    assert (shown.status_code, "is not available here any more" in shown.text) == (200, True)
    return caplog.text


def test_a_source_that_raises(tenants: Bed, table: Table, caplog: pytest.LogCaptureFixture) -> None:
    table["umbrella"] = LookupError("no such column")
    said = trouble(tenants, caplog)
    assert "The provider source failed for umbrella" in said
    table["umbrella"] = row(tenants.sandbox)
    assert tenants.browser().set_out("/login/umbrella"), "as soon as it does not"


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"issuer": "https://login.example"}, "SOCIAL_UMBRELLA has no consumer_key"),
        (
            {"consumer_key": "k", "consumer_secret": [SECRET], "issuer": "https://x.example"},
            "must be a text",
        ),
        ({"consumer_key": "k", "consumer_secret": SECRET}, "SOCIAL_UMBRELLA is no stock provider"),
        ({"consumer_key": "k", "consumer_secret": SECRET, 7: "x"}, "'7' is not for"),
        (f"postgresql://{SECRET}@db/", "it is no mapping, but str"),
        ([("consumer_secret", SECRET)], "it is no mapping, but"),
        (
            {
                "consumer_key": "k",
                "consumer_secret": SECRET,
                "issuer": f"https://u:{SECRET}@x.example",
            },
            "issuer must be an address",
        ),
        (
            {"consumer_key": "k", "consumer_secret": SECRET, "provider": "fitbit"},
            "the Google Health API",
        ),
    ],
)
def test_a_mapping_that_is_no_provider(
    tenants: Bed, table: Table, caplog: pytest.LogCaptureFixture, mapping: Any, why: str
) -> None:
    table["umbrella"] = mapping
    said = trouble(tenants, caplog)
    assert "The provider source's mapping for umbrella cannot be used: " in said
    assert why in said
    assert table.asked == ["umbrella"], "it is not read again at once"


def test_a_mapping_that_fails_when_it_is_read(
    tenants: Bed, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(str):
        __slots__ = ()

        def strip(self, *_: Any) -> Any:
            raise RuntimeError(SECRET)

    table["umbrella"] = {**table["umbrella"], "consumer_secret": Odd("secret")}
    assert "cannot be used: RuntimeError" in trouble(tenants, caplog)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_query_of_the_source_that_the_database_refuses(
    make: Callable[..., Bed], kind: str, request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    more = {"database": request.getfixturevalue("postgres_database")} if kind != "sqlite" else {}
    made: list[Bed] = []

    def source(provider_id: str) -> Any:
        query = sa.text("SELECT config FROM nowhere WHERE secret = :secret")
        return made[0].db.session.execute(query, {"secret": SECRET}).scalar()

    made.append(make(SOCIAL_PROVIDER_SOURCE=source, **more))
    assert "The provider source failed for umbrella" in trouble(made[0], caplog)
    assert made[0].raised == []


def test_a_mapping_without_end_is_the_trouble_of_that_provider(
    tenants: Bed, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    nested: dict[str, Any] = {"consumer_secret": SECRET}
    for _ in range(5_000):
        nested = {"identity": nested}
    table["umbrella"] = nested
    assert "The provider source failed for umbrella" in trouble(tenants, caplog)


def test_what_is_forgotten_while_the_source_is_asked_is_not_kept(table: Table) -> None:
    def source(provider_id: str) -> Any:
        mapping = table(provider_id)
        if len(table.asked) == 1:  # whoever changes the row comes in between
            table["umbrella"] = {**mapping, "name": "Umbrella Group"}
            bed.app.extensions["social"].forget_provider("umbrella")
        return mapping

    bed = on_paper(source)
    with bed.app.app_context():
        assert [bed.social.umbrella.name for _ in range(3)] == ["Umbrella", *["Umbrella Group"] * 2]
    assert table.asked == ["umbrella"] * 2


def test_an_application_meets_it_as_that_of_a_provider(table: Table) -> None:
    table["umbrella"] = OSError("away")
    bed = on_paper(table)
    with bed.app.app_context():
        with pytest.raises(ProviderUnavailable) as caught:
            bed.social.remote("umbrella")
        assert (caught.value.code, caught.value.status) == ("source_failed", 503)
        assert bed.social.find("umbrella") is None
        table["umbrella"] = {}
        with pytest.raises(ProviderUnavailable, match="misconfigured"):
            _ = bed.social.umbrella


# What a row may say.


def refusal(table: Table, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        tenancy.register(
            "umbrella", {**table["umbrella"], **options}, sandbox_url=None, allow_http=True
        )
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("module", "os"),
        ("api_client", "googleapiclient"),
        ("api", print),
        ("profile", print),
        ("pkce", False),
        ("nonce", False),
        ("auth_time", False),
        ("require_iss", False),
        ("assume_bearer", True),
        ("reauthenticates", True),
        ("token_method", "GET"),
        ("signature_method", "PLAINTEXT"),
        ("email_trust", "always"),
        ("trusted_audiences", ["another"]),
        ("issuer_aliases", ["https://another.example"]),
        ("headers", {"Host": "internal"}),
        ("private_hosts", ["localhost"]),
        ("realm", "staff"),
        ("id", "umbrella"),
    ],
)
def test_a_row_names_no_code_and_lowers_no_protection(table: Table, name: str, value: Any) -> None:
    said = refusal(table, **{name: value})
    assert said == f"SOCIAL_UMBRELLA: {name!r} is not for a provider source to set."


def test_a_row_has_https_addresses_outside_debug_and_testing(table: Table) -> None:
    options = {**table["umbrella"], "issuer": "http://login.example"}
    with pytest.raises(ConfigurationError, match="issuer is plain http"):
        tenancy.register("umbrella", options, sandbox_url=None, allow_http=False)
    config = {"SOCIAL_APP_URL": "https://app.example", "SOCIAL_ALLOW_INSECURE_PROVIDERS": True}
    table["umbrella"] = options
    bed = make_app({"SOCIAL_PROVIDER_SOURCE": table, **config}, testing=False)
    with bed.app.app_context(), pytest.raises(ProviderUnavailable, match="misconfigured"):
        _ = bed.social.umbrella
    assert bed.app.extensions["social"].wire.options.allow_http is True, "the operator's own may"


CLIENT = {"consumer_key": "key", "consumer_secret": "secret"}


WHO = {"subject": "sub", "email_verified": "email_verified"}


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": "https://login.example"},
        {"provider": "google"},
        {"provider": "google", "issuer": "https://login.example"},
        # Where people choose what they are called, and files are theirs.
        {"provider": "google", "identity": {**WHO, "email": "name"}},
        {"provider": "github", "profile_call": "repos/ada/files/contents/me.json"},
        {"provider": "keycloak", "host": "sso.example", "realm": "staff"},
    ],
)
def test_an_address_is_never_a_verified_one(options: dict[str, Any]) -> None:
    made = tenancy.register("umbrella", CLIENT | options, sandbox_url=None, allow_http=False)
    provider: Any = made.provider
    assert provider.email_trust == "never"
    boss = dict.fromkeys(("name", "email"), "boss@umbrella.example")
    profile = boss | {"sub": "7", "id": 7, "email_verified": True}
    profile["emails"] = [{"email": boss["email"], "primary": True, "verified": True}]
    identity = provider.identified(provider.identity or standard_claims, profile)
    assert identity.email_verified is False


def test_the_sandbox_plays_it_too(box: ServedSandbox, make_bed: Callable[..., Bed]) -> None:
    table = Table(acme2=CLIENT | {"issuer": "https://login.example"})
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_PROVIDER_SOURCE=table)
    with bed.app.app_context():
        remote = bed.social.acme2
        assert remote.provider.issuer == f"{box.url}acme2"
        assert remote.transport.guarded
        assert remote.transport.private_hosts == ("localhost",)


# A34 and A58, where a tenant names the server.


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket at which nobody must knock."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
def test_A034_a_tenant_s_server_is_not_asked_at_an_address_of_our_network(
    make: Callable[..., Bed], table: Table, listening: socket.socket, host: str
) -> None:
    port = listening.getsockname()[1]
    table["umbrella"] = CLIENT | {"issuer": f"http://{host}:{port}"}
    bed = make(SOCIAL_PRIVATE_HOSTS=[])
    answer = bed.browser().post("/login/umbrella", headers=JSON)
    assert answer.status_code in (502, 503)
    with pytest.raises(BlockingIOError):
        listening.accept()
    assert bed.browser().set_out("/login/acme"), "the operator's own may be there"


def test_A034_its_api_is_called_past_the_guard(
    make: Callable[..., Bed], table: Table, listening: socket.socket
) -> None:
    port = listening.getsockname()[1]
    table["umbrella"] = row_at(port)
    bed = make(SOCIAL_PRIVATE_HOSTS=[])
    bed.add_user(ADA)
    bed.connect(ADA, "umbrella", "7")
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(ADA))
        api = bed.social.umbrella.get_api(user=user)
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):
            api.get("me")
    with pytest.raises(BlockingIOError):
        listening.accept()


def row_at(port: int) -> dict[str, Any]:
    """A server of OAuth 2.0 in our network."""
    home = f"http://127.0.0.1:{port}"
    return {
        **CLIENT,
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/token",
        "api_url": f"{home}/api/",
        "identity": {"subject": "id"},
    }


def test_A058_one_subject_at_two_tenants_is_two_people_and_swapped_names_are_refused(
    tenants: Bed, table: Table
) -> None:
    with sandbox() as other:
        other.login_as("ada")
        table["initech"] = row(other)
        for email, provider_id in ((ADA, "umbrella"), (BOB, "initech")):
            tenants.add_user(email)
            tenants.browser().sign_in(email).trip(f"/connect/{provider_id}")
        one, two = tenants.rows()
        assert one.provider_user_id == two.provider_user_id
        for email, provider_id in ((ADA, "umbrella"), (BOB, "initech")):
            browser = tenants.browser()
            browser.trip(f"/login/{provider_id}")
            assert browser.who() == email

        table["umbrella"], table["initech"] = table["initech"], table["umbrella"]
        for provider_id in ("umbrella", "initech"):
            tenants.app.extensions["social"].forget_provider(provider_id)
            browser = tenants.browser()
            assert browser.trip(f"/login/{provider_id}").status_code == 502
            assert browser.who() is None
        assert {told["error"].code for told in tenants.signals("provider_failed")} == {
            "issuer_changed"
        }
        assert [each.issuer for each in tenants.rows()] == [one.issuer, two.issuer]


def test_what_a_row_may_hold_is_documented() -> None:
    told = [
        name for keys, _ in rows("tenants.md", "### What a row may hold") for name in names(keys)
    ]
    assert sorted(told) == sorted(tenancy.KEYS)
