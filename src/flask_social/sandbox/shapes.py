"""Profiles, each in the words of its provider."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .people import SAMPLE, SAMPLES, Person, subject
from .scripts import ProviderScript

PICTURES = "https://pictures.example"
GOOGLE_SCOPES = "https://www.googleapis.com/auth/userinfo."
"""How the names of Google's older scopes begin, ``profile`` and ``email``; both still count."""


def subject_of(script: ProviderScript, person: Person) -> str | int:
    """The id of *person* at the provider, in the provider's type."""
    return subject(script.id, person, script.subject, script.subject_length)


def claims(script: ProviderScript, person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """Standard claims as the scopes allow (OpenID Connect Core 5.1, 5.4), without ``sub``."""
    answer: dict[str, Any] = {}
    scopes = [scope.removeprefix(GOOGLE_SCOPES) for scope in scopes]
    if "profile" in scopes or "name" in scopes:
        answer |= {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "picture": picture(script, person),
        }
        if script.shape == "linkedin":
            answer["locale"] = {"country": "US", "language": "en"}
        elif script.id != "google":
            answer["preferred_username"] = person.username
    if "email" in scopes and person.email:
        answer |= {"email": person.email, "email_verified": person.email_verified}
    return answer | dict(person.claims)


def picture(script: ProviderScript, person: Person) -> str:
    """An address of a portrait; nothing is served there."""
    if person is SAMPLE and script.id in SAMPLES:
        return SAMPLES[script.id][1]
    return f"{PICTURES}/{script.id}/{person.key}.png"


def github(script: ProviderScript, person: Person) -> dict[str, Any]:
    """``GET /user``: the public e-mail is not set, as it is for most people."""
    number = subject_of(script, person)
    return {
        "login": person.username,
        "id": number,
        "node_id": f"U_{number}",
        "avatar_url": picture(script, person),
        "html_url": f"https://github.com/{person.username}",
        "type": "User",
        "name": person.name,
        "company": None,
        "email": None,
        "bio": None,
        "created_at": "2011-01-25T18:44:36Z",
    }


def github_emails(person: Person) -> list[dict[str, Any]]:
    """``GET /user/emails``."""
    hidden = {
        "email": f"{person.username}@users.noreply.github.com",
        "primary": False,
        "verified": True,
        "visibility": None,
    }
    if not person.email:
        return [hidden]
    primary = {
        "email": person.email,
        "primary": True,
        "verified": person.email_verified,
        "visibility": "private",
    }
    return [hidden, primary]


def facebook(
    script: ProviderScript, person: Person, fields: Collection[str], scopes: Collection[str]
) -> dict[str, Any]:
    """``GET /me``: the fields asked for, ``id`` in any case."""
    portrait = {
        "height": 400,
        "width": 400,
        "is_silhouette": False,
        "url": picture(script, person),
    }
    number = str(subject_of(script, person))
    known: dict[str, Any] = {
        "id": number,
        "name": person.name,
        "first_name": person.given_name,
        "last_name": person.family_name,
        "link": f"https://www.facebook.com/app_scoped_user_id/{number}/",
        "picture": {"data": portrait},
    }
    if person.email and "email" in scopes:
        known["email"] = person.email
    wanted = {"id"} | {name.partition(".")[0] for name in fields}
    return {name: value for name, value in known.items() if name in wanted}


def foursquare(script: ProviderScript, person: Person) -> dict[str, Any]:
    """The ``user`` of ``GET /users/self``."""
    contact = {"email": person.email} if person.email else {}
    return {
        "id": str(subject_of(script, person)),
        "firstName": person.given_name,
        "lastName": person.family_name,
        "gender": "none",
        "homeCity": "Athens, GR",
        "contact": contact | {"verifiedPhone": "false"},
        "photo": {
            "prefix": f"{PICTURES}/{script.id}/",
            "suffix": f"/{person.key}.png",
        },
    }


def twitter(script: ProviderScript, person: Person, *, with_email: bool) -> dict[str, Any]:
    """``GET /1.1/account/verify_credentials.json``: an address only if asked for and confirmed."""
    number = str(subject_of(script, person))
    profile: dict[str, Any] = {
        "id": int(number),
        "id_str": number,
        "name": person.name,
        "screen_name": person.username,
        "profile_image_url_https": twitter_picture(script, person),
        "verified": False,
    }
    if with_email:
        profile["email"] = person.email if person.email_verified else None
    return profile


def twitter_user(script: ProviderScript, person: Person, fields: Collection[str]) -> dict[str, Any]:
    """``GET /2/users/me``: the fields asked for beside ``id``, ``name`` and ``username``."""
    known = {
        "id": str(subject_of(script, person)),
        "name": person.name,
        "username": person.username,
        "profile_image_url": twitter_picture(script, person),
        "verified": False,
    }
    wanted = {"id", "name", "username", *fields}
    return {name: value for name, value in known.items() if name in wanted}


def twitter_picture(script: ProviderScript, person: Person) -> str:
    """The address of the small portrait, as X tells it."""
    if person is SAMPLE:
        return picture(script, person)
    return f"{PICTURES}/{script.id}/{person.key}_normal.png"


def vk(script: ProviderScript, person: Person) -> dict[str, Any]:
    """The one person in the list of ``users.get``."""
    return {
        "id": subject_of(script, person),
        "first_name": person.given_name,
        "last_name": person.family_name,
        "can_access_closed": True,
        "is_closed": False,
        "screen_name": person.username,
        "photo_200": picture(script, person),
    }


def plain(script: ProviderScript, person: Person) -> dict[str, Any]:
    """``GET /me`` of a provider without any standard."""
    profile: dict[str, Any] = {
        "id": subject_of(script, person),
        "name": person.name,
        "username": person.username,
        "avatar": picture(script, person),
        "url": f"https://plain.example/{person.username}",
    }
    if person.email:
        profile |= {"email": person.email, "email_verified": person.email_verified}
    return profile | dict(person.claims)


def foursquare_envelope(
    response: Mapping[str, Any], code: int = 200, **meta: str
) -> dict[str, Any]:
    """Foursquare wraps every answer."""
    return {"meta": {"code": code, "requestId": "5f1b2c", **meta}, "response": dict(response)}
