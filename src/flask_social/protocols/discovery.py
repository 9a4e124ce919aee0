"""A provider's metadata, made endpoints (OpenID Connect Discovery 3 and 4, RFC 8414)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import limits
from ..errors import ProviderError, ProviderUnavailable
from ..http import Response
from .base import read_object
from .endpoints import Endpoints

STEP = "reading the metadata"
WELL_KNOWN = "/.well-known/openid-configuration"
OF_A_SERVER = "/.well-known/oauth-authorization-server"
"""Where the metadata of an authorization server stand whose issuer has no path (RFC 8414 3)."""
MEMBERS = {
    "authorize_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "jwks_url": "jwks_uri",
    "userinfo_url": "userinfo_endpoint",
    "revoke_url": "revocation_endpoint",
}
"""Our names for what we take out of it; whatever else it says changes nothing."""
REQUIRED = frozenset({"authorize_url", "token_url", "jwks_url"})
PUSHED_TO = {"par_url": "pushed_authorization_request_endpoint"}
HOST = re.compile(r"(?=.{1,254}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.(?!$)|\.?$))+")
"""A host's name, in lower case (RFC 1123 section 2.1, and the underscores of some)."""
INSIDE = ("localhost", "localdomain", "local", "internal")
"""Last labels of names that mean another machine, or none, from every network."""
ISS_SUPPORTED = "authorization_response_iss_parameter_supported"
PROOFS = "dpop_signing_alg_values_supported"
READS_DOCUMENTS = "client_id_metadata_document_supported"


def address_of(issuer: str) -> str:
    """Where the metadata of *issuer* stands (Discovery 4)."""
    return issuer.rstrip("/") + WELL_KNOWN


def read_metadata(
    response: Response,
    issuer: str,
    given: Mapping[str, str],
    needed: Collection[str] = REQUIRED,
) -> Endpoints:
    """The endpoints of *issuer*.

    :param given: addresses that the provider file or the configuration states itself, by
        their field's name; they win over those of the metadata.
    :param needed: the fields of those that no trip can do without.
    :raises ProviderUnavailable: ``wrong_issuer`` when the document speaks for somebody else
        (Discovery 4.3), ``bad_metadata`` when it lacks something or is of another shape.
    """
    document = _document(response, issuer)
    iss_required = document.get(ISS_SUPPORTED, False)
    if not isinstance(iss_required, bool):
        raise _refused(f"{ISS_SUPPORTED} is no boolean")
    wanted = {name: member for name, member in MEMBERS.items() if name not in given}
    urls = _addresses(document, wanted, issuer) | dict(given)
    _require(needed, MEMBERS, urls)
    return Endpoints(**urls, iss_required=iss_required)


def read_pushing_server(response: Response, issuer: str, algorithm: str) -> Endpoints:
    """The endpoints of *issuer*, an authorization server that takes requests that are pushed.

    It has to take proofs that are signed by *algorithm* (RFC 9449 section 5.1), and to read an
    application's document at the address that is its id.

    :raises ProviderUnavailable: as :func:`read_metadata` does.
    """
    document = _document(response, issuer)
    algorithms = document.get(PROOFS)
    if not isinstance(algorithms, list) or algorithm not in algorithms:
        raise _refused(f"{PROOFS} lacks {algorithm}")
    if document.get(READS_DOCUMENTS) is not True:
        raise _refused(f"{READS_DOCUMENTS} is not true")
    members = {**MEMBERS, **PUSHED_TO}
    urls = _addresses(document, members, issuer)
    _require({"authorize_url", "token_url", "par_url"}, members, urls)
    return Endpoints(**urls, iss_required=True)


def _addresses(
    document: Mapping[str, Any], wanted: Mapping[str, str], issuer: str
) -> dict[str, str]:
    """Those of the addresses *wanted* that the document names."""
    found = {name: _address(document, member, issuer) for name, member in wanted.items()}
    return {name: url for name, url in found.items() if url is not None}


def _require(required: Collection[str], members: Mapping[str, str], urls: Collection[str]) -> None:
    if missing := sorted(members[name] for name in set(required).difference(urls)):
        raise _refused(f"it lacks {', '.join(missing)}")


def _document(response: Response, issuer: str) -> dict[str, Any]:
    """What the metadata hold, if they speak for *issuer* and for nobody else."""
    if response.status != 200:
        raise _refused(f"status {response.status}")
    try:
        document = read_object(response, STEP)
    except ProviderError as error:
        raise ProviderUnavailable(STEP, "bad_metadata", error.detail) from None
    if document.get("issuer") != issuer:
        raise ProviderUnavailable(STEP, "wrong_issuer", f"its issuer is {_shown(document)}")
    return document


def _address(document: Mapping[str, Any], member: str, issuer: str) -> str | None:
    """The address at *member*, if it is one that a request with secrets may go to."""
    if (value := document.get(member)) is None:
        return None
    if not isinstance(value, str) or not is_endpoint(value, issuer):
        raise _refused(f"{member} is not an https address of a public name")
    return value


def is_endpoint(url: str, issuer: str) -> bool:
    """Whether *url* is an https address, or an http one where the issuer itself is http.

    Its host is the issuer's own, which the operator typed, or has the form of a public name.
    Such a name may resolve to a machine behind a firewall all the same; its certificate is checked
    then. An issuer on plain http is one of a developer's.
    """
    if len(url) > limits.LINK or not re.fullmatch(r"[\x21-\x5b\x5d-\x7e]+", url):
        return False
    home = urlsplit(issuer)
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        return False
    if host is None or "@" in parts.netloc or "#" in url:
        return False
    if home.scheme == "http":
        return parts.scheme in ("https", "http")
    return parts.scheme == "https" and (host == home.hostname or is_public_name(host))


def is_public_name(host: str) -> bool:
    """Whether *host* has the form of a public name: where it resolves to is not looked at.

    An address has not, nor has a single label, which a network completes in its own way, nor a
    name of what is reserved for the inside of networks (RFC 6761, RFC 6762). A last label that
    begins with a digit makes a number of the whole (WHATWG URL, "ends in a number").
    """
    if not HOST.fullmatch(host):
        return False
    above, _, last = host.removesuffix(".").rpartition(".")
    return bool(above) and last not in INSIDE and not last[0].isdecimal()


def _refused(detail: str) -> ProviderUnavailable:
    return ProviderUnavailable(STEP, "bad_metadata", detail)


def _shown(document: Mapping[str, Any]) -> str:
    """The issuer that a document names, fit for the operator's log."""
    issuer = document.get("issuer")
    return repr(issuer[: limits.LOGGED]) if isinstance(issuer, str) else "missing or no text"
