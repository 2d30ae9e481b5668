"""What the form offers to choose from: the values that a referral has, and the words for them."""

from typing import Final, Literal, NamedTuple, get_args

from models.explain import LANGUAGE_NAMES, WEEKDAY_NAMES
from models.scoring import DIRECT_ANSWERS, DIRECT_QUESTION, UCLA_ANSWERS, UCLA_QUESTIONS
from schemas.record import WEEKDAYS


class Choice(NamedTuple):
    """A value, its words, and what may be said beside it."""

    value: str
    text: str
    hint: str = ""


PartOfDay = Literal["morning", "afternoon", "evening"]
PARTS: Final[tuple[PartOfDay, ...]] = get_args(PartOfDay)
HOURS: Final[dict[PartOfDay, tuple[str, str]]] = {"morning": ("08:00", "13:00"), "afternoon": ("12:00", "18:00"), "evening": ("17:00", "22:00")}
"""They overlap, so that a session over midday or teatime fits the one or the other; the form says these hours."""
HOURS_IN_WORDS: Final = (("morning", "8am to 1pm"), ("afternoon", "12 to 6pm"), ("evening", "5pm to 10pm"))

PREFERRED: Final = (Choice("phone", "Phone call"), Choice("sms", "Text message"), Choice("email", "Email"), Choice("", "No preference"))
SAFE: Final = (
    Choice("yes", "Yes, it is safe"),
    Choice("no", "No", "A person will look at the referral before anything happens."),
    Choice("", "Not asked"),
)
GENDERS: Final = (Choice("", "Not asked"), Choice("female", "Woman"), Choice("male", "Man"), Choice("other", "Another"))
TRAVEL: Final = (Choice("walk", "On foot"), Choice("bus", "By bus"), Choice("car", "By car"), Choice("any", "Any way"), Choice("", "Not asked"))
ACCESS: Final = (
    Choice("step_free", "Step-free way in"),
    Choice("accessible_toilet", "Accessible toilet"),
    Choice("changing_place", "Changing place"),
    Choice("hearing_loop", "Hearing loop"),
    Choice("quiet_space", "Quiet space"),
    Choice("parking", "Parking"),
    Choice("public_transport", "Near public transport"),
)
LANGUAGES: Final = tuple(Choice(tag, name) for tag, name in sorted(LANGUAGE_NAMES.items(), key=lambda one: (one[0] != "en", one[1])))
CONSENTS: Final = (
    Choice("match", "Looking for groups for them", "Without this nothing is proposed, and a link worker speaks with them first."),
    Choice("sms", "Text messages from us"),
    Choice("email", "Emails from us"),
    Choice("companion", "Somebody going along with them the first time"),
    Choice("learning", "Learning from how it goes, without their name"),
)
FLAGS: Final = (
    Choice("self_harm", "Thoughts or plans of harming themselves"),
    Choice("harm_to_others", "A risk that they harm somebody else"),
    Choice("abuse", "Abuse or neglect"),
    Choice("coercion", "Somebody else controls them, or their phone or letters"),
    Choice("child_at_risk", "A child at risk"),
    Choice("psychosis", "Psychosis"),
    Choice("agitation", "Severe agitation"),
    Choice("capacity", "Doubt whether they can decide this for themselves"),
    Choice("other", "Something else that a person should read first"),
)
URGENCY: Final = (Choice("routine", "Routine"), Choice("urgent", "Urgent", "Seen before all who are not."))
UCLA: Final = (*(Choice(str(answer), words.capitalize()) for answer, words in UCLA_ANSWERS.items()), Choice("", "Not asked"))
DIRECT: Final = (*(Choice(str(answer), words.capitalize()) for answer, words in DIRECT_ANSWERS.items()), Choice("", "Not asked"))
QUESTIONS: Final = (
    *((f"loneliness.ucla3.{number}", question, UCLA) for number, question in enumerate(UCLA_QUESTIONS, start=1)),
    ("loneliness.direct", DIRECT_QUESTION, DIRECT),
)
"""The fields of the four questions, their official wording and answers."""

DAYS: Final = tuple((day, WEEKDAY_NAMES[day]) for day in WEEKDAYS)
