"""The funnel as a picture: one SVG file that any browser shows, with every number in words for those who do not see it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

STEPS: Final[Mapping[str, str]] = {
    "referred": "were referred",
    "proposed": "had groups proposed",
    "agreed": "agreed on a group",
    "placed": "were given a place",
    "attended_once": "came once",
    "attended_twice": "came a second time",
}
_WIDTH, _BAR, _GAP, _LEFT, _TOP = 860, 44, 14, 230, 84
_INK, _QUIET, _TRACK = "#212b32", "#4c6272", "#e8edee"
_SHADES: Final = ("#003087", "#005eb8", "#0072ce", "#0e8a74", "#007f3b", "#006747")


def funnel_picture(told: Mapping[str, Any]) -> str:
    """The SVG of a town's report."""
    counts = {name: int(told[name]) for name in STEPS}
    unmet = sorted(told["unmet"].items(), key=lambda item: (-item[1], item[0]))
    height = _TOP + len(STEPS) * (_BAR + _GAP) + 40 + 24 * ((len(unmet) + 1) // 2)
    said = "; ".join(f"{count:,} {STEPS[name]}" for name, count in counts.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title desc" '
        'font-family="Arial, Helvetica, sans-serif">',
        '<title id="title">From a referral to a second visit</title>',
        f'<desc id="desc">{escape(said)}.</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(24, 40, "From a referral to a second visit", 24, _INK, bold=True),
        _text(24, 64, f"The sample town, {told['people']:,} people", 15, _QUIET),
        *_bars(counts),
        *_reasons(unmet, _TOP + len(STEPS) * (_BAR + _GAP) + 20),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bars(counts: Mapping[str, int]) -> Iterator[str]:
    whole, room = max(1, *counts.values()), _WIDTH - _LEFT - 130
    for row, (name, count) in enumerate(counts.items()):
        top, width = _TOP + row * (_BAR + _GAP), round(room * count / whole, 1)
        yield _text(_LEFT - 14, top + 28, STEPS[name], 16, _INK, anchor="end")
        yield f'<rect x="{_LEFT}" y="{top}" width="{room}" height="{_BAR}" fill="{_TRACK}"/>'
        yield f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{_BAR}" fill="{_SHADES[row]}"/>'
        yield _text(_LEFT + room + 12, top + 28, f"{count:,}  ({count / whole:.0%})", 16, _INK, bold=True)


def _reasons(unmet: list[tuple[str, int]], top: int) -> Iterator[str]:
    if not unmet:
        return
    yield _text(24, top, "Without a place so far, and why", 16, _INK, bold=True)
    for number, (reason, count) in enumerate(unmet):
        yield _text(24 + (number % 2) * 400, top + 26 + 24 * (number // 2), f"{count:,}  {reason.replace('_', ' ')}", 15, _QUIET)


def _text(x: float, y: float, words: str, size: int, colour: str, *, bold: bool = False, anchor: str = "start") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
