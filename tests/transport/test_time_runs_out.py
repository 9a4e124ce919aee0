"""A call whose time ends between connecting and what comes next."""

from __future__ import annotations

import socket

import pytest

from flask_social.transport.connections import Call, Connection, within


class Ending(Call):
    """A call whose time ends once its connection is made."""

    waits = 0

    def wait(self, at_most: float | None) -> float | None:
        self.waits += 1
        if self.waits > 1:
            self.ends = 0.0
        return super().wait(at_most)


def test_no_socket_is_left_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        call = Ending(60.0)
        connection = Connection(*server.getsockname())
        with within(call), pytest.raises(TimeoutError):
            connection._socket_to(*server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            assert accepted.recv(1) == b""
    assert call.waits == 2
