"""How a group without history stands among those with one: by its words, and with the least benefit of the doubt that is enough."""

from dataclasses import replace

import numpy as np
import pytest

from models.block import Block
from models.directory import MOST_WORDS, Directory, Listed, plain_words
from models.features import INPUTS, Features, Values
from models.learned.signals import HISTORY_SIGNALS
from models.pairs import Pairs
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.training.asking import asked_of
from models.training.questions import by_person
from models.training.welcome import TRIED, Trial, hidden_trial, without_history
from schemas.group import Group
from tests.unit.models.attended_town import GROUPS, PLAN, TODAY, attendance, group_id, groups, known, learned, somebody


def signals(seeker: Seeker, directory: Directory) -> Values:
    block = Block.of([seeker], ReachDefaults())
    return learned().signals(block, directory, Pairs(block, directory, TODAY))


def features(seeker: Seeker, directory: Directory) -> Features:
    block = Block.of([seeker], ReachDefaults())
    pairs = Pairs(block, directory, TODAY)
    return Features.of(block, directory, pairs, TODAY).joined(learned().signals(block, directory, pairs))


def told(name: str, description: str) -> Listed:
    return Listed(Group(group_id=name, name=name, description=description))


def test_a_rare_word_in_common_says_more_than_one_that_many_use() -> None:
    texts = {"been": "ukulele evening", "rare": "ukulele morning", "usual": "evening morning", "other": "evening chess", "none": "chess"}
    directory = Directory.of(told(name, text) for name, text in texts.items())
    wording = dict(zip(directory.columns.ids, signals(somebody({"been": 1}), directory)["wording"][0], strict=True))
    assert wording["been"] == pytest.approx(1)
    assert wording["been"] > wording["rare"] > wording["usual"] > wording["none"] == 0


def test_nothing_is_said_of_words_where_nobody_has_been_anywhere() -> None:
    assert np.isnan(signals(somebody(), Directory.of(groups()))["wording"]).all()


def test_words_are_taken_once_whole_and_at_most_so_many() -> None:
    assert plain_words("Tea at 5, tea & Café-chat: à la carte") == ["tea", "café", "chat", "carte"]
    assert len(plain_words(" ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500)))) == MOST_WORDS


def test_the_benefit_of_the_doubt_bears_on_new_groups_for_people_with_a_history_alone() -> None:
    directory = Directory.of(groups(new=1))
    more = replace(learned(), mix=replace(learned().mix, welcome=learned().mix.welcome + 1))
    new = np.array([group.endswith(f"-{GROUPS}") for group in directory.columns.ids])
    experienced, unknown = features(somebody({group_id(0, 0): 2}), directory), features(somebody(), directory)
    assert np.array_equal(more.score(experienced) > learned().score(experienced), new[None, :])
    assert np.array_equal(more.score(unknown), learned().score(unknown))


def test_the_least_benefit_that_is_enough_is_given() -> None:
    hidden = np.zeros((4, len(TRIED)), np.bool_)
    hidden[0], hidden[1, 10:], hidden[2, 20:] = True, True, True
    trial = Trial(np.array([True, False, False, False]), np.ones(4, np.bool_), hidden)
    assert [trial.least(times) for times in (1.0, 1.25, 2.4, 4.0)] == pytest.approx([0, TRIED[10], TRIED[20], TRIED[-1]])


def test_a_hidden_group_need_not_be_found_more_often_than_with_its_history() -> None:
    hidden = np.ones((2, len(TRIED)), np.bool_)
    hidden[1, :5] = False
    assert Trial(np.ones(2, np.bool_), np.array([True, False]), hidden).least(1.25) == 0


def test_nobody_to_ask_leaves_no_benefit() -> None:
    none = np.zeros(0, np.bool_)
    assert Trial(none, none, none).least(1.25) == 0


def test_the_trial_asks_every_choice_once_and_hides_what_needs_a_history() -> None:
    people, directory, tried = by_person(attendance()), Directory.of(groups()), 0

    def advance(number: int) -> None:
        nonlocal tried
        tried += number

    choices = asked_of(people, known(), directory, PLAN, TODAY).choices
    trial = hidden_trial(choices.by_question(), learned(), directory, advance)
    assert 0 < tried == len(trial.hidden) == choices.answer.sum()
    assert trial.hidden.shape == (len(trial.shown), len(TRIED))
    assert (np.diff(trial.hidden.mean(axis=0)) >= 0).all()
    rows = without_history(np.ones((1, len(INPUTS))))
    assert np.isnan(rows).sum() == len(HISTORY_SIGNALS)
