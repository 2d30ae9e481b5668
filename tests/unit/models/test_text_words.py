"""The closed vocabulary: what counts as a mention, what counts as a refusal, and what is never a kind."""

from pathlib import Path

import pytest

from models.text import lexicon
from models.text.lexicon import AmbiguousPhrase, plural, verb_forms, words_of
from models.text.words import hear, kinds, offered, wished, words_in

REFUSED = [
    ("I hate singing", "singing"),
    ("no dancing please, my hip won't have it", "dance"),
    ("bingo is not my cup of tea", "bingo"),
    ("I can't stand quizzes", "quiz"),
    ("I'm scared of dogs", "dogs"),
    ("anything but knitting", "knitting"),
    ("I wouldn't want to go swimming", "swimming"),
    ("I'm not one for coffee mornings", "coffee_morning"),
    ("I never liked gardening", "gardening"),
    ("cooking bores me", "cooking"),
    ("walking groups are not for me", "walking"),
    ("I like most things except chess", "chess"),
    ("please nothing with computers", "it_skills"),
    ("I don't want to sit and knit", "knitting"),
]
NOT_REFUSED = [
    ("I have nobody to go dancing with", "dance"),
    ("I don't have anyone to play chess with", "chess"),
    ("I'm not very good at painting but I enjoy it", "art"),
    ("I've never tried pottery but I'd like to", "pottery"),
    ("I wouldn't mind a bit of gardening", "gardening"),
    ("I can't get to the choir any more because of the buses", "singing"),
    ("not just bingo, also cards", "bingo"),
    ("I hate eating alone and would love a lunch club", "lunch_club"),
    ("I don't drive so a walking group nearby", "walking"),
    ("no experience but keen to learn guitar", "music_making"),
    ("I don't like crowds but I love chess", "chess"),
    ("I haven't been swimming for years", "swimming"),
    ("I'm not sporty. Board games are more my thing", "board_games"),
    ("hate being alone, gardening was my life", "gardening"),
    ("I don't like anything except bowls", "bowls"),
    ("no bingo please, something creative like pottery", "pottery"),
    ("I can't drive and I'd love some gardening", "gardening"),
    ("No auditions and no singing experience needed: come and join the choir", "singing"),
    ("We never stopped dancing", "dance"),
]


def test_the_vocabulary_has_at_least_seventy_kinds_each_with_a_title() -> None:
    assert len(kinds()) >= 70
    assert all(kind.title and kind.title == kind.title.strip() for kind in kinds().values())


def test_every_code_written_as_words_is_a_mention_of_its_kind() -> None:
    unheard = [code for code in kinds() if code not in words_in(code.replace("_", " "))]
    assert unheard == []


def test_every_broader_kind_is_a_kind_and_none_is_its_own() -> None:
    for code, kind in kinds().items():
        assert set(kind.also) <= kinds().keys() - {code}


def test_people_need_not_use_the_kinds_name() -> None:
    assert words_in("I used to sing in church") == ("singing",)


def test_a_mention_counts_for_its_broader_kinds_too() -> None:
    assert words_in("I crochet blankets") == ("craft", "knitting")


def test_a_broader_kind_that_is_refused_is_not_brought_in_by_a_narrower_one() -> None:
    assert hear("I love knitting. I hate crafts.").wanted == ("knitting",)


@pytest.mark.parametrize("form", ["sing", "sings", "singing", "singer", "singers", "sang", "sung", "SINGING", "sing-along"])
def test_a_verb_counts_in_its_forms(form: str) -> None:
    assert words_in(form) == ("singing",)


@pytest.mark.parametrize("text", ["start a party", "smart", "dogma", "a carpet", "choirmaster's"])
def test_a_word_inside_another_word_is_no_mention(text: str) -> None:
    assert words_in(text) == ()


def test_the_longest_phrase_counts_and_its_parts_do_not() -> None:
    assert words_in("martial arts") == ("martial_arts",)
    assert words_in("within walking distance of the station") == ()


@pytest.mark.parametrize("text", ["memory cafe", "Memory Café", "MEMORY CAFÉ", "memory-café"])
def test_case_accents_and_hyphens_make_no_difference(text: str) -> None:
    assert words_in(text) == ("memory_cafe",)


@pytest.mark.parametrize("text", ["men's shed", "men’s shed", "mens shed"])
def test_apostrophes_make_no_difference(text: str) -> None:
    assert words_in(text) == words_in("mens_shed".replace("_", " "))


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_a_refusal_is_heard_as_one(text: str, code: str) -> None:
    heard = hear(text)
    assert code in heard.refused
    assert code not in heard.wanted
    assert code not in words_in(text)


@pytest.mark.parametrize(("text", "code"), NOT_REFUSED)
def test_what_only_looks_like_a_refusal_is_a_mention(text: str, code: str) -> None:
    heard = hear(text)
    assert code in heard.wanted
    assert code not in heard.refused


def test_a_refusal_goes_through_a_list_and_stops_at_the_next_sentence() -> None:
    heard = hear("I don't like football, bingo and bowls. I love chess")
    assert heard.refused == ("bingo", "bowls", "football")
    assert heard.wanted == ("board_games", "chess")


def test_a_refusal_goes_on_over_or() -> None:
    assert hear("no bingo, chess or cards").refused == ("bingo", "cards", "chess")


def test_a_refusal_does_not_reach_beyond_its_words() -> None:
    assert hear("not that it would ever have been any of my business anyway gardening").wanted == ("gardening",)


def test_a_kind_both_named_and_refused_is_wanted() -> None:
    heard = hear("I love dancing. No dancing on Mondays.")
    assert heard.wanted == ("dance",)
    assert heard.refused == ()


def test_a_groups_text_and_a_persons_text_are_heard_alike() -> None:
    group = "\n".join(["Tuesday Voices", "A friendly community choir, no auditions.", "singing", "music-making"])
    assert words_in(group) == ("music_making", "singing")


@pytest.mark.parametrize(
    "text",
    [
        "I have dementia and had a stroke last year",
        "I am diabetic, with depression, anxiety and COPD",
        "I am a Muslim and go to the mosque",
        "I am Jewish",
        "I'm Catholic and go to Mass on Sundays",
        "I am Jamaican, my parents came in 1958",
        "British Bangladeshi",
        "I'm a gay man",
        "I use a walking frame and a wheelchair",
    ],
)
def test_what_a_person_is_or_has_is_no_kind(text: str) -> None:
    assert words_in(text) == ()


def test_no_code_names_an_ethnicity_a_religion_or_a_health_condition() -> None:
    sensitive = {"asian", "black", "white", "muslim", "christian", "hindu", "jewish", "sikh", "church", "faith", "prayer", "stroke", "dementia"}
    sensitive |= {"aphasia", "diabetes", "cancer", "depression", "anxiety", "autism", "disability", "mental", "addiction", "health"}
    assert [code for code in kinds() if sensitive & set(code.split("_"))] == []


def test_hearing_depends_on_the_text_alone() -> None:
    text = "Tea, a natter and perhaps a bit of gardening, not bingo"
    assert [hear(text) for _ in range(3)] == [hear(text)] * 3


def test_stops_are_words_of_their_own() -> None:
    assert words_of("No. Tea & cake, please!") == ["no", ".", "tea", "and", "cake", ",", "please", "!"]


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("walk", {"walk", "walks", "walking", "walked", "walker", "walkers"}),
        ("swim", {"swim", "swims", "swimming", "swimmed", "swimmer", "swimmers"}),
        ("dance", {"dance", "dances", "dancing", "danced", "dancer", "dancers"}),
        ("watch", {"watch", "watches", "watching", "watched", "watcher", "watchers"}),
        ("miss", {"miss", "misses", "missing", "missed", "misser", "missers"}),
        ("try", {"try", "tries", "trying", "tried"}),
    ],
)
def test_verbs_have_their_regular_forms(verb: str, forms: set[str]) -> None:
    assert verb_forms(verb) == forms


@pytest.mark.parametrize(
    ("noun", "expected"), [("club", "clubs"), ("party", "parties"), ("quiz", "quizzes"), ("bench", "benches"), ("chess", "chess")]
)
def test_nouns_have_their_regular_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected


def test_a_vocabulary_that_contradicts_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tmp_path / "words.toml"
    written.write_text('[kind.shouting]\ntitle = "shouting"\nwords = ["no"]\n[grammar]\nrefuse = ["no"]\n', encoding="utf-8")
    monkeypatch.setattr(lexicon, "VOCABULARY", written)
    with pytest.raises(AmbiguousPhrase, match="no: "):
        lexicon.lexicon.__wrapped__()


@pytest.mark.parametrize(
    ("name", "tags", "description", "kinds_of_it"),
    [
        ("Reading Aloud", ("books",), "We read a story together. Ring at the garden gate.", ("book_club",)),
        ("Miners' Fives and Threes", ("games",), "Dominoes at two tables. Sandwiches when somebody is bereaved.", ("board_games",)),
        ("The Thursday lot", (), "Come and sing with us. There is a garden, and a dog.", ("singing",)),
        ("The Friday lot", (), "Mrs. Smith's choir sings at St. Mary's. There is a garden, and a dog.", ("singing",)),
        ("The Thursday lot", (), "All are welcome. We sing songs. Then there is bingo.", ("bingo", "singing")),
        ("Library Chess", ("chess",), "Boards from six. We also knit. The knitting group has the table by the window.", ("chess", "knitting")),
        ("A group", (), "", ()),
    ],
)
def test_a_group_is_of_the_kinds_that_it_is_called_by_or_comes_back_to(
    name: str, tags: tuple[str, ...], description: str, kinds_of_it: tuple[str, ...]
) -> None:
    assert set(kinds_of_it) <= set(offered(name, tags, description)) <= {*kinds_of_it, *(also for code in kinds_of_it for also in kinds()[code].also)}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("I do not want to walk anywhere, my hip is bad. No walking please.", "my hip is bad."),
        ("No walking please. I can't stand bingo!", ""),
        ("I don't like bingo, dancing or quizzes. I love singing.", "I love singing."),
        ("I don't like bingo, I would rather try blacksmithing with hammer and anvil", "I would rather try blacksmithing with hammer and anvil"),
        ("Bingo is not for me, I would love to try falconry", "I would love to try falconry"),
        ("My wife did not like dancing so we never went, I would love to try now", "so we never went, I would love to try now"),
        ("I want to grow vegetables. I don't like books.", "I want to grow vegetables."),
        ("I love films but not horror. And I hate bingo!\nI miss singing.", "I love films but not horror. I miss singing."),
        ("Nobody talks to me. I can't get out much.", "Nobody talks to me. I can't get out much."),
        ("", ""),
    ],
)
def test_what_is_only_refused_is_no_part_of_what_is_wished_for(said: str, kept: str) -> None:
    assert wished(said) == kept
