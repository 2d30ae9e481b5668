"""What is written can be read: nothing that is left out of an event because it is not known is missed by its reader."""

import pytest
from pydantic import BaseModel

from schemas.events import ALL
from schemas.events.matches import ProposedGroup, Ranking
from schemas.publish import documents
from schemas.wire import examples

DOCUMENTS = documents()
EXAMPLES = examples()


def as_written(record: BaseModel) -> str:
    """How data and parts are put on the wire: without what is None."""
    return record.model_dump_json(exclude_none=True)


@pytest.mark.parametrize("name", sorted(ALL))
def test_what_is_written_without_its_nulls_is_read_as_the_same(name: str) -> None:
    data = ALL[name].model_validate(EXAMPLES[name])
    assert type(data).model_validate_json(as_written(data)) == data


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_event_with_no_more_than_it_must_have_is_read_as_the_same(name: str) -> None:
    required = DOCUMENTS[f"{name}.json"].get("required", ())
    data = ALL[name].model_validate({field: value for field, value in EXAMPLES[name].items() if field in required})
    assert type(data).model_validate_json(as_written(data)) == data


def test_a_match_whose_distance_is_not_known_is_read() -> None:
    online = ProposedGroup(
        group_id="town:chat-online",
        rank=1,
        score=0.3,
        distance_km=None,
        propensity=1.0,
        features=(0.4, None),
        reasons=(("online", None),),
        would_improve=(),
    )
    ranking = Ranking(model="prior", directory_version="1", matches=(online,))
    read = Ranking.model_validate_json(as_written(ranking))
    assert [match.get("distance_km") for match in read.matches] == [None]
    assert read.matches[0]["reasons"] == online["reasons"]
    assert read.matches[0]["features"] == online["features"]
