"""The process's connections, as requests wants them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urldefrag

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError, InvalidHeader, RequestException

from .. import limits, transport


class Default(tuple[float, float]):
    """The waits of a call that was given no timeout of its own."""

    __slots__ = ()


class PooledAdapter(HTTPAdapter):
    """The process's connections and deadlines, behind the interface of requests."""

    def __init__(self, options: transport.TransportOptions, seconds: float) -> None:
        self._options = options
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the pool is there already, and another one after a fork."""

    def get_connection_with_tls_context(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return transport.pool(self._options).connection_from_url(request.url)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """As inherited, at the address without the token: ``raise_for_status`` quotes it."""
        if self._options.guarded and resp.headers.get("Content-Encoding", "identity") != "identity":
            resp.close()
            raise ContentDecodingError("compressed, which was not asked for", request=req)
        response = super().build_response(req, resp)
        response.url = getattr(req, "plain_url", response.url)
        return response

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: it would load other certificates into the pool that all share."""

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:
        if self._options.proxy and str(request.url).startswith("http:"):
            return urldefrag(str(request.url)).url
        return request.path_url

    def close(self) -> None:
        """Nothing: others use the pool too."""

    def send(  # type: ignore[override]  # only the session calls it, by keyword
        self,
        request: requests.PreparedRequest,
        *,
        timeout: Any,
        stream: bool = False,
        **kwargs: Any,
    ) -> requests.Response:
        if kwargs.get("verify") is not True or kwargs.get("cert") or kwargs.get("proxies"):
            raise ValueError("verify, cert and proxies are SOCIAL_CA_BUNDLE's and SOCIAL_PROXY's")
        call = transport.Call(self._total(timeout), head_only=stream)
        if self._options.guarded:  # a stranger's server, whose answers may be without end
            request.headers["Accept-Encoding"] = "identity"
            call.octets = None if stream else limits.STRANGERS_BODY
        try:
            with transport.within(call):
                return super().send(request, stream, timeout)
        except RequestException as error:
            raise type(error)(_said(error), request=request) from None
        except ValueError:
            raise InvalidHeader("a header holds what none can", request=request) from None

    def _total(self, timeout: Any) -> float:
        """Seconds for the whole call: as asked for by requests' ways to ask, else the session's."""
        if isinstance(timeout, Default):
            return self._seconds
        waits = timeout if isinstance(timeout, tuple) else (timeout,)
        if all(isinstance(wait, int | float) for wait in waits):
            return float(sum(waits))
        return self._seconds


def _said(error: RequestException) -> str:
    """The failure's reason alone: requests quotes the address, whose query may hold a token."""
    told = error.args[0] if error.args else error
    return str(getattr(told, "reason", None) or told)
