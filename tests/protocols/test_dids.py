"""From a DID to the person's server, and from there to who may speak for it."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ProviderError
from flask_social.protocols import dids

from .paper import answer

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
PDS = "https://pds.example.net"
DIRECTORY = "https://plc.directory"


def service(**changes: Any) -> dict[str, Any]:
    good = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def document(*services: Any, **changes: Any) -> dict[str, Any]:
    return {"id": DID, "service": list(services or [service()]), **changes}


def test_a_did_of_the_directory_is_asked_for_there() -> None:
    request = dids.asked(DID, DIRECTORY)
    assert request.url == "https://plc.directory/did:plc:ewvi7nxzyoun6zhxrhs64oiz"
    assert not request.guarded, "the operator's, not the visitor's"


def test_a_did_of_the_web_is_asked_for_at_its_host_past_a_guard() -> None:
    request = dids.asked("did:web:ada.example", DIRECTORY)
    assert request.url == "https://ada.example/.well-known/did.json"
    assert request.guarded


@pytest.mark.parametrize(
    "did",
    [
        "",
        "None",
        "did:plc:",
        "did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ",
        "did:plc:ewvi7nxzyoun6zhxrhs64oi",
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz1",
        "did:plc:../../ewvi7nxzyoun6zhxrhs",
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz\n",
        "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N",
        "did:web:localhost",
        "did:web:localhost%3A8080",
        "did:web:127.0.0.1",
        "did:web:169.254.169.254",
        "did:web:ada.internal",
        "did:web:ada.example:people:ada",
        "did:web:ADA.example",
        "did:web:ada.example/x",
        "did:web:ada@example.com",
        " did:web:ada.example",
    ],
)
def test_nothing_else_is_asked_for(did: str) -> None:
    with pytest.raises(ProviderError, match="wrong_server"):
        dids.asked(did, DIRECTORY)


@pytest.mark.parametrize(
    "services",
    [
        [service()],
        [service(id=f"{DID}#atproto_pds")],
        [service(serviceEndpoint=f"{PDS}/")],
        ["odd", {}, service(id="#atproto_labeler", serviceEndpoint="https://l.example"), service()],
    ],
)
def test_the_document_names_the_server(services: list[Any]) -> None:
    assert dids.read_server(answer(document(*services)), DID) == PDS


def test_the_server_may_have_a_port() -> None:
    said = document(service(serviceEndpoint="https://pds.example.net:8443"))
    assert dids.read_server(answer(said), DID) == "https://pds.example.net:8443"


def test_the_document_may_be_of_its_own_media_type() -> None:
    found = answer(document(), media="application/did+ld+json")
    assert dids.read_server(found, DID) == PDS


@pytest.mark.parametrize(
    "said",
    [
        document(id="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"),
        document(id=None),
        document(service=None),
        document(service={"#atproto_pds": service()}),
        document(service(id="#other")),
        document(service(id="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa#atproto_pds")),
        document(service(type="LinkedDomains")),
        document(service(type=...)),
        document(service(serviceEndpoint=...)),
        document(service(serviceEndpoint={"uri": PDS})),
        *(
            document(service(serviceEndpoint=url))
            for url in (
                "http://pds.example.net",
                "https://pds.example.net/xrpc",
                "https://pds.example.net?x=1",
                "https://pds.example.net#x",
                "https://pds.example.net:443",
                "https://pds.example.net:port",
                "https://pds.example.net:99999",
                "https://user@pds.example.net",
                "https://PDS.example.net",
                "https://localhost",
                "https://pds",
                "https://127.0.0.1",
                "https://169.254.169.254",
                "https://[::1]",
                "https://[::1",
                "https://",
                "pds.example.net",
                "",
                f"https://{'a.' * 1000}example.net",
            )
        ),
    ],
)
def test_a_document_that_names_no_public_server_is_refused(said: Any) -> None:
    with pytest.raises(ProviderError, match="wrong_server"):
        dids.read_server(answer(said), DID)


@pytest.mark.parametrize(
    "found", [answer({}, 404), answer([]), answer(b"x"), answer(document(), 410)]
)
def test_what_is_no_document_is_refused(found: Any) -> None:
    with pytest.raises(ProviderError, match="bad_answer"):
        dids.read_server(found, DID)
    with pytest.raises(ProviderError, match="bad_answer"):
        dids.read_authorization_servers(found, PDS)


def test_a_server_is_asked_past_a_guard_who_speaks_for_it() -> None:
    request = dids.resource_of(PDS)
    assert request.url == "https://pds.example.net/.well-known/oauth-protected-resource"
    assert request.guarded


def test_a_server_names_who_speaks_for_it() -> None:
    said = {"resource": PDS, "authorization_servers": ["https://a.example", "https://b.example"]}
    found = dids.read_authorization_servers(answer(said), PDS)
    assert found == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    "said",
    [
        {"authorization_servers": ["https://a.example"]},
        {"resource": "https://other.example", "authorization_servers": ["https://a.example"]},
        {"resource": PDS},
        {"resource": PDS, "authorization_servers": "https://a.example"},
        {"resource": PDS, "authorization_servers": [7]},
    ],
)
def test_metadata_that_name_nobody_for_this_server_are_refused(said: Any) -> None:
    with pytest.raises(ProviderError, match="wrong_server"):
        dids.read_authorization_servers(answer(said), PDS)
