"""One provider, many tenants: whose a token is, ``tid`` tells, and ``iss`` has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import Key

from flask_social.errors import ConfigurationError, Denied, ProviderError, ProviderUnavailable
from flask_social.protocols.identity import fields
from flask_social.protocols.refreshing import Known
from flask_social.protocols.tenants import CONSUMERS, TENANT, MultiTenant
from flask_social.values import Grant, Token

from .paper import CLIENT, Paper, answer, claims, flow, public, rsa, sign

HOST = "https://login.example"
MINE = "11111111-2222-3333-4444-555555555555"
OTHER = "66666666-7777-8888-9999-aaaaaaaaaaaa"
SHARED = MultiTenant(
    id="many",
    name="Many",
    issuer=f"{HOST}/common/v2.0",
    identity=fields(subject="oid", name="name", email="email", email_verified="proved"),
)
ONE = replace(SHARED, issuer=f"{HOST}/{MINE}/v2.0")


def of(tenant: Any = MINE, **changes: Any) -> dict[str, Any]:
    """The claims of somebody of *tenant*."""
    theirs = {"iss": f"{HOST}/{tenant}/v2.0", "tid": tenant, "oid": "person-1", "name": "Ada"}
    return claims(**{**theirs, **changes})


def network(
    told: dict[str, Any],
    provider: MultiTenant = SHARED,
    keys: Sequence[dict[str, Any]] = (),
    key: Key | None = None,
) -> Paper:
    """The provider, whose token endpoint has *told* claims to give."""
    home = f"{HOST}/oauth2"
    metadata = {
        "issuer": provider.announced,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "jwks_uri": f"{home}/keys",
    }
    granted = {"access_token": "granted", "token_type": "Bearer", "refresh_token": "next"}
    return Paper(
        {
            f"{provider.issuer}/.well-known/openid-configuration": answer(metadata),
            f"{home}/token": answer({**granted, "id_token": sign(told, key)}),
            f"{home}/keys": answer({"keys": list(keys) or [public(rsa())]}),
        }
    )


def complete(told: dict[str, Any], provider: MultiTenant = SHARED, **others: Any) -> Grant:
    return provider.complete(CLIENT, flow(), {"code": "c"}, network(told, provider, **others))


def refusal(told: dict[str, Any], provider: MultiTenant = SHARED, **others: Any) -> str:
    with pytest.raises(ProviderError) as stopped:
        complete(told, provider, **others)
    return stopped.value.code


# Whose it is


def test_a57_the_tenant_is_part_of_who_somebody_is() -> None:
    mine, theirs = complete(of(MINE)).identity, complete(of(OTHER)).identity
    assert (mine.subject, mine.issuer) == (f"{MINE}.person-1", f"{HOST}/{MINE}/v2.0")
    assert (theirs.subject, theirs.issuer) == (f"{OTHER}.person-1", f"{HOST}/{OTHER}/v2.0")


@pytest.mark.parametrize(
    "changes",
    [
        {"tid": OTHER},
        {"iss": f"{HOST}/{OTHER}/v2.0"},
        {"iss": f"{HOST}/{TENANT}/v2.0"},
        {"iss": f"{HOST}/common/v2.0"},
        {"iss": f"{HOST}/{MINE}/v2.0/"},
        {"iss": None},
        {"iss": ...},
        {"tid": ...},
        {"tid": None},
        {"tid": [MINE]},
        {"tid": MINE.upper().replace("1", "A"), "iss": f"{HOST}/{MINE}/v2.0"},
        {"tid": "common", "iss": f"{HOST}/common/v2.0"},
        {"tid": f"{MINE}/v2.0?", "iss": f"{HOST}/{MINE}/v2.0?/v2.0"},
        {"tid": TENANT, "iss": f"{HOST}/{TENANT}/v2.0"},
    ],
)
@pytest.mark.parametrize("provider", [SHARED, ONE], ids=["shared", "one"])
def test_a57_issuer_and_tenant_have_to_agree(
    provider: MultiTenant, changes: dict[str, Any]
) -> None:
    assert refusal(of(MINE, **changes), provider) == "bad_id_token"


def test_one_tenant_is_that_one_alone() -> None:
    assert complete(of(MINE), ONE).identity.subject == f"{MINE}.person-1"
    assert refusal(of(OTHER), ONE) == "bad_id_token"


def test_an_identity_of_the_operators_has_the_tenant_in_it_as_well() -> None:
    found = complete(of(MINE), replace(SHARED, identity=None)).identity
    assert found.subject == f"{MINE}.person-1", "of the claim sub"


@pytest.mark.parametrize(
    ("shared", "named"),
    [("common", TENANT), ("organizations", TENANT), ("consumers", CONSUMERS), (MINE, MINE)],
)
def test_the_metadata_name_a_template_where_they_are_several(shared: str, named: str) -> None:
    provider = replace(SHARED, issuer=f"{HOST}/{shared}/v2.0")
    assert provider.announced == f"{HOST}/{named}/v2.0"
    tenant = CONSUMERS if shared == "consumers" else MINE
    assert complete(of(tenant), provider).identity.subject == f"{tenant}.person-1"
    send = network(of(tenant), provider)
    send.answers[f"{provider.issuer}/.well-known/openid-configuration"] = answer(
        {"issuer": f"{HOST}/{OTHER}/v2.0"}
    )
    with pytest.raises(ProviderUnavailable, match="wrong_issuer"):
        provider.begin(CLIENT, flow(), send)


def test_personal_accounts_are_of_no_organization() -> None:
    organizations = replace(SHARED, issuer=f"{HOST}/organizations/v2.0")
    with pytest.raises(Denied, match="refused"):
        complete(of(CONSUMERS), organizations)
    assert complete(of(CONSUMERS)).identity.subject == f"{CONSUMERS}.person-1"
    consumers = replace(SHARED, issuer=f"{HOST}/consumers/v2.0")
    assert refusal(of(MINE), consumers) == "bad_id_token"
    assert refusal(of(MINE, iss=f"{HOST}/{CONSUMERS}/v2.0"), consumers) == "bad_id_token"


# Who may come


def test_a57_only_tenants_on_the_list_come_in() -> None:
    provider = replace(SHARED, tenants=(MINE.upper(),))
    assert complete(of(MINE), provider).identity.issuer == f"{HOST}/{MINE}/v2.0"
    with pytest.raises(Denied, match="refused"):
        complete(of(OTHER), provider)


def test_required_claims_count_beside_the_tenant() -> None:
    provider = replace(SHARED, tenants=(MINE,), required_claims=("groups=staff",))
    assert complete(of(MINE, groups=["staff"]), provider).identity.subject
    with pytest.raises(Denied, match="groups"):
        complete(of(MINE), provider)


@pytest.mark.parametrize("tenants", [(), ("acme.example",), ("common",), ("",), (f"{MINE} ",)])
def test_a_list_that_cannot_be_meant_stops_the_start(tenants: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="tenants"):
        replace(SHARED, tenants=tenants)


def test_trusted_tenants_are_ids_as_well() -> None:
    with pytest.raises(ConfigurationError, match="trusted_tenants"):
        replace(SHARED, trusted_tenants=("acme.example",))


# Whose address it is


@pytest.mark.parametrize("flag", [..., False, "false", 0, 1, None, "1", "yes"])
def test_a57_an_address_that_a_tenants_operator_wrote_there_is_not_verified(flag: Any) -> None:
    identity = complete(of(OTHER, email="victim@example.org", proved=flag)).identity
    assert (identity.email, identity.email_verified) == ("victim@example.org", False)


def test_an_address_counts_by_its_flag_or_in_a_tenant_that_is_trusted() -> None:
    address = {"email": "ada@example.org"}
    assert complete(of(OTHER, **address, proved=True)).identity.email_verified
    provider = replace(SHARED, trusted_tenants=(MINE,))
    assert complete(of(MINE, **address), provider).identity.email_verified
    assert not complete(of(OTHER, **address), provider).identity.email_verified
    assert not complete(of(MINE), provider).identity.email_verified, "there is none"


# Whose keys they are


@pytest.mark.parametrize("issuer", [None, f"{HOST}/{TENANT}/v2.0", f"{HOST}/{MINE}/v2.0"])
def test_a_key_may_say_of_which_issuer_it_is(issuer: str | None) -> None:
    keys = [public(rsa(), issuer=issuer)]
    assert complete(of(MINE), keys=keys).identity.subject == f"{MINE}.person-1"


@pytest.mark.parametrize("issuer", [f"{HOST}/{OTHER}/v2.0", "https://elsewhere.example", "", 1])
def test_a_key_of_another_issuer_signs_nothing_here(issuer: Any) -> None:
    others = public(rsa("two"), issuer=None)
    keys = [public(rsa(), issuer=issuer), others]
    assert refusal(of(MINE), keys=keys) == "bad_id_token"


def test_a_key_with_an_issuer_signs_for_no_token_without_a_tenant() -> None:
    keys = [public(rsa(), issuer=f"{HOST}/{MINE}/v2.0")]
    assert refusal(of(MINE, tid=...), keys=keys) == "bad_id_token"


# The callback


def test_an_issuer_in_the_callback_is_any_tenants() -> None:
    send = network(of(MINE))
    for issuer in (f"{HOST}/{MINE}/v2.0", f"{HOST}/{OTHER}/v2.0"):
        SHARED.complete(CLIENT, flow(), {"code": "c", "iss": issuer}, send)
    for issuer in (f"{HOST}/{MINE}", f"{HOST}/common/v2.0", f"https://evil.example/{MINE}/v2.0"):
        with pytest.raises(ProviderError, match="wrong_iss"):
            SHARED.complete(CLIENT, flow(), {"code": "c", "iss": issuer}, send)
    other = {"code": "c", "iss": f"{HOST}/{OTHER}/v2.0"}
    with pytest.raises(ProviderError, match="wrong_iss"):
        ONE.complete(CLIENT, flow(), other, network(of(MINE), ONE))


# Refreshing


def kept(tenant: str = MINE, **changes: Any) -> Token:
    """What is stored of somebody of *tenant*."""
    told = of(tenant, **changes)
    return Token(access_token="old", refresh_token="spent", id_token=sign(told))


def refresh(
    told: dict[str, Any],
    provider: MultiTenant = SHARED,
    *,
    token: Token | None = None,
    known: Known | None = None,
) -> tuple[Token, Paper]:
    send = network(told, provider)
    known = known or Known(subject=f"{MINE}.person-1", issuer=f"{HOST}/{MINE}/v2.0")
    return provider.refresh(CLIENT, token or kept(), known, send), send


@pytest.mark.parametrize("provider", [SHARED, ONE, replace(SHARED, tenants=(MINE,))])
def test_a_token_is_refreshed_for_the_tenant_that_it_is_of(provider: MultiTenant) -> None:
    token, _ = refresh(of(MINE), provider)
    assert (token.access_token, token.refresh_token) == ("granted", "next")


def test_a57_a_refresh_for_another_tenant_is_one_for_somebody_else() -> None:
    for token in (kept(), replace(kept(), id_token=None)):
        with pytest.raises(ProviderError) as stopped:
            refresh(of(OTHER), token=token)
        assert stopped.value.code == "changed"
    with pytest.raises(ProviderError) as stopped:
        refresh(of(MINE, tid=OTHER))
    assert stopped.value.code == "changed"


def test_a57_a_tenant_that_is_taken_off_the_list_is_refreshed_no_more() -> None:
    provider = replace(SHARED, tenants=(OTHER,))
    send = network(of(MINE), provider)
    known = Known(subject=f"{MINE}.person-1", issuer=f"{HOST}/{MINE}/v2.0")
    with pytest.raises(ProviderError) as stopped:
        provider.refresh(CLIENT, kept(), known, send)
    assert stopped.value.code == "issuer_changed"
    assert send.sent == []
    bare = Known(subject=f"{MINE}.person-1")
    with pytest.raises(ProviderError, match="issuer_changed"):
        provider.refresh(CLIENT, kept(), bare, send)


def test_a_row_of_another_issuer_is_refreshed_nowhere() -> None:
    for issuer in ("https://elsewhere.example", f"{HOST}/common/v2.0"):
        known = Known(subject=f"{MINE}.person-1", issuer=issuer)
        with pytest.raises(ProviderError, match="issuer_changed"):
            refresh(of(MINE), known=known)


def test_a_refresh_without_an_id_token_goes_by_what_is_stored() -> None:
    send = network(of(MINE))
    send.answers[f"{HOST}/oauth2/token"] = answer(
        {"access_token": "granted", "token_type": "Bearer"}
    )
    known = Known(subject=f"{MINE}.person-1", issuer=f"{HOST}/{MINE}/v2.0")
    token = SHARED.refresh(CLIENT, kept(), known, send)
    assert (token.access_token, token.id_token) == ("granted", kept().id_token)


def test_a_refresh_tells_who_it_is_where_nothing_of_before_does() -> None:
    token, _ = refresh(of(MINE), token=replace(kept(), id_token=None))
    assert token.access_token == "granted"
    with pytest.raises(ProviderError) as stopped:
        refresh(of(MINE, oid="person-2"), token=replace(kept(), id_token=None))
    assert stopped.value.code == "changed"


def test_a_sandbox_plays_every_tenant() -> None:
    home = "http://localhost:5001/many"
    for provider in (SHARED, ONE):
        moved = provider.moved_to("http://localhost:5001/")
        assert moved.announced == f"{home}/{TENANT}/v2.0"
        send = network(of(MINE, iss=f"{home}/{MINE}/v2.0"), moved)
        pages = {page.partition("/.well-known")[0]: each for page, each in send.answers.items()}
        send.answers[f"{home}/.well-known/openid-configuration"] = pages[moved.issuer]
        found = moved.complete(CLIENT, flow(), {"code": "c"}, send).identity
        assert (found.subject, found.issuer) == (f"{MINE}.person-1", f"{home}/{MINE}/v2.0")


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", MINE, MINE.upper()])
def test_a_tenant_is_an_id_or_stands_for_several(tenant: str) -> None:
    assert replace(SHARED, places={"tenant": tenant}).places["tenant"] == tenant


@pytest.mark.parametrize("tenant", ["acme.onmicrosoft.com", "Common", "", f"{MINE}0"])
def test_a_tenant_s_domain_is_refused_at_the_start(tenant: str) -> None:
    with pytest.raises(ConfigurationError, match="a tenant's id, or one of common"):
        replace(SHARED, places={"tenant": tenant})
