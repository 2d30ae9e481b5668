"""Publishing writes what the classes say, tells every difference, and never overwrites a frozen schema with one that breaks it."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from schemas.events import ALL
from schemas.events.base import DETAILS, AboutCase, Data, Sealed
from schemas.events.referrals import ReferralReceived, ReferralWithdrawn, WhyEnded
from schemas.publish import ASYNCAPI, BREAKING_ADVICE, STALE_ADVICE, differences, documents, main, publish


@pytest.fixture(scope="module")
def wanted() -> dict[str, dict[str, Any]]:
    return documents()


@pytest.fixture
def published(tmp_path: Path, wanted: dict[str, dict[str, Any]]) -> Path:
    publish(tmp_path, wanted)
    return tmp_path


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_class(name: str, event: type[Data]) -> dict[str, dict[str, Any]]:
    event.__name__ = name
    return documents({**ALL, name: event})


def test_what_was_just_published_is_up_to_date(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    assert differences(published, wanted) == []
    assert main(["--check", "--folder", str(published)]) == 0


def test_publishing_is_the_same_at_every_run(published: Path) -> None:
    before = contents(published)
    publish(published, documents())
    assert contents(published) == before


def test_an_empty_folder_lacks_every_file_and_check_writes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--folder", str(tmp_path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [f"{name}: not published yet" for name in sorted(documents())] + [STALE_ADVICE]
    assert contents(tmp_path) == {}


def test_every_difference_is_one_line_with_its_place(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    edit(published / "ModelPromoted.json", description="Gone.", **{"x-note": 1, "x-status": "draft"})
    told = ["/description changed", "/x-note is gone", "/x-status changed"]
    assert sorted(map(str, differences(published, wanted))) == [f"ModelPromoted.json: {one}" for one in told]


def test_a_file_of_no_event_is_told_and_removed(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    (published / "SongSung.json").write_text('{"x-status": "draft"}')
    assert list(map(str, differences(published, wanted))) == ["SongSung.json: no event or file format has this name any more"]
    publish(published, wanted)
    assert not (published / "SongSung.json").exists()


def test_a_file_that_is_not_json_is_told_and_mended(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    (published / "GroupListed.json").write_text("<<<<<<< ours")
    assert "GroupListed.json: is not JSON" in str(differences(published, wanted)[0])
    publish(published, wanted)
    assert differences(published, wanted) == []


def test_a_file_laid_out_otherwise_is_told(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    edit(published / "GroupListed.json")
    assert list(map(str, differences(published, wanted))) == ["GroupListed.json: laid out otherwise"]


def test_an_asyncapi_document_of_other_streams_is_told(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    edit(published / ASYNCAPI, channels={})
    assert list(map(str, differences(published, wanted))) == ["asyncapi.json: out of date"]


class WithdrawnWithNewField(ReferralWithdrawn):
    """An optional field more."""

    stream = "referrals"

    heard_by: str | None = None


class WithdrawnWithNewRequired(ReferralWithdrawn):
    """A required field more."""

    stream = "referrals"

    heard_by: str


class WithdrawnUnsealed(AboutCase):
    """In clear what was sealed."""

    stream = "referrals"

    details: WhyEnded | None = None


class WithdrawnWithoutDetails(AboutCase):
    """A field less."""

    stream = "referrals"


class WithdrawnAsDraft(ReferralWithdrawn):
    """Not frozen any more."""

    stream = "referrals"
    draft = True


class OtherWhy(WhyEnded):
    """Fewer reasons."""

    reason: Literal["moved_away"] | None = None


class WithdrawnNarrowed(AboutCase):
    """Fewer reasons inside the sealed part."""

    stream = "referrals"

    details: Annotated[OtherWhy | Sealed | None, DETAILS] = None


BREAKING: dict[type[Data], str] = {
    WithdrawnWithNewRequired: "heard_by: is new and required",
    WithdrawnUnsealed: "details: was sealed under details, is in clear",
    WithdrawnWithoutDetails: "details: the field is gone",
    WithdrawnAsDraft: "was frozen, is a draft again",
    WithdrawnNarrowed: "details(opened).reason: any value was admitted, now only ['moved_away']",
}


@pytest.mark.parametrize("event", BREAKING)
def test_a_class_that_breaks_its_frozen_schema_is_told_and_nothing_is_written(
    published: Path, event: type[Data], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said, before = BREAKING[event], contents(published)
    broken = with_class("ReferralWithdrawn", event)
    monkeypatch.setattr("schemas.publish.documents", lambda: broken)
    for arguments in (["--check", "--folder", str(published)], ["--folder", str(published)]):
        assert main(arguments) == 1
        told = capsys.readouterr().err.splitlines()
        assert f"ReferralWithdrawn.json: BREAKING: {said}" in told
        assert BREAKING_ADVICE in told
    assert contents(published) == before


def test_an_additive_change_of_a_frozen_class_passes_once_it_is_published_again(
    published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wider = with_class("ReferralWithdrawn", WithdrawnWithNewField)
    monkeypatch.setattr("schemas.publish.documents", lambda: wider)
    assert main(["--check", "--folder", str(published)]) == 1
    assert "BREAKING" not in capsys.readouterr().err
    assert main(["--folder", str(published)]) == 0
    assert main(["--check", "--folder", str(published)]) == 0


def test_a_frozen_event_that_is_gone_is_breaking(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    without = {name: document for name, document in wanted.items() if name != "ReferralReceived.json"}
    assert [str(one) for one in publish(published, without)] == ["ReferralReceived.json: BREAKING: removed or renamed"]
    assert (published / "ReferralReceived.json").exists()


def test_a_draft_event_may_go(published: Path, wanted: dict[str, dict[str, Any]]) -> None:
    edit(published / "ModelPromoted.json", **{"x-status": "draft"})
    without = {name: document for name, document in wanted.items() if name != "ModelPromoted.json"}
    assert not any(one.breaking for one in publish(published, without))
    assert not (published / "ModelPromoted.json").exists()


def test_a_sealed_part_is_a_string_whose_content_has_a_schema(wanted: dict[str, dict[str, Any]]) -> None:
    schema = wanted["ReferralReceived.json"]
    for name, (purpose, part) in ReferralReceived.sealed_parts.items():
        field = schema["properties"][name]
        assert field["type"] == ["string", "null"]
        assert field["contentEncoding"] == "base64"
        assert field["x-sealed-under"] == purpose
        assert field["contentSchema"]["$ref"] == f"#/$defs/{part.__name__}"
    assert "Sealed" not in schema["$defs"]
