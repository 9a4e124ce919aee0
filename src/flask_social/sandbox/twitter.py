"""X's API, of which Twitter's is the older half: profiles in two versions, and posts."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from . import shapes
from .answers import OAuthError, json_answer
from .provider import Grant, Post, Provider

FIRST_POST = 1_900_000_000_000_000_000
"""The ids of posts count from here; X's have 19 digits."""
MESSAGES = {
    "token_rejected": (89, "Invalid or expired token."),
    "token_expired": (89, "Invalid or expired token."),
    "timestamp_refused": (135, "Timestamp out of bounds."),
    "parameter_rejected": (215, "Bad Authentication data."),
    "callback_refused": (
        415,
        "Callback URL not approved for this client application. Approved callback URLs can be "
        "adjusted in your application settings",
    ),
}
COULD_NOT_AUTHENTICATE = (32, "Could not authenticate you.")


def refuse(error: OAuthError) -> Response:
    """The error as version 1.1 and the OAuth endpoints word it."""
    code, message = MESSAGES.get(error.code, COULD_NOT_AUTHENTICATE)
    return json_answer({"errors": [{"code": code, "message": message}]}, error.status)


def refuse_call(error: OAuthError, path: str) -> Response:
    """The error as the API's version in *path* words it."""
    if not path.startswith("2/"):
        return refuse(error)
    return tell(error.status, "Unauthorized", "Unauthorized")


def tell(status: int, title: str, detail: str, kind: str = "about:blank") -> Response:
    """A problem as version 2 words it."""
    said = {"title": title, "detail": detail, "type": kind, "status": status}
    return json_answer(said, status)


def answer(provider: Provider, request: Request, grant: Grant, path: str) -> Response | None:
    """What is at *path*; ``None`` where X has nothing that we play."""
    number = str(shapes.subject_of(provider.script, grant.person))
    if request.method == "POST":
        return POSTS[path](provider, request, grant) if path in POSTS else None
    if path == "1.1/account/verify_credentials.json":
        with_email = request.args.get("include_email") == "true"
        said = shapes.twitter(provider.script, grant.person, with_email=with_email)
        return json_answer(provider.say("api", said))
    if path == "2/users/me":
        fields = request.args.get("user.fields", "").split(",")
        said = {"data": shapes.twitter_user(provider.script, grant.person, fields)}
        return json_answer(provider.say("api", said))
    if path == f"2/users/{number}/tweets":
        return timeline(provider, request, grant)
    return None


def invalidate(provider: Provider, request: Request, grant: Grant) -> Response:
    """``POST /1.1/oauth/invalidate_token``: take back the token that signed the request."""
    with provider.lock:
        grant.revoked = True
        [token] = [text for text, held in provider.access_tokens.items() if held.grant is grant]
    return json_answer({"access_token": token})


def post(provider: Provider, request: Request, grant: Grant) -> Response:
    """``POST /2/tweets``: publish ``{"text": ...}``, once."""
    sent = request.get_json(silent=True)
    text = sent.get("text") if isinstance(sent, dict) else None
    if not isinstance(text, str) or not text.strip():
        kind = "https://api.twitter.com/2/problems/invalid-request"
        detail = "One or more parameters to your request was invalid."
        return tell(400, "Invalid Request", detail, kind)
    with provider.lock:
        if any(each.person == grant.person.key and each.text == text for each in provider.posts):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return tell(403, "Forbidden", detail)
        made = Post(
            id=str(FIRST_POST + len(provider.posts)),
            person=grant.person.key,
            text=text,
            client_id=grant.client_id,
        )
        provider.posts.append(made)
    return json_answer({"data": written(made)}, 201)


def timeline(provider: Provider, request: Request, grant: Grant) -> Response:
    """``GET /2/users/<id>/tweets``: the person's own posts, the latest first."""
    most = request.args.get("max_results", "10")
    if not most.isdecimal() or not 5 <= int(most) <= 100:
        kind = "https://api.twitter.com/2/problems/invalid-request"
        return tell(400, "Invalid Request", "max_results is from 5 to 100", kind)
    own = [each for each in reversed(provider.posts) if each.person == grant.person.key]
    shown = own[: int(most)]
    meta: dict[str, Any] = {"result_count": len(shown)}
    if not shown:
        return json_answer({"meta": meta})
    meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
    return json_answer({"data": [written(each) for each in shown], "meta": meta})


def written(post: Post) -> dict[str, Any]:
    """*post* as X shows it."""
    return {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]}


POSTS = {"2/tweets": post, "1.1/oauth/invalidate_token": invalidate}
