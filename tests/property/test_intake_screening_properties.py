"""Whatever is written around it, what must stop automation is found; and no text at all can make the screening fail."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.screening import screen

SENTENCES: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parents[1] / "unit" / "intake" / "screening_sentences.toml").read_text(encoding="utf-8")
)
READ = st.sampled_from([sentence for code, sentences in SENTENCES.items() if code not in ("everyday", "other") for sentence in sentences])
EVERYDAY = st.sampled_from(SENTENCES["everyday"])


@given(st.text() | st.text(alphabet="kil myself*1!'. \u200bкіе\n"))
def test_any_text_is_screened_and_every_place_lies_within_it(text: str) -> None:
    for flag in screen(text):
        assert 0 <= flag.start < flag.end <= len(text)


@given(EVERYDAY, READ, EVERYDAY)
def test_nothing_said_before_or_after_hides_a_flag(before: str, flagged: str, after: str) -> None:
    text = f"{before}\n{flagged}\n{after}"
    start, end = len(before), len(before) + 1 + len(flagged)
    assert any(start <= flag.start and flag.end <= end for flag in screen(text))


@given(
    READ,
    st.sampled_from([str.upper, str.title, lambda text: text.replace(" ", "  "), lambda text: text.replace("'", "’"), lambda text: f"**{text}**"]),
)
def test_capitals_spaces_and_apostrophes_hide_nothing(sentence: str, rewritten: object) -> None:
    assert callable(rewritten)
    assert screen(rewritten(sentence))


@given(READ, st.data())
def test_characters_that_do_not_show_hide_nothing(sentence: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sentence)))
    hidden = data.draw(st.sampled_from(["\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff"]))
    assert screen(sentence[:at] + hidden + sentence[at:])


@given(READ)
def test_the_same_text_has_the_same_flags(sentence: str) -> None:
    assert screen(sentence) == screen(sentence)
