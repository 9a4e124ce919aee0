"""The same client beyond the token: calls of the API, revocation, and OAuth 1.0a."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from oauthlib.oauth1 import Client as Signer
from werkzeug.test import TestResponse

from .played_asking import Asking
from .played_facts import (
    CALLBACK,
    CLIENT_ID,
    SECRET,
    alipay_signed,
    came_back,
    look,
    odnoklassniki_sig,
    place,
    query_of,
)


class PlayedWalk(Asking):
    """One browser and one application at one provider."""

    # The API

    def call(self, number: int, token: str, answer: Any = None, **options: Any) -> TestResponse:
        """Call number so-and-so of the description with *token*."""
        call = self.says["calls"][number]
        url = urlsplit(self.value(call["url"], "url", token=answer))
        query = {**dict(parse_qsl(url.query)), **self.needed(call.get("needs", {}), token=answer)}
        form = self.needed(call.get("form", {}), token=answer)
        headers = self.needed({**self.says.get("headers", {}), **call.get("headers", {})})
        carry = call.get("carry", self.says.get("carry", ["scheme Bearer"]))[0]
        place(carry, token, (headers, query, form))
        if "fields" in call:
            query[call["fields"]["param"]] = ",".join(self.members(call))
        query |= {"flickr": {"nojsoncallback": "1"}, "qq": {"fmt": "json"}}.get(self.id, {})
        if self.id == "qq" and "openid" in query:
            query["openid"] = answer["openid"]
        if self.id == "wecom" and "code" in query:
            query["code"] = self.callback["code"]
        if self.says.get("quirk") == "odnoklassniki":
            query["sig"] = odnoklassniki_sig(query, token)
        if self.says.get("quirk") == "alipay":
            form = alipay_signed({**query, **form, "app_id": CLIENT_ID})
            query = {}
        if call.get("graphql"):
            options.setdefault(
                "json",
                {"query": query_of(self.says["samples"][call.get("says", "profile")]["data"])},
            )
        elif form:
            options.setdefault("data", form)
        path = options.pop("path", f"api/{unquote(url.path).lstrip('/')}")
        for name in options.pop("without", ()):
            headers.pop(name, None)
            query.pop(name, None)
        headers |= options.pop("headers", {})
        query |= options.pop("query", {})
        method = options.pop("method", call.get("method", "GET"))
        return self.web.open(
            self.path(path), method=method, query_string=query, headers=headers, **options
        )

    def members(self, call: dict[str, Any]) -> list[str]:
        sample = self.says["samples"][call.get("says", "profile")]
        return [*(look(sample, call["fields"]["at"]) if "at" in call["fields"] else sample)]

    # Giving a token back

    def give_back(self, answer: Any) -> TestResponse:
        """Revoke what *answer* gave, in the provider's way."""
        revoke = self.says["revoke"]
        token = self.member(answer, "access_token")
        form, headers, query = self.revoking(revoke, token, answer)
        auth = revoke.get("auth", "client")
        if auth in ("token", "bearer", "either"):
            carry = self.says.get("carry", ["scheme Bearer"])[0]
            place(carry, token, (headers, query, form))
        path = "revoke" + ("" if revoke.get("token", "token") else f"/x/{token}")
        if auth.startswith("secret"):
            headers["Authorization"] = f"{auth.partition(' ')[2]} {SECRET}"
            path = "revoke"
        if revoke.get("place") == "query":
            query, form = {**query, **form}, {}
        method = revoke.get("method", "POST").replace("ANY", "POST")
        if revoke.get("body", "form") != "form":
            return self.web.open(
                self.path(path), method=method, json=form, headers=headers, query_string=query
            )
        return self.web.open(
            self.path(path),
            method=method,
            data=form or None,
            headers=headers,
            query_string=query,
        )

    def revoking(
        self, revoke: dict[str, Any], token: str, answer: Any
    ) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        """The form, headers and query that name the token, and who asks."""
        name = revoke.get("token", "token")
        auth = revoke.get("auth", "client")
        needs = self.needed(revoke.get("needs", {}))
        if "stripe_user_id" in needs:
            needs["stripe_user_id"] = answer["stripe_user_id"]
        named = (
            {} if auth in ("token", "either") or not name else {name.replace("*", "token"): token}
        )
        form, headers = self.proved({}) if auth == "client" else ({}, {})
        if auth == "client_secret_post":
            form = {"client_id": CLIENT_ID, "client_secret": SECRET}
        return self.renamed("token", {**form, **named, **needs}), headers, {}

    # OAuth 1.0a

    def signed(
        self, method: str, path: str, pair: Any = (None, None), **options: Any
    ) -> TestResponse:
        plain = "PLAINTEXT" if self.id == "discogs" else "HMAC-SHA1"
        headers = options.pop("headers", {})
        signer = Signer(
            CLIENT_ID,
            SECRET,
            resource_owner_key=pair[0],
            resource_owner_secret=pair[1],
            timestamp=str(self.box.now()),
            signature_method=plain,
            **options,
        )
        verb: Any = method
        url, signed, _ = signer.sign(f"http://localhost{self.path(path)}", verb)
        target = url.removeprefix("http://localhost")
        return self.web.open(target, method=method, headers={**headers, **signed})

    def temporary(self) -> tuple[str, str]:
        answer = self.signed("POST", "request_token", callback_uri=CALLBACK)
        assert answer.status_code == 200, answer.text
        said = dict(parse_qsl(answer.text))
        return said["oauth_token"], said["oauth_token_secret"]

    def credentials(self) -> dict[str, str]:
        pair = self.temporary()
        query = {"oauth_token": pair[0], **self.needed(self.says["authorize"].get("needs", {}))}
        self.callback = came_back(self.web.get(f"{self.path('authorize')}?{urlencode(query)}"))
        verifier = self.callback["oauth_verifier"]
        answer = self.signed("POST", "access_token", pair, verifier=verifier)
        assert answer.status_code == 200, answer.text
        return dict(parse_qsl(answer.text, keep_blank_values=True))

    def signed_call(self, number: int, said: dict[str, str]) -> TestResponse:
        call = self.says["calls"][number]
        url = urlsplit(self.value(call["url"], "url"))
        query = {**dict(parse_qsl(url.query)), **self.needed(call.get("needs", {}), token=said)}
        if self.id == "flickr":
            query["nojsoncallback"] = "1"
        text = "&".join(f"{name}={value.replace('@', '%40')}" for name, value in query.items())
        pair = (said["oauth_token"], said["oauth_token_secret"])
        path = f"api{unquote(url.path)}" + (f"?{text}" if text else "")
        return self.signed("GET", path, pair, headers=self.needed(call.get("headers", {})))
