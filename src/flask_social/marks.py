"""A neutral mark for a provider: the initial of its name on a disc of its colour.

It is drawn here, as SVG, and holds no artwork of anybody's. It needs neither a style sheet nor
another request, so that it works under any Content-Security-Policy.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup

NEUTRAL = "#5b6470"
"""For a provider without a colour, or with one that cannot be read."""
WHITE, BLACK = "#ffffff", "#000000"
COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
SPOKEN = Markup('role="img" aria-label="{name}"')
SILENT = Markup('aria-hidden="true"')
DRAWING = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" class="social-mark" {said} '
    'width="20" height="20" viewBox="0 0 32 32">'
    '<circle cx="16" cy="16" r="15.5" fill="{disc}" stroke="#808080" stroke-opacity="0.4"/>'
    '<text x="16" y="16" dy="0.36em" text-anchor="middle" font-family="sans-serif" '
    'font-size="17" font-weight="600" fill="{letter}">{initial}</text></svg>'
)


def svg(name: str, color: str | None = None, *, beside_name: bool = False) -> Markup:
    """The mark of what is called *name*, ready for a page.

    :param color: of the disc, as ``#rgb`` or ``#rrggbb``; anything else is left out.
    :param beside_name: whether the page says the name there too, so that the mark need not.
    """
    disc = color if isinstance(color, str) and COLOR.fullmatch(color) else NEUTRAL
    return DRAWING.format(
        said=SILENT if beside_name else SPOKEN.format(name=_printable(name)),
        disc=disc.lower(),
        letter=letter_on(disc),
        initial=initial(name),
    )


def initial(name: str) -> str:
    """The first letter or figure of *name*, in any script, with the signs that belong to it."""
    for place, character in enumerate(name):
        if unicodedata.category(character)[0] not in "LN":
            continue
        signs = place + 1
        while signs < len(name) and unicodedata.category(name[signs])[0] == "M":
            signs += 1
        large = character.upper()
        return (large if len(large) == 1 else character) + name[place + 1 : signs]
    return "?"


def letter_on(color: str) -> str:
    """White or black, whichever is easier to read on *color* (WCAG 2.2, 1.4.3).

    One of them has a contrast of at least 4.5 to 1 on any colour.
    """
    return max(WHITE, BLACK, key=lambda letter: contrast(letter, color))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """How bright *color* is, of 0 to 1 (WCAG 2.2, "relative luminance")."""
    digits = color.removeprefix("#")
    pairs = [digits[place : place + 2] for place in (0, 2, 4)]
    if len(digits) == 3:
        pairs = [digit * 2 for digit in digits]
    red, green, blue = (_linear(int(pair, 16) / 255) for pair in pairs)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _printable(name: str) -> str:
    """*name* without what no document of XML may hold."""
    return "".join(each for each in name if each.isprintable())
