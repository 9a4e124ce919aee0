"""Everything with a secret in it that an application gets into its hands."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from flask import g

from flask_social.config import Settings
from flask_social.datastore.memory import MemoryConnection
from flask_social.flows.pending import Cookie, Pending
from flask_social.http import Request
from flask_social.protocols import credentials
from flask_social.sandbox import Status
from flask_social.transport import TransportOptions
from flask_social.values import Client, Flow, Intent, Secret, Token
from tests.attacks.leaks import U1, Noted, Secrets, note_grants, note_id_tokens
from tests.bed import Bed

CANARY = "a canary of this test"


@dataclasses.dataclass
class Held:
    """Objects that hold secrets, by what they are, and the secrets."""

    bed: Bed
    secrets: Secrets
    objects: dict[str, Any]

    def shown(self, look: Callable[[Any], Any]) -> dict[str, list[str]]:
        """Which objects show what, to *look*; one that does not let itself be looked at, none."""
        found = {}
        for name, each in self.objects.items():
            try:
                seen = look(each)
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                seen = f"{error} {error!r}"
            text = seen.decode("latin-1") if isinstance(seen, bytes) else str(seen)
            if kinds := self.secrets.shown_in(text):
                found[name] = kinds
        return found


@contextmanager
def handed_out(bed: Bed) -> Iterator[Held]:
    """What there is in the life of two connections, in a request of *bed*'s application."""
    secrets = Secrets()
    objects: dict[str, Any] = {}
    note_id_tokens(bed, secrets)
    secrets.add("canary", CANARY)

    @bed.social.grant_checker
    def take(grant: Any) -> None:
        objects.update(
            {f"grant of {grant.provider_id}": grant, f"flow of {grant.provider_id}": g.social_flow}
        )
        objects.update({"token": grant.token, "identity": grant.identity, "raw": grant.token.raw})

    browser = Noted(bed, secrets)
    browser.trip("/login/acme")
    browser.sign_in(U1)
    browser.trip("/connect/acme")
    browser.trip("/connect/twitter")
    objects |= {f"row {row.provider_id}": row for row in bed.rows()}
    for signal, arguments in bed.told:
        objects |= {f"{name} of {signal}": value for name, value in arguments.items()}
    note_grants(bed, secrets)
    with bed.app.test_request_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        objects |= of_the_api(bed, user) | of_the_application(bed) | by_hand()
        yield Held(bed, secrets, objects)


def of_the_api(bed: Bed, user: Any) -> dict[str, Any]:
    """Authorised sessions, and what they send and raise."""
    api = bed.social.acme.get_api(user=user)
    answer = api.get("me")
    bed.sandbox["acme"].fail("api", Status(403))
    refused = api.get("me")
    twitter = bed.social.twitter.get_api(user=user)
    return {
        "session": api,
        "auth": api.auth,
        "headers": api.headers,
        "answer": answer,
        "request": answer.request,
        "headers of the request": answer.request.headers,
        "http error": raised(refused),
        "twitter": twitter,
        "session of twitter": twitter.session,
    }


def raised(answer: Any) -> requests.HTTPError:
    with pytest.raises(requests.HTTPError) as caught:
        answer.raise_for_status()
    return caught.value


def of_the_application(bed: Bed) -> dict[str, Any]:
    """What ``social`` and ``app.extensions`` lead to."""
    made = bed.app.extensions["social"]
    return {
        "social": bed.social,
        "state": made,
        "settings": made.settings,
        "hooks": made.hooks,
        "wire": made.wire,
        "ledger": made.ledger,
        "datastore": made.datastore,
        "providers": made.providers,
        "remote app": made.acme,
        "provider": made.acme.provider,
        "client": made.acme.client,
        "transport": made.acme.transport,
    }


def by_hand() -> dict[str, Any]:
    """Values as an application, or this library, makes them of ordinary texts."""
    client = Client(id="id", secret=CANARY, private_key=CANARY)
    flow = Flow(
        provider_id="acme",
        intent=Intent.LOGIN,
        callback_url="x",
        created_at=1,
        **dict.fromkeys(("state", "code_verifier", "nonce", "request_secret"), CANARY),  # type: ignore[arg-type]
    )
    token = Token(access_token=CANARY, secret=CANARY, refresh_token=CANARY, id_token=CANARY)
    request = Request(url="https://acme.test", purpose="testing")
    return {
        "client by hand": client,
        "flow by hand": flow,
        "token by hand": token,
        "settings with a proxy": Settings(proxy=f"http://me:{CANARY}@proxy.test"),
        "transport with a proxy": TransportOptions(proxy=f"http://me:{CANARY}@proxy.test"),
        "pending": Pending(keys=[CANARY], cookies={"x": CANARY}, secure=True),
        "cookie": Cookie(name="x", value=CANARY, max_age=1, secure=True, samesite="Lax"),
        "token request": credentials.post(request, client, ""),
        "api request": credentials.bearer(request, token, client),
        "row in memory": MemoryConnection(access_token=Secret(CANARY), secret=Secret(CANARY)),
    }
