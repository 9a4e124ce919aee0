"""Callback addresses: SOCIAL_APP_URL, SERVER_NAME, hosts, mounts and prefixes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.bed import Bed, make_app, query_of, usual_config


def redirect_uri(bed: Bed, *, script_root: str = "", base_url: str = "http://inside:8000") -> str:
    prefix = bed.app.config.get("SOCIAL_URL_PREFIX") or ""
    answer = bed.app.test_client().post(
        f"{prefix}/login/plain",
        base_url=base_url + script_root,
    )
    assert answer.status_code == 303
    return query_of(answer.headers["Location"])["redirect_uri"]


@pytest.mark.parametrize(
    ("config", "script_root", "expected"),
    [
        ({}, "", "http://inside:8000/login/plain"),
        ({}, "/mount", "http://inside:8000/mount/login/plain"),
        ({"SOCIAL_URL_PREFIX": "/social"}, "/mount", "http://inside:8000/mount/social/login/plain"),
        ({"SERVER_NAME": "named.example"}, "", "http://named.example/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example"}, "", "https://app.example/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/"}, "/m", "https://app.example/m/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/m"}, "/m", "https://app.example/m/login/plain"),
        ({"SOCIAL_APP_URL": "https://app.example/m"}, "", "https://app.example/m/login/plain"),
        (
            {"SOCIAL_APP_URL": "https://app.example", "SOCIAL_URL_PREFIX": "/social"},
            "",
            "https://app.example/social/login/plain",
        ),
        ({"SOCIAL_BLUEPRINT_NAME": "accounts"}, "", "http://inside:8000/login/plain"),
    ],
)
def test_the_redirect_uri_is_exact(
    make_bed: Callable[..., Bed], config: dict[str, Any], script_root: str, expected: str
) -> None:
    assert redirect_uri(make_bed(**config), script_root=script_root) == expected


def test_a_host_that_is_not_trusted_is_refused(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(TRUSTED_HOSTS=["good.example"])
    assert redirect_uri(bed, base_url="http://good.example") == "http://good.example/login/plain"
    answer = bed.app.test_client().post("/login/plain", base_url="http://evil.example")
    assert answer.status_code == 400


def test_the_start_warns_when_any_host_is_taken(
    box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    github = {"consumer_key": "k", "consumer_secret": "s"}
    nothing = dict.fromkeys(usual_config(box.url))
    with caplog.at_level(logging.WARNING):
        make_app(
            {**nothing, "SOCIAL_GITHUB": github, "SOCIAL_APP_URL": "https://app.example"},
            testing=False,
        )
    assert "Host header" not in caplog.text
    with caplog.at_level(logging.WARNING):
        make_app({**nothing, "SOCIAL_GITHUB": github}, testing=False)
    assert "SOCIAL_APP_URL, SERVER_NAME or TRUSTED_HOSTS" in caplog.text


def test_behind_a_proxy_that_ends_tls_the_flow_cookie_is_a_host_cookie(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(SOCIAL_APP_URL="https://app.example")
    answer = bed.app.test_client().post("/login/plain", base_url="http://inside:8000")
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "social-flow" in each]
    assert cookie.startswith("__Host-social-flow-")
    assert "Secure" in cookie
