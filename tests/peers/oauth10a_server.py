"""A real OAuth 1.0a provider on localhost: PyPI django-oauth10a-mod, two people, one API call.

The one line on stdout is "ready URL"; the process ends when its stdin does. Signatures, tokens,
nonces and verifiers are the package's; Django signs people in; the two pages are here.
PUT /control with {key, secret} starts the provider anew, with that one consumer; GET /control
lists the requests since then as {path, signature_method}, the latter null for a browser's.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

PEOPLE = {
    "ada": ("Ada", "Lovelace", "ada@example.com"),
    "grace": ("Grace", "Hopper", "grace@example.com"),
}
PASSWORD = "any will do"
LOGIN = """<form method="post" action="{{ request.get_full_path }}">{% csrf_token %}
<input name="username"><input name="password" type="password"><button>Sign in</button></form>"""
CONSENT = """<form method="post" action="{{ request.path }}">{% csrf_token %}
<input type="hidden" name="oauth_token" value="{{ token.key }}">
<label><input type="checkbox" name="authorize_access"> {{ token.consumer.name }} may</label>
<button>Continue</button></form>"""

requests: list[dict[str, str | None]] = []
"""As they came."""


def main() -> None:
    """Serve until stdin ends: one request at a time, since the database is this thread's memory."""
    configure()
    call_command("migrate", verbosity=0)
    with make_server("127.0.0.1", 0, get_wsgi_application(), WSGIServer, QuietHandler) as server:
        print(f"ready http://localhost:{server.server_port}", flush=True)  # noqa: T201 - to the test
        threading.Thread(target=stop_with_stdin, args=(server,), daemon=True).start()
        server.serve_forever(0.01)


def configure() -> None:
    """Set Django up. What the package reads of the settings it reads when it is imported."""
    settings.configure(
        SECRET_KEY="a secret of this test",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth_provider",
        ],
        MIDDLEWARE=[
            f"{__name__}.noting",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {"login.html": LOGIN, "consent.html": CONSENT},
                        )
                    ],
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login/",
        OAUTH_AUTHORIZE_VIEW=consent,
    )
    django.setup()


class QuietHandler(WSGIRequestHandler):
    """No access log, which would hold request tokens."""

    def log_message(self, *args: object) -> None:
        pass


def stop_with_stdin(server: WSGIServer) -> None:
    """End the process together with the one that started it."""
    sys.stdin.read()
    server.shutdown()


def noting(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that notes what is asked for, but for the control."""

    def note(request: HttpRequest) -> HttpResponse:
        if request.path != "/control":
            method = re.search(
                'oauth_signature_method="([^"]*)"', request.headers.get("Authorization", "")
            )
            requests.append(
                {"path": request.path, "signature_method": method[1] if method else None}
            )
        return answer(request)

    return note


def consent(request: HttpRequest, token: object, callback: str, params: str) -> HttpResponse:
    """The page that asks whether the consumer may. Without the tick it may not."""
    return render(request, "consent.html", {"token": token})


def me(request: HttpRequest) -> HttpResponse:
    """Who granted the token."""
    user = request.user
    return JsonResponse({"id": user.pk, "name": user.get_full_name(), "email": user.email})


def control(request: HttpRequest) -> HttpResponse:
    """PUT: begin anew. GET: what was asked for."""
    if request.method == "PUT":
        call_command("flush", verbosity=0, interactive=False)
        populate(**json.loads(request.body))
        requests.clear()
    return JsonResponse(requests, safe=False)


def populate(*, key: str, secret: str) -> None:
    """Everybody, and one consumer that is allowed in."""
    from django.contrib.auth.models import User
    from oauth_provider.consts import ACCEPTED
    from oauth_provider.models import Consumer

    for username, (first, last, email) in PEOPLE.items():
        User.objects.create_user(username, email, PASSWORD, first_name=first, last_name=last)
    Consumer.objects.create(name="The bed", key=key, secret=secret, status=ACCEPTED)


def routes() -> list[object]:
    """The package's three endpoints, the login it sends people to, and an API of one call."""
    from django.contrib.auth.views import LoginView
    from django.urls import include, path
    from django.views.decorators.csrf import csrf_exempt
    from oauth_provider.decorators import oauth_required

    return [
        path("oauth/", include("oauth_provider.urls")),
        path("login/", LoginView.as_view(template_name="login.html")),
        path("api/me", csrf_exempt(oauth_required(me))),
        path("control", csrf_exempt(control)),
    ]


def __getattr__(name: str) -> list[object]:
    """``urlpatterns``, once Django is set up and asks this module for them."""
    if name != "urlpatterns":
        raise AttributeError(name)
    return globals().setdefault(name, routes())


if __name__ == "__main__":
    main()
