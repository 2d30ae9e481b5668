"""What messages say, how long they are, and what they never say."""

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from itertools import product
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.follow_ups import Step
from schemas.events.places import HeldSession
from schemas.group import Group
from schemas.referral import PersonContact
from services.followup.domain.touches import MessageChannel
from services.followup.wording import About, never_said, words_for
from services.followup.wording.gsm7 import TWO_MESSAGES, in_alphabet, septets
from tests.unit.followup.people import ada

LONDON = ZoneInfo("Europe/London")
SESSION = HeldSession(date=date(2026, 3, 10), start=datetime(2026, 3, 10, 10, 30, tzinfo=UTC))
LINK = "https://together.example.org/p/" + "x" * 110
SAID: tuple[Step, ...] = tuple(step for step in get_args(Step) if step != "task")
CHANNELS: tuple[MessageChannel, ...] = ("sms", "email")
LONG_NAMES = (
    "Hillside Choir",
    "The Saturday Morning Gardening, Allotment and Outdoor Society of Greater Brighton & Hove",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Bowls",
    "Café – “Zoë’s” Stammtisch für Alle…",
    "太极拳小组",
    "A" * 300,
)


def choir(name: str = "Hillside Choir", **more: object) -> Group:
    return Group.model_validate({"group_id": "choir", "name": name, "postcode": "BN1 4AB", **more})


def about(group: Group | None = None, first_name: str | None = "Asha", session: HeldSession | None = SESSION, **more: object) -> About:
    given_: dict[str, object] = {"zone": LONDON, "link": LINK, "organiser": "Maria", **more}
    return About(first_name=first_name, group=group or choir(), session=session, **given_)  # type: ignore[arg-type]


def every_text(steps: Sequence[Step] = SAID) -> list[str]:
    """Each of these steps in both channels, moved and lost, before and after."""
    cases = (about(), about(session=None), about(over=True))
    said = (
        "\n".join((words.subject, words.text))
        for step, channel, case in product(steps, CHANNELS, cases)
        if case.session or step not in ("first_session", "day_before")
        for words in (words_for(step, case, channel),)
    )
    return list(dict.fromkeys(said))


def test_the_first_message_says_where_when_and_whom_to_ask_for() -> None:
    assert words_for("first_session", about(), "sms").text == (
        "Hi Asha! Good news: a place is kept for you at Hillside Choir, Tuesday 10 March, 10:30am, BN1 4AB. Ask for Maria. "
        "Better Together. Reply STOP to stop these"
    )


def test_the_same_by_email_has_the_page_too() -> None:
    words = words_for("first_session", about(), "email")
    assert words.subject == "See you on Tuesday 10 March"
    assert "When: Tuesday 10 March, 10:30am\nWhere: BN1 4AB" in words.text
    assert "ask for Maria" in words.text
    assert LINK in words.text


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_question_says_how_to_answer_it(channel: MessageChannel) -> None:
    assert "Did you make it? Reply 1 for yes, 2 for no" in words_for("day_after", about(), channel).text
    assert "again? Reply 1 for yes, 2 for no" in words_for("week_2", about(), channel).text


@pytest.mark.parametrize(
    ("start", "zone", "said"),
    [
        (datetime(2026, 3, 10, 10, 30, tzinfo=UTC), LONDON, "Tuesday 10 March, 10:30am"),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), LONDON, "Wednesday 1 July, 1pm"),
        (datetime(2026, 12, 2, 12, 0, tzinfo=UTC), LONDON, "Wednesday 2 December, 12 noon"),
        (datetime(2026, 12, 2, 12, 5, tzinfo=UTC), LONDON, "Wednesday 2 December, 12:05pm"),
        (datetime(2026, 12, 2, 0, 5, tzinfo=UTC), LONDON, "Wednesday 2 December, 12:05am"),
        (datetime(2026, 12, 2, 2, 0, tzinfo=UTC), ZoneInfo("America/New_York"), "Tuesday 1 December, 9pm"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), LONDON, "Sunday 29 March, 2:30am"),
        (datetime(2026, 3, 10, 16, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))), LONDON, "Tuesday 10 March, 10:30am"),
    ],
)
def test_times_are_said_as_people_say_them_where_the_group_meets(start: datetime, zone: ZoneInfo, said: str) -> None:
    session = HeldSession(date=start.date(), start=start)
    assert said in words_for("day_before", about(session=session, zone=zone), "email").text


def test_week_6_asks_the_four_questions_with_their_scales() -> None:
    text = words_for("week_6", about(), "email").text
    for asked in ("you lack companionship", "left out", "isolated from others", "How often do you feel lonely"):
        assert asked in text
    assert "1 = hardly ever or never, 2 = some of the time, 3 = often\n" in text
    assert "1 = often or always, 2 = some of the time, 3 = occasionally, 4 = hardly ever, 5 = never" in text


def test_week_6_as_a_text_message_leads_to_the_page_and_without_one_asks_in_short() -> None:
    led, asked = (words_for("week_6", about(link=link), "sms").text for link in (LINK, None))
    assert LINK in led
    assert "lonely" not in led
    assert "4 feel lonely (1 often/always" in asked


def test_the_confirmation_of_a_stop_names_no_group_and_says_how_to_begin_again() -> None:
    for channel in CHANNELS:
        words = words_for("stop_confirmed", about(), channel)
        assert "Hillside" not in words.subject + words.text
        assert "reply START" in words.text


def test_news_says_what_changed() -> None:
    assert "is now on Tuesday 10 March, 10:30am" in words_for("news", about(), "sms").text
    assert "cannot take you after all. Your link worker will be in touch" in words_for("news", about(session=None), "sms").text


@pytest.mark.parametrize(
    ("given_name", "said"),
    [("Asha Patel", "Asha"), ("Mr John Smith", "John"), ("Smith, John", "John"), ("Mrs Smith", "Someone new"), (None, "Someone new")],
)
@pytest.mark.parametrize("over", [False, True])
def test_an_organiser_reads_a_first_name_and_never_a_surname(given_name: str | None, said: str, over: bool) -> None:
    person = ada(contact=PersonContact(name=given_name))
    words = words_for("organiser_asked", about(first_name=person.first_name, over=over), "email")
    assert said in words.text
    assert not re.search("Patel|Smith", words.subject + words.text)
    assert LINK in words.text
    assert words.text.startswith("Hi Maria,")


def test_an_organiser_is_asked_before_whether_they_may_and_afterwards_whether_they_did() -> None:
    assert "would like to come" in words_for("organiser_asked", about(), "email").text
    assert "Did Asha come?" in words_for("organiser_asked", about(over=True), "email").text


@pytest.mark.parametrize("text", every_text())
def test_every_message_says_who_writes(text: str) -> None:
    assert "Better Together" in text


@pytest.mark.parametrize("text", every_text([step for step in SAID if step != "organiser_asked"]))
def test_every_message_to_a_person_says_how_to_stop(text: str) -> None:
    assert "Reply STOP to stop these" in text or "reply START" in text


@pytest.mark.parametrize("text", every_text(["organiser_asked"]))
def test_an_organiser_is_promised_nothing_that_nobody_hears(text: str) -> None:
    assert not re.search("stop|reply|answer", text, re.IGNORECASE)


NEVER = never_said("unspoken", "unkind")


@pytest.mark.parametrize("text", every_text())
def test_no_message_speaks_of_health_money_or_guilt(text: str) -> None:
    allowed = {"isolated", "lonely"} if re.search("four|4 digits", text, re.IGNORECASE) else set()
    assert {*NEVER.findall(text)} <= allowed


def test_the_guard_tells_what_must_not_be_said() -> None:
    assert NEVER.search("We are disappointed that you missed it, the place was free")
    assert NEVER.findall("Depression and ANXIETY, the GP's; painting, a grouping of patience") == ["Depression", "ANXIETY", "GP"]


@pytest.mark.parametrize("name", ["Depression and Anxiety Support Group", "The Bereavement Café", "Good Company (Mental Health)", "STROKE CLUB"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_no_message_tells_by_a_group_s_name_what_is_the_matter(name: str, channel: MessageChannel) -> None:
    for step, over in product(SAID, (False, True)):
        words = words_for(step, about(choir(name), organiser="Anxiety Leicester", over=over), channel)
        said = NEVER.findall(words.subject + words.text)
        assert said == [] or (step == "week_6" and {*said} <= {"isolated", "lonely"}) or (step == "organiser_asked" and {*said} == {"Anxiety"})
    assert "at your group, Tuesday" in words_for("first_session", about(choir(name)), "sms").text


@pytest.mark.parametrize("text", every_text())
def test_sentences_are_short_and_words_are_plain(text: str) -> None:
    plain = re.sub(r"https?://\S+", "", text).split("How often")[0]
    for sentence in re.split(r"[.!?:\n]+", plain):
        words = re.findall(r"[A-Za-z']+", sentence)
        assert len(words) <= 20, sentence
        assert [word for word in words if len(word) > 10] == []


@pytest.mark.parametrize("step", SAID)
def test_a_subject_would_embarrass_nobody(step: Step) -> None:
    subject = words_for(step, about(choir("Bereavement Café")), "email").subject
    assert subject
    assert not re.search("Bereavement|group|lonel|stop", subject.replace("have stopped", "").replace("your group", ""), re.IGNORECASE)
    assert len(subject) <= 50


@pytest.mark.parametrize("name", LONG_NAMES)
@pytest.mark.parametrize("step", SAID)
def test_a_text_message_is_one_where_it_can_be_and_never_more_than_two(step: Step, name: str) -> None:
    longest = HeldSession(date=date(2026, 9, 30), start=datetime(2026, 9, 30, 9, 45, tzinfo=UTC))
    text = words_for(step, about(choir(name), "Maximiliana-Josephine", session=longest), "sms").text
    length = septets(text)
    assert length is not None, text
    assert length <= (TWO_MESSAGES if step in ("week_6", "organiser_asked") else 160), text


def test_a_name_is_shortened_at_a_word() -> None:
    text = words_for("first_session", about(choir(LONG_NAMES[1])), "sms").text
    assert "The Saturday Morning Gardening, Allotment and..., Tuesday" in text


def test_a_name_without_latin_letters_is_kept_in_mail_and_not_said_in_a_text_message() -> None:
    group = choir(LONG_NAMES[4])
    assert LONG_NAMES[4] in words_for("day_before", about(group, "明"), "email").text
    assert words_for("day_before", about(group, "明"), "sms").text.startswith("Hello, here is a little reminder: your group is on")


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        ("Zoë’s café – now", "Zoe's café - now"),
        ("Łukasz", "Lukasz"),
        ("Ünal ß €", "Ünal ß €"),
        ("Hi 😀!", "Hi !"),
        ("Асха", None),
        ("ﬁne", "fine"),
        ("٣", None),
    ],
)
def test_what_is_put_into_a_text_message_is_brought_to_its_alphabet(text: str, brought: str | None) -> None:
    assert in_alphabet(text) == brought


def test_septets_count_what_takes_two() -> None:
    assert septets("a€[") == 5
    assert septets("ë") is None


def test_a_name_with_line_breaks_or_marks_that_turn_the_line_is_one_plain_line() -> None:
    name = "Choir\r\nBcc: everyone@example.org\n\n\u202egnp\u2066 \x00{link}"
    words = words_for("day_before", about(choir(name), "As\nha\u202e"), "email")
    assert "Choir Bcc: everyone@example.org gnp {link} is on" in words.text
    assert "\n" not in words.subject
    assert words.text.startswith("Hi As ha,")


def test_an_online_group_is_said_to_be_online() -> None:
    assert "Where: online" in words_for("first_session", about(choir(mode="online")), "email").text


def test_what_is_not_known_is_left_out() -> None:
    bare = About(None, None, None, LONDON, None)
    assert words_for("day_after", bare, "email").text == (
        "Hello,\n\nDid you make it? Reply 1 for yes, 2 for no. Both are fine.\n\n"
        "If you would like a word with someone, reply HELP.\n\nBetter Together\n\nReply STOP to stop these.\n"
    )
    assert words_for("day_after", bare, "sms").text.startswith("Hello, your group: Did you make it?")


@pytest.mark.parametrize(("step", "case"), [("task", about()), ("first_session", about(session=None)), ("organiser_asked", about(link=None))])
def test_what_cannot_be_said_is_refused(step: Step, case: About) -> None:
    with pytest.raises(ValueError, match=r"words|wording"):
        words_for(step, case, "sms")


def test_the_sender_s_name_is_the_setting_s() -> None:
    assert "Hillside Friends. Reply STOP" in words_for("day_before", about(sender="Hillside Friends"), "sms").text


def test_every_text_is_used() -> None:
    written = tomllib.loads((files("services.followup.wording") / "texts.toml").read_text(encoding="utf-8"))
    steps = {name for name, texts in written.items() if isinstance(texts, dict)}
    assert steps == ({*SAID} - {"news"}) | {"news_moved", "news_lost", "organiser_asked_after"}


@given(st.text(max_size=400), st.text(min_size=1, max_size=400), st.sampled_from(SAID), st.sampled_from(CHANNELS))
def test_no_name_breaks_a_message(first_name: str, name: str, step: Step, channel: MessageChannel) -> None:
    group = choir().model_copy(update={"name": name})
    words = words_for(step, about(group, first_name, link="https://t.example/p/" + "x" * 60), channel)
    assert "\n" not in words.subject
    words.text.encode()
    if channel == "sms":
        length = septets(words.text)
        assert length is not None
        assert length <= TWO_MESSAGES
