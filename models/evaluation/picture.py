"""What a model's card shows as pictures: SVG files that any browser opens, with every number in words for those who do not see them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _TOP, _ROW = 860, 250, 70, 34
_INK, _QUIET, _BLUE, _TRACK = "#212b32", "#4c6272", "#005eb8", "#e8edee"
MOST_FEATURES: Final = 15


def slices_picture(slices: Mapping[str, Mapping[str, Any]]) -> str:
    """The share found among the first five, slice by slice, with its interval."""
    shown = {name: figures["hit@5"] for name, figures in slices.items() if "hit@5" in figures}
    said = "; ".join(f"{name} {value:.3f} ({low:.3f} to {high:.3f})" for name, (value, low, high) in shown.items())
    return _svg("Found among the first five", said, len(shown), _ranges(shown))


def importance_picture(added: Mapping[str, float]) -> str:
    """What each feature adds to the log-odds on average, whichever way."""
    shown = dict(list(added.items())[:MOST_FEATURES])
    said = "; ".join(f"{name} {value:.2f}" for name, value in shown.items())
    return _svg("What each feature adds to the log-odds", said, len(shown), _bars(shown))


def calibration_picture(parts: Sequence[tuple[float, float, int]], title: str = "Coming back: said, and come true") -> str:
    """What was said of coming back, and what came true, in ten equal parts."""
    said = "; ".join(f"said {said:.2f}, came back {came:.2f} of {number}" for said, came, number in parts)
    return _svg(title, said, 12, _points(parts))


def _svg(title: str, said: str, rows: int, marks: Iterator[str]) -> str:
    height = _TOP + rows * _ROW + 20
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title desc" '
        'font-family="Arial, Helvetica, sans-serif">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(said)}.</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(24, 40, title, 22, _INK),
        *marks,
        "</svg>\n",
    ])  # fmt: skip


def _ranges(shown: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    room, most = _WIDTH - _LEFT - 120, max([high for _, _, high in shown.values()], default=1.0) or 1.0
    for row, (name, (value, low, high)) in enumerate(shown.items()):
        top = _TOP + row * _ROW
        start, middle, end = (round(_LEFT + room * number / most, 1) for number in (low, value, high))
        yield _text(_LEFT - 14, top + 18, name, 15, _INK, "end")
        yield f'<rect x="{_LEFT}" y="{top + 11}" width="{room}" height="4" fill="{_TRACK}"/>'
        yield f'<rect x="{start}" y="{top + 10}" width="{max(end - start, 1)}" height="6" fill="{_QUIET}"/>'
        yield f'<circle cx="{middle}" cy="{top + 13}" r="7" fill="{_BLUE}"/>'
        yield _text(_LEFT + room + 14, top + 18, f"{value:.3f}", 15, _INK)


def _bars(shown: Mapping[str, float]) -> Iterator[str]:
    room, most = _WIDTH - _LEFT - 120, max(shown.values(), default=1.0) or 1.0
    for row, (name, value) in enumerate(shown.items()):
        top = _TOP + row * _ROW
        yield _text(_LEFT - 14, top + 18, name.replace("_", " "), 15, _INK, "end")
        yield f'<rect x="{_LEFT}" y="{top}" width="{round(room * value / most, 1)}" height="24" fill="{_BLUE}"/>'
        yield _text(_LEFT + room + 14, top + 18, f"{value:.2f}", 15, _INK)


def _points(parts: Sequence[tuple[float, float, int]]) -> Iterator[str]:
    side = 11 * _ROW
    yield f'<rect x="{_LEFT}" y="{_TOP}" width="{side}" height="{side}" fill="none" stroke="{_QUIET}"/>'
    yield f'<line x1="{_LEFT}" y1="{_TOP + side}" x2="{_LEFT + side}" y2="{_TOP}" stroke="{_TRACK}" stroke-width="3"/>'
    for said, came, _ in parts:
        yield f'<circle cx="{round(_LEFT + side * said, 1)}" cy="{round(_TOP + side * (1 - came), 1)}" r="7" fill="{_BLUE}"/>'
    yield _text(_LEFT - 14, _TOP + 14, "came back: all", 15, _QUIET, "end")
    yield _text(_LEFT - 14, _TOP + side, "none", 15, _QUIET, "end")
    yield _text(_LEFT + side + 14, _TOP + side, "said: 1", 15, _QUIET)


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'
