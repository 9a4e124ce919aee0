"""The connections of this process: kept, and shared by all who ask with equal options."""

from __future__ import annotations

import logging
import os
import ssl
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

import certifi
import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError, SSLError

from .. import limits
from ..errors import ConfigurationError
from ..values import Discreet
from .connections import Connection, TLSConnection, running
from .guard import Guard

HOSTS = 64  # whose connections are kept
KEPT = 32  # connections of one host


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions(Discreet):
    """How an application reaches providers. Nothing is taken from the environment or a netrc."""

    proxy: str | None = field(default=None, repr=False)
    """``http://`` or ``https://``, with credentials if need be."""
    ca_bundle: str | None = None
    """The path of the certificates to trust instead of certifi's."""
    allow_http: bool = False
    guarded: bool = False
    """Whether to keep away from addresses that are not public, for a host that somebody else than
    the operator named."""
    private_hosts: tuple[str, ...] = ()
    """The hosts that a guard lets have such addresses all the same."""
    connect_timeout: float = limits.CONNECT_TIMEOUT
    """Seconds, like all that follow: for one address of a host, and for the handshake."""
    read_timeout: float = limits.READ_TIMEOUT
    """Between two pieces of an answer."""
    call_timeout: float = limits.CALL_TIMEOUT
    """For one call to a provider, from the first packet to the last."""
    request_timeout: float = limits.REQUEST_TIMEOUT
    """For all calls that one web request makes."""


_pools: dict[tuple[int, str | None, str | None, Guard | None], urllib3.PoolManager] = {}


def pool(options: TransportOptions) -> urllib3.PoolManager:
    """The connections of this process for *options*.

    A forked child gets its own: two processes on one socket would read each other's answers. It
    does not close the parent's, since the locks on these may have been held when it was forked.
    What is guarded has its own too: every connection in there goes to an address that was judged.

    :raises ConfigurationError: for a proxy or a bundle that cannot be used; so ask at start.
    """
    guard = Guard(options.private_hosts) if options.guarded else None
    key = (os.getpid(), options.proxy, options.ca_bundle, guard)
    if (found := _pools.get(key)) is None:
        found = _pools.setdefault(key, _make(options, guard))
    return found


def _make(options: TransportOptions, guard: Guard | None) -> urllib3.PoolManager:
    """A pool with one TLS context, the making of which costs more than a whole login."""
    context = _tls(options.ca_bundle)
    kept: dict[str, Any] = {"num_pools": HOSTS, "maxsize": KEPT, "ssl_context": context}
    if options.proxy is None:
        made = urllib3.PoolManager(**kept)
    else:
        made = _through(options.proxy, context, kept)
    made.pool_classes_by_scheme = {
        "http": partial(_Pool, guard=guard),  # type: ignore[dict-item]  # each only makes one
        "https": partial(_TLSPool, guard=guard),  # type: ignore[dict-item]
    }
    return made


def _through(proxy: str, context: ssl.SSLContext, kept: dict[str, Any]) -> urllib3.PoolManager:
    try:
        credentials = urllib3.util.parse_url(proxy).auth
        headers = (
            urllib3.make_headers(proxy_basic_auth=unquote(credentials)) if credentials else None
        )
        return urllib3.ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=context, **kept)
    except (HTTPError, ValueError):
        raise ConfigurationError("SOCIAL_PROXY: give an http:// or https:// address") from None


def _tls(ca_bundle: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_bundle or certifi.where())
    except OSError as error:
        raise ConfigurationError(f"SOCIAL_CA_BUNDLE: no usable certificates: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Pool(HTTPConnectionPool):
    ConnectionCls = Connection

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """As inherited, but a GET whose kept connection turns out closed is sent once more.

        RFC 9112 section 9.3.1. No other method is ever repeated: codes and refresh tokens are
        single use.
        """
        call = running()
        if call is None or method != "GET":
            return super().urlopen(method, url, *args, **kwargs)
        call.on_kept_connection = True
        try:
            return super().urlopen(method, url, *args, **kwargs)
        except (ProtocolError, SSLError) as error:
            if not (call.on_kept_connection and _was_closed(error)):
                raise
        return super().urlopen(method, url, *args, **kwargs)


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = TLSConnection


def _was_closed(error: ProtocolError | SSLError) -> bool:
    cause = error.args[-1] if error.args else None
    return isinstance(cause, ConnectionError | ssl.SSLEOFError | ssl.SSLZeroReturnError)


class _Quiet(logging.Filter):
    """urllib3 logs queries and unparsed headers, either of which may hold a secret.

    Of our calls it logs nothing; what others in the process do with urllib3 is not ours to hide.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return running() is None


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_Quiet())
