"""A proposal as a table: cautions are never left out, and where no group fits it is said which rules kept how many out."""

import pytest

from models.explain import Reason, render
from schemas.proposal import Match, Proposal, Rule
from services.cli.proposal_table import print_proposal

REASONS = [render(Reason(code)) for code in ("interests", "online", "weekly", "free")]
CAUTIONS = [render(one) for one in (Reason("widened", 12.0), Reason("waiting_list"), Reason("no_place_information"), Reason("particular", "faith"))]


def printed(capsys: pytest.CaptureFixture[str], proposal: Proposal) -> str:
    print_proposal(proposal)
    return " ".join(capsys.readouterr().out.split())


def proposal(*reasons: str, ruled_out: dict[Rule, int] | None = None, needs_human: str | None = None) -> Proposal:
    matches = [Match(group_id="choir", rank=1, score=0.5, reasons=list(reasons))] if reasons else []
    return Proposal(referral_id="R-1", model="prior", directory_version="1", matches=matches, ruled_out=ruled_out or {}, needs_human=needs_human)


def test_every_caution_is_shown_after_the_first_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, proposal(*REASONS, *CAUTIONS))
    assert f"{'; '.join(REASONS[:3])} but: {'; '.join(CAUTIONS)}" in told
    assert REASONS[3] not in told


def test_a_caution_among_the_first_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    guess = render(Reason("a_guess"))
    assert f"{'; '.join(REASONS[:3])} but: {guess}" in printed(capsys, proposal(guess, *REASONS))


def test_without_a_caution_nothing_is_said_against_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "but:" not in printed(capsys, proposal(*REASONS))


@pytest.mark.parametrize(
    ("ruled_out", "told"),
    [
        ({"language": 1123, "reach": 5, "already_attended": 5}, "no group fits: 1,123 by language, 5 by reach, 5 by already attended"),
        ({}, "no group fits: there is none to choose from"),
    ],
)
def test_where_no_group_fits_the_rules_are_told(capsys: pytest.CaptureFixture[str], ruled_out: dict[Rule, int], told: str) -> None:
    assert told in printed(capsys, proposal(ruled_out=ruled_out, needs_human="nobody_in_reach"))


def test_whom_a_person_must_look_at_first_is_told_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert "A person must look first: red flag" in printed(capsys, proposal(needs_human="red_flag"))
