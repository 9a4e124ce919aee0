"""Ada's connections, whose tokens expire when a test says so, and what asks for their API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from flask_social.remote import RemoteApp
from flask_social.sandbox import Provider
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config

EMAIL = "ada@example.org"


def config(box: ServedSandbox, **acme: Any) -> dict[str, Any]:
    """The usual keys, with an API for ``acme`` too."""
    usual = usual_config(box.url)
    return usual | {
        "SOCIAL_ACME": {**usual["SOCIAL_ACME"], "api_url": f"{box.url}acme/api/", **acme}
    }


class Connected:
    """A user who is connected by one provider of a bed."""

    def __init__(self, bed: Bed, provider_id: str = "acme") -> None:
        self.bed = bed
        self.provider_id = provider_id
        if EMAIL not in bed.users():
            bed.add_user(EMAIL)
        self.browser = bed.browser().sign_in(EMAIL)
        assert self.browser.trip(f"/connect/{provider_id}").status_code == 303
        bed.told.clear()
        bed.sandbox.reset_counters()

    @property
    def provider(self) -> Provider:
        provider: Provider = self.bed.sandbox[self.provider_id]
        return provider

    @property
    def remote(self) -> RemoteApp:
        remote: RemoteApp = self.bed.app.extensions["social"].providers[self.provider_id]
        return remote

    def row(self) -> Any:
        """The connection as it is in the database now."""
        [row] = [each for each in self.bed.rows() if each.provider_id == self.provider_id]
        return row

    def write(self, **columns: Any) -> None:
        """Change the connection behind everybody's back."""
        with self.bed.app.app_context():
            query = sa.select(self.bed.Connection).filter_by(provider_id=self.provider_id)
            row = self.bed.db.session.scalars(query).one()
            for name, value in columns.items():
                setattr(row, name, value)
            self.bed.db.session.commit()

    def expire(self) -> None:
        """The access token is too old, here and at the provider."""
        self.write(expires_at=1)
        held = self.provider.access_tokens.get(str(self.row().access_token))
        if held is not None:
            held.expires_at = 1

    def revoke(self) -> None:
        """The person takes the consent back, at the provider."""
        for held in self.provider.access_tokens.values():
            held.grant.revoked = True

    @contextmanager
    def api(self, **given: Any) -> Iterator[Any]:
        """What ``get_api()`` gives in a worker, where no request is."""
        with self.bed.app.app_context():
            yield self.remote.get_api(self.user(), **given)

    def user(self) -> Any:
        return self.bed.app.extensions["security"].datastore.find_user(email=EMAIL)

    def account(self) -> str:
        """Who the API says that the token is of."""
        with self.api() as api:
            answer = api.get("whatever")
            assert answer.status_code == 200, answer.text
            return str(answer.json()["account"])

    def asked(self) -> tuple[int, int]:
        """Requests to the token endpoint and to the API."""
        return self.bed.calls(self.provider_id), self.bed.calls(self.provider_id, "api")

    def broken(self) -> list[Any]:
        """The reasons of the ``connection_broken`` that were sent."""
        return [told["reason"] for told in self.bed.signals("connection_broken")]


MakeConnected = Callable[..., Connected]
