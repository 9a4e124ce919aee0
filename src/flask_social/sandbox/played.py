"""Providers that are played from a description: a mapping, as it stands in a JSON file.

::

    Sandbox(providers=[played({
        "id": "forge", "name": "Forge", "kind": "oauth2", "scopes": ["me"],
        "authorize": {"url": "https://forge.example/authorize"},
        "token": {"url": "https://forge.example/token", "auth": ["client_secret_post"]},
        "refresh": {"when": "always", "rotates": True},
        "calls": [{"url": "https://forge.example/api/me"}],
        "samples": {"profile": {"id": 7, "login": "ada", "mail": "ada@example.com"}},
        "person": {"profile": {"id": ["id"], "username": ["login"], "email": ["mail"]}},
    })])

Values that something is compared with are a text, alternatives (``a|b``), anything (``*``), a
regular expression (``~[0-9]{8}``), or hold places: ``{client_id}``, ``{client_secret}``,
``{state}``, ``{callback.x}`` and ``{token.x}`` (what was told there), ``{person.x}`` (in the
person's profile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .scripts import POST, ProviderScript

Words = Mapping[str, Any]
Texts = Mapping[str, str]
Path = str | list[str | int]
"""``user.emails.0.value``, or the same as a list where a name has a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorize:
    """The authorization endpoint."""

    url: str
    names: Texts = field(default_factory=dict)
    """What it calls parameters of the standard."""
    needs: Texts = field(default_factory=dict)
    """What a request must carry beside them."""
    lengths: Mapping[str, int] = field(default_factory=dict)
    """How long parameters are at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWords:
    """The token endpoint: how it is asked and how it answers."""

    url: str = ""
    method: Literal["POST", "GET", "ANY"] = "POST"
    body: Literal["form", "json", "either", "any"] = "form"
    """``any`` also takes the parameters of the address."""
    auth: tuple[str, ...] = (POST,)
    names: Texts = field(default_factory=dict)
    """What it calls parameters of the standard."""
    needs: Texts = field(default_factory=dict)
    headers: Texts = field(default_factory=dict)
    id_header: str | None = None
    secret_header: str | None = None
    """Where credentials stand that are not among the parameters."""
    anonymous: bool = False
    """Nobody says who they are but by their secret."""
    bare_redirect: bool = False
    """It does not ask for the redirect URI again."""
    says: Texts = field(default_factory=dict)
    """Where members of the standard stand in its answer, if not at their own names."""
    media: str = "application/json"
    prefix: str = ""
    """Before the JSON."""
    form_unless: str | None = None
    """The answer is a form unless JSON is accepted (``accept``), or a parameter has a value."""
    lifetime: int | None = 3600
    audience: str | None = None
    """In access tokens that are JWTs, beside the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """When a refresh token is given, and how it is used."""

    when: str = "never"
    """``never``, ``always``, ``scope X``, or ``by name=value`` in the authorization request."""
    rotates: bool = False
    url: str | None = None
    """Where, if not at the token endpoint."""
    needs: Texts | None = None
    """What a request must carry, if not what one for a token must."""
    secretless: bool = False
    """The client says who it is, and proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """How a token is given back."""

    url: str
    method: str = "POST"
    """``ANY`` for GET and POST."""
    body: Literal["form", "json", "any"] = "form"
    place: Literal["body", "query"] = "body"
    token: str | None = "token"
    """The parameter; ``*``: ``token``, ``access_token`` or ``accessToken``; ``None``: the path
    names it, or what the request says of an account."""
    auth: str = "client"
    """Who may: ``client``, as at the token endpoint; ``open``, anybody; ``token``, whose token it
    is; ``bearer``, the same, who names it too; ``either``, anybody who names it, or whose it is;
    ``secret X``, the secret by a scheme X; or a method of client authentication."""
    needs: Texts = field(default_factory=dict)
    bare: bool = False
    """Nothing may be in the body."""
    says: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Something of the API."""

    url: str
    method: str = "GET"
    says: str = "profile"
    """The sample that it answers."""
    needs: Texts = field(default_factory=dict)
    """Parameters in the address."""
    form: Texts = field(default_factory=dict)
    """Parameters in the body."""
    headers: Texts = field(default_factory=dict)
    """``*``: any, ``own``: none that a library sends by itself."""
    carry: tuple[str, ...] = ()
    scope: str | None = None
    """Without it nothing is there."""
    fields: Words = field(default_factory=dict)
    """``param`` names the members to answer, of the one at ``at``; beside those ``always`` there.
    ``needed``: it has to be given; ``otherwise``, without it, there are ``few``, not all."""
    graphql: bool = False
    bare: bool = False
    open: bool = False
    """Anybody may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """All that a description says, but for what a script has room for."""

    id: str
    authorize: Authorize
    token: TokenWords
    refresh: Refresh
    revoke: Revoke | None
    calls: tuple[Call, ...]
    pkce: Literal["checked", "required", "plain"] = "checked"
    names: Texts = field(default_factory=dict)
    """What it calls parameters of the standard everywhere."""
    carry: tuple[str, ...] = ("scheme Bearer",)
    """Where an API call may have its token: ``scheme X``, ``raw`` (the whole Authorization header),
    ``header X``, ``query X``, ``form X``."""
    headers: Texts = field(default_factory=dict)
    """What every API call carries."""
    api_media: str = "application/json"
    callback: Words = field(default_factory=dict)
    """``code``: what the code is called; ``code_too``: called that too; ``extra`` parameters, of
    which ``new`` is made anew; ``scope``: told; ``denial``: with an error; ``stays``: no error goes
    back; ``fragment``."""
    errors: Words = field(default_factory=dict)
    """How errors are worded: templates ``token`` and ``api``, of which a text is the whole answer;
    ``status``; ``names`` and ``codes`` by the standard's name."""
    lasting_scope: str | None = None
    """With this scope tokens do not expire."""
    echoes_state: bool = False
    quirk: str = ""
    """What no words here describe, by its name in :mod:`.quirks`."""
    samples: Words = field(default_factory=dict)
    person: Mapping[str, Mapping[str, list[Path]]] = field(default_factory=dict)
    """By sample and by ``id``, ``username``, ``handle`` (which is both), ``name``, ``first``,
    ``last``, ``email``, ``checked`` (an address that is told once it is verified), ``verified``,
    ``picture``, ``page``: where it has that."""


OF_SCRIPT = {"name", "kind", "scopes", "separator", "issuer", "request_token"}
OF_SCRIPT |= {"id_token_alg", "signed_userinfo", "sends_iss", "code_lifetime"}
"""Members of a description that are no field of :class:`Play`."""


def played(description: Words) -> ProviderScript:
    """The script of the provider that *description* tells of.

    :raises ValueError: for a member that means nothing, or for want of one.
    """
    try:
        return script_of(description, play_of(description))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{description.get('id')}: {error}") from error


def play_of(description: Words) -> Play:
    """The dialect in *description*."""
    rest = {name: value for name, value in description.items() if name not in OF_SCRIPT}
    revoke = rest.pop("revoke", None)
    return Play(
        authorize=Authorize(**rest.pop("authorize")),
        token=TokenWords(**tupled(rest.pop("token"), "auth")),
        refresh=Refresh(**rest.pop("refresh", {})),
        revoke=None if revoke is None else Revoke(**revoke),
        calls=tuple(Call(**tupled(call, "carry")) for call in rest.pop("calls", ())),
        **tupled(rest, "carry"),
    )


def tupled(words: Words, *names: str) -> dict[str, Any]:
    """*words*, the lists among them by *names* as tuples."""
    return {name: tuple(value) if name in names else value for name, value in words.items()}


def script_of(description: Words, play: Play) -> ProviderScript:
    """The script in *description*, with its dialect."""
    optional = ("name", "id_token_alg", "signed_userinfo", "sends_iss", "code_lifetime")
    return ProviderScript(
        id=play.id,
        kind=description["kind"],
        shape="played",
        play=play,
        default_scopes=tuple(description.get("scopes", ())),
        scope_separator=description.get("separator", " "),
        pkce_required=play.pkce != "checked",
        auth_methods=play.token.auth,
        token_by_get=description["kind"] == "oauth1",
        access_token_lifetime=play.token.lifetime,
        refresh="never" if play.refresh.when == "never" else "played",
        rotates=play.refresh.rotates,
        **{"sends_iss": False}
        | {name: description[name] for name in optional if name in description},
    )
