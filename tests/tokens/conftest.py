"""Real servers for the life of a token: databases, gunicorn, npm oidc-provider."""

from __future__ import annotations

from tests.attacks.conftest import watch, watched  # noqa: F401
from tests.hostile.conftest import (  # noqa: F401
    mariadb_databases,
    open_database,
    serve,
    serve_on,
)
from tests.mongo.conftest import _driver_is_quiet, mongodb_uri  # noqa: F401
from tests.peers.conftest import peer  # noqa: F401
from tests.tokens.stores import keys, store  # noqa: F401
