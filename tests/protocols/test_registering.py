"""An application registers itself: the form it sends, and what it takes from the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_social.errors import ProviderError
from flask_social.http import Response
from flask_social.protocols import registering
from flask_social.protocols.oauth2 import OAuth2
from flask_social.values import Secret

NOW = 1_700_000_000


def answered(status: int = 200, **members: Any) -> Response:
    body = {"client_id": "ID", "client_secret": "s3cret", **members}
    said = {name: value for name, value in body.items() if value is not None}
    headers = {"content-type": "application/json"}
    return Response(status=status, headers=headers, body=json.dumps(said).encode())


def test_the_form_says_who_asks_and_for_what() -> None:
    request = registering.request(
        "https://social.example/api/v1/apps",
        name="Acme",
        website="https://app.example",
        redirect_uris=["https://app.example/login/mastodon", "https://app.example/x"],
        scopes=["profile", "write"],
    )
    assert (request.method, request.url) == ("POST", "https://social.example/api/v1/apps")
    assert request.form == {
        "client_name": "Acme",
        "redirect_uris": "https://app.example/login/mastodon\nhttps://app.example/x",
        "scopes": "profile write",
        "website": "https://app.example",
    }


def test_without_scopes_none_are_named() -> None:
    request = registering.request(
        "https://a.example", name="", website="", redirect_uris=(), scopes=()
    )
    assert "scopes" not in (request.form or {})


@pytest.mark.parametrize("status", [200, 201])
def test_the_answer_is_who_we_are_from_now_on(status: int) -> None:
    found = registering.read(answered(status, vapid_key="x", id=7))
    assert (found.client_id, found.client_secret, found.expires_at) == ("ID", "s3cret", None)
    assert type(found.client_secret) is Secret
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        (0, None),
        (1, None),
        (True, None),
        ("4000000000", None),
        (1 << 62, None),
        (4_000_000_000, 4_000_000_000),
    ],
)
def test_a_secret_may_end(ends: Any, kept: int | None) -> None:
    assert registering.read(answered(client_secret_expires_at=ends)).expires_at == kept


@pytest.mark.parametrize("status", [202, 400, 401, 404, 422])
def test_any_other_status_is_a_refusal(status: int) -> None:
    with pytest.raises(ProviderError) as caught:
        registering.read(answered(status))
    assert (caught.value.code, caught.value.step) == ("not_registered", registering.STEP)


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
@pytest.mark.parametrize("value", [None, "", 7, ["x"], "a\nb", "\u00e9", "x" * 1_025])
def test_what_is_no_id_and_no_secret_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        registering.read(answered(**{name: value}))
    assert caught.value.code == "bad_answer"


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ProviderError) as caught:
        registering.read(Response(status=200, headers={"content-type": "text/html"}, body=b"<p>"))
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://social.example/api/v1/apps", "http://box/social/api/apps"),
        ("https://social.example/register", "http://box/social/register"),
        (None, None),
    ],
)
def test_a_sandbox_registers_applications_too(url: str | None, there: str | None) -> None:
    api = "https://social.example/api/v1/"
    provider = OAuth2(id="social", name="Social", api_url=api, register_url=url)
    assert provider.moved_to("http://box/").register_url == there
