"""The model that ranks follows the promotions, and never falls to one that cannot be read."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from models.prior import Prior
from models.ranker import packaged_prior
from models.registry import Registry
from schemas.events.models import ModelPromoted
from services.chassis.clock import HandSetClock
from services.matcher.serving import LOOK_AGAIN, REFUSED, Serving, Taken
from tests.unit.matcher.matcher_cases import NOW


def another(base: float) -> Prior:
    """A ranker of its own."""
    return Prior.of({**packaged_prior().content(), "base": {"logit": base, "source": "a test"}})


@dataclass
class Site:
    """A folder of models, and a matcher that follows them."""

    folder: Path
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(NOW))
    counted: list[Taken] = field(default_factory=list)

    def serving(self) -> Serving:
        """As it begins."""
        return Serving(packaged_prior(), Registry(self.folder), self.clock, self.counted.append)

    def promoted(self, number: int, base: float) -> ModelPromoted:
        """A model is there and promoted."""
        ranker, name = another(base), f"m{number}"
        ranker.save(self.folder / name)
        return ModelPromoted(model=ranker.model, promotion=number, snapshot=name, sha256=Registry(self.folder).digest(name))


def test_the_highest_promotion_counts_whatever_the_order(tmp_path: Path) -> None:
    site = Site(tmp_path)
    told = [site.promoted(1, -1.0), site.promoted(2, -2.0), ModelPromoted(model=packaged_prior().model, promotion=3)]
    for some in permutations(told):
        serving = site.serving()
        for one in some:
            serving.hear(one)
            serving.ranker()
        assert serving.ranker().model == packaged_prior().model
    serving = site.serving()
    for one in told[:2]:
        serving.hear(one)
    assert serving.ranker().model == told[1].model
    assert "refused" not in site.counted


@pytest.mark.parametrize("harm", ["altered", "gone", "outside"])
def test_what_cannot_be_read_or_is_another_leaves_what_serves(tmp_path: Path, harm: str) -> None:
    site = Site(tmp_path)
    serving = site.serving()
    serving.hear(site.promoted(1, -1.0))
    first = serving.ranker().model
    second = site.promoted(2, -2.0)
    if harm == "altered":
        another(-3.0).save(site.folder / "m2")
    elif harm == "gone":
        (site.folder / "m2" / "model.json").unlink()
    else:
        second = second.model_copy(update={"snapshot": "../m2"})
    serving.hear(second)
    assert serving.ranker().model == first
    assert serving.ranker().model == first
    assert site.counted == ["taken_up", "refused"]


def test_a_snapshot_that_is_late_is_looked_for_again_after_a_while(tmp_path: Path) -> None:
    site = Site(tmp_path)
    promoted = site.promoted(1, -1.0)
    (site.folder / "m1").rename(site.folder / "later")
    serving = site.serving()
    serving.hear(promoted)
    serving.ranker()
    (site.folder / "later").rename(site.folder / "m1")
    assert serving.ranker().model == packaged_prior().model
    site.clock.set(NOW + LOOK_AGAIN + timedelta(seconds=1))
    assert serving.ranker().model == promoted.model


def test_that_another_model_ranks_than_was_promoted_is_told_without_anybody_asking_to_rank(tmp_path: Path) -> None:
    site = Site(tmp_path)
    serving = site.serving()
    assert serving.concerns() == ()
    serving.hear(site.promoted(1, -1.0))
    assert serving.concerns() == ()
    first = serving.ranker().model
    (site.folder / "m1").rename(site.folder / "later")
    serving.hear(site.promoted(2, -2.0).model_copy(update={"snapshot": "m1"}))
    assert serving.concerns() == serving.concerns() == (REFUSED.format(first),)
    assert site.counted == ["taken_up", "refused"]
    serving.hear(ModelPromoted(model=packaged_prior().model, promotion=3))
    assert serving.concerns() == ()


def test_after_a_start_the_model_that_ranks_is_named_and_it_is_not_the_one_promoted_before(tmp_path: Path) -> None:
    site = Site(tmp_path)
    serving, told = site.serving(), [site.promoted(1, -1.0), site.promoted(2, -2.0)]
    (site.folder / "m2").rename(site.folder / "later")
    for one in told:
        serving.hear(one)
        serving.ranker()
    assert serving.concerns() == (REFUSED.format(told[0].model),)
    again = site.serving()
    again.take_up(serving.told())
    assert again.concerns() == (REFUSED.format(packaged_prior().model),)
    assert again.ranker().model == packaged_prior().model


def test_a_restart_serves_the_same(tmp_path: Path) -> None:
    site = Site(tmp_path)
    serving = site.serving()
    serving.hear(site.promoted(1, -1.0))
    again = site.serving()
    again.take_up(serving.told())
    assert again.ranker().model == serving.ranker().model != packaged_prior().model
