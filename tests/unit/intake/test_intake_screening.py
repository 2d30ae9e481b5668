"""What must stop automation is found in people's own words, however it is written, and everyday speech passes."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from models.screening import Flag, screen
from models.screening.flags import MAX_TEXT
from models.screening.lexicon import CODES, build_lexicon
from schemas.referral import Referral
from services.intake.screening import Noticed, declared_code, screen_referral

HERE = Path(__file__).parent
LABELLED: dict[str, list[str]] = tomllib.loads((HERE / "screening_sentences.toml").read_text(encoding="utf-8"))
HELD_OUT: list[dict[str, Any]] = tomllib.loads((HERE / "screening_held_out.toml").read_text(encoding="utf-8"))["sentence"]
EVERYDAY = LABELLED["everyday"]
FLAGGED = [(code, sentence) for code, sentences in LABELLED.items() if code != "everyday" for sentence in sentences]


def _codes(text: str) -> set[str]:
    return {flag.code for flag in screen(text)}


def test_there_are_sentences_enough_of_both_kinds() -> None:
    assert len(FLAGGED) >= 500
    assert len(EVERYDAY) >= 300
    assert len(HELD_OUT) == 60
    assert not {sentence["text"] for sentence in HELD_OUT} & {*EVERYDAY, *(sentence for _, sentence in FLAGGED)}


def test_no_labelled_sentence_that_must_stop_automation_is_missed() -> None:
    assert [sentence for _, sentence in FLAGGED if not screen(sentence)] == []


def test_nearly_every_flag_on_the_labelled_sentences_is_a_true_one() -> None:
    false = [sentence for sentence in EVERYDAY if screen(sentence)]
    precision = len(FLAGGED) / (len(FLAGGED) + len(false))
    assert precision >= 0.99, false


def test_the_code_is_nearly_always_the_expected_one() -> None:
    coded = [(code, sentence) for code, sentence in FLAGGED if code in CODES]
    assert sum(code in _codes(sentence) for code, sentence in coded) / len(coded) >= 0.98


def test_on_sentences_held_out_the_figures_are_those_once_measured() -> None:
    """Measured once, when the lexicon was done: 31 of 32 found, 3 of 28 flagged for nothing. A fall is a fault, a rise by tuning is a cheat."""
    found = sum(bool(screen(sentence["text"])) for sentence in HELD_OUT if sentence["flag"])
    false = sum(bool(screen(sentence["text"])) for sentence in HELD_OUT if not sentence["flag"])
    assert found >= 31
    assert false <= 3


def test_a_flag_gives_the_place_of_its_words_and_not_the_words() -> None:
    text = "I like tea. Some days I want to die. He hits me."
    flags = screen(text)
    assert [(flag.code, text[flag.start : flag.end]) for flag in flags] == [("self_harm", "want to die"), ("abuse", "He hits me")]
    assert Flag.__slots__ == ("start", "end", "code")


@pytest.mark.parametrize(
    "text",
    [
        "ｋｉｌｌ ｍｙｓｅｌｆ",
        "kil\u200bl my\u00adself",
        "кіll mуsеlf",
        "KILL MYSELF",
        "kíll mysélf",
        "k1ll mys3lf",
        "k*ll myself",
        "kiiiill myself",
        "kill_myself",
        "killmyself",
    ],
)
def test_the_place_is_right_however_the_words_are_disguised(text: str) -> None:
    before = "é Ich – "
    [flag] = screen(f"{before}{text}, really")
    assert (flag.start, flag.end, flag.code) == (len(before), len(before) + len(text), "self_harm")


@pytest.mark.parametrize("text", ["s u i c i d e", "s.u.i.c.i.d.e", "s-u-i-c-i-d-e"])
def test_words_spelt_out_letter_by_letter_are_read(text: str) -> None:
    assert _codes(f"thoughts of {text} again") == {"self_harm"}


@pytest.mark.parametrize("text", ["I am not suicidal", "denies any self harm", "He has never hit me", "no thoughts of killing myself"])
def test_a_denial_is_read_by_a_human_too(text: str) -> None:
    assert screen(text)


def test_what_everyday_speech_takes_back_leaves_the_rest_standing() -> None:
    assert not screen("my knees won't let me dance")
    assert _codes("my knees won't let me dance and my husband won't let me out") == {"coercion"}


@pytest.mark.parametrize("text", ["", " ", "\n", "🎵🎵", "...", "1234567", "\x00", "\ud800"])
def test_text_without_words_has_no_flags(text: str) -> None:
    assert screen(text) == ()


def test_text_in_a_script_that_is_not_read_is_left_to_a_human() -> None:
    assert _codes("Мне очень одиноко, хочу познакомиться") == {"other"}
    assert screen("I like Чайковский and tea") == ()
    assert screen("Lubię śpiewać w chórze, żółć") == ()


def test_text_beyond_what_is_read_is_left_to_a_human() -> None:
    text = "tea " * (MAX_TEXT // 4) + "more"
    assert screen(text) == (Flag(MAX_TEXT, len(text), "other"),)


def test_a_therapist_is_no_rapist_and_other_words_within_words_are_none() -> None:
    assert screen("My therapist and the Scunthorpe bus, grapes, skills, charming, together, classes") == ()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("self_harm", "self_harm"),
        ("Self-Harm", "self_harm"),
        ("suicidal ideation", "self_harm"),
        ("domestic_abuse", "abuse"),
        ("DV", "abuse"),
        ("unsafe contact", "unsafe_contact"),
        ("consent", "capacity"),
        ("coercion", "coercion"),
        ("child_at_risk", "child_at_risk"),
        ("psychosis", "psychosis"),
        ("something_of_their_own", "other"),
        ("", "other"),
    ],
)
def test_a_declared_flag_has_a_code_and_an_unknown_one_is_a_flag_all_the_same(written: str, code: str) -> None:
    assert declared_code(written) == code


def test_every_code_may_be_declared_by_its_own_name() -> None:
    assert [declared_code(code) for code in CODES] == list(CODES)


def _noticed(sent: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(noticed.code, noticed.noticed_in, noticed.pointer) for noticed in screen_referral(Referral.model_validate(sent))}


def test_a_referral_is_screened_in_its_flags_and_in_all_its_words() -> None:
    assert _noticed(
        {
            "flags": ["self_harm", "their own"],
            "interests": "He hits me",
            "reason": ["loneliness", "domestic_abuse"],
            "tags": ["tea", "hearing voices"],
            "contact": {"safe_to_contact": False, "preferred": "never ring when my husband is in", "nickname": "tea"},
            "referrer": {"remarks": "lacks capacity"},
            "notes": {"nurse": ["tea", "wants to die"]},
        }
    ) == {
        ("self_harm", "flags", "/flags/0"),
        ("other", "flags", "/flags/1"),
        ("unsafe_contact", "flags", "/contact/safe_to_contact"),
        ("abuse", "text", "/interests"),
        ("abuse", "text", "/reason/1"),
        ("psychosis", "text", "/tags/1"),
        ("unsafe_contact", "text", "/contact/preferred"),
        ("capacity", "text", "/referrer"),
        ("self_harm", "text", ""),
    }


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {
            "interests": "choirs and tea",
            "tags": ["singing"],
            "access_needs": ["step_free"],
            "contact": {"safe_to_contact": True, "preferred": "phone"},
        },
        {"contact": {"name": "Violet Killmore", "safe_to_contact": None}},
        {"referral_id": "suicide", "person_id": "abuse", "time_zone": "Europe/London"},
    ],
)
def test_ids_names_and_plain_wishes_raise_nothing(sent: dict[str, Any]) -> None:
    assert _noticed(sent) == set()


def test_a_flag_in_words_keeps_its_place() -> None:
    [noticed] = screen_referral(Referral.model_validate({"interests": "Tea. He hits me."}))
    assert noticed == Noticed("abuse", "text", "/interests", 5, 15)


WRITTEN: dict[str, Any] = {
    "joinable_words": "",
    "known_words": "therapist",
    "sets": {"self": "myself"},
    "declared": {"abuse": "dv"},
    "phrases": {"abuse": {"en": ["hit|hits .. <self> again?", "therapists"]}},
    "everyday": {"en": []},
}


def test_the_phrases_notation_is_what_the_lexicon_says() -> None:
    built = build_lexicon(WRITTEN)

    def found(text: str) -> list[tuple[int, int]]:
        return [(start, end) for _, start, end in built.flagged.found(built.speller.tokens(text))]

    assert found("hit myself") == [(0, 2)]
    assert found("hits only just myself again") == [(0, 5)]
    assert found("hit one two three myself") == []
    assert found("hit. Then myself") == []
    assert found("myself hit") == []
    assert found("therapist") == []
    assert found("therapistz") == [(0, 1)]


@pytest.mark.parametrize(
    ("section", "value", "error"),
    [
        ("phrases", {"abuse": {"en": ["hit <nobody>"]}}, KeyError),
        ("phrases", {"rudeness": {"en": ["hit"]}}, KeyError),
        ("phrases", {"abuse": {"en": [".. hit"]}}, ValueError),
        ("phrases", {"abuse": {"en": ["hit .."]}}, ValueError),
        ("phrases", {"abuse": {"en": ["hit? me"]}}, ValueError),
        ("phrases", {"abuse": {"en": [""]}}, ValueError),
        ("declared", {"rudeness": ""}, KeyError),
    ],
)
def test_a_lexicon_with_a_slip_in_it_is_refused(section: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        build_lexicon({**WRITTEN, section: value})
