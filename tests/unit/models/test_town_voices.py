"""What the town's people say: hundreds of sentences, each for those who could say it, and nobody left without words."""

from itertools import product
from typing import get_args

import pytest

from models.town.draws import Draws
from models.town.groups import tags_of_kinds, written_groups
from models.town.names import Gender, languages_of, speaking
from models.town.needs import practical
from models.town.places import areas
from models.town.residents import Life, Resident
from models.town.voices import Bank, bank, red_flag_of, speech
from models.town.written import read

BANKS: tuple[Bank, ...] = get_args(Bank)
TONGUES = [row["tongue"] for row in read("names.toml")["communities"]]


def somebody(
    age: int, gender: Gender, life: Life, tongue: str = "en", *, area: str = "millfields", speaks: tuple[str, ...] | None = None
) -> Resident:
    return Resident("Ada Orton", age, gender, speaking(tongue, age).key, speaks or (tongue,), life, areas()[area], "bus")


def said(person: Resident, turns: int = 150) -> list[str]:
    texts = []
    for turn in range(turns):
        draws = Draws(11, turn)
        texts.append(speech(person, practical(person, draws), draws, wants_company=False).text)
    return texts


def test_there_are_hundreds_of_sentences_and_no_two_alike() -> None:
    texts = [voice.text for name in BANKS for voice in bank(name)]
    closings = read("voices/closings.toml")
    texts += [*closings["always"], *(text for facts in closings["facts"].values() for text in facts)]
    assert len(texts) > 500
    assert len(set(texts)) == len(texts)
    assert all(text == text.strip() and text for text in texts)


def test_every_tag_that_people_use_is_one_that_groups_have() -> None:
    known = {tag for kind, tags in tags_of_kinds().items() for tag in (kind, *tags)} | {tag for row in written_groups().values() for tag in row.tags}
    used = {tag for name in BANKS for voice in bank(name) for tag in voice.tags}
    assert used - known == set()


def test_somebody_wishes_for_every_kind_of_group_that_meets() -> None:
    wished = {tag for name in ("wishes", "statements") for voice in bank(name) for tag in voice.tags}
    assert {row.kind for row in written_groups().values() if row.status == "active"} - wished == set()


def test_every_theme_of_a_wish_is_one_that_a_situation_sets() -> None:
    themes = {theme for name in ("wishes", "statements") for voice in bank(name) for theme in voice.themes}
    assert themes <= {theme for voice in bank("situations") for theme in (*voice.tags, voice.reason)}


@pytest.mark.parametrize("tongue", sorted(set(TONGUES)))
def test_nobody_is_left_without_words(tongue: str) -> None:
    for number, (age, gender, life) in enumerate(product(range(18, 96, 11), get_args(Gender), get_args(Life))):
        person = somebody(age, gender, life, tongue)
        draws = Draws(3, number)
        assert speech(person, practical(person, draws), draws, wants_company=True).text
        assert red_flag_of(person, draws).text


def test_sentences_come_only_from_those_who_could_say_them() -> None:
    widow = "Since Ron died I don't go out much."
    assert any(widow in text for text in said(somebody(78, "female", "retired")))
    assert not any(widow in text for text in said(somebody(78, "male", "retired")))
    assert not any(widow in text for text in said(somebody(24, "female", "student")))


def test_villagers_speak_of_the_village_and_townspeople_do_not() -> None:
    lane = "There are eleven houses on our lane"
    assert any(lane in text for text in said(somebody(66, "male", "home", area="cattleby")))
    assert not any(lane in text for text in said(somebody(66, "male", "home", area="millfields")))


def test_those_without_english_do_not_speak_in_its_idioms() -> None:
    own = {voice.text for name in BANKS for voice in bank(name) if "so" in voice.languages}
    closings = {text for facts in read("voices/closings.toml")["facts"].values() for text in facts}
    for text in said(somebody(50, "female", "home", "so")):
        left = text
        for sentence in sorted(own | closings | set(read("voices/closings.toml")["always"]), key=len, reverse=True):
            left = left.replace(sentence, "")
        assert left.strip() == "", text


def test_two_lives_are_never_put_together() -> None:
    pasts = [voice.text for name in ("situations", "wishes") for voice in bank(name) if voice.past]
    for text in said(somebody(79, "male", "retired"), 600):
        assert sum(past in text for past in pasts) <= 1, text


def test_the_young_of_a_family_from_elsewhere_mostly_speak_english_too() -> None:
    gujarati = speaking("gu", 25)
    young = [languages_of(Draws(1, turn), gujarati, 25) for turn in range(1_000)]
    old = [languages_of(Draws(1, turn), gujarati, 80) for turn in range(1_000)]
    assert sum(spoken == ["gu"] for spoken in young) < 130 < 250 < sum(spoken == ["gu"] for spoken in old)
