"""Whatever is typed into the clinic's form is either a referral or a mistake that is told at its field."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.referral import Referral
from services.chassis.web.bodies import Form
from services.chassis.web.faults import Invalid
from services.intake.pages.answers import COLUMNS, CONSENT, FREE, LISTS, MADE, UCLA, read_answers
from services.intake.pages.shown import form_view
from services.intake.reading import canonical, read_referral

NAMES = (*COLUMNS, *LISTS, *UCLA, CONSENT, FREE, MADE)
TYPED = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.sampled_from(["yes", "3", "mon-morning", "0", "-1", "£", "km", "nan", "1e999"]),
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), TYPED), max_size=60))
def test_whatever_is_typed_is_either_a_referral_or_a_mistake_at_a_field(fields: list[tuple[str, str]]) -> None:
    form = Form(fields)
    sent, faults = read_answers(form)
    canonical(sent)
    referral = read_referral(sent)
    bad = [] if isinstance(referral, Referral) else [*Invalid(referral).faults]
    view = form_view(form, [*faults, *bad])
    assert len(view.mistakes) == len({mistake.field for mistake in view.mistakes})
    assert all(mistake.control and mistake.text for mistake in view.mistakes)
    assert bool(view.mistakes) == bool(faults or bad)
