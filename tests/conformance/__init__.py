"""The OpenID Foundation's relying-party tests, by their names."""

_LOGOUT = "Nobody is signed out at a provider, or by one, yet."
_HYBRID = "`c_hash` is of the hybrid flow, and the code flow is the only one here."
_WEBFINGER = "The issuer is the operator's word, never looked up from what a visitor types."
_REQUEST_URI = "The request goes by its parameters; nothing is served for a provider to fetch."
_RPINIT = "oidcc-client-test-rp-backchannel-rpinitlogout"

NOT_OFFERED: dict[str, str] = {
    "oidcc-client-test-userinfo-bearer-body": (
        "Optional: the token goes to UserInfo in the header alone."
    ),
    "oidcc-client-test-invalid-chash": _HYBRID,
    "oidcc-client-test-missing-chash": _HYBRID,
    "oidcc-client-test-discovery-webfinger-acct": _WEBFINGER,
    "oidcc-client-test-discovery-webfinger-url": _WEBFINGER,
    "oidcc-client-test-dynamic-registration": "The operator registers the application.",
    "oidcc-client-test-request-uri-signed-rs256": _REQUEST_URI,
    "oidcc-client-test-request-uri-signed-none": _REQUEST_URI,
    "oidcc-client-test-rp-init-logout": _LOGOUT,
    "oidcc-client-test-rp-init-logout-other-state": _LOGOUT,
    "oidcc-client-test-rp-init-logout-no-state": _LOGOUT,
    _RPINIT: _LOGOUT,
    f"{_RPINIT}-alg-none": _LOGOUT,
    f"{_RPINIT}-no-event": _LOGOUT,
    f"{_RPINIT}-with-nonce": _LOGOUT,
    f"{_RPINIT}-wrong-alg": _LOGOUT,
    f"{_RPINIT}-wrong-aud": _LOGOUT,
    f"{_RPINIT}-wrong-event": _LOGOUT,
    f"{_RPINIT}-wrong-iss": _LOGOUT,
}
"""Modules that no test carries the name of, and why."""
