"""How reasons read."""

from typing import get_args

import pytest

from models.explain import SENTENCES, Reason, ReasonCode, render

TOLD: list[tuple[Reason, str]] = [
    (Reason("distance", 1.2), "1.2 km away"),
    (Reason("distance", 12.0), "12 km away"),
    (Reason("distance", 0.6), "600 metres away"),
    (Reason("distance", 0.0), "less than 100 metres away"),
    (Reason("widened", 12.0), "the reach was widened to 12 km"),
    (Reason("time", "tue 10:00-12:00"), "on Tuesday 10:00-12:00, when you are free"),
    (Reason("not_weekly", 2.0), "meets every 2 weeks: ask for the dates"),
    (Reason("access", "step_free"), "step-free, as you need"),
    (Reason("access", "step_free, hearing_loop, parking"), "step-free, hearing loop and parking, as you need"),
    (Reason("no_access_information"), "no access information: ask before the visit"),
    (Reason("free"), "free of charge"),
    (Reason("within_budget", "GBP 3.50"), "costs £3.50, within what you can spend"),
    (Reason("cost", "SEK 30.00"), "costs 30.00 SEK"),
    (Reason("words", "singing, no_longer_a_kind"), "you mentioned singing and no longer a kind, and so do they"),
    (Reason("language", "ur"), "held in Urdu, which you speak"),
    (Reason("language", "tlh"), "held in tlh, which you speak"),
    (Reason("checked", "2025-12-24"), "details checked on 24 December 2025"),
    (Reason("small", 8.0), "a small group, about 8 people"),
    (Reason("if_nearer", 2.0), "would be first if it were 2 km away"),
    (Reason("tags", "board-games"), "it shares your interest in board games"),
    (Reason("if_newcomers", 3.0), "would be first if it welcomed 3 newcomers a week"),
]


@pytest.mark.parametrize(("reason", "sentence"), TOLD)
def test_a_reason_reads_as_a_short_plain_sentence(reason: Reason, sentence: str) -> None:
    assert render(reason) == sentence


def test_every_code_has_its_sentence() -> None:
    assert set(SENTENCES) == set(get_args(ReasonCode))
