"""Odnoklassniki -- https://apiok.ru/ext/oauth/"""

from hashlib import md5
from urllib.parse import parse_qsl, urlsplit

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


def signed(request: Request, token: Token, client: Client) -> Request:
    """Each call carries the MD5 of its parameters, of the token and of the secret."""
    asked = dict(parse_qsl(urlsplit(request.url).query)) if request.form is None else request.form
    told = {**asked, "application_key": client.more["application_key"], "format": "json"}
    key = md5(f"{token.access_token}{client.secret}".encode(), usedforsecurity=False).hexdigest()
    text = "".join(f"{name}={told[name]}" for name in sorted(told)) + key
    told["sig"] = md5(text.encode(), usedforsecurity=False).hexdigest()
    told["access_token"] = token.access_token
    return request.with_query(**told) if request.form is None else request.with_form(**told)


provider = OAuth2(
    id="odnoklassniki", name="Odnoklassniki", color="#EE8208",
    console="https://ok.ru/vitrine/myuploaded",
    credentials=("application_key",),
    authorize_url="https://connect.ok.ru/oauth/authorize",
    token_url="https://api.ok.ru/oauth/token.do",
    api_url="https://api.ok.ru/",
    scopes=("VALUABLE_ACCESS", "GET_EMAIL"), scope_separator=";",
    token_use=signed,
    assume_bearer=True,
    profile_call="fb.do?method=users.getCurrentUser&fields=uid,name,email,pic_full,pic190x190",
    identity=fields(
        subject="uid", name="name", email="email", profile_url="https://ok.ru/profile/{uid}",
        image_url=("pic_full", "pic190x190"),
    ),
    email_trust="never",
)
