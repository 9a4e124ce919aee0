"""Providers to develop and test against, over real HTTP and without the internet.

The sandbox plays google, linkedin, facebook, foursquare, github, twitter (X) and vk by programs of
their own, and every other provider of the catalogue from a description, each in its own dialect;
beside them the generic ``acme`` (OpenID Connect), ``plain`` (OAuth 2.0, integer ids), ``posty``
(answers by form_post), ``classic`` (OAuth 1.0a), ``op-a`` and ``op-b``. Provider ``P`` lives at
``URL/P/``: ``authorize``, ``token``, ``refresh`` and ``exchange`` where it has such addresses,
``userinfo``, ``jwks``, ``revoke``, ``.well-known/openid-configuration`` and ``api/...``; its issuer
is ``URL/P``. One of OAuth 1.0a has ``request_token``, ``authorize``, ``access_token`` and
``api/...``; one of OpenID 2.0 ``authorize``, for people and for applications, whose questions count
as those of ``token``. ``URL/P~name/`` is a second P with a state of its own.

Below ``api/`` a profile call of the catalogue is known by the end of its address: Discord's answers
at ``discord/api/users/@me`` and at ``discord/api/api/users/@me``. ``at/<host>/<path>`` is the
address of exactly that host and path. Any other call is echoed, if its token is good and stands
where this provider wants it. What is told is the catalogue's sample with the person put into it;
``login_as("sample")`` gets the samples to the letter.

``python -m flask_social.sandbox`` serves it; in a test use :func:`flask_social.testing.sandbox`::

    with sandbox() as box:
        box.url                                        # http://localhost:43211/
        box.login_as("ada")                            # approve at once; box.deny(), box.ask()
        google = box["google"]
        google.fail("token", Status(500, times=1))     # a fault, see .faults
        google.set("claims", iss="https://evil.test")  # an edit; also delete, change, replace
        google.sign("HS256", "public_pem")             # an odd signature
        google.rotate_keys()
        google.honest()                                # all well again
        box["twitter"].register_client(Client(id="app", secret="s"))
        box["twitter"].posts                           # what was published there
        box.count("google", "token")                   # how many requests came
        box.connections()                              # how many TCP connections
        box.requests                                   # what they were

It is as strict as an honest provider: exact redirect URIs, codes that work once and revoke their
tokens at the second use, PKCE S256, one client authentication method, rotating refresh tokens
whose reuse ends the family; in OAuth 1.0a signatures, timestamps, nonces, and request tokens that
work once; in OpenID 2.0 assertions that are vouched for once. In OAuth 1.0a and at Last.fm and
Shopify a client must be known: a registered one, or, unless the sandbox is strict, one whose key
ends in ``key`` and whose secret is the key with ``secret`` in place of that (``twitter-key`` and
``twitter-secret``). Who has to sign, or to read what is encrypted, registers a
key (:class:`Client`): without one Alipay, itsme and login.gov with an assertion cannot be walked,
and Apple's secret is checked but for its signature. The control interface over HTTP is described in
:mod:`.control`.

A provider that is not in the catalogue is played from a description of the same form, which
:mod:`.played` explains and the files in ``sandbox/catalogue/`` show::

    with sandbox(providers=[played({"id": "forge", "kind": "oauth2", ...})]) as box:
        ...
"""

from .app import DEFAULT_URL, Sandbox
from .faults import Barrier, Delay, Fault, Hang, Kill, Redirect, Reset, Status
from .people import PEOPLE, Person
from .played import played
from .provider import Client, Post, Provider
from .record import Recorded
from .scripts import ProviderScript
from .server import Server
from .spoilt import Charset, Drip, Gzip, Headers, Size, Truncate

__all__ = [
    "DEFAULT_URL",
    "PEOPLE",
    "Barrier",
    "Charset",
    "Client",
    "Delay",
    "Drip",
    "Fault",
    "Gzip",
    "Hang",
    "Headers",
    "Kill",
    "Person",
    "Post",
    "Provider",
    "ProviderScript",
    "Recorded",
    "Redirect",
    "Reset",
    "Sandbox",
    "Server",
    "Size",
    "Status",
    "Truncate",
    "played",
]
