"""OpenID 2.0: an assertion is believed once the server that we asked says that it made it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import Denied, ProviderError
from flask_social.protocols.calls import from_token
from flask_social.protocols.identity import fields
from flask_social.protocols.openid2 import NS, SELECT, SREG, OpenID2
from flask_social.values import Identity, Intent

from .paper import CLIENT, Paper, answer, flow

SERVER = "https://op.example/openid"
PROVIDER = OpenID2(
    id="op",
    name="Op",
    authorize_url=SERVER,
    api_url="https://api.op.example/",
    claimed_id=r"https://op\.example/id/([0-9]+)",
    sreg=("nickname", "email"),
    profile=from_token,
    identity=fields(subject="subject", username='["sreg.nickname"]', email='["sreg.email"]'),
    email_trust="always",
)
NAMES = (
    "op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle,"
    "ns.sreg,sreg.nickname,sreg.email"
)
ASSERTED = {
    "state": "the-state",
    "openid.ns": NS,
    "openid.mode": "id_res",
    "openid.op_endpoint": SERVER,
    "openid.claimed_id": "https://op.example/id/7",
    "openid.identity": "https://op.example/id/7",
    "openid.return_to": "https://app.example/login/op?state=the-state",
    "openid.response_nonce": "2027-01-15T08:00:00Zunique",
    "openid.assoc_handle": "its-own",
    "openid.ns.sreg": SREG,
    "openid.sreg.nickname": "ada",
    "openid.sreg.email": "ada@example.com",
    "openid.signed": NAMES,
    "openid.sig": "its-signature",
}
VALID = b"ns:http://specs.openid.net/auth/2.0\nis_valid:true\n"


def complete(said: Any = None, **changes: Any) -> tuple[Identity, Paper]:
    """What comes of the assertion with *changes*; ``...`` leaves a member out."""
    send = Paper({SERVER: said or answer(VALID, media="text/plain")})
    changed = {**ASSERTED, **{f"openid.{name}": value for name, value in changes.items()}}
    params = {name: value for name, value in changed.items() if value is not ...}
    return PROVIDER.complete(CLIENT, flow(), params, send).identity, send


def refused(code: str, said: Any = None, **changes: Any) -> None:
    with pytest.raises(ProviderError, match=code):
        complete(said, **changes)


def test_people_are_sent_away_with_our_state_inside_return_to() -> None:
    sent, url = PROVIDER.begin(CLIENT, flow(state=""), Paper({}))
    assert url.startswith(f"{SERVER}?")
    assert {name: value for name, [value] in parse_qs(urlsplit(url).query).items()} == {
        "openid.ns": NS,
        "openid.mode": "checkid_setup",
        "openid.claimed_id": SELECT,
        "openid.identity": SELECT,
        "openid.return_to": f"https://app.example/login/op?state={sent.state}",
        "openid.realm": "https://app.example/",
        "openid.ns.sreg": SREG,
        "openid.sreg.optional": "nickname,email",
    }
    assert len(sent.state) == 43
    assert sent.key == sent.state


def test_a_server_that_knows_nothing_of_people_is_not_asked_for_it() -> None:
    plain = OpenID2(id="op", name="Op", authorize_url=SERVER)
    assert "sreg" not in plain.begin(CLIENT, flow(), Paper({}))[1]


def test_it_cannot_prove_that_somebody_is_there_now() -> None:
    with pytest.raises(Denied, match="cannot_verify"):
        PROVIDER.begin(CLIENT, flow(intent=Intent.VERIFY), Paper({}))


def test_an_assertion_is_shown_to_the_server_as_it_came() -> None:
    identity, send = complete()
    assert (identity.subject, identity.username) == ("7", "ada")
    assert (identity.email, identity.email_verified) == ("ada@example.com", True)
    [asked] = send.sent
    shown = {name: value for name, value in ASSERTED.items() if name != "state"}
    assert asked.method == "POST"
    assert asked.form == {**shown, "openid.mode": "check_authentication"}


def test_no_token_comes_of_it() -> None:
    send = Paper({SERVER: answer(VALID, media="text/plain")})
    token = PROVIDER.complete(CLIENT, flow(), ASSERTED, send).token
    assert (token.access_token, token.refresh_token, token.secret) == ("", None, None)
    assert PROVIDER.revoke(CLIENT, token, send) is False


def test_a_profile_is_asked_for_by_the_id_alone() -> None:
    public = OpenID2(
        id="op",
        name="Op",
        authorize_url=SERVER,
        api_url="https://api.op.example/",
        claimed_id=PROVIDER.claimed_id,
        profile_call="people/{token.subject}",
        identity=fields(subject="id"),
    )
    page = "https://api.op.example/people/7"
    send = Paper({SERVER: answer(VALID, media="text/plain"), page: answer({"id": 7})})
    assert public.complete(CLIENT, flow(), ASSERTED, send).identity.subject == "7"
    assert (send.sent[1].url, "Authorization" in send.sent[1].headers) == (page, False)


def test_a_pattern_without_a_group_makes_the_whole_the_id() -> None:
    whole = OpenID2(
        id="op",
        name="Op",
        authorize_url=SERVER,
        claimed_id=r"https://op\.example/id/[0-9]+",
        profile=from_token,
        identity=fields(subject="subject"),
    )
    send = Paper({SERVER: answer(VALID, media="text/plain")})
    identity = whole.complete(CLIENT, flow(), ASSERTED, send).identity
    assert identity.subject == "https://op.example/id/7"


@pytest.mark.parametrize(
    "said",
    [
        answer(b"is_valid:false\n"),
        answer(b"ns:x\n"),
        answer(b""),
        answer(b"is_valid: true\n"),
        answer(b"is_valid:true "),
        answer(b"xis_valid:true"),
    ],
)
def test_a_server_that_did_not_make_it_is_believed(said: Any) -> None:
    refused("invalid_grant", said)


@pytest.mark.parametrize(
    "said",
    [
        answer(VALID, 400),
        answer(VALID, 302),
        answer(b"is_valid:false\nis_valid:true\n"),
        answer(b"is_valid:true\n\xff"),
    ],
)
def test_an_answer_that_nobody_can_read_is_no_yes(said: Any) -> None:
    refused("bad_answer", said)


def test_cancelling_is_told_apart() -> None:
    with pytest.raises(Denied, match="denied"):
        complete(mode="cancel")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_error", {"mode": "error"}),
        ("bad_answer", {"mode": "setup_needed"}),
        ("bad_answer", {"mode": ...}),
        ("bad_answer", {"ns": "http://openid.net/signon/1.1"}),
        ("bad_answer", {"ns": ...}),
        ("bad_answer", {"op_endpoint": "https://evil.example/openid"}),
        ("bad_answer", {"return_to": "https://app.example/login/op?state=another"}),
        ("bad_answer", {"return_to": "https://app.example/login/op"}),
        ("bad_answer", {"return_to": "https://evil.example/login/op?state=the-state"}),
        ("no_subject", {"claimed_id": "https://evil.example/id/7"}),
        ("no_subject", {"claimed_id": "https://op.example/id/7/"}),
        ("no_subject", {"claimed_id": "https://op.example/id/7\n"}),
        ("no_subject", {"claimed_id": "https://op.example/id/\u0667"}),
        ("no_subject", {"claimed_id": "https://op.example.evil.example/id/7"}),
        ("no_subject", {"identity": "https://op.example/id/8"}),
    ],
)
def test_what_is_not_this_server_s_or_not_for_this_trip_is_refused_unasked(
    code: str, changes: dict[str, Any]
) -> None:
    refused(code, AssertionError("nobody is to be asked"), **changes)


@pytest.mark.parametrize(
    "name",
    ["op_endpoint", "return_to", "response_nonce", "assoc_handle", "claimed_id", "identity"],
)
def test_what_is_not_signed_or_not_there_is_no_assertion(name: str) -> None:
    left = ",".join(each for each in NAMES.split(",") if each != name)
    refused("bad_answer", AssertionError("nobody is to be asked"), signed=left)
    refused("bad_answer", AssertionError("nobody is to be asked"), **{name: ...})


def test_nothing_signed_is_nothing_asserted() -> None:
    refused("bad_answer", signed=...)


def test_what_is_not_signed_is_not_told() -> None:
    identity, _ = complete(signed=NAMES.replace(",sreg.email", ""))
    assert (identity.username, identity.email, identity.email_verified) == ("ada", None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"ns.sreg": "http://evil.example/extension"},
        {"ns.sreg": ...},
        {"signed": NAMES.replace("ns.sreg,", "")},
    ],
)
def test_another_extension_under_its_name_is_not_taken_for_it(changes: dict[str, Any]) -> None:
    identity, _ = complete(**changes)
    assert (identity.subject, identity.username, identity.email) == ("7", None, None)


def test_the_subject_is_never_what_a_server_calls_so() -> None:
    identity, _ = complete(subject="8", signed=f"{NAMES},subject")
    assert identity.subject == "7"


@pytest.mark.parametrize("nonce", ["2027-01-15T07:49:00Z", "2027-01-15T08:01:00Zx"])
def test_a_clock_may_differ_a_little(nonce: str) -> None:
    assert complete(response_nonce=nonce)[0].subject == "7"


@pytest.mark.parametrize(
    "nonce",
    [
        "2027-01-15T07:48:59Z",
        "2027-01-15T08:01:01Z",
        "2027-13-15T08:00:00Z",
        "2027-01-15 08:00:00Z",
        "2027-01-15T08:00:00",
        "",
        "x2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00Z" + 236 * "x",
    ],
)
def test_an_assertion_that_is_not_of_now_is_refused(nonce: str) -> None:
    refused("bad_answer", AssertionError("nobody is to be asked"), response_nonce=nonce)


def test_a_sandbox_plays_it() -> None:
    moved = PROVIDER.moved_to("http://localhost:1/")
    assert moved.authorize_url == "http://localhost:1/op/authorize"
    assert moved.api_url == "http://localhost:1/op/api/"
    assert PROVIDER.moved_to("http://localhost:1/", "other").played_at == "http://localhost:1/other"


def test_what_an_assertion_says_of_the_trip_is_not_kept_of_the_person() -> None:
    send = Paper({SERVER: answer(VALID, media="text/plain")})
    asserted = {**ASSERTED, "openid.signed": f"{NAMES},sig"}
    grant = PROVIDER.complete(CLIENT, flow(), asserted, send)
    for raw in (grant.token.raw, grant.identity.raw):
        assert {"return_to", "response_nonce", "assoc_handle", "sig"}.isdisjoint(raw)
        assert "the-state" not in str(raw)
        assert raw["sreg.nickname"] == "ada"
