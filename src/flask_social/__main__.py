"""``python -m flask_social``: the commands of ``flask social``, with no application at hand."""

from .cli import social

social(prog_name="python -m flask_social")
