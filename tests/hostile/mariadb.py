"""A MariaDB server for the tests: the one named, else one of our own that ends with them.

In order: ``SOCIAL_TEST_MARIADB_URL``; Debian's binaries. Our own listens on a Unix socket in a
private folder, on no port, so that no stranger reaches it and no port can be taken meanwhile.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from tests.hostile.waiting import until

SERVER = shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")
FAST = (
    "--innodb-buffer-pool-size=16M",
    "--innodb-doublewrite=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=8M",
    "--skip-log-bin",
)


@contextmanager
def server() -> Iterator[str]:
    """A SQLAlchemy URL whose user may create databases, for as long as the block lasts.

    :raises RuntimeError: when there is neither a URL nor a MariaDB to start.
    """
    named = os.environ.get("SOCIAL_TEST_MARIADB_URL")
    if named:
        url = make_url(named).set(drivername="mysql+pymysql")
        yield url.render_as_string(hide_password=False)
        return
    if SERVER is None or INSTALL is None:
        raise RuntimeError(
            "MariaDB is missing: set SOCIAL_TEST_MARIADB_URL, or apt-get install mariadb-server."
        )
    with _folder() as folder, _started(folder) as path:
        yield f"mysql+pymysql://root@localhost/?unix_socket={path}"


@dataclass(frozen=True)
class Databases:
    """Makes empty databases on a server, one per test."""

    connection: sa.Connection
    url: URL

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of an empty database, which goes with whatever is connected to it."""
        name = f"social_test_{uuid4().hex}"  # other machines may test on the same server
        run = self.connection.exec_driver_sql
        run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            url = self.url.set(database=name).update_query_dict({"charset": "utf8mb4"})
            yield url.render_as_string(hide_password=False)
        finally:
            query = f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"
            for thread in run(query).scalars().all():
                with suppress(sa.exc.OperationalError):  # it has gone by itself
                    run(f"KILL {thread}")
            run(f"DROP DATABASE {name}")


@contextmanager
def databases(url: str) -> Iterator[Databases]:
    """A maker of databases on the server at *url*, for as long as the block lasts."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield Databases(connection, make_url(url))
    engine.dispose()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the server's user that nobody else can enter (root aside)."""
    folder = Path(tempfile.mkdtemp(prefix="social-maria-"))
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_owner())
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(folder: Path) -> Iterator[Path]:
    """The socket that a new server listens on."""
    cluster, path, log = folder / "data", folder / "socket", folder / "log"
    # A server that starts throws away what others have in the folder for temporary files.
    common = ["--no-defaults", f"--datadir={cluster}", f"--tmpdir={folder}", *FAST]
    if os.geteuid() == 0:
        common.append(f"--user={_owner()}")
    install = [str(INSTALL), *common, "--skip-test-db", "--auth-root-authentication-method=normal"]
    done = subprocess.run(install, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{INSTALL} failed:\n{done.stdout}{done.stderr}")
    listening = ["--skip-networking", f"--socket={path}", f"--pid-file={folder}/pid"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(SERVER), *common, *listening], stdout=output, stderr=output, cwd="/"
        )
    try:
        until(lambda: _answers(path, process, log))
        yield path
    finally:
        process.kill()  # what it holds is thrown away
        process.wait()


def _answers(path: Path, process: subprocess.Popen[bytes], log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(log.read_text())
    with socket.socket(socket.AF_UNIX) as probe:  # PyMySQL leaves its own open when refused
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return bool(probe.recv(1))  # its greeting


def _owner() -> str:
    """Whom the server runs as when the tests run as root, which it refuses."""
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return "nobody"
