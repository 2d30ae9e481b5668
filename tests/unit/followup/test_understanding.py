"""What replies are understood to mean: the labelled ones, the ones held out, and what no reply may do."""

import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.follow_ups import Meaning, Step
from schemas.referral import Loneliness
from services.followup.understanding import Understood, understand

HERE = Path(__file__).parent


class Reply(NamedTuple):
    """One labelled reply."""

    asked: Step | None
    meaning: Meaning
    text: str


def labelled(name: str) -> list[Reply]:
    return list(_read(tomllib.loads((HERE / name).read_text(encoding="utf-8"))))


def _read(written: dict[str, dict[str, list[str]]]) -> Iterator[Reply]:
    for asked, by_meaning in written.items():
        for meaning, texts in by_meaning.items():
            yield from (Reply(None if asked == "none" else cast(Step, asked), cast(Meaning, meaning), text) for text in texts)


TUNED_ON = labelled("replies_labelled.toml")
HELD_OUT = labelled("replies_held_out.toml")
LATER_LOOKS = [reply for look in ("second", "third", "fourth") for reply in labelled(f"replies_{look}_look.toml")]


def mistakes(replies: list[Reply]) -> list[tuple[Reply, Meaning]]:
    taken = ((reply, understand(reply.text, reply.asked).meaning) for reply in replies)
    return [(reply, meaning) for reply, meaning in taken if meaning != reply.meaning]


def confusion(replies: list[Reply]) -> str:
    """Who was taken for what, a line each, the labelled meaning first."""
    counted = Counter((reply.meaning, understand(reply.text, reply.asked).meaning) for reply in replies)
    rows = [f"{meant:>15} as {taken:<15} {count}" for (meant, taken), count in sorted(counted.items())]
    wrong = [f"{reply.asked}: {reply.text!r}: {reply.meaning} as {taken}" for reply, taken in mistakes(replies)]
    return "\n".join(["", *rows, *wrong])


def test_there_are_replies_enough_and_a_third_was_held_out() -> None:
    assert len(TUNED_ON) + len(HELD_OUT) >= 650
    assert len(HELD_OUT + LATER_LOOKS) * 3 >= len(TUNED_ON + HELD_OUT + LATER_LOOKS)
    assert not {*TUNED_ON} & {*HELD_OUT, *LATER_LOOKS}
    assert {reply.meaning for reply in TUNED_ON} == {reply.meaning for reply in HELD_OUT} == {*get_args(Meaning)}


@pytest.mark.parametrize("replies", [TUNED_ON, HELD_OUT, LATER_LOOKS], ids=["tuned on", "held out", "later looks"])
def test_no_stop_is_missed_and_nobody_is_said_to_have_come_who_did_not(replies: list[Reply]) -> None:
    grave = [
        (reply, taken)
        for reply, taken in mistakes(replies)
        if reply.meaning == "stop" or taken in ("stop", "came", "did_not_come") or reply.meaning == "red_flag"
    ]
    assert grave == [], confusion(replies)


def test_the_replies_tuned_on_are_understood() -> None:
    assert mistakes(TUNED_ON) == [], confusion(TUNED_ON)


@pytest.mark.parametrize("replies", [HELD_OUT, LATER_LOOKS], ids=["held out", "later looks"])
def test_nearly_all_other_replies_are_understood(replies: list[Reply]) -> None:
    assert len(mistakes(replies)) <= 0.01 * len(replies), confusion(replies)


def test_a_stop_with_a_red_flag_holds_as_both() -> None:
    understood = understand("STOP. I want to die", "day_after")
    assert understood.meaning == "stop"
    assert understood.flags == ("self_harm",)


def test_red_flags_are_told_each_once_and_come_before_any_answer() -> None:
    understood = understand("Yes I went. I want to die. I want to die. My son hits me.", "day_after")
    assert understood.meaning == "red_flag"
    assert understood.flags == ("self_harm", "abuse")


@pytest.mark.parametrize("text", ["2 1 3 4", "2134", "two, one, three and four", "Hi, my answers are 2/1/3/4 thanks"])
def test_four_digits_are_the_answers(text: str) -> None:
    understood = understand(text, "week_6")
    assert understood.loneliness == Loneliness(ucla3=(2, 1, 3), direct=4)


@pytest.mark.parametrize("asked", [None, "day_after", "week_2", "day_before"])
def test_four_digits_measure_nothing_where_nobody_asked(asked: Step | None) -> None:
    assert understand("2 1 3 4", asked) == Understood("not_understood")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            "Yes\n\nOn Tue, 10 Mar 2026 at 10:01, Better Together wrote:\n> Did you make it? Reply 1 for yes, 2 for no.\n> Reply STOP to stop these.",
            "came",
        ),
        ("No\r\n-----Original Message-----\r\nReply STOP to stop these", "did_not_come"),
        ("1\n\nSent from my iPhone", "came"),
        ("Yes\n\nFrom: Better Together <hello@example.org>\nSent: Tuesday\nReply STOP to stop these.", "came"),
        ("> Reply STOP to stop these.\nSTOP", "stop"),
        ("Hi Asha, Hillside Choir: Did you make it? Reply 1 for yes, 2 for no. Better Together. Reply STOP to stop these", "not_understood"),
    ],
)
def test_what_a_reply_quotes_is_not_its_own(text: str, meaning: Meaning) -> None:
    assert understand(text, "day_after").meaning == meaning


def test_a_red_flag_in_what_is_quoted_counts() -> None:
    assert understand("1\n> I want to die", "day_after").meaning == "red_flag"


@pytest.mark.parametrize("asked", [None, *get_args(Step)])
@pytest.mark.parametrize("text", ["STOP", "please stop texting me", "unsubscribe"])
def test_a_stop_holds_whatever_was_asked(text: str, asked: Step | None) -> None:
    assert understand(text, asked).meaning == "stop"


@pytest.mark.parametrize("asked", ["first_session", "news", "week_6", "stop_confirmed", "organiser_asked"])
def test_nobody_is_said_to_have_come_where_it_may_be_another_session(asked: Step) -> None:
    assert understand("I went to the group and I loved it", asked).meaning == "not_understood"


def test_a_stop_in_a_long_text_is_found() -> None:
    assert understand("It was a long day and then it rained. " * 200 + "Please stop texting me. " + "Goodbye now. " * 200, None).meaning == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "yes " * 25_000,
        "no more " * 12_000,
        "stop the " * 11_000,
        "please, " * 12_000,
        "2 1 3 4 " * 12_000,
        "> " * 50_000,
        "1" * 100_000,
        "\n" * 100_000,
    ],
)
def test_long_texts_take_bounded_work(text: str) -> None:
    begun = time.process_time()
    understand(text, "week_6")
    assert time.process_time() - begun < 5


@given(st.text(max_size=200), st.sampled_from([None, *get_args(Step)]))
def test_any_text_means_something_and_strange_ones_are_for_a_human(text: str, asked: Step | None) -> None:
    understood = understand(text, asked)
    assert understood.meaning in get_args(Meaning)
    assert (understood.loneliness is not None) == (understood.meaning == "measured")
    assert bool(understood.flags) == (understood.meaning == "red_flag") or understood.meaning == "stop"


@pytest.mark.parametrize("added", ["lonely", "mourning", "remember", "shut", "nearly", "instead", "my sister", "?", "🙄", "👎", "but", "if"])
def test_one_strange_word_or_sign_and_a_human_reads_it(added: str) -> None:
    assert understand("Yes I went", "day_after").meaning == "came"
    assert understand(f"Yes I went {added}", "day_after").meaning == "not_understood"


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
@pytest.mark.parametrize("within", ["{}", "{}!!!", "  {}  ", "{} 🛑", "Hi, {}", "{}\n\nSent from my iPhone"])
def test_a_stop_is_one_however_it_is_written(case: Callable[[str], str], within: str) -> None:
    stops = [reply.text for reply in TUNED_ON if reply.meaning == "stop"]
    assert [text for text in stops if understand(within.format(case(text)), None).meaning != "stop"] == []


def test_a_stop_after_anything_else_is_one() -> None:
    said = [reply for reply in (*TUNED_ON, *HELD_OUT, *LATER_LOOKS) if reply.text.strip()]
    assert [reply.text for reply in said if understand(f"{reply.text}. STOP", reply.asked).meaning != "stop"] == []


@pytest.mark.parametrize("added", ["{}?", "not {}", "if {}", "{} but not really", "my sister said {}", '"{}"', "{} 🙄", "{} tomorrow?", "almost {}"])
def test_what_makes_a_visit_doubtful_goes_to_a_human(added: str) -> None:
    visits = [reply for reply in (*TUNED_ON, *HELD_OUT, *LATER_LOOKS) if reply.meaning in ("came", "did_not_come")]
    taken = {reply.text: understand(added.format(reply.text), reply.asked).meaning for reply in visits}
    assert {text: meaning for text, meaning in taken.items() if meaning not in ("not_understood", "red_flag")} == {}
