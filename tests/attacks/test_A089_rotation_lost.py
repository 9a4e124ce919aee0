"""A89: a new pair that came, and was never stored."""

from __future__ import annotations

import pytest

from flask_social.errors import ProviderUnavailable, ReconnectNeeded
from flask_social.sandbox import Reset
from tests.freshness import Connected


class Killed(BaseException):
    """The process ends here: nothing of it gets to clean up."""


def test_A089_a_kill_between_the_answer_and_the_commit(
    ada: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.expire()
    before = ada.row()
    with monkeypatch.context() as patch:
        kind = type(ada.remote.datastore)
        swap = kind.swap_token

        def killed(store: object, token: object, **values: object) -> object:
            if "access_token" in values:
                raise Killed
            return swap(store, token, **values)  # type: ignore[arg-type]

        patch.setattr(kind, "swap_token", killed)
        with pytest.raises(Killed), ada.api():
            pass
    assert ada.asked() == (1, 0)
    ada.write(lease_until=1)  # it is long past when the next one comes
    for reason in ("invalid_grant", "needs_reauth", "needs_reauth"):
        with pytest.raises(ReconnectNeeded, match=reason), ada.api():
            pass
    assert ada.asked() == (2, 0)
    after = ada.row()
    assert after.needs_reauth
    assert (after.access_token, after.refresh_token) == (before.access_token, before.refresh_token)
    assert ada.broken() == ["invalid_grant"]
    assert ada.browser.who() == "ada@example.org"
    ada.browser.trip("/reconnect/acme")
    assert ada.account() == "Ada Lovelace"


def test_A089_an_answer_that_never_came_is_no_proof_that_it_is_lost(ada: Connected) -> None:
    ada.expire()
    ada.provider.fail("token", Reset(late=True, times=1))
    with pytest.raises(ProviderUnavailable), ada.api():
        pass
    assert (ada.row().needs_reauth, ada.broken()) == (False, [])
    ada.remote.backoff.__init__()  # type: ignore[misc]  # the delay is over
    with pytest.raises(ReconnectNeeded, match="invalid_grant"), ada.api():
        pass
    assert ada.row().needs_reauth
