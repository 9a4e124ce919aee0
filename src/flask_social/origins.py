"""Where requests may come from, and where visitors may be sent."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import Request, current_app, url_for

from . import limits

PATH_CHARACTERS = "/?#%:@!$&'()*+,;=-._~[]"
ADDRESS = re.compile(
    r"https?://(?:[\w.\-]+|\[[\w.:%]+\])(?::[0-9]*)?(/[^\s\\?#]*)?(\?[^\s\\#]*)?", re.IGNORECASE
)


def is_cross_site(request: Request, trusted: Collection[str | None]) -> bool:
    """Whether another site's page sent *request*.

    ``Sec-Fetch-Site`` says so, or where a browser lacks it ``Origin``. A request with neither
    comes from no browser of this decade, hence from nobody who could be tricked.

    :param trusted: origins (``https://app.example``) that count as this site.
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none") or not (site or origin):
        return False
    if origin and origin in {origin_of(each) for each in trusted if each}:
        return False
    # "null", and what is no origin at all, has no host and so is never this site's.
    return bool(site) or urlsplit(origin_of(origin)).netloc != request.host


def origin_of(url: str | None) -> str:
    """The origin of *url* as browsers write it (RFC 6454 section 6.2); empty when it has none."""
    try:
        parts = urlsplit(url or "")
        port = parts.port
    except ValueError:
        return ""
    if not parts.scheme or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def is_address(url: Any, *, query: bool = False) -> bool:
    """Whether *url* is an http or https address with no credentials, fragment or blank in it.

    :param query: whether it may have a query.
    """
    if not isinstance(url, str) or not url.isprintable() or not origin_of(url):
        return False
    found = ADDRESS.fullmatch(url)
    return found is not None and (query or found[2] is None)


def is_origin(text: str) -> bool:
    """Whether *text* is the origin of an http or https address, as browsers write it."""
    return is_address(text) and origin_of(text) == text


def safe_path(target: str | None) -> str | None:
    """*target*, if it is a path of this site that no browser reads as another address.

    :returns: the path, percent-encoded where it must be; ``None`` for anything else, for
        control characters, and for what is longer than 512 characters then.
    """
    if not target or not target.startswith("/") or len(target) > limits.NEXT_LENGTH:
        return None
    if target[1:2] in ("/", "\\") or not target.isprintable():
        return None
    path = quote(target, safe=PATH_CHARACTERS)
    return path if len(path) <= limits.NEXT_LENGTH else None


def external_url(endpoint: str, app_url: str | None, request: Request, **values: str) -> str:
    """The address of *endpoint* as a provider must know it."""
    path = url_for(endpoint, _external=False, **values).removeprefix(request.script_root)
    return external_address(path, app_url, request)


def external_address(path: str, app_url: str | None, request: Request) -> str:
    """The address of *path*, encoded and below the mount, as a provider must know it.

    Its root is ``SOCIAL_APP_URL``, else ``SERVER_NAME``, else the request's host (which
    ``TRUSTED_HOSTS`` guards). An ``SOCIAL_APP_URL`` with a path says where the application is
    mounted for the outside; without one, the mount that the server knows is kept.
    """
    mount = _encoded(request.script_root)  # which, like request.path, holds no %XX any more
    if app_url:
        root = app_url.rstrip("/")
        return root + (path if urlsplit(root).path else mount + path)
    host = current_app.config.get("SERVER_NAME") or request.host
    return f"{request.scheme}://{host}{mount}{path}"


def own_address(target: str, app_url: str | None, request: Request) -> str:
    """The address of *target*, a path or an address of this site, as a provider must know it.

    The mount is in it once, whether *target* has it (as ``url_for`` gives it) or not.

    :raises ValueError: for another site's address, and for one with a query, a fragment or a dot
        segment, which no answer to it would match.
    """
    root = app_url.rstrip("/") if app_url else None
    parts = urlsplit(target)
    path = unquote(parts.path)
    if parts.query or parts.fragment or not path.startswith("/"):
        raise ValueError("A callback is a path or an address without a query, such as '/back'.")
    if {".", ".."}.intersection(path.split("/")):
        raise ValueError("A callback has no dot segments: browsers ask for another path then.")
    if root and target.startswith(f"{root}/"):
        return root + _encoded(unquote(target.removeprefix(root)))
    here = external_address("", None, request)
    if (parts.scheme or parts.netloc) and origin_of(target) not in (
        origin_of(here),
        _host(request),
    ):
        raise ValueError("A callback is an address of this site; this one is another's.")
    mount = request.script_root
    if path == mount or path.startswith(f"{mount}/"):
        path = path.removeprefix(mount)
    return external_address(_encoded(path), app_url, request)


def this_address(app_url: str | None, request: Request) -> str:
    """The address of *request* as a provider must know it, without its query."""
    return external_address(_encoded(request.path), app_url, request)


def _host(request: Request) -> str:
    return origin_of(f"{request.scheme}://{request.host}")


def _encoded(path: str) -> str:
    """*path*, which is not encoded yet, in the one way that makes equal what is the same."""
    return quote(path, safe="/!$&'()*+,:;=@-._~")
