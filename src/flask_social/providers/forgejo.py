"""Forgejo -- https://forgejo.org/docs/latest/user/oauth2-provider/

It began as Gitea, and its login is Gitea's to this day.
"""

from dataclasses import replace

from .gitea import provider as gitea

provider = replace(gitea, id="forgejo", name="Forgejo", color="#FB923C")
