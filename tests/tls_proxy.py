"""A reverse proxy: https outside, plain http to the application inside, whose host it names.

Who asked, and for what host, it says in ``X-Forwarded-`` headers, for whoever listens.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import trustme
from werkzeug.wrappers import Request, Response

from flask_social.sandbox import Server
from tests.bed import Bed, Browser

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Proxy:
    """The proxy, listening on a port of localhost before it knows an application."""

    def __init__(self, authority: trustme.CA, ca_bundle: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        authority.cert_pem.write_to_path(ca_bundle)
        self.ca_bundle = ca_bundle
        self.server = Server(self, ssl_context=context)
        self.server.start()
        self.url = self.server.url.rstrip("/")
        self.inside = ""

    def stand_before(self, bed: Bed) -> None:
        """Pass on to *bed*'s application, which its browsers see through the proxy from now on."""
        self.inside, bed.url = bed.url, self.url

    def browser(self, bed: Bed) -> Browser:
        """A visitor who trusts the certificate and sends ``Origin`` as browsers do."""
        browser = bed.browser()
        browser.http.verify = str(self.ca_bundle)
        browser.http.headers["Origin"] = self.url
        return browser

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """What the application inside answers."""
        forwarded = {
            "Host": urlsplit(self.inside).netloc,
            "X-Forwarded-For": str(request.remote_addr),
            "X-Forwarded-Host": request.host,
            "X-Forwarded-Proto": "https",
        }
        found = requests.request(
            request.method,
            self.inside + request.full_path.removesuffix("?"),
            headers={**request.headers, **forwarded},
            data=request.get_data(),
            allow_redirects=False,
            timeout=60,
        )
        answer = Response(found.content, found.status_code)
        answer.headers.clear()
        for name, value in found.raw.headers.items():  # each Set-Cookie is one of its own
            if name.lower() not in HOP_BY_HOP:
                answer.headers.add(name, value)
        return answer


@contextmanager
def proxy(ca_bundle: Path) -> Iterator[Proxy]:
    """A running proxy whose certificate is vouched for by what it writes to *ca_bundle*."""
    made = Proxy(trustme.CA(), ca_bundle)
    try:
        yield made
    finally:
        made.server.close()
