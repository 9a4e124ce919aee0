"""The bed itself: two workers of gunicorn, on each database."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.databases import Database
from tests.hostile.workers import Workers, served_by

U1 = "one@example.org"


def test_two_browsers_connect_log_in_call_and_disconnect_at_two_workers(
    serve: Callable[..., Workers], database: Database
) -> None:
    workers = serve(database, preload=False)
    workers.bed.add_user(U1)
    first, second = workers.one_each()

    connected = first.sign_in(U1).trip("/connect/plain")
    logged_in = second.trip("/login/plain")

    assert connected.headers["Location"] == "/connections"
    assert logged_in.headers["Location"] == "/home"
    assert served_by(connected) != served_by(logged_in)
    for browser in (first, second):
        assert browser.who() == U1
        assert browser.get("/at-plain").json() == {"name": "Ada Lovelace"}
    [(email, provider_id, subject)] = workers.bed.accounts()
    assert (email, provider_id) == (U1, "plain")
    removed = second.post("/disconnect/plain", data={"provider_user_id": subject})
    assert removed.headers["Location"] == "/connections"
    assert first.get("/at-plain").json() == {"name": None}
    assert workers.bed.rows() == []
    told = ["connection_created", "login_completed", "connection_removed"]
    assert [len(workers.told(name)) for name in told] == [1, 1, 1]
