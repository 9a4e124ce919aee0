"""Codeberg -- https://forgejo.org/docs/latest/user/oauth2-provider/

It is a server of Forgejo's.
"""

from dataclasses import replace

from .forgejo import provider as forgejo

provider = replace(
    forgejo, id="codeberg", name="Codeberg", color="#2185D0", places={"host": "codeberg.org"},
)
