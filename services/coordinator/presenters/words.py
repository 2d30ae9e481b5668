"""The plain words that pages have for closed codes: statuses, flags, rules, and why nothing was proposed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from models.explain import ACCESS_NAMES, CURRENCY_SIGNS, LANGUAGE_NAMES
from models.text.words import kinds
from schemas.events.matches import NeedsHuman
from schemas.proposal import Rule
from services.coordinator.domain import Status, View

Colour = Literal["grey", "blue", "aqua-green", "green", "purple", "orange", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a coloured box; the word alone says all."""

    text: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Advice:
    """Why nothing was proposed, or nothing but guesses, what to do next, and whether the ledger of unmet need has more about it."""

    heading: str
    steps: tuple[str, ...]
    see_ledger: bool = False


RED_FLAG: Final = Tag("Red flag: look first", "red")
URGENT: Final = Tag("Urgent", "orange")
OVERDUE: Final = Tag("Overdue", "red")
VIEW_NAMES: Final[Mapping[View, tuple[str, str]]] = {
    "new": ("New", "Everybody who is new has been looked at."),
    "urgent": ("Urgent", "Nothing is urgent."),
    "red_flag": ("Red flag", "No red flag is open."),
    "waiting": ("Waiting list", "Nobody is on a group’s waiting list."),
    "to_do": ("To do", "No task is open."),
    "overdue": ("Overdue", "Nothing is overdue. Well done."),
    "silent": ("Silent", "Everybody has answered."),
}
"""The name of each view, and what is said where nobody is in it."""
STATUS_TAGS: Final[Mapping[Status, Tag]] = {
    "received": Tag("Looking for groups", "blue"),
    "proposed": Tag("Groups proposed", "green"),
    "needs_human": Tag("Needs a person", "yellow"),
    "no_match": Tag("No group fits", "purple"),
    "agreed": Tag("Group agreed", "aqua-green"),
    "waitlisted": Tag("On a waiting list", "purple"),
    "placed": Tag("Place held", "aqua-green"),
    "attended": Tag("Has been once", "aqua-green"),
    "closed": Tag("Closed", "grey"),
    "withdrawn": Tag("Taken back", "grey"),
}
FLAGS: Final[Mapping[str, str]] = {
    "self_harm": "harming themselves",
    "harm_to_others": "harming somebody else",
    "abuse": "abuse or neglect",
    "coercion": "somebody else in control of them",
    "unsafe_contact": "not safe to contact them",
    "child_at_risk": "a child at risk",
    "psychosis": "psychosis",
    "agitation": "severe agitation",
    "capacity": "doubt whether they can decide this for themselves",
}
ANOTHER_FLAG: Final = "something that a person should read"
RULES_IN_WORDS: Final[Mapping[Rule, tuple[str, str]]] = {
    "status": ("is not running at the moment", "are not running at the moment"),
    "age": ("is for people of another age", "are for people of another age"),
    "gender": ("is for people of another gender", "are for people of another gender"),
    "language": ("is held in a language they do not speak", "are held in languages they do not speak"),
    "access": ("lacks access that they need", "lack access that they need"),
    "time": ("meets when they are not free", "meet when they are not free"),
    "cost": ("costs more than they can pay", "cost more than they can pay"),
    "reach": ("is too far away", "are too far away"),
    "place": ("is full and has no waiting list", "are full and have no waiting list"),
    "already_attended": ("is one they have been to", "are ones they have been to"),
    "cooling_off": ("was turned down a short while ago", "were turned down a short while ago"),
}
"""What is said of one group that a rule keeps out, and of several."""

ABSTAINED: Final[Mapping[NeedsHuman, Advice]] = {
    "red_flag": Advice(
        "A person must look first, so no group was proposed",
        (
            "Read the flag and the person’s own words.",
            "Speak with the person, or with whoever referred them, before anything else happens.",
            "Nothing is sent to them by itself while the flag is open.",
        ),
    ),
    "no_consent": Advice(
        "They have not agreed to be matched, so no group was looked for",
        ("Ask them whether groups may be looked for.", "If they say yes, have a new referral sent that says so."),
    ),
    "too_little_known": Advice(
        "Too little is known of what they would like",
        ("Ask what they enjoy, what they used to enjoy, or what they would like to try.", "Have a new referral sent with their own words in it."),
    ),
    "nobody_in_reach": Advice(
        "No group within reach fits",
        (
            "See which groups were nearly right: one change may be enough.",
            "Ask whether they could come at another time, or a little further.",
            "What they hoped for is in the ledger of unmet need, so that somebody can start it.",
        ),
        see_ledger=True,
    ),
}
ALL_GUESSES: Final = Advice(
    "Ask first what they would like: these groups are guesses",
    (
        "Ask what they enjoy, what they used to enjoy, or what they would like to try.",
        "Choose with them, or have a new referral sent with their own words in it.",
    ),
)
NEEDS_HUMAN_IN_WORDS: Final[Mapping[str, str]] = {
    "red_flag": "a person must look first",
    "no_consent": "they have not agreed to be matched",
    "too_little_known": "too little is known of what they would like",
    "nobody_in_reach": "no group within reach fits",
    "no_group_at_all": "there was no group to choose from",
    "full": "the group that was chosen was full",
    "not_running": "the group that was chosen does not run at the moment",
    "not_suitable": "the organiser found the group not suitable for them",
    "no_reason_given": "the organiser said no and gave no reason",
    "delisted": "the group that was chosen is no longer listed",
    "declined": "they did not want what was proposed",
}


def reason_in_words(reason: str) -> str:
    """Why nothing was proposed: that somebody must look, or the rule that kept most groups out."""
    rule = next((several for code, (_, several) in RULES_IN_WORDS.items() if code == reason), None)
    return f"groups {rule}" if rule else NEEDS_HUMAN_IN_WORDS.get(reason, plain(reason))


def flag_in_words(code: str) -> str:
    """What a red flag is about."""
    return FLAGS.get(code, ANOTHER_FLAG)


def kind_in_words(code: str) -> str:
    """The name of a kind of group, or of a tag."""
    return kinds()[code].title if code in kinds() else plain(code)


def access_in_words(codes: Iterable[str]) -> str:
    """Access features, as "step-free, hearing loop"."""
    return ", ".join(ACCESS_NAMES.get(code, plain(code)) for code in codes)


def languages_in_words(tags: Iterable[str]) -> str:
    """Languages by their English names where those are known, by their tags otherwise."""
    return ", ".join(LANGUAGE_NAMES.get(tag.split("-")[0].lower(), tag) for tag in tags)


def money(amount: float, currency: str = "GBP") -> str:
    """An amount as it is written in a sentence: £3, £3.50, 3 CHF."""
    digits = f"{amount:.2f}".removesuffix(".00")
    return f"{CURRENCY_SIGNS[currency]}{digits}" if currency in CURRENCY_SIGNS else f"{digits} {currency}"


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").replace("-", " ")


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def counted(number: int, one: str, several: str) -> str:
    """A number with its noun: 1 case, 2,000 cases."""
    return f"{number:,} {one if number == 1 else several}"
