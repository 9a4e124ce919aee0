"""Names of Flask-Security that it does not document and that ``security.py`` relies on.

One test per name, in a small application of its own: an upgrade that renames one, or gives it
another meaning, fails here and says which.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request, session, url_for
from flask_security import current_user, login_user, user_authenticated
from flask_security.confirmable import requires_confirmation
from flask_security.tf_plugin import tf_clean_session
from flask_security.utils import get_message
from flask_security.webauthn import has_webauthn

from flask_social import clock, login_completed, security
from tests.bed import PASSWORD, TWO_FACTOR, Bed, make_app

ANNA = "anna@example.org"
UNIFIED = {
    "SECURITY_UNIFIED_SIGNIN": True,
    "SECURITY_US_ENABLED_METHODS": ["password", "email", "authenticator"],
    "SECURITY_TOTP_SECRETS": TWO_FACTOR["SECURITY_TOTP_SECRETS"],
    "SECURITY_TOTP_ISSUER": "the test bed",
}


def bed_with(**config: Any) -> Bed:
    bed = make_app(config)
    bed.add_user(ANNA)
    return bed


@pytest.fixture
def bed() -> Bed:
    return bed_with()


@contextmanager
def visit(bed: Bed, path: str = "/home", **kwargs: Any) -> Iterator[Any]:
    """A request in which Anna's row is at hand, not signed in."""
    with bed.app.test_request_context(path, **kwargs):
        yield row_of(bed, ANNA)


def row_of(bed: Bed, email: str) -> Any:
    return bed.db.session.scalar(sa.select(bed.User).where(bed.User.email == email))


def extension(bed: Bed) -> Any:
    return bed.app.extensions["security"]


# app.extensions["security"] and what hangs on it.


def test_extensions_security_is_the_extension_and_its_datastore_commits(bed: Bed) -> None:
    with visit(bed) as user:
        user.login_count = 7
        security.commit()
        bed.db.session.rollback()
        assert user.login_count == 7


def test__want_json_is_true_for_a_json_body_or_a_json_accept_header(bed: Bed) -> None:
    for kwargs, wanted in (
        ({}, False),
        ({"headers": {"Accept": "text/html"}}, False),
        ({"headers": {"Accept": "application/json"}}, True),
        ({"method": "POST", "json": {}}, True),
    ):
        with visit(bed, **kwargs):
            assert extension(bed)._want_json(request) is wanted
            assert security.wants_json() is wanted


def test__want_json_is_what_the_application_sets_by_want_json(bed: Bed) -> None:
    extension(bed).want_json(lambda req: req.path.startswith("/api/"))
    with visit(bed, "/api/x"):
        assert security.wants_json() is True
    with visit(bed, "/home", headers={"Accept": "application/json"}):
        assert security.wants_json() is False


def test__render_json_gives_the_documented_shape_and_status(bed: Bed) -> None:
    with visit(bed):
        answer = bed.app.make_response(security.render_json({"code": "x"}, 409))
    assert answer.status_code == 409
    assert answer.get_json() == {"meta": {"code": 409}, "response": {"code": "x"}}


def test__render_json_is_what_the_application_sets_by_render_json(bed: Bed) -> None:
    def render(payload: dict[str, Any], code: int, headers: Any, user: Any) -> Any:
        return {"mine": payload, "headers": headers, "user": user}, code

    extension(bed).render_json(render)
    with visit(bed):
        answer = bed.app.make_response(security.render_json({"code": "x"}, 418))
    assert answer.status_code == 418
    assert answer.get_json() == {"mine": {"code": "x"}, "headers": None, "user": None}


def test__reauthn_handler_sends_to_the_verify_page_and_tells_json_clients(bed: Bed) -> None:
    add_fresh_view(bed)
    client = signed_in(bed)
    stale(client)
    answer = client.get("/fresh")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/verify?next=/fresh")
    answer = client.get("/fresh", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["response"]["reauth_required"] is True


def test__reauthn_handler_is_what_the_application_sets_by_reauthn_handler(bed: Bed) -> None:
    add_fresh_view(bed)
    extension(bed).reauthn_handler(lambda within, grace: (f"{within} {grace}", 418))
    client = signed_in(bed)
    stale(client)
    answer = client.get("/fresh")
    assert (answer.status_code, answer.text) == (418, "1 day, 0:00:00 1:00:00")


def confirm() -> str:
    return "confirm"


def done() -> str:
    return "done"


def add_fresh_view(bed: Bed) -> None:
    """``/fresh`` answers whoever proved lately who they are, and ``confirm`` the others."""
    bed.app.add_url_rule("/fresh", "fresh", security.freshly_signed_in(confirm)(done))


def signed_in(bed: Bed, email: str = ANNA, **columns: Any) -> Any:
    client = bed.app.test_client()
    answer = client.post("/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    if columns:
        bed.change_user(email, **columns)
    return client


def stale(client: Any) -> None:
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 2 * 86_400
        kept.pop("fs_gexp", None)


# Session keys.


def test_fs_paa_is_the_time_of_the_login_and_decides_about_freshness(bed: Bed) -> None:
    add_fresh_view(bed)
    client = signed_in(bed)
    with client.session_transaction() as kept:
        assert abs(kept["fs_paa"] - time.time()) < 3_600
    assert client.get("/fresh").text == "done"
    stale(client)
    assert client.get("/fresh").status_code == 302
    with client.session_transaction() as kept:
        kept["fs_paa"] = clock.now()
    assert client.get("/fresh").text == "done"


def test_fs_gexp_is_the_grace_that_freshness_leaves_and_that_a_new_proof_replaces(
    bed: Bed,
) -> None:
    add_fresh_view(bed)

    def prove() -> str:
        security.freshen()
        return "proved"

    bed.app.add_url_rule("/prove", "prove", prove)
    client = signed_in(bed)
    assert client.get("/fresh").text == "done"
    with client.session_transaction() as kept:
        assert "fs_gexp" in kept
        kept["fs_paa"] = time.time() - 2 * 86_400
    assert client.get("/fresh").text == "done"  # within the grace
    assert client.get("/prove").text == "proved"
    with client.session_transaction() as kept:
        assert "fs_gexp" not in kept
        assert abs(kept["fs_paa"] - clock.now()) < 3_600


def test_a_user_without_anything_to_type_is_sent_to_a_provider_and_not_to_the_verify_page(
    bed: Bed,
) -> None:
    add_fresh_view(bed)
    client = signed_in(bed, password=None)
    stale(client)
    assert client.get("/fresh").text == "confirm"
    assert client.get("/fresh", headers={"Accept": "application/json"}).status_code == 401


TF_KEYS = (
    "tf_state",
    "tf_user_id",
    "tf_primary_method",
    "tf_remember_login",
    "tf_totp_secret",
    "tf_select",
)


def test_tf_clean_session_forgets_a_second_factor_that_was_begun() -> None:
    bed = bed_with(**TWO_FACTOR)
    with visit(bed):
        session.update(dict.fromkeys(TF_KEYS, "left"))
        session["cart"] = "kept"
        tf_clean_session()
        assert dict(session) == {"cart": "kept"}


# Signing in.


def begin(user: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "provider_id": "acme",
        "remember": False,
        "next_url": "/there",
        "keep": None,
    }
    return security.sign_in(user, **(arguments | changes))


def test_tf_enter_lets_pass_whoever_needs_no_second_factor(bed: Bed) -> None:
    heard: list[Any] = []

    def receiver(sender: Any, user: Any, authn_via: Any, **extra: Any) -> None:
        heard.append((user.email, authn_via))

    with user_authenticated.connected_to(receiver, bed.app), visit(bed) as user:
        assert begin(user) is None
        assert current_user.email == ANNA
        assert security.visitor() == user
        assert security.visitor_id() == user.fs_uniquifier
    assert heard == [(ANNA, ["oauth", "social:acme"])]


def with_authenticator(user: Any, bed: Bed) -> str:
    secret: str = extension(bed).totp_factory.generate_totp_secret()
    user.tf_primary_method = "authenticator"
    user.tf_totp_secret = secret
    bed.db.session.commit()
    return secret


def test_tf_enter_begins_a_second_factor_and_names_its_user_in_tf_user_id() -> None:
    bed = bed_with(**TWO_FACTOR)
    with visit(bed) as user:
        with_authenticator(user, bed)
        begun = bed.app.make_response(begin(user))
        assert begun.headers["Location"] == "/tf-validate?next=/there"
        assert session["tf_user_id"] == user.fs_uniquifier
        assert session["tf_state"] == "ready"
        assert session[security.SECOND_FACTOR][:2] == ["acme", user.fs_uniquifier]
        assert security.visitor() is None


@pytest.mark.parametrize("remember", [True, False])
@pytest.mark.parametrize("by_default", [True, False])
def test_tf_remember_login_decides_after_the_factor_what_the_visitor_ticked_before(
    remember: bool, by_default: bool
) -> None:
    bed = bed_with(**TWO_FACTOR, SECURITY_DEFAULT_REMEMBER_ME=by_default)
    with visit(bed) as user:
        secret = with_authenticator(user, bed)
        begin(user, remember=remember)
        assert session["tf_remember_login"] is remember
        begun = dict(session)
    client = bed.app.test_client()
    with client.session_transaction() as kept:
        kept.update(begun)
    answer = client.post("/tf-validate", json={"code": code_for(bed, secret)})
    assert answer.status_code == 200
    assert (client.get_cookie("remember_token") is not None) is remember


def code_for(bed: Bed, secret: str) -> str:
    """The code of this moment, at which the clock of the application's codes stops."""
    codes, moment = extension(bed).totp_factory._totp, time.time()
    codes.now = staticmethod(lambda: moment)  # a class of this application alone
    return str(codes.from_source(secret).generate().token)


def test_user_authenticated_comes_without_authn_via_once_the_factor_has_passed() -> None:
    bed = bed_with(**TWO_FACTOR)
    heard: list[Any] = []

    def receiver(sender: Any, user: Any, authn_via: Any, **extra: Any) -> None:
        heard.append(authn_via)

    with visit(bed) as user:
        secret = with_authenticator(user, bed)
        begin(user)
        begun = dict(session)
    client = bed.app.test_client()
    with client.session_transaction() as kept:
        kept.update(begun)
    with user_authenticated.connected_to(receiver, bed.app), completions(bed) as completed:
        client.post("/tf-validate", json={"code": code_for(bed, secret)})
    assert heard == [None]
    assert completed == [ANNA]
    with client.session_transaction() as kept:
        assert security.SECOND_FACTOR not in kept


@contextmanager
def completions(bed: Bed) -> Iterator[list[str]]:
    """Whose logins we told of meanwhile."""
    told: list[str] = []

    def receiver(sender: Any, user: Any, **extra: Any) -> None:
        told.append(user.email)

    with login_completed.connected_to(receiver, bed.app):
        yield told


@pytest.mark.parametrize(
    "marker",
    [
        None,
        ["acme", "somebody else", None],
        ["acme", "anna", -601],
    ],
)
def test_a_login_that_we_did_not_begin_is_not_taken_for_ours(
    bed: Bed, marker: list[Any] | None
) -> None:
    with completions(bed) as completed, visit(bed) as user:
        if marker is not None:
            provider_id, who, ago = marker
            uniquifier = user.fs_uniquifier if who == "anna" else who
            session[security.SECOND_FACTOR] = [provider_id, uniquifier, clock.now() + (ago or 0)]
        login_user(user, remember=False)
        assert security.SECOND_FACTOR not in session
    assert completed == []


def test_a_password_login_with_its_own_authn_via_is_not_taken_for_ours(bed: Bed) -> None:
    with completions(bed) as completed, visit(bed) as user:
        session[security.SECOND_FACTOR] = ["acme", user.fs_uniquifier, clock.now()]
        login_user(user, remember=False, authn_via=["password"])
    assert completed == []


class FailingSend(Exception):
    """The mail server is away."""


def test_tf_enter_that_cannot_send_its_code_answers_and_signs_nobody_in() -> None:
    bed = bed_with(**{**TWO_FACTOR, "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["email"]})

    def send_mail(*arguments: Any, **named: Any) -> None:
        raise FailingSend

    extension(bed)._mail_util.send_mail = send_mail
    with visit(bed) as user:
        user.tf_primary_method = "email"
        user.tf_totp_secret = extension(bed).totp_factory.generate_totp_secret()
        begun = begin(user)
        assert begun is not None
        assert security.visitor() is None


# The session that a login begins with.


def test_leftovers_of_a_second_factor_go_and_the_application_s_own_keys_stay() -> None:
    bed = bed_with(**TWO_FACTOR)
    with visit(bed) as user:
        session.update(cart=[1], tf_state="ready", tf_user_id="another")
        session[security.SECOND_FACTOR] = ["other", "x", 0]
        begin(user)
        assert session["cart"] == [1]
        assert not {"tf_state", "tf_user_id", security.SECOND_FACTOR} & session.keys()


def test_only_the_keys_that_may_survive_do(bed: Bed) -> None:
    with visit(bed) as user:
        session.update(cart=[1], planted="by an attacker")
        begin(user, keep=("cart",))
        assert session["cart"] == [1]
        assert "planted" not in session
        assert session["_user_id"] == user.fs_uniquifier


def test_a_session_interface_that_can_regenerate_is_asked_to(bed: Bed) -> None:
    asked: list[Any] = []
    bed.app.session_interface.regenerate = asked.append  # type: ignore[attr-defined]
    with visit(bed) as user:
        begin(user)
        assert [dict(each) for each in asked] == [dict(session)]


# Who may not sign in.


def test_requires_confirmation_is_true_only_where_the_application_confirms_addresses() -> None:
    bed = bed_with(SECURITY_CONFIRMABLE=True)
    with visit(bed) as user:
        assert not requires_confirmation(user)
        assert security.problem(user) is None
        user.confirmed_at = None
        assert requires_confirmation(user)
        assert security.problem(user) == "Email requires confirmation."
        bed.app.config["SECURITY_LOGIN_WITHOUT_CONFIRMATION"] = True
        assert not requires_confirmation(user)
        assert security.problem(user) is None


def test_requires_confirmation_is_false_where_nobody_confirms(bed: Bed) -> None:
    with visit(bed) as user:
        user.confirmed_at = None
        assert not requires_confirmation(user)


def test_get_message_gives_a_text_and_a_category_for_what_we_say(bed: Bed) -> None:
    with visit(bed):
        for key in ("DISABLED_ACCOUNT", "CONFIRMATION_REQUIRED"):
            text, category = get_message(key)
            assert str(text).endswith(".")
            assert category == "error"


def test_get_message_follows_the_application_s_own_wording() -> None:
    bed = bed_with(SECURITY_MSG_DISABLED_ACCOUNT=("Gone.", "warning"))
    with visit(bed) as user:
        user.active = False
        assert security.problem(user) == "Gone."


def test_is_active_is_looked_at_before_anything_else(bed: Bed) -> None:
    with visit(bed) as user:
        user.active = False
        assert security.problem(user) == "Account is disabled."


@pytest.mark.parametrize(
    ("reasons", "said"),
    [(["Locked until noon."], "Locked until noon."), ([], "Account is disabled.")],
)
def test_is_locked_is_true_for_a_locked_user_and_may_say_why(
    bed: Bed, reasons: list[str], said: str
) -> None:
    def is_locked(form_error: list[str] | None = None) -> bool:
        assert form_error is not None
        form_error.extend(reasons)
        return True

    with visit(bed) as user:
        assert user.is_locked([]) is False  # 5.8.0 had it the other way round
        user.is_locked = is_locked
        assert security.problem(user) == said


# Ways in.


def test_user_password_is_none_for_a_user_who_never_had_one(bed: Bed) -> None:
    bed.add_user("bert@example.org", password=None)
    with visit(bed) as user:
        bert = row_of(bed, "bert@example.org")
        assert security.has_way_in(user)
        assert bert.password is None
        assert not security.has_way_in(bert)
        assert not security.can_reauthenticate(bert)


def test_us_totp_secrets_is_filled_once_a_unified_sign_in_is_set_up() -> None:
    bed = bed_with(**UNIFIED)
    with visit(bed) as user:
        user.password = None
        assert not user.us_totp_secrets
        assert not security.has_way_in(user)
        extension(bed).datastore.us_put_totp_secrets(user, {"authenticator": "sealed"})
        assert user.us_totp_secrets
        assert security.has_way_in(user)
        assert security.can_reauthenticate(user)
        bed.app.config["SECURITY_UNIFIED_SIGNIN"] = False
        assert not security.has_way_in(user)
        assert not security.can_reauthenticate(user)


@pytest.mark.parametrize(
    ("usage", "enabled", "as_first", "way_in", "reauthenticates"),
    [
        ("first", True, True, True, True),
        ("first", True, False, False, True),
        ("first", False, True, False, False),
        ("secondary", True, True, False, False),
        (None, True, True, False, False),
    ],
)
def test_usage_first_marks_a_passkey_that_signs_in(
    bed: Bed, usage: str | None, enabled: bool, as_first: bool, way_in: bool, reauthenticates: bool
) -> None:
    bed.app.config["SECURITY_WEBAUTHN"] = enabled
    bed.app.config["SECURITY_WAN_ALLOW_AS_FIRST_FACTOR"] = as_first
    with visit(bed) as user:
        user.password = None
        if usage:
            # Without the package webauthn the model lacks the relationship that is of this name.
            user.webauthn = [bed.WebAuthn(usage=usage)]
        assert security.has_way_in(user) is way_in
        assert security.can_reauthenticate(user) is reauthenticates
        # Flask-Security reads the same member the same way.
        assert has_webauthn(user, "first") is (usage == "first")


def test_passkeys_are_not_even_loaded_where_nobody_uses_them(bed: Bed) -> None:
    class Plain:
        password = None

        @property
        def webauthn(self) -> Any:
            raise AssertionError("asked for passkeys")

    with visit(bed):
        assert not security.has_way_in(Plain())


@pytest.mark.filterwarnings("ignore:The passwordless feature:DeprecationWarning")
def test_passwordless_is_a_way_in_for_everybody() -> None:
    bed = make_app({"SECURITY_PASSWORDLESS": True, "SOCIAL_URL_PREFIX": "/social"})
    bed.add_user(ANNA, password=None)
    with visit(bed) as user:
        assert security.has_way_in(user)


# Configuration keys, endpoints and addresses.

KEYS = {
    "SECURITY_CACHE_CONTROL",
    "SECURITY_DEFAULT_REMEMBER_ME",
    "SECURITY_FLASH_MESSAGES",
    "SECURITY_FRESHNESS",
    "SECURITY_FRESHNESS_GRACE_PERIOD",
    "SECURITY_PASSWORDLESS",
    "SECURITY_POST_LOGIN_VIEW",
    "SECURITY_UNIFIED_SIGNIN",
    "SECURITY_URL_PREFIX",
    "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR",
    "SECURITY_WEBAUTHN",
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_configuration_key_that_we_read_has_a_default(bed: Bed, key: str) -> None:
    assert key in bed.app.config


def test_every_key_that_our_code_reads_is_in_the_list_above() -> None:
    read = set()
    for path in Path(security.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and str(node.value).startswith("SECURITY_"):
                read.add(str(node.value).split()[0])
    assert read == KEYS | {"SECURITY_POST_LOGIN"}  # a name of 1.6.2's documentation alone


def test_the_old_name_of_the_view_after_a_login_counts_where_the_new_one_says_nothing() -> None:
    def view(**config: str) -> str:
        app = make_app({"SECURITY_POST_LOGIN": "/old", **config}).app
        return str(app.config["SECURITY_POST_LOGIN_VIEW"])

    assert view(SECURITY_POST_LOGIN_VIEW="/") == "/old"
    assert view(SECURITY_POST_LOGIN_VIEW="/new") == "/new"


def test_the_verify_and_login_endpoints_have_their_names(bed: Bed) -> None:
    with visit(bed):
        assert url_for("security.verify") == "/verify"
        assert security.login_url() == url_for("security.login") == "/login"


def test_a_configured_view_is_an_endpoint_or_an_address(bed: Bed) -> None:
    with visit(bed):
        assert security.after_login_url() == "/home"
        assert security.url_of("home") == "/home"
        assert security.url_of("/there?x=1") == "/there?x=1"


# The rest of security.py, which stands on documented names.


def test_nobody_is_nobody_with_and_without_an_anonymous_user() -> None:
    for config in ({}, {"SECURITY_ANONYMOUS_USER_DISABLED": True}):
        bed = bed_with(**config)
        with visit(bed):
            assert security.visitor() is None
            assert security.visitor_id() is None


def test__update_request_context_with_user_makes_a_visitor_nobody_for_this_request(
    bed: Bed,
) -> None:
    with visit(bed):
        login_user(bed.app.extensions["security"].datastore.find_user(email=ANNA))
        assert security.visitor() is not None
        before = dict(session)
        security.forget_visitor()
        assert security.visitor() is None
        assert dict(session) == before


def test_a_view_for_those_signed_in_takes_a_session_and_no_token(bed: Bed) -> None:
    bed.app.add_url_rule("/mine", "mine", security.signed_in(done))
    client = bed.app.test_client()
    answer = client.get("/mine")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/mine")
    assert client.get("/mine", headers={"Accept": "application/json"}).status_code == 401
    with visit(bed) as user:
        token = user.get_auth_token()
    assert client.get("/mine", headers={"Authentication-Token": token}).status_code != 200
    assert signed_in(bed).get("/mine").text == "done"


def test_a_view_for_everybody_passes_where_nothing_protects_forms(bed: Bed) -> None:
    bed.app.add_url_rule("/open", "open", security.unforged(done), methods=["POST"])
    assert bed.app.test_client().post("/open").text == "done"
