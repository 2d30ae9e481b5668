"""Policies side by side as a picture: SVG that any browser opens, with every number in words for those who do not see it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

_SHOWN: Final = {
    "second": "came a second time, of 100 people",
    "worst_off": "the same, where they are fewest",
    "coverage": "share of groups that got somebody",
}
_WIDTH, _LEFT, _TOP, _ROW, _HEAD = 860, 150, 88, 30, 44
_INK, _QUIET, _BLUE, _TRACK = "#212b32", "#4c6272", "#005eb8", "#e8edee"


def comparison_picture(rows: Sequence[Mapping[str, Any]]) -> str:
    """The SVG of a comparison's rows, with their 95 % intervals."""
    block = _HEAD + len(rows) * _ROW
    height = _TOP + len(_SHOWN) * block + 10
    said = "; ".join(f"{row['policy']}: {', '.join(f'{words} {_told(row[name][0])}' for name, words in _SHOWN.items())}" for row in rows)
    towns = f"{rows[0]['towns']} made-up towns; bars are 95 % intervals over towns" if rows else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title desc" '
        'font-family="Arial, Helvetica, sans-serif">',
        '<title id="title">Ways of proposing groups, on made-up towns</title>',
        f'<desc id="desc">{escape(said)}.</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(24, 40, "Ways of proposing groups, on made-up towns", 22, _INK),
        _text(24, 64, towns, 15, _QUIET),
    ]
    for place, (name, words) in enumerate(_SHOWN.items()):
        parts += _ranges(rows, name, words, _TOP + place * block)
    return "\n".join([*parts, "</svg>\n"])


def _ranges(rows: Sequence[Mapping[str, Any]], name: str, words: str, top: int) -> Iterator[str]:
    yield _text(24, top + 24, words, 16, _INK)
    room = _WIDTH - _LEFT - 120
    most = max([max(number or 0.0 for number in row[name]) for row in rows], default=1.0) or 1.0
    for place, row in enumerate(rows):
        y, value = top + _HEAD + place * _ROW, row[name][0] or 0.0
        low, high = (value if end is None else end for end in row[name][1:])
        start, middle, end = (round(_LEFT + room * number / most, 1) for number in (max(low, 0.0), value, high))
        yield _text(_LEFT - 14, y + 5, row["policy"], 15, _INK, "end")
        yield f'<rect x="{_LEFT}" y="{y - 2}" width="{room}" height="4" fill="{_TRACK}"/>'
        yield f'<rect x="{start}" y="{y - 3}" width="{max(end - start, 1):g}" height="6" fill="{_QUIET}"/>'
        yield f'<circle cx="{middle}" cy="{y}" r="7" fill="{_BLUE}"/>'
        yield _text(_LEFT + room + 14, y + 5, _told(row[name][0]), 15, _INK)


def _told(value: float | None) -> str:
    return "too few to say" if value is None else f"{value:.3g}"


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'
