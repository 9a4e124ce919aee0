"""Every module of the Foundation's plans is a test of its name, or has a reason why it is none."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.conformance import NOT_OFFERED

BASIC = """
    - -invalid-iss -missing-sub -invalid-aud -missing-iat -kid-absent-single-jwks
    -kid-absent-multiple-jwks -idtoken-sig-rs256 -idtoken-sig-none -invalid-sig-rs256
    -userinfo-bearer-header -userinfo-bearer-body -userinfo-invalid-sub -nonce-invalid
    -scope-userinfo-claims -client-secret-basic
"""
CONFIG = """
    -discovery-openid-config -discovery-jwks-uri-keys -discovery-issuer-mismatch -idtoken-sig-none
    -signing-key-rotation-just-before-signing -signing-key-rotation
"""
REFRESH = "-refresh-token -refresh-token-invalid-issuer -refresh-token-invalid-sub"
EXTRAS = """
    -missing-aud -invalid-sig-hs256 -invalid-sig-es256 -invalid-athash -missing-athash
    -invalid-chash -missing-chash -nonce-unless-code-flow -aggregated-claims -distributed-claims
    -mtls-endpoint-aliases -discovery-webfinger-acct -discovery-webfinger-url
    -dynamic-registration -request-uri-signed-rs256 -request-uri-signed-none -userinfo-signed
    -3rd-party-init-login
"""
LOGOUT = """
    -rp-init-logout -rp-init-logout-other-state -rp-init-logout-no-state
    -rp-backchannel-rpinitlogout -rp-backchannel-rpinitlogout-alg-none
    -rp-backchannel-rpinitlogout-no-event -rp-backchannel-rpinitlogout-with-nonce
    -rp-backchannel-rpinitlogout-wrong-alg -rp-backchannel-rpinitlogout-wrong-aud
    -rp-backchannel-rpinitlogout-wrong-event -rp-backchannel-rpinitlogout-wrong-iss
"""
PLANS: dict[str, tuple[str, str]] = {
    "basic": (BASIC, "test_basic_and_config_rp.py"),
    "config": (CONFIG, "test_basic_and_config_rp.py"),
    "form post basic": (f"{BASIC} -form-post-error", "test_formpost_basic_rp.py"),
    "refresh": (REFRESH, "test_refresh_token_rp.py"),
    "extras": (EXTRAS, "test_extras.py"),
    "logout": (LOGOUT, ""),
}
"""What a plan holds, each name without the ``oidcc-client-test`` that all begin with, and the
file where it is tried."""


def names(plan: str) -> set[str]:
    return {f"oidcc-client-test{each}".rstrip("-") for each in PLANS[plan][0].split()}


def tried(file: str) -> set[str]:
    """The modules that *file* has a test of."""
    lines = (Path(__file__).parent / file).read_text().splitlines() if file else []
    tests = [line.removeprefix("def test_").partition("(")[0] for line in lines]
    return {each.replace("_", "-") for each in tests if each.startswith("oidcc_client_test")}


@pytest.mark.parametrize("plan", PLANS)
def test_every_module_of_a_plan_is_tried_or_told_why_not(plan: str) -> None:
    found = tried(PLANS[plan][1])
    assert names(plan) - found - NOT_OFFERED.keys() == set()
    assert found.isdisjoint(NOT_OFFERED)


def test_there_is_no_other_name() -> None:
    known = set().union(*map(names, PLANS))
    by_file: defaultdict[str, set[str]] = defaultdict(set)
    for plan, (_, file) in PLANS.items():
        by_file[file] |= names(plan)
    assert NOT_OFFERED.keys() <= known
    assert all(NOT_OFFERED.values())
    for file, allowed in by_file.items():
        assert tried(file) <= allowed
