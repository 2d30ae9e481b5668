"""What a directory says in words becomes a fact where it is certain, and nothing where it is not."""

from time import process_time

import pytest

from services.directory.feeds.accessibility import access_in
from services.directory.feeds.costs import cost_in, is_for_everybody
from services.directory.feeds.eligibility import ages_in, genders_in
from services.directory.feeds.languages import tag_of, tags_in
from services.directory.feeds.text import CONTROL, CUT, ESCAPED, FORMULA, MARKER, MISREAD, one_line, plain, without_markup


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Wheelchair accessible", ("step_free",)),
        ("Handicap accessible", ("step_free",)),
        ("No steps at the entrance", ("step_free",)),
        ("You can avoid steps by using the ramp", ("step_free",)),
        ("Wheelchair accessible and no charge", ("step_free",)),
        ("Wheelchair accessible, but not the upstairs rooms", ("step_free",)),
        ("Induction loop. Wheelchair access is possible on all levels.", ("hearing_loop", "step_free")),
        ("Step-free access, accessible toilet, quiet room", ("accessible_toilet", "quiet_space", "step_free")),
        ("disabled_parking, ramp, restroom, wheelchair", ("accessible_toilet", "parking", "step_free")),
        ("cd, ramp", ("step_free",)),
        ("No wheelchair access. Hearing loop.", ("hearing_loop",)),
    ],
)
def test_access_is_read_from_words(text: str, codes: tuple[str, ...]) -> None:
    assert access_in(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "Not wheelchair accessible",
        "There is no step-free access",
        "Inaccessible to wheelchairs",
        "Wheelchair access is not available",
        "Steps at the entrance",
        "Not accessible",
        "Lacks a ramp",
        "Wheelchair users can’t enter",
    ],
)
def test_words_that_deny_a_step_free_way_are_known_to_give_none(text: str) -> None:
    assert access_in(text) == ()


@pytest.mark.parametrize(
    "text", ["", "Partially wheelchair accessible", "Please call about wheelchair access", "Ramp planned", "Free parking", "No lift"]
)
def test_words_that_hedge_or_do_not_speak_of_steps_say_nothing(text: str) -> None:
    assert access_in(text) is None


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("Free", 0.0, None),
        ("It's free of charge.", 0.0, None),
        ("No charge", 0.0, None),
        ("Free; donations welcome", 0.0, None),
        ("$5", 5.0, "USD"),
        ("£2.50 a session", 2.5, "GBP"),
        ("€4 each", 4.0, "EUR"),
        ("Cost: £4 per class", 4.0, "GBP"),
    ],
)
def test_a_certain_price_is_read(text: str, amount: float, currency: str | None) -> None:
    cost = cost_in(text)
    assert cost is not None
    assert (cost.amount, cost.currency) == (amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sliding scale",
        "$2.50 suggested donation",
        "£50 per hour",
        "£20 a month",
        "Free for members, £5 others",
        "£3-£5",
        "from £5",
        "fees_description",
    ],
)
def test_a_price_that_is_not_certain_is_not_read(text: str) -> None:
    assert cost_in(text) is None


def test_a_price_for_some_people_or_by_the_month_is_not_for_everybody() -> None:
    assert is_for_everybody("", "per 1 hour session")
    assert not is_for_everybody("Under 18s and Over 60s", "per 1 hour session")
    assert not is_for_everybody("", "per month")


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("Adult members over 18", (18, None)),
        ("60+", (60, None)),
        ("5-17 years old", (5, 17)),
        ("ages 5–17", (5, 17)),
        ("Intended for all people aged 12 and over who live here", (12, None)),
        ("over 50s", (50, None)),
        ("Must be 21 or older", (21, None)),
        ("under 25s", (None, 24)),
        ("25 or under", (None, 25)),
        ("between 18 and 30 years", (18, 30)),
    ],
)
def test_one_age_limit_is_read(text: str, ages: tuple[int | None, int | None]) -> None:
    assert ages_in(text) == ages


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Parents of children 0-5 years",
        "Serves over 60 children",
        "Age 55 or over for most programs, age 60 or over for lunch",
        "All girls, 5-17 years old, or K-12. Adult members over 18 years old",
        "Not for under 18s",
        "Under 18s must be accompanied",
        "Grades 6-8",
        "aged 200 and over",
        "17-5 years old",
    ],
)
def test_an_age_that_is_somebody_elses_or_one_of_several_is_not_read(text: str) -> None:
    assert ages_in(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "gender"), [("Women only", "female"), ("A women-only space", "female"), ("Ladies", "female"), ("For men only", "male")]
)
def test_a_group_for_one_gender_is_known_as_such(text: str, gender: str) -> None:
    assert genders_in(text) == (gender,)


@pytest.mark.parametrize(
    "text", ["", "Men and women", "Open to all women and their friends", "Not women only", "Men's shed, all welcome", "Women and men only"]
)
def test_a_group_whose_gender_is_not_certain_is_for_all(text: str) -> None:
    assert genders_in(text) is None


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("English", "en"),
        ("Haitian-Creole", "ht"),
        ("Creole", "ht"),
        ("eng", "en"),
        ("pt_br", "pt-BR"),
        ("Welsh language", "cy"),
        ("ASL", "ase"),
        ("Español", "es"),
    ],
)
def test_a_language_is_known_by_its_name_and_by_its_code(name: str, tag: str) -> None:
    assert tag_of(name) == tag


def test_the_languages_of_a_sentence_are_told_from_the_words_around_them() -> None:
    assert tags_in("English and Spanish; Tagalog") == (("en", "es", "fil"), ())
    assert tags_in("Spanish (limited), translators available") == ((), ("Spanish (limited)", "translators available"))
    assert tag_of("translators") is None


@pytest.mark.parametrize(
    ("text", "made", "reason"),
    [
        ("a\\nb", "a\nb", ESCAPED),
        ("AttorneyGÇÖs", "Attorney’s", MISREAD),
        ("Ã©tÃ© chez â€™nousâ€™", "été chez ’nous’", MISREAD),
        ("x\x00y\x07", "xy", CONTROL),
        ("odd \ud800 half", "odd \N{REPLACEMENT CHARACTER} half", CONTROL),
        ('=HYPERLINK("http://x","y")', 'HYPERLINK("http://x","y")', FORMULA),
        ("@SUM(A1)", "SUM(A1)", FORMULA),
        ("- a group", "a group", FORMULA),
        ("Dance ###MON###", "Dance", MARKER),
        ("x" * 60, "x" * 50, CUT),
    ],
)
def test_text_is_made_plain_and_the_reason_is_told(text: str, made: str, reason: str) -> None:
    assert plain(text, 50) == (made, (reason,))


@pytest.mark.parametrize("text", ["Plain – “quoted” text", "CAFÉ»", "line\r\nend", "-80.19", "+1", "50 % off"])
def test_plain_text_and_numbers_stay_as_they_are_without_a_word(text: str) -> None:
    assert plain(text, 50) == (text.replace("\r\n", "\n"), ())


def test_a_name_stands_on_one_line() -> None:
    assert one_line("Knit\n and  natter", 50).text == "Knit and natter"


def test_a_description_loses_its_markup_and_keeps_its_lines() -> None:
    assert without_markup("<p>Come <b>all</b></p><script>steal()</script>Tea &amp; cake<br>at 2") == "Come all\nTea & cake\nat 2"
    assert without_markup("2 < 3 and R&D") == "2 < 3 and R&D"
    assert without_markup("Tea &amp; cake\n\n\n\nat 2") == "Tea & cake\n\n\n\nat 2"


@pytest.mark.parametrize("piece", ["<!--", "</", "<a ='", "<script>", "<style", "&a", "<!", "<p"])
def test_markup_that_is_never_closed_is_looked_through_once(piece: str) -> None:
    begun = process_time()
    without_markup(f"<b>{piece * 50_000}")
    assert process_time() - begun < 1
