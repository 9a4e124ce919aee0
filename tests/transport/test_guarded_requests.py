"""One request among others whose host somebody else than the operator named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.transport import Wire

from ..faulty import PATIENT, Exchange, Faulty


def well(exchange: Exchange) -> None:
    exchange.reply(b"{}")


def asked(url: str, *, guarded: bool) -> Request:
    return Request(url=url, purpose="asking", guarded=guarded)


def test_it_goes_to_public_addresses_alone_and_the_others_wherever_they_like() -> None:
    with Faulty(well) as server:
        wire = Wire(PATIENT)
        assert wire(asked(server.url, guarded=False)).status == 200
        with pytest.raises(ProviderError, match="private_address"):
            wire(asked(server.url, guarded=True))
        assert wire(asked(server.url, guarded=False)).status == 200
    assert len(server.requests) == 2


def test_it_goes_to_a_private_host_that_the_operator_lists() -> None:
    with Faulty(well) as server:
        host = server.url.partition("://")[2].partition(":")[0]
        wire = Wire(replace(PATIENT, private_hosts=(host,)))
        assert wire(asked(server.url, guarded=True)).status == 200
