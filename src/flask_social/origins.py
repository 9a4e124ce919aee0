"""Where requests may come from, and where visitors may be sent."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote, urlsplit

from flask import Request, current_app, url_for

from . import limits

PATH_CHARACTERS = "/?#%:@!$&'()*+,;=-._~[]"


def is_cross_site(request: Request, trusted: Collection[str | None]) -> bool:
    """Whether another site's page sent *request*.

    ``Sec-Fetch-Site`` says so, or where a browser lacks it ``Origin``. A request with neither
    comes from no browser of this decade, hence from nobody who could be tricked.

    :param trusted: origins (``https://app.example``) that count as this site.
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none") or (not site and origin is None):
        return False
    if origin in trusted:
        return False
    if site:
        return True
    return origin is not None and urlsplit(origin).netloc != request.host


def origin_of(url: str | None) -> str | None:
    """The scheme and host of *url*, as ``Origin`` spells them."""
    return url and "{0.scheme}://{0.netloc}".format(urlsplit(url))


def safe_path(target: str | None) -> str | None:
    """*target*, if it is a path of this site that no browser reads as another address.

    :returns: the path, percent-encoded where it must be; ``None`` for anything else, for
        control characters, and for more than 512 characters.
    """
    if not target or not target.startswith("/") or len(target) > limits.NEXT_LENGTH:
        return None
    if target[1:2] in ("/", "\\") or not target.isprintable():
        return None
    return quote(target, safe=PATH_CHARACTERS)


def external_url(endpoint: str, app_url: str | None, request: Request, **values: str) -> str:
    """The address of *endpoint* as a provider must know it.

    Its root is ``SOCIAL_APP_URL``, else ``SERVER_NAME``, else the request's host (which
    ``TRUSTED_HOSTS`` guards). An ``SOCIAL_APP_URL`` with a path says where the application is
    mounted for the outside; without one, the mount that the server knows is kept.
    """
    path = url_for(endpoint, _external=False, **values)
    if app_url:
        root = app_url.rstrip("/")
        return root + (path.removeprefix(request.script_root) if urlsplit(root).path else path)
    host = current_app.config.get("SERVER_NAME") or request.host
    return f"{request.scheme}://{host}{path}"
