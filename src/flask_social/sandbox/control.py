"""The control interface over HTTP, for tests in another process. JSON in, JSON out.

=======  ==================================  =====================================================
GET      ``control/counters``                requests by provider and endpoint, and connections
DELETE   ``control/counters``                from zero again
GET      ``control/requests``                the latest requests: headers, query, body
GET      ``control/sink``                    what ``/sink/...`` received
POST     ``control/reset``                   everything as new
POST     ``control/release``                 mend all faults; whoever waits is let go
POST     ``control/clock``                   ``{"skew": 60}``
POST     ``control/login_as``                ``{"person": "ada", "provider": ..., "scopes": [...]}``
POST     ``control/deny``, ``control/ask``   ``{"provider": ...}``, or nobody for all
POST     ``control/providers``               ``{"id": "x", "kind": "oidc", ...}``, a new provider;
                                             or a description, see :mod:`.played`
PUT      ``control/P/faults/ENDPOINT``       ``{"kind": "status", "code": 500, "times": 1}``
DELETE   ``control/P/faults/ENDPOINT``       mended; without ``/ENDPOINT``: all of P
PUT      ``control/P/edits/TARGET``          ``{"set": {...}, "delete": [...], "replace": ...}``
POST     ``control/P/hold``                  authorization requests wait until released
POST     ``control/P/honest``                no faults, edits or odd signatures
POST     ``control/P/sign``                  ``{"alg": "HS256", "key": "public_pem"}``
POST     ``control/P/rotate_keys``           ``{"withdraw": false}``
POST     ``control/P/publish_keys``          ``{"count": 3}``
POST     ``control/P/clients``               ``{"id": ..., "secret": ..., "redirect_uris": [...]}``
GET      ``control/P/posts``                 what was published there
=======  ==================================  =====================================================

Kinds of faults, with their options; every one takes ``times``:

``refuse`` and ``reset`` (``late``), ``hang``, ``barrier`` (``count``), ``delay`` and ``drip``
(``seconds``), ``status`` (``code``, ``body``, ``headers``, ``late``), ``redirect`` (``url``,
``code``), ``truncate`` (``length``), ``size`` and ``gzip`` (``size``), ``gzip_bomb``,
``headers`` (``headers``), ``type`` (``type``), ``charset``
(``charset``).

Whoever reaches the port need not say who they are. So what harms more than the providers is not to
be had here (:class:`~.faults.Kill` is for Python alone), and a request by another name than this
machine's is refused: a web page could have made its own name resolve to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import faults, spoilt
from .played import played
from .provider import Client, Provider
from .scripts import ProviderScript

if TYPE_CHECKING:
    from .app import Sandbox

Options = dict[str, Any]
LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
"""The ``Host`` of a request that was sent to this machine by a name of its own."""


def answer(sandbox: Sandbox, request: Request, path: str) -> Response:
    """Do what the request says; 400 with the reason where it makes no sense, 403 from elsewhere."""
    if not LOCAL.fullmatch(request.host):
        return write({"error": "ask by http://localhost, 127.0.0.1 or [::1]"}, 403)
    head, _, rest = path.partition("/")
    try:
        options = request.get_json(silent=True) if request.get_data() else {}
        if not isinstance(options, dict):
            raise ValueError("the body is not a JSON object")
        if provider := sandbox.find(head):
            said = one(provider, request.method, rest, options)
        else:
            said = ALL[request.method, path](sandbox, options)
    except (KeyError, TypeError, ValueError) as error:
        return write({"error": f"{type(error).__name__}: {error}"}, 400)
    return write(said)


def write(said: Any, status: int = 200) -> Response:
    """*said* as JSON."""
    return Response(json.dumps(said), status, content_type="application/json")


def login_as(sandbox: Sandbox, options: Options) -> None:
    """Approve at once, as a person."""
    provider_id = options.pop("provider", None)
    target = sandbox[provider_id] if provider_id else sandbox
    target.login_as(options.pop("person"), **options)


def deny(sandbox: Sandbox, options: Options) -> None:
    """Refuse at once."""
    (sandbox[options["provider"]] if options.get("provider") else sandbox).deny()


def ask(sandbox: Sandbox, options: Options) -> None:
    """Show the consent page."""
    (sandbox[options["provider"]] if options.get("provider") else sandbox).ask()


def set_clock(sandbox: Sandbox, options: Options) -> None:
    """Put the providers' clock ahead."""
    sandbox.skew = int(options["skew"])


def add_provider(sandbox: Sandbox, options: Options) -> None:
    """Play one more provider, from a description if it has addresses."""
    if "authorize" in options:
        sandbox.add_provider(played(options))
        return
    for name in ("default_scopes", "auth_methods"):
        if name in options:
            options[name] = tuple(options[name])
    sandbox.add_provider(ProviderScript(**options))


ALL: dict[tuple[str, str], Callable[[Sandbox, Options], Any]] = {
    ("GET", "counters"): lambda sandbox, options: sandbox.counters(),
    ("DELETE", "counters"): lambda sandbox, options: sandbox.reset_counters(),
    ("GET", "requests"): lambda sandbox, options: [asdict(each) for each in sandbox.requests],
    ("GET", "sink"): lambda sandbox, options: [asdict(each) for each in sandbox.sink],
    ("POST", "reset"): lambda sandbox, options: sandbox.reset(),
    ("POST", "release"): lambda sandbox, options: sandbox.release(),
    ("POST", "clock"): set_clock,
    ("POST", "login_as"): login_as,
    ("POST", "deny"): deny,
    ("POST", "ask"): ask,
    ("POST", "providers"): add_provider,
}


def one(provider: Provider, method: str, path: str, options: Options) -> Any:
    """Do something to one provider."""
    what, _, name = path.partition("/")
    if what == "faults" and method == "PUT":
        provider.fail(name, fault(options))
    elif what == "faults" and method == "DELETE":
        provider.clear(name or None)
    elif what == "edits" and method == "PUT":
        edit(provider, name, options)
    else:
        return ONE[method, path](provider, options)
    return None


def edit(provider: Provider, target: str, options: Options) -> None:
    """Change an answer."""
    provider.set(target, **options.pop("set", {}))
    provider.delete(target, *options.pop("delete", []))
    if "replace" in options:
        provider.replace(target, options.pop("replace"))
    if options:
        raise ValueError(f"unknown members: {', '.join(options)}")


def add_client(provider: Provider, options: Options) -> None:
    """Register an application."""
    for name in ("redirect_uris", "auth_methods"):
        options[name] = tuple(options.get(name, ()))
    provider.register_client(Client(**options))


def hold(provider: Provider, options: Options) -> None:
    """Keep authorization requests waiting."""
    provider.fail("authorize", faults.Hang(**options))


ONE: dict[tuple[str, str], Callable[[Provider, Options], Any]] = {
    ("POST", "hold"): hold,
    ("POST", "honest"): lambda provider, options: provider.honest(),
    ("POST", "sign"): lambda provider, options: provider.sign(**options),
    ("POST", "rotate_keys"): lambda provider, options: provider.rotate_keys(**options),
    ("POST", "publish_keys"): lambda provider, options: provider.keys.publish(**options),
    ("POST", "clients"): add_client,
    ("GET", "posts"): lambda provider, options: [asdict(each) for each in provider.posts],
}


KINDS: dict[str, Callable[..., faults.Fault]] = {
    "refuse": faults.Reset,
    "reset": faults.Reset,
    "hang": faults.Hang,
    "barrier": faults.Barrier,
    "delay": faults.Delay,
    "status": faults.Status,
    "redirect": faults.Redirect,
    "truncate": spoilt.Truncate,
    "drip": spoilt.Drip,
    "size": spoilt.Size,
    "gzip": spoilt.Gzip,
    "gzip_bomb": lambda size=10**10, **rest: spoilt.Gzip(size, **rest),
    "headers": spoilt.Headers,
    "type": lambda type, **rest: spoilt.Headers({"Content-Type": type}, **rest),
    "charset": spoilt.Charset,
}


def fault(description: Options) -> faults.Fault:
    """The fault that ``{"kind": "status", "code": 500}`` describes.

    :raises ValueError: for an unknown kind or option.
    """
    options = dict(description)
    try:
        return KINDS[options.pop("kind", "")](**options)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no such fault; kinds: {', '.join(KINDS)}") from error
