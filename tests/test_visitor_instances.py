"""Providers whose instances visitors name: where they are, who registers there, whose an id is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import trustme

from flask_social import clock, per_visitor
from flask_social.datastore.registrations import ClientRegistration, MemoryRegistrations
from flask_social.errors import ConfigurationError, ReconnectNeeded
from flask_social.testing import sandbox
from flask_social.transport import pool
from tests import doctables
from tests.bed import Bed, Browser, make_app, query_of, served
from tests.fediverse import Fediverse, fediverse

START = 1_700_000_000
HOUR = 3_600
Make = Callable[..., Bed]


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def world(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fediverse]:
    with fediverse(authority, monkeypatch) as world:
        yield world


@pytest.fixture
def make(authority: trustme.CA, tmp_path: Path) -> Iterator[Make]:
    """Serves applications whose visitors name an instance of Mastodon."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    running: list[AbstractContextManager[Bed]] = []

    def make(registrations: Any = None, **config: Any) -> Bed:
        usual = {"SOCIAL_MASTODON": {"per_visitor": True}} | config
        made = make_app(
            {"SOCIAL_CA_BUNDLE": str(tmp_path / "ca.pem"), **usual},
            registrations=MemoryRegistrations() if registrations is None else registrations,
        )
        running.append(served(made))
        bed = running[-1].__enter__()
        bed.add_user("ann@example.org")
        return bed

    yield make
    for each in reversed(running):
        each.__exit__(None, None, None)


def trip(browser: Browser, world: Fediverse, path: str, **form: str) -> Any:
    """Set out, say yes at the instance, come back: the answer of the callback."""
    return browser.get(world.consent(browser.set_out(path, **form)))


def signed_in(bed: Bed) -> Browser:
    return bed.browser().sign_in("ann@example.org")


def connected(bed: Bed, world: Fediverse, name: str = "one.example") -> Browser:
    """A browser of somebody whose account at *name* is connected."""
    browser = signed_in(bed)
    trip(browser, world, "/connect/mastodon", instance=world.host(name))
    return browser


def registrations(bed: Bed) -> MemoryRegistrations:
    found = bed.app.extensions["social"].datastore.registrations
    assert isinstance(found, MemoryRegistrations)
    return found


def test_a_visitor_signs_in_with_the_instance_they_name(make: Make, world: Fediverse) -> None:
    bed = make()
    browser = connected(bed, world)
    assert bed.accounts() == [
        ("ann@example.org", "mastodon", f"7@{world.host('one.example')}"),
    ]
    [row] = bed.rows()
    assert row.issuer == f"https://{world.host('one.example')}"
    assert (row.display_name, row.email) == ("ada", None)
    browser.sign_out()

    other = bed.browser()
    typed = f"https://One.Example:{world.port}/@ada"
    answer = trip(other, world, "/login/mastodon", instance=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert other.who() == "ann@example.org"
    assert world["one.example"].asked == ["register", *["token", "profile"] * 2]
    assert bed.signals("login_completed")[0]["provider"].id == "mastodon"


def test_the_same_id_at_another_instance_is_another_person(make: Make, world: Fediverse) -> None:
    bed = make()
    connected(bed, world, "one.example")
    stranger = bed.browser()
    answer = trip(stranger, world, "/login/mastodon", instance=world.host("two.example"))
    assert answer.headers["Location"].startswith("/login")
    assert stranger.who() is None
    connected(bed, world, "two.example")
    assert [subject for _, _, subject in bed.accounts()] == [
        f"7@{world.host('one.example')}",
        f"7@{world.host('two.example')}",
    ]


def test_an_id_with_another_host_in_it_is_of_the_instance_that_gave_it(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    connected(bed, world, "one.example")
    world["evil.example"].person = f"7@{world.host('one.example')}"
    evil = bed.browser()
    trip(evil, world, "/login/mastodon", instance=world.host("evil.example"))
    assert evil.who() is None
    browser = connected(bed, world, "evil.example")
    [_, row] = bed.rows()
    assert row.provider_user_id == f"7@{world.host('one.example')}@{world.host('evil.example')}"
    browser.post("/disconnect/mastodon", json={"provider_user_id": row.provider_user_id})
    assert world["evil.example"].asked[-1] == "revoke"
    assert "revoke" not in world["one.example"].asked


def test_A031_a_hostile_instance_passes_a_trip_on_to_an_honest_one(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    connected(bed, world)  # ann, whose account is at the honest one
    hostile, victim = bed.browser(), bed.browser()
    theirs = query_of(hostile.set_out("/login/mastodon", instance=world.host("one.example")))
    begun = query_of(victim.set_out("/login/mastodon", instance=world.host("evil.example")))
    # The code is to be for a trip of the attacker's, and to come to their instance first.
    passed_on = {**theirs, "state": begun["state"]}
    home = f"https://{world.host('one.example')}/oauth/authorize?"
    back = world.consent(home + urlencode(passed_on))
    answer = victim.get(back)
    assert answer.status_code == 400
    assert bed.signals("flow_rejected")[0]["reason"] == "foreign"
    assert world["evil.example"].asked == ["register"], "no code was brought there"
    known = world["one.example"].clients[theirs["client_id"]]["uris"]
    assert theirs["redirect_uri"] in known
    assert begun["redirect_uri"] not in known, "so that it could not lead there by that one either"
    bare = back.replace(urlencode({"instance": world.host("one.example")}) + "&", "")
    assert bed.browser().get(bare).status_code == 400


@pytest.mark.parametrize("said", ["one.example", "", "EVIL.EXAMPLE", "evil.example."])
def test_an_answer_at_an_address_that_is_no_instance_s_own_ends_no_trip(
    said: str, make: Make, world: Fediverse
) -> None:
    bed = make()
    browser = bed.browser()
    back = world.consent(browser.set_out("/login/mastodon", instance=world.host("evil.example")))
    at = urlencode({"instance": world.host("evil.example")})
    assert at in back
    assert browser.get(back.replace(at, urlencode({"instance": said}))).status_code == 400
    assert browser.get(back.replace(at, f"{at}&{at}")).status_code == 400
    assert world["evil.example"].asked == ["register"]
    assert browser.get(back).status_code == 303, "its own does"


def test_a_view_of_the_application_s_own_is_reached_by_each_instance_at_an_address_of_its_own(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    app, social = bed.app, bed.social

    @app.post("/out")
    def out() -> Any:
        return social.mastodon.authorize(callback="/back")

    with app.app_context():
        handle = social.mastodon.authorized_handler

    @app.get("/back")
    @handle
    def back(answer: Any) -> str:
        return "cancelled" if answer is None else str(answer["token_type"])

    browser = bed.browser()
    there = world.consent(browser.set_out("/out", instance=world.host("one.example")))
    at = urlencode({"instance": world.host("one.example")})
    assert there.startswith(f"{bed.url}/back?{at}&")
    evil = there.replace(at, urlencode({"instance": world.host("evil.example")}))
    assert browser.get(evil).status_code == 400
    assert browser.get(there).text == "Bearer"


def test_a_strict_session_comes_back_from_an_instance_too(make: Make, world: Fediverse) -> None:
    bed = make(SESSION_COOKIE_SAMESITE="Strict")
    browser = signed_in(bed)
    back = world.consent(browser.set_out("/connect/mastodon", instance=world.host("one.example")))
    page = browser.get(back, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    state = query_of(back)["state"]
    answer = browser.get("/connect/mastodon", params={"state": state})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert len(bed.accounts()) == 1


def test_an_instance_is_registered_with_once_for_every_trip(make: Make, world: Fediverse) -> None:
    bed = make()
    for path in ("/login/mastodon", "/connect/mastodon"):
        browser = bed.browser() if path.startswith("/login") else signed_in(bed)
        browser.set_out(path, instance=world.host("one.example"))
    assert world["one.example"].asked == ["register"]
    [form] = world["one.example"].forms
    at = urlencode({"instance": world.host("one.example")})
    assert form["redirect_uris"].split("\n") == [
        f"{bed.url}/login/mastodon?{at}",
        f"{bed.url}/connect/mastodon?{at}",
    ]
    assert form["scopes"] == "profile"
    assert (form["client_name"], form["website"]) == ("127.0.0.1", bed.url)
    known = registrations(bed).find("mastodon", world.host("one.example"))
    assert known is not None
    assert world["one.example"].clients[known.client_id]["secret"] == known.client_secret


def test_people_are_shown_the_name_that_the_operator_gives(make: Make, world: Fediverse) -> None:
    bed = make(SOCIAL_MASTODON={"client_name": "Acme, Inc."})
    bed.browser().set_out("/login/mastodon", instance=world.host("one.example"))
    assert world["one.example"].forms[0]["client_name"] == "Acme, Inc."


@pytest.mark.parametrize(
    "typed",
    ["mastodon", "127.0.0.1", "https://ada:s3cret@one.example", "file:///etc/passwd", "a b"],
)
def test_what_is_no_instance_is_refused_in_our_own_words(
    typed: str, make: Make, world: Fediverse
) -> None:
    bed = make()
    answer = bed.browser().post("/login/mastodon", data={"instance": typed})
    assert answer.status_code == 400
    assert "not the name of a server" in answer.text
    assert "s3cret" not in answer.text
    assert "/login/mastodon" in answer.text, "a way to try again"
    said = bed.browser().post("/login/mastodon", json={"instance": typed}).json()
    assert said["response"]["code"] == "bad_instance"
    assert world.resolved == []
    assert bed.signals("flow_rejected")[0]["reason"] == "bad_instance"


def test_who_names_none_is_asked(make: Make, world: Fediverse) -> None:
    bed = make()
    browser = bed.browser()
    answer = browser.post("/login/mastodon", data={"next": "/home?a=b"})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert page.status_code == 200
    assert 'name="instance"' in page.text
    assert "/home?a=b" in page.text
    said = browser.post("/login/mastodon", json={})
    assert said.status_code == 400
    assert said.json()["response"]["code"] == "no_instance"
    known = signed_in(bed)
    assert 'name="instance"' in known.get("/connections").text
    assert 'name="instance"' in known.get("/connect/mastodon").text


def test_a_json_client_names_it_as_well(make: Make, world: Fediverse) -> None:
    bed = make()
    answer = bed.browser().post("/login/mastodon", json={"instance": world.host("one.example")})
    url = answer.json()["response"]["authorization_url"]
    assert urlsplit(url).netloc == world.host("one.example")


def test_only_listed_instances_where_there_is_a_list(make: Make, world: Fediverse) -> None:
    listed = {
        "hosts": [world.host("one.example"), "*.two.example"],
        "denied_hosts": ["bad.two.example"],
    }
    bed = make(SOCIAL_MASTODON=listed)
    world.private |= {"one.example": "127.0.0.1"}  # the operator typed that one
    for name in ("one.example", "a.two.example"):
        url = bed.browser().set_out("/login/mastodon", instance=world.host(name))
        assert urlsplit(url).netloc == world.host(name)
    for name in ("two.example", "bad.two.example", "three.example"):
        answer = bed.browser().post("/login/mastodon", data={"instance": world.host(name)})
        assert answer.status_code == 400
        assert "cannot be used here" in answer.text
    assert set(world.instances) == {world.host("one.example"), world.host("a.two.example")}


def test_a_refused_instance_is_refused_on_the_way_back_too(make: Make, world: Fediverse) -> None:
    denied: list[str] = []
    bed = make(SOCIAL_MASTODON={"per_visitor": True, "denied_hosts": denied})
    browser = bed.browser()
    back = world.consent(browser.set_out("/login/mastodon", instance=world.host("one.example")))
    instances: Any = bed.app.extensions["social"].providers["mastodon"].registration.instances
    object.__setattr__(instances, "denied", ("one.example",))
    answer = browser.get(back)
    assert answer.status_code == 400
    assert bed.signals("flow_rejected")[0]["reason"] == "foreign"
    assert "token" not in world["one.example"].asked


def test_an_api_is_called_and_a_token_given_back_where_the_account_is(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    connected(bed, world, "one.example")
    browser = connected(bed, world, "two.example")
    with bed.app.app_context():
        remote = bed.social.mastodon
        for row in remote.connections():
            api = remote.get_api(connection=row)
            host = row.provider_user_id.partition("@")[2]
            assert api.base_url == f"https://{host}/api/v1/"
            assert api.get("accounts/verify_credentials").json()["id"] == "7"
            assert remote.get_token(connection=row).access_token == row.access_token
    subject = f"7@{world.host('two.example')}"
    answer = browser.delete(f"/connect/mastodon/{subject}", headers={"Accept": "application/json"})
    assert answer.json()["response"]["code"] == "removed"
    assert world["two.example"].asked[-1] == "revoke"
    assert len(world["two.example"].tokens) == 1, "the refresh token is left"
    browser.delete("/connect/mastodon", headers={"Accept": "application/json"})
    assert world["one.example"].asked[-1] == "revoke"


def test_an_application_revokes_where_the_account_is(make: Make, world: Fediverse) -> None:
    bed = make()
    connected(bed, world)
    with bed.app.app_context():
        [row] = bed.social.mastodon.connections()
        assert bed.social.mastodon.revoke(row) is True
    assert world["one.example"].asked[-1] == "revoke"


def test_where_nothing_is_registered_any_more_the_api_still_works(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    connected(bed, world)
    registrations(bed)._kept.clear()
    with bed.app.app_context():
        [row] = bed.social.mastodon.connections()
        api = bed.social.mastodon.get_api(connection=row)
        assert api.get("accounts/verify_credentials").status_code == 200
        assert bed.social.mastodon.revoke(row) is False


def test_a_row_that_names_no_instance_leads_nowhere(make: Make, world: Fediverse) -> None:
    bed = make()
    for number, subject in enumerate(("7", "7@", "7@127.0.0.1", f"{'7' * 9}@One.Example")):
        bed.connect("ann@example.org", "mastodon", subject, rank=number)
    with bed.app.app_context():
        for row in bed.social.mastodon.connections():
            api = bed.social.mastodon.get_api(connection=row)
            assert urlsplit(api.base_url).netloc == "visitor.invalid"
    assert world.resolved == []


def test_a_row_of_another_issuer_than_its_account_s_instance_leads_nowhere(
    make: Make, world: Fediverse
) -> None:
    bed = make()
    connected(bed, world)
    with bed.app.app_context():
        [row] = bed.social.mastodon.connections()
        row.issuer = "https://two.example"
        for ask in (bed.social.mastodon.get_api, bed.social.mastodon.get_token):
            with pytest.raises(ReconnectNeeded, match="changed"):
                ask(connection=row)
        assert bed.social.mastodon.revoke(row) is False
    assert world["one.example"].asked[-1] != "revoke"


def test_a_reconnect_goes_where_the_account_is(make: Make, world: Fediverse) -> None:
    bed = make()
    connected(bed, world, "one.example")
    browser = connected(bed, world, "two.example")
    subject = f"7@{world.host('two.example')}"
    answer = trip(browser, world, "/reconnect/mastodon", provider_user_id=subject)
    assert answer.status_code == 303
    assert bed.signals("connection_updated")[0]["account"] == ("mastodon", subject)
    assert 'name="instance"' not in browser.get("/reconnect/mastodon").text
    bed.connect("ann@example.org", "mastodon", "7")
    refused = browser.post("/reconnect/mastodon", json={"provider_user_id": "7"})
    assert refused.json()["response"]["code"] == "instance_refused"


def test_a_forgotten_application_is_registered_anew_at_the_next_start(
    make: Make, world: Fediverse
) -> None:
    time = Time()
    with clock.replaced(time):
        bed = make()
        host = world.host("one.example")
        connected(bed, world)
        browser = bed.browser()
        back = world.consent(browser.set_out("/login/mastodon", instance=host))
        world["one.example"].forget()
        assert browser.get(back).status_code == 503
        browser.set_out("/login/mastodon", instance=host)
        assert world["one.example"].asked.count("register") == 1, "within an hour it is no better"

        time.now += HOUR
        world["one.example"].admit(f"id of {host}", "another secret")
        back = world.consent(browser.set_out("/login/mastodon", instance=host))
        assert browser.get(back).status_code == 503
        assert world["one.example"].asked.count("register") == 1
        answer = trip(bed.browser(), world, "/login/mastodon", instance=host)
        assert answer.headers["Location"] == "/home"
        assert world["one.example"].asked.count("register") == 2


def test_an_instance_is_asked_once_a_day_whether_it_knows_us(make: Make, world: Fediverse) -> None:
    time = Time()
    with clock.replaced(time):
        bed = make()
        one, host = world["one.example"], world.host("one.example")
        for days, asked in ((0, ["register"]), (1, ["token"]), (1.5, []), (2, ["token"])):
            time.now = START + days * 86_400
            one.asked.clear()
            bed.browser().set_out("/login/mastodon", instance=host)
            assert one.asked == asked, days
        one.forget()
        time.now = START + 3 * 86_400
        one.asked.clear()
        answer = trip(connected(bed, world), world, "/connect/mastodon", instance=host)
        assert answer.status_code == 303
        assert one.asked == ["token", "register", *["token", "profile"] * 2]


def test_an_instance_that_is_away_is_not_taken_for_one_that_forgot(
    make: Make, world: Fediverse
) -> None:
    time = Time()
    with clock.replaced(time):
        bed = make()
        bed.browser().set_out("/login/mastodon", instance=world.host("one.example"))
        time.now += 86_400
        world.server.close()
        bed.browser().set_out("/login/mastodon", instance=world.host("one.example"))
        assert world["one.example"].asked == ["register"]


@pytest.mark.parametrize(
    "stale",
    [
        {"expires_at": START},
        {"redirect_uris": ("https://former.example/login/mastodon?instance=HOST",)},
        {"scopes": ()},
    ],
)
def test_a_registration_that_is_of_no_use_is_replaced(
    stale: dict[str, Any], make: Make, world: Fediverse
) -> None:
    bed, stale = make(), dict(stale)
    host = world.host("one.example")
    at, bare = urlencode({"instance": host}), f"{bed.url}/login/mastodon"
    usual: dict[str, Any] = {
        "redirect_uris": (f"{bare}?{at}", f"{bed.url}/connect/mastodon?{at}"),
        "scopes": ("profile",),
    }
    uris = tuple(each.replace("instance=HOST", at) for each in stale.pop("redirect_uris", ()))
    usual |= {"redirect_uris": (*uris, bare)} if uris else {}
    old = ClientRegistration(
        provider_id="mastodon", host=host, client_id="former", client_secret="s", **usual | stale
    )
    registrations(bed).put(old)
    bed.browser().set_out("/login/mastodon", instance=host)
    known = registrations(bed).find("mastodon", host)
    assert known is not None
    assert (known.client_id, known.version) == (f"id of {host}", 2)
    ours = {f"{bare}?{at}", f"{bed.url}/connect/mastodon?{at}"}
    assert set(known.redirect_uris) == {*ours, *uris}, "and none that others have too"


def test_a_host_that_the_operator_typed_may_be_private_at_that_port_alone(
    make: Make, world: Fediverse
) -> None:
    bed = make(SOCIAL_MASTODON={"hosts": ["one.example"]})
    world.private["one.example"] = "127.0.0.1"
    answer = bed.browser().post("/login/mastodon", json={"instance": world.host("one.example")})
    assert answer.status_code == 503
    assert bed.signals("provider_failed")[0]["error"].code == "private_address"
    assert world.instances == {}


def test_strangers_do_not_use_up_what_the_operator_s_own_need(make: Make, world: Fediverse) -> None:
    time = Time()
    with clock.replaced(time):
        listed = {"hosts": ["*.example", world.host("one.example")], "registrations_per_hour": 1}
        bed = make(SOCIAL_MASTODON=listed)
        bed.browser().set_out("/login/mastodon", instance=world.host("two.example"))
        refused = bed.browser().post(
            "/login/mastodon", data={"instance": world.host("three.example")}
        )
        assert refused.status_code == 503
        bed.browser().set_out("/login/mastodon", instance=world.host("one.example"))
        # Nor do they keep those out whose instance was known before, and needs us anew.
        time.now += 2 * HOUR
        bed.browser().set_out("/login/mastodon", instance=world.host("a.two.example"))
        known = registrations(bed).find("mastodon", world.host("two.example"))
        assert known is not None
        registrations(bed).swap(known, replace(known, scopes=()))
        bed.browser().set_out("/login/mastodon", instance=world.host("two.example"))
        assert world["two.example"].asked == ["register", "register"]
        known = registrations(bed).find("mastodon", world.host("two.example"))
        assert known is not None
        registrations(bed).swap(known, replace(known, scopes=()))
        again = bed.browser().post("/login/mastodon", data={"instance": world.host("two.example")})
        assert again.status_code == 503, "but not twice in an hour"


def test_strangers_cause_a_bounded_number_of_registrations(make: Make, world: Fediverse) -> None:
    time = Time()
    with clock.replaced(time):
        bed = make(SOCIAL_MASTODON={"registrations_per_hour": 3})
        for name in ("one.example", "two.example"):
            bed.browser().set_out("/login/mastodon", instance=world.host(name))
        world["bad.example"].closed = True
        failed = {"instance": world.host("bad.example")}
        assert bed.browser().post("/login/mastodon", data=failed).status_code == 502
        for name in ("bad.example", "three.example"):
            answer = bed.browser().post("/login/mastodon", data={"instance": world.host(name)})
            assert answer.status_code == 503
            assert "too many new servers" in answer.text
        bed.browser().set_out("/login/mastodon", instance=world.host("one.example"))
        assert world.host("three.example") not in world.instances
        time.now += HOUR + 1
        bed.browser().set_out("/login/mastodon", instance=world.host("three.example"))


def test_those_of_other_processes_count_too(make: Make, world: Fediverse) -> None:
    shared = MemoryRegistrations()
    beds = [make(shared, SOCIAL_MASTODON={"registrations_per_hour": 2}) for _ in range(2)]
    for bed, name in zip(beds, ("one.example", "two.example"), strict=True):
        bed.browser().set_out("/login/mastodon", instance=world.host(name))
    for bed in beds:
        answer = bed.browser().post("/login/mastodon", json={"instance": "three.example"})
        assert answer.json()["response"]["code"] == "too_many_instances"


def test_a_server_of_another_kind_is_told_in_our_own_words(make: Make, world: Fediverse) -> None:
    bed = make()
    world["one.example"].closed = True
    answer = bed.browser().post("/login/mastodon", data={"instance": world.host("one.example")})
    assert answer.status_code == 502
    assert "did not let this site in" in answer.text
    assert registrations(bed).count(0) == 0


def test_secrets_of_registrations_are_sealed_anew_with_the_tokens(make: Make) -> None:
    class Sealed(MemoryRegistrations):
        def reseal(self) -> int:
            return 2

    bed = make(Sealed(), SOCIAL_TOKEN_KEYS=[f"a:{'A' * 43}="])
    done = bed.app.test_cli_runner().invoke(args=["social", "rotate-keys"])
    assert "2 secrets of registrations sealed anew" in done.output


# Where an application cannot register by itself.


def forges(world: Fediverse) -> dict[str, Any]:
    """Two instances of Gitea that the operator registered at."""
    for name in ("one.example", "two.example"):
        world[name].admit(f"key at {name}", f"secret at {name}")
    return {
        "per_visitor": True,
        "instances": {
            world.host(name): {
                "consumer_key": f"key at {name}",
                "consumer_secret": f"secret at {name}",
            }
            for name in ("one.example", "two.example")
        },
    }


@pytest.mark.parametrize("provider", ["gitea", "forgejo"])
def test_the_operator_gives_what_each_instance_gave(
    provider: str, make: Make, world: Fediverse
) -> None:
    world.private |= {"one.example": "127.0.0.1"}
    bed = make(**{"SOCIAL_MASTODON": None, f"SOCIAL_{provider.upper()}": forges(world)})
    browser = signed_in(bed)
    page = browser.get(f"/connect/{provider}").text
    assert page.count("<option>") == 2
    for name in ("one.example", "two.example"):
        url = browser.set_out(f"/connect/{provider}", instance=world.host(name))
        assert query_of(url)["client_id"] == f"key at {name}"
        assert browser.get(world.consent(url)).status_code == 303
    refused = browser.post(f"/connect/{provider}", json={"instance": "three.example"}).json()
    assert refused["response"]["code"] == "instance_refused"
    assert registrations(bed).count(0) == 0


def test_a_token_is_refreshed_where_the_account_is(make: Make, world: Fediverse) -> None:
    time = Time()
    with clock.replaced(time):
        bed = make(SOCIAL_MASTODON=None, SOCIAL_GITEA=forges(world))
        browser = signed_in(bed)
        for name in ("one.example", "two.example"):
            trip(browser, world, "/connect/gitea", instance=world.host(name))
        before = [row.access_token for row in bed.rows()]
        time.now += HOUR
        done = bed.app.test_cli_runner().invoke(args=["social", "refresh", "-v"])
        assert done.output == "2 refreshed, 0 to be reconnected, 0 not refreshed\n"
    assert not set(before).intersection(row.access_token for row in bed.rows())
    for name in ("one.example", "two.example"):
        assert world[name].asked == ["token", "profile", "token"]


# Private addresses, whoever points there.


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_to_a_private_address_is_refused(
    address: str, make: Make, world: Fediverse, caplog: pytest.LogCaptureFixture
) -> None:
    bed = make()
    world.private["evil.example"] = address
    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = bed.browser().post(
            "/login/mastodon", data={"instance": world.host("evil.example")}
        )
    assert answer.status_code == 503
    assert "this site can reach by that name" in answer.text
    assert "private_address" in caplog.text
    assert "evil.example" in caplog.text
    assert world.instances == {}
    assert world.resolved == ["evil.example"]


def test_a_name_that_rebinds_between_the_calls_is_refused(make: Make, world: Fediverse) -> None:
    bed = make()
    browser = connected(bed, world)
    back = world.consent(browser.set_out("/connect/mastodon", instance=world.host("one.example")))
    world.private["one.example"] = "127.0.0.1"
    remote = bed.app.extensions["social"].providers["mastodon"]
    pool(remote.transport).clear()
    asked = len(world["one.example"].asked)
    assert browser.get(back).status_code == 503
    assert len(world["one.example"].asked) == asked


# One instance, and what no configuration can be.


def test_one_instance_is_as_it_was(make: Make, world: Fediverse) -> None:
    host = world.host("one.example")
    world["one.example"].admit("key", "secret")
    world.private["one.example"] = "127.0.0.1"
    keys = {"instance": host, "consumer_key": "key", "consumer_secret": "secret"}
    bed = make(SOCIAL_MASTODON=keys)
    browser = signed_in(bed)
    assert 'name="instance"' not in browser.get("/connect/mastodon").text
    assert trip(browser, world, "/connect/mastodon").status_code == 303
    [row] = bed.rows()
    assert (row.provider_user_id, row.issuer) == ("7", f"https://{host}")


def test_in_a_sandbox_every_instance_is_played_there() -> None:
    config = {"SOCIAL_MASTODON": {}, "SOCIAL_SANDBOX": "http://localhost:1/"}
    bed = make_app(config, registrations=MemoryRegistrations())
    with bed.app.app_context():
        there: Any = bed.social.mastodon.at("7@social.example").provider
        assert there.authorize_url == "http://localhost:1/mastodon~social.example/authorize"
        assert there.register_url == "http://localhost:1/mastodon~social.example/api/apps"
        assert there.issuer == "https://social.example"
        assert not bed.social.mastodon.transport.guarded


def test_the_sandbox_lets_an_application_in_as_an_instance_does() -> None:
    with sandbox() as box:
        box.login_as("ada")
        made = make_app(
            {"SOCIAL_MASTODON": {}, "SOCIAL_SANDBOX": box.url}, registrations=MemoryRegistrations()
        )
        with served(made) as bed:
            bed.add_user("ann@example.org")
            browser = signed_in(bed)
            for host in ("one.example", "two.example"):
                answer = browser.trip("/connect/mastodon", instance=host)
                assert answer.status_code == 303
            browser.sign_out()
            visitor = bed.browser()
            visitor.trip("/login/mastodon", instance="@ada@two.example")
            assert visitor.who() == "ann@example.org"
            [one, two] = [row.provider_user_id for row in bed.rows()]
            assert one.removesuffix("@one.example") == two.removesuffix("@two.example") != one


def test_what_is_kept_in_mind_of_instances_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_social.limits.INSTANCES", 2)
    bed = make_app({"SOCIAL_MASTODON": {}}, registrations=MemoryRegistrations())
    registration: Any = bed.app.extensions["social"].providers["mastodon"].registration
    instances = registration.instances
    for name in ("a.example", "b.example", "c.example"):
        instances.note_seen(name)
        assert instances.at(name) is instances.at(name)
    assert list(instances.seen) == list(instances._made) == ["b.example", "c.example"]


def test_every_key_is_in_the_table() -> None:
    table = doctables.rows("instances.md", "## Which instances")
    assert {doctables.names(row[0])[0] for row in table} == per_visitor.KEYS


def test_several_providers_may_ask_visitors(caplog: pytest.LogCaptureFixture) -> None:
    config = {
        "SOCIAL_MASTODON": {},
        "SOCIAL_FEDI": {"provider": "mastodon", "per_visitor": True},
        "SOCIAL_FRIENDS": {"provider": "mastodon", "per_visitor": True, "name": "Our friends"},
    }
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed = make_app(config, registrations=MemoryRegistrations())
    assert not [each for each in caplog.messages if "one client at one provider" in each]
    with bed.app.app_context():
        names = [bed.social.remote(each).name for each in ("fedi", "friends")]
        assert names == ["Fedi", "Our friends"]
        assert "visitor.invalid" not in bed.social.mastodon.name
        assert bed.social.mastodon.consumer_key == ""


@pytest.mark.parametrize("host", ["inside.example", "app.local"])
def test_the_operator_may_let_private_addresses_in(host: str) -> None:
    config = {
        "SOCIAL_MASTODON": {"hosts": [host, "*.b.example"]},
        "SOCIAL_PRIVATE_HOSTS": ["x.lan"],
    }
    bed = make_app(config, registrations=MemoryRegistrations())
    with bed.app.app_context():
        transport = bed.social.mastodon.transport
    assert (transport.guarded, transport.private_hosts) == (True, ("x.lan", f"{host}:443"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per_visitor": True, "instance": "a.example"}, "instance is of one instance"),
        ({"per_visitor": True, "consumer_key": "k"}, "consumer_key is of one instance"),
        ({"per_visitor": True, "scoops": "x"}, "scoops"),
        ({"hosts": "a.example"}, "hosts must be a list"),
        ({"hosts": ["https://a.example"]}, "Write 'a.example'"),
        ({"hosts": [7]}, "must be a host's name"),
        ({"denied_hosts": ["A.example"]}, "denied_hosts: 'A.example'"),
        ({"instances": ["a.example"]}, "instances must be a mapping"),
        ({"instances": {"127.0.0.1": {"consumer_key": "k"}}}, "must be a host's name"),
        ({"instances": {"a.example": {}}}, "a.example must be a mapping"),
        ({"instances": {"a.example": {"consumer_key": "k"}}}, "a.example: .*no consumer_secret"),
        ({"hosts": []}, "lets no application register by itself"),
        ({"client_name": ""}, "client_name must be a text"),
        ({"registrations_per_hour": -1}, "registrations_per_hour must be a whole number"),
        ({"registrations_per_hour": True}, "registrations_per_hour must be a whole number"),
    ],
)
def test_what_cannot_work_stops_the_start(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SOCIAL_MASTODON.*{message}"):
        make_app({"SOCIAL_MASTODON": options}, registrations=MemoryRegistrations())


@pytest.mark.parametrize(
    ("key", "options", "message"),
    [
        ("GITEA", {"per_visitor": True}, "lets no application register by itself"),
        ("GITHUB", {"per_visitor": True}, "per_visitor is for stock providers of OAuth 2.0"),
        ("GITLAB", {"per_visitor": True}, "per_visitor is for stock providers of OAuth 2.0"),
        ("TWITTER", {"per_visitor": True}, "per_visitor is for stock providers of OAuth 2.0"),
        ("ACME", {"per_visitor": True}, "per_visitor is for stock providers of OAuth 2.0"),
    ],
)
def test_some_providers_are_not_for_visitors_to_name(
    key: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"SOCIAL_{key}.*{message}"):
        make_app({f"SOCIAL_{key}": options}, registrations=MemoryRegistrations())


def test_a_store_without_a_model_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"SOCIAL_MASTODON.*RegistrationMixin"):
        make_app({"SOCIAL_MASTODON": {"per_visitor": True}})
    given = {"a.example": {"consumer_key": "k", "consumer_secret": "s"}}
    make_app({"SOCIAL_MASTODON": {"per_visitor": True, "hosts": [], "instances": given}})


def test_callbacks_that_follow_the_host_header_stop_the_start_in_earnest() -> None:
    config = {"SOCIAL_MASTODON": {"per_visitor": True}}
    with pytest.raises(ConfigurationError, match=r"SOCIAL_MASTODON.*SOCIAL_APP_URL"):
        make_app(config, testing=False, registrations=MemoryRegistrations())
    config |= {"SOCIAL_APP_URL": "https://app.example"}  # type: ignore[dict-item]
    make_app(config, testing=False, registrations=MemoryRegistrations())
