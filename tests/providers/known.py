"""What ``flask_social.providers`` knows without reading a file, written anew from the files.

::

    .venv/bin/python -m tests.providers.known
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_social import client_keys, providers
from flask_social.places import OF_THE_CLIENT, kind_of, places, wanted
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC

HOME = Path(str(providers.__path__[0]))
CHECKS = [each.__post_init__ for each in (OAuth1, OAuth2, OIDC)]
"""By which a provider judges nothing that stands at a place."""
LOOKS = '''"""Names and brand colours of the stock providers, so that a button needs no file.

Made of the files by ``python -m tests.providers.known``.
"""

from __future__ import annotations

LOOKS: dict[str, tuple[str, str | None]] = {{
{looks}}}
'''


def stock(provider_id: str) -> Any:
    """The provider of a file."""
    return providers.find(provider_id)


def looks() -> dict[str, tuple[str, str | None]]:
    """Names and colours, as the files have them."""
    found = {each: stock(each) for each in providers.names()}
    return {each: (provider.name, provider.color) for each, provider in found.items()}


def needs() -> dict[str, dict[str, str]]:
    """What the files need beside the client's id and secret, and in what form."""
    found = {each: needs_of(stock(each)) for each in providers.names()}
    return {each: needed for each, needed in found.items() if needed}


def needs_of(provider: Any) -> dict[str, str]:
    """The same of one of them."""
    judges_itself = type(provider).__post_init__ not in CHECKS
    names = sorted({*wanted(provider), *(OF_THE_CLIENT & places(provider))})
    enrols = {"client_id": "checked"} if hasattr(provider, "enrolled") else {}
    kinds = {each: "checked" if judges_itself else kind_of(provider, each) for each in names}
    return enrols | kinds


def proofs() -> dict[str, tuple[str, ...]]:
    """By what providers know an application, of which that is not by id and secret."""
    found = {each: client_keys.needed(stock(each)) for each in providers.names()}
    return {each: needed for each, needed in found.items() if needed != client_keys.USUAL}


def quoted(text: str | None) -> str:
    """*text* as the formatter writes it."""
    return repr(text) if text is None or '"' in text else f'"{text}"'


def listed(texts: tuple[str | None, ...]) -> str:
    """A tuple as the formatter writes it."""
    inner = ", ".join(map(quoted, texts))
    return f"({inner},)" if len(texts) == 1 else f"({inner})"


def mapped(texts: Mapping[str, str]) -> str:
    """A dictionary as the formatter writes it."""
    return f"{{{', '.join(f'{quoted(each)}: {quoted(text)}' for each, text in texts.items())}}}"


def members(of: Mapping[str, str]) -> str:
    """The members of a dictionary, one in a line."""
    return "".join(f"    {quoted(each)}: {member},\n" for each, member in of.items())


def write() -> None:
    """Write both modules."""
    (HOME / "_looks.py").write_text(
        LOOKS.format(looks=members({each: listed(look) for each, look in looks().items()})), "utf-8"
    )
    module = HOME / "_known.py"
    text = module.read_text("utf-8")
    for name, inner in (
        ("NEEDS", members({each: mapped(needed) for each, needed in needs().items()})),
        ("PROOFS", members({each: listed(needed) for each, needed in proofs().items()})),
    ):
        text = replaced(text, name, inner)
    module.write_text(text, "utf-8")


def replaced(text: str, name: str, inner: str) -> str:
    """*text* with *inner* in the dictionary called *name*."""
    dictionary = re.compile(rf"({name}: .* = \{{)(?:\n    .*)*\n?\}}")
    return dictionary.sub(lambda found: f"{found[1]}\n{inner}}}", text)


if __name__ == "__main__":
    write()
