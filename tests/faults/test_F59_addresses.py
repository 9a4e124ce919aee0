"""F59: base URLs and the headers of proxies are not as they seem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.bed import Bed, query_of

U1 = "one@example.org"
MakeBed = Callable[..., Bed]


def set_out(bed: Bed, headers: dict[str, str], **config: Any) -> str:
    answer = bed.app.test_client().post("/login/plain", headers=headers, **config)
    assert answer.status_code == 303
    return query_of(answer.headers["Location"])["redirect_uri"]


FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "4443",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-For": "127.0.0.1",
    "X-Original-Host": "evil.example",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-HTTP-Method-Override": "DELETE",
    "Forwarded": "host=evil.example;proto=https;for=127.0.0.1",
}


def test_F59_headers_of_a_proxy_that_is_not_there_change_no_address(bed: Bed) -> None:
    assert set_out(bed, FORWARDED, base_url=bed.url) == f"{bed.url}/login/plain"
    browser = bed.browser()
    start = browser.post("/login/plain", headers=FORWARDED)
    [cookie] = [each for each in browser.http.cookies if "social-flow" in each.name]
    assert (cookie.name.startswith("social-"), cookie.secure) == (True, False)
    callback = browser.at_provider(start.headers["Location"])
    assert browser.get(callback, headers=FORWARDED).headers["Location"] == "/login"
    assert bed.calls("plain") == 1


def test_F59_nor_do_they_make_another_site_this_one(bed: Bed) -> None:
    answer = bed.browser().post(
        "/login/plain", headers={**FORWARDED, "Origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_F59_with_one_proxy_too_many_trusted_the_base_url_still_holds(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_APP_URL="https://app.example")
    bed.app.wsgi_app = ProxyFix(bed.app.wsgi_app, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    assert set_out(bed, {"X-Forwarded-Host": "evil.example"}) == "https://app.example/login/plain"


def test_F59_whatever_host_is_asked_the_provider_knows_the_base_url(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_APP_URL="https://app.example")
    for host in ("app.example", "other.example", "evil.example:4443", "10.0.0.1"):
        for scheme in ("http", "https"):
            known = set_out(bed, {}, base_url=f"{scheme}://{host}")
            assert known == "https://app.example/login/plain"


def test_F59_a_trip_behind_a_tls_proxy_that_says_nothing_works_by_the_base_url(
    make_bed: MakeBed,
) -> None:
    bed = make_bed(SOCIAL_APP_URL="https://app.example")
    bed.add_user(U1)
    client = bed.app.test_client()
    start = client.post("/login/plain", base_url="http://app.example")
    [cookie] = start.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-social-flow-")
    assert "Secure" in cookie


@pytest.mark.parametrize("debug", [True, False])
def test_F59_a_trip_that_began_at_another_host_is_explained_in_debug_alone(
    make_bed: MakeBed, debug: bool
) -> None:
    bed = make_bed()
    bed.app.debug = debug
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))

    answer = browser.get(callback.replace("127.0.0.1", "localhost"))

    assert answer.status_code == 400
    assert "not started in this browser" in answer.text
    assert ("SOCIAL_APP_URL is not set" in answer.text) is debug
    assert ("the host where it began" in answer.text) is debug
    assert bed.calls("acme") == 0
    assert browser.get(callback).status_code == 303


def test_F59_no_other_error_explains_itself(bed: Bed) -> None:
    bed.app.debug = True
    answer = bed.browser().get("/login/nobody")
    assert answer.status_code == 404
    assert "debug" not in answer.text
