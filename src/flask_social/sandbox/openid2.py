"""OpenID Authentication 2.0, the server's half, for providers of ``kind="openid2"``.

The server speaks for everybody (``identifier_select``), has no associations, and is asked about
each assertion that it made (section 11.4.2). Nobody registers an application here: ``return_to``
is any address of this machine, or one that a client registered for.

Edits: ``claims`` are what an assertion says and is signed, ``callback`` all that travels with it,
``token`` the answer to who asks about one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from . import dialect, pages, samples
from .answers import NO_STORE, OAuthError, new_token, redirect, single
from .clients import accepts_redirect
from .people import Person
from .provider import Client, Provider

if TYPE_CHECKING:
    from .app import Sandbox

Form = dict[str, str]
NS = "http://specs.openid.net/auth/2.0"
SELECT = f"{NS}/identifier_select"
SREG = "http://openid.net/extensions/sreg/1.1"
HANDLE = "nobody-s-but-ours"
"""Of the secret that signs, which no association shares with anybody (section 10.1)."""
TIME = "%Y-%m-%dT%H:%M:%SZ"
MODES = ("checkid_setup", "checkid_immediate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authentication request whose ``return_to`` is good (section 9.1)."""

    params: Form
    return_to: str
    realm: str
    wanted: tuple[str, ...]
    """Of Simple Registration."""


def is_question(request: Request) -> bool:
    """Whether *request* comes from an application that asks about an assertion, not a browser."""
    request.get_data()  # kept, so that the record finds it too
    return request.method == "POST" and "openid.mode" in request.form


def answer(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """A page to consent on, or the way back with an assertion."""
    try:
        asked = read(sandbox, provider, request)
    except OAuthError as error:
        return pages.problem(provider, error.description)
    try:
        check(asked)
        said = decide(sandbox, provider, request, asked)
    except OAuthError as error:
        said = {"openid.ns": NS, "openid.mode": "error", "openid.error": error.description}
    if isinstance(said, Response):
        return said
    return redirect(asked.return_to, provider.say("callback", said))


def read(sandbox: Sandbox, provider: Provider, request: Request) -> Asked:
    """The request. :raises OAuthError: when there is no safe address to send an answer to."""
    params = {
        name.removeprefix("openid."): value
        for name, value in single(request.args).items()
        if name.startswith("openid.")
    }
    return_to = params.get("return_to", "")
    registered = [uri for client in provider.clients.values() for uri in client.redirect_uris]
    known = return_to.partition("?")[0] in registered
    if not known and (sandbox.strict or not accepts_redirect(Client(id=""), return_to)):
        raise OAuthError("invalid_request", "This return_to is no address of an application.")
    sreg = [params.get(f"sreg.{kind}", "") for kind in ("required", "optional")]
    wanted = ",".join(sreg).split(",") if params.get("ns.sreg") == SREG else []
    return Asked(
        params=params,
        return_to=return_to,
        realm=params.get("realm", return_to),
        wanted=tuple(name for name in dict.fromkeys(wanted) if name),
    )


def check(asked: Asked) -> None:
    """:raises OAuthError: when the request is not as it should be."""
    if asked.params.get("ns") != NS or asked.params.get("mode") not in MODES:
        raise OAuthError("invalid_request", "this is no authentication request of OpenID 2.0")
    if (asked.params.get("claimed_id"), asked.params.get("identity")) != (SELECT, SELECT):
        raise OAuthError("invalid_request", "who it is about is chosen here: identifier_select")
    realm, target = urlsplit(asked.realm), urlsplit(asked.return_to)
    same = (realm.scheme, realm.netloc) == (target.scheme, target.netloc)
    if not same or not target.path.startswith(realm.path) or realm.fragment:
        raise OAuthError("invalid_request", "return_to is outside the realm")


def decide(sandbox: Sandbox, provider: Provider, request: Request, asked: Asked) -> Form | Response:
    """Yes, no, or a question to the person at the browser."""
    policy, form = provider.policy, request.form
    if "cancel" in form or policy.mode == "deny":
        return {"openid.ns": NS, "openid.mode": "cancel"}
    key = form.get("person") or (policy.person if policy.mode == "approve" else None)
    if key is None and asked.params["mode"] == "checkid_immediate":
        return {"openid.ns": NS, "openid.mode": "setup_needed"}
    if key is None:
        return pages.consent(sandbox, provider, asked.realm, asked.wanted)
    if (person := sandbox.person(key)) is None:
        return pages.problem(provider, "There is no such person.")
    allowed: Any = form.getlist("scope") if "choosing" in form else asked.wanted
    if policy.mode == "approve" and policy.scopes is not None:
        allowed = policy.scopes
    wanted = [name for name in asked.wanted if name in allowed]
    return asserted(sandbox, provider, asked, (person, wanted))


def asserted(
    sandbox: Sandbox, provider: Provider, asked: Asked, consent: tuple[Person, list[str]]
) -> Form:
    """A signed assertion of what *consent* (person, fields) allows (section 10.1)."""
    person, wanted = consent
    made = datetime.fromtimestamp(sandbox.now(), UTC).strftime(TIME)
    known = of(provider, person)
    told = {name: known[name] for name in (f"sreg.{each}" for each in wanted) if name in known}
    fields = {
        "op_endpoint": f"{sandbox.url}{provider.id}/authorize",
        "claimed_id": known["claimed_id"],
        "identity": known["claimed_id"],
        "return_to": asked.return_to,
        "response_nonce": made + new_token(),
        "assoc_handle": HANDLE,
        **({"ns.sreg": SREG, **told} if told else {}),
    }
    fields = provider.say("claims", fields)
    signed = {"signed": ",".join(fields), "sig": signature(provider, fields)}
    said = {"ns": NS, "mode": "id_res", **fields, **signed}
    return {f"openid.{name}": value for name, value in said.items()}


def of(provider: Provider, person: Person) -> dict[str, Any]:
    """All that an assertion can say of *person*."""
    play = dialect.play_of(provider)
    found = samples.document(play, "assertion", person)
    named = "profile" in play.samples
    places = {"person": samples.document(play, "profile", person)} if named else {}
    return {name: dialect.fill(value, places) for name, value in found.items()}


def signature(provider: Provider, fields: Form) -> str:
    """The signature of *fields* in the key-value form (sections 4.1.1 and 6.1)."""
    text = "".join(f"{name}:{value}\n" for name, value in fields.items())
    digest = hmac.new(provider.assertion_secret, text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


# What applications ask


def verify(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Whether an assertion is ours, told once (section 11.4.2); there are no associations."""
    form = request.form
    if form.get("openid.ns") != NS or form.get("openid.mode") != "check_authentication":
        return lines({"ns": NS, "error": "only check_authentication is answered here"}, 400)
    with provider.lock:
        good = "true" if is_ours(sandbox, provider, form.to_dict()) else "false"
    return lines(provider.say("token", {"ns": NS, "is_valid": good}))


def is_ours(sandbox: Sandbox, provider: Provider, form: Form) -> bool:
    """Whether *form* is an assertion of ours, young and not asked about before."""
    names = form.get("openid.signed", "").split(",")
    fields = {name: form.get(f"openid.{name}", "") for name in names}
    given = form.get("openid.sig", "")
    nonce = fields.get("response_nonce", "")
    once = ("openid2", fields.get("return_to", ""), nonce)
    if not hmac.compare_digest(signature(provider, fields).encode(), given.encode()):
        return False
    if once in provider.nonces_seen:
        return False
    provider.nonces_seen.add(once)
    try:
        made = datetime.strptime(nonce[:20], TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:  # an edit's
        return False
    return 0 <= sandbox.now() - made < provider.script.code_lifetime


def lines(said: Any, status: int = 200) -> Response:
    """*said* in the key-value form; a text or bytes as they are."""
    body = said if isinstance(said, str | bytes) else "".join(f"{k}:{v}\n" for k, v in said.items())
    return Response(body, status, headers=NO_STORE, content_type="text/plain")
