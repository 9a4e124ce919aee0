"""Serves mongoeco, MongoDB's protocol over a database in memory, on a port of 127.0.0.1.

Run by the Python of ``tests/mongo/install.sh``, which is newer than the library asks for. Writes
the address, and ends with its standard input.
"""

import asyncio
import sys

from mongoeco.engines.memory import MemoryEngine
from mongoeco.wire import AsyncMongoEcoProxyServer


async def main() -> None:
    async with AsyncMongoEcoProxyServer(engine=MemoryEngine(), host="127.0.0.1") as server:
        sys.stdout.write(f"{server.address.uri}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
