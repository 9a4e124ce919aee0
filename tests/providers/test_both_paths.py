"""A stock provider's configuration comes to the same, judged without its file or with it.

What reading it at the start would refuse, the start refuses: a key that is missing or no text, one
that nobody knows, a place that nothing fits, plain http, another id; and what is refused by the
protocol itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from flask_social import providers, unread
from flask_social.client_keys import CLIENT_KEYS
from flask_social.errors import ConfigurationError
from flask_social.registration import register
from tests.providers.golden import settings

TEXTS = (None, "", "two\nlines", " blank", 7, ["x"])
"""What somebody may write for a key, and should not."""
PLACES = (
    True, {"x": "y"}, "X.Example", "x.example:8443", "x.example:99999", "https://x.example",
    "http://x.example", "https://ada:canary@x.example/", "..", "a/b", "{host}", "-",
)  # fmt: skip
"""The same for what stands in addresses: right for some, and wrong for most."""
MORE: tuple[dict[str, Any], ...] = (
    {"scops": ["x"]}, {"id": "another"}, {"module": "os"}, {"private_key": "no key"},
    {"key_id": 7}, {"token_endpoint_auth_method": "none"}, {"name": ""}, {"email_trust": "maybe"},
    {"per_visitor": True},
)  # fmt: skip
"""What they may write besides."""
AT_SANDBOX = "http://localhost:5001/"


def variants(options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """*options*, and what becomes of them by one mistake, or one change."""
    yield dict(options)
    for name in options:
        yield {each: value for each, value in options.items() if each != name}
        for value in TEXTS if name in CLIENT_KEYS else (*TEXTS, *PLACES):
            yield {**options, name: value}
    for more in MORE:
        yield {**options, **more}


def outcome(name: str, options: Mapping[str, Any], **how: Any) -> Any:
    """The provider, its client and its name; or what stops the start."""
    try:
        made = register(name, options, **how)
    except ConfigurationError as error:
        return str(error)
    before = made.name, made.color, made.module  # as a page of buttons has them
    return made.client, made.provider, before, (made.name, made.color, made.module)


@pytest.mark.parametrize("provider_id", providers.names())
def test_it_comes_to_the_same(provider_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = settings(provider_id)
    cases: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (provider_id, each, {"sandbox_url": None, "allow_http": False})
        for each in variants(options)
    ]
    at_sandbox = {"sandbox_url": AT_SANDBOX, "allow_http": True}
    cases.append(("acme", {**options, "provider": provider_id}, at_sandbox))
    lazy = [outcome(name, each, **how) for name, each, how in cases]
    monkeypatch.setattr(unread, "judge", lambda *_: None)
    for (name, each, how), found in zip(cases, lazy, strict=True):
        assert found == outcome(name, each, **how), each
    assert not isinstance(lazy[0], str)
    assert any(isinstance(each, str) for each in lazy)
