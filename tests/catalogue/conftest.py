"""One application that is registered at every provider, and the sandbox that plays them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from flask_social import providers
from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox, sandbox
from tests.bed import Bed, Browser, make_app, served
from tests.providers.golden import OPENING, SIGNING, settings

PLAYED = providers.names()
U1 = "one@example.org"


@pytest.fixture(scope="module")
def box() -> Iterator[ServedSandbox]:
    """The sandbox, where whoever comes is the person of the golden files."""
    with sandbox() as box:
        box.login_as("sample")
        for name in PLAYED:
            chosen = settings(name)
            known = Client(
                id=chosen["consumer_key"],
                secret=chosen.get("consumer_secret"),
                public_key=public_key(name),
                encryption_key=json.dumps(OPENING.as_dict(private=False)),
            )
            box[name].register_client(known)
        yield box


def public_key(provider_id: str) -> str | None:
    """What the application registers there in place of a secret, if it signs."""
    key = SIGNING.get(provider_id)
    return None if key is None else json.dumps(key.as_dict(private=False))


@pytest.fixture(scope="module")
def bed(box: ServedSandbox) -> Iterator[Bed]:
    """The application, served, with a user."""
    configured = {f"SOCIAL_{name.upper()}": settings(name) for name in PLAYED}
    bed = make_app(
        {
            "SOCIAL_SANDBOX": box.url,
            "SOCIAL_CONNECT_DENY_REDIRECT": "/declined",
            "SOCIAL_FLASH_MESSAGES": False,  # no page is shown here that would take them away
            **configured,
        }
    )
    bed.sandbox = box
    with served(bed) as bed:
        bed.add_user(U1)
        yield bed


@pytest.fixture(scope="module")
def browser(bed: Bed) -> Iterator[Browser]:
    """The user's browser, who has signed in by password."""
    browser = bed.browser().sign_in(U1)
    yield browser
    browser.hang_up()
