"""Each kind of breaking change is planted in a schema and told; each kind of additive change passes."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.compatibility import breaks

Schema = dict[str, Any]
Change = Callable[[Schema], object]


def frozen() -> Schema:
    """A frozen schema with every kind of thing that the published ones have."""
    return {
        "$id": "urn:better-together:schema:SongSung",
        "description": "Somebody sang.",
        "x-stream": "songs",
        "x-key": "person",
        "x-status": "frozen",
        "$defs": {
            "Voice": {"type": "object", "properties": {"range": {"enum": ["alto", "bass"], "type": "string"}}, "required": ["range"]},
            "Hall": {"type": "object", "properties": {"seats": {"type": "integer", "minimum": 0, "maximum": 100}}, "required": ["seats"]},
        },
        "type": "object",
        "properties": {
            "person": {"type": "string", "maxLength": 36, "pattern": "^[a-z]+$"},
            "at": {"type": "string", "format": "date-time"},
            "verses": {"type": "integer", "default": 1},
            "loudness": {"type": "number"},
            "hall": {"anyOf": [{"$ref": "#/$defs/Hall"}, {"type": "null"}], "default": None},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 5},
            "span": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}], "minItems": 2, "maxItems": 2},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"enum": ["high", "low"]}},
            "anything": {},
            "matching": {
                "type": ["string", "null"],
                "default": None,
                "contentEncoding": "base64",
                "x-sealed-under": "matching",
                "contentSchema": {"$ref": "#/$defs/Voice"},
            },
        },
        "required": ["person", "at"],
    }


def field(schema: Schema, name: str) -> Schema:
    """The schema of one field."""
    found: Schema = schema["properties"][name]
    return found


BREAKING: dict[str, tuple[Change, str]] = {
    "an event renamed": (lambda s: s.update({"$id": "urn:better-together:schema:SongHeard"}), "$id was"),
    "an event moved to another stream": (lambda s: s.update({"x-stream": "noises"}), "x-stream was 'songs', is 'noises'"),
    "another key": (lambda s: s.update({"x-key": "group_id"}), "x-key was"),
    "frozen turned draft": (lambda s: s.update({"x-status": "draft"}), "was frozen, is a draft again"),
    "a field removed": (lambda s: s["properties"].pop("loudness"), "loudness: the field is gone"),
    "a field renamed": (lambda s: s["properties"].update(volume=s["properties"].pop("loudness")), "loudness: the field is gone"),
    "a new required field": (
        lambda s: (s["properties"].update(choir={"type": "string"}), s["required"].append("choir")),
        "choir: is new and required",
    ),
    "an optional field made required": (lambda s: s["required"].append("loudness"), "loudness: is required, was optional"),
    "another type": (lambda s: field(s, "verses").update(type="string"), "verses: its type was integer, is string"),
    "a narrower number": (lambda s: field(s, "loudness").update(type="integer"), "loudness: its type was number, is integer"),
    "null no longer admitted": (lambda s: field(s, "hall")["anyOf"].pop(), "hall: its type was null, is object"),
    "any value narrowed to one type": (lambda s: field(s, "anything").update(type="string"), "anything: its type was any, is string"),
    "an enum value removed": (
        lambda s: s["$defs"]["Voice"]["properties"]["range"]["enum"].remove("bass"),
        "matching(opened).range: the value 'bass' is no longer admitted",
    ),
    "an enum narrowed to a constant": (
        lambda s: s["$defs"]["Voice"]["properties"].update(range={"const": "alto", "type": "string"}),
        "matching(opened).range: the value 'bass' is no longer admitted",
    ),
    "a free text made an enum": (lambda s: field(s, "person").update(enum=["ann"]), "person: any value was admitted"),
    "a lower maximum": (lambda s: s["$defs"]["Hall"]["properties"]["seats"].update(maximum=50), "hall.seats: maximum was 100, is 50"),
    "a higher minimum": (lambda s: s["$defs"]["Hall"]["properties"]["seats"].update(minimum=1), "hall.seats: minimum was 0, is 1"),
    "a new limit": (lambda s: field(s, "at").update(maxLength=20), "at: maxLength was none, is 20"),
    "fewer items": (lambda s: field(s, "tags").update(maxItems=4), "tags: maxItems was 5, is 4"),
    "narrower items": (lambda s: field(s, "tags")["items"].update(minLength=2), "tags[]: minLength was 1, is 2"),
    "a longer tuple": (lambda s: field(s, "span")["prefixItems"].append({"type": "null"}), "span: had 2 fixed items, has 3"),
    "another tuple": (lambda s: field(s, "span")["prefixItems"][0].update(type="number"), "span[0]: its type was string, is number"),
    "another pattern": (lambda s: field(s, "person").update(pattern="^[a-f]+$"), "person: pattern was"),
    "another format": (lambda s: field(s, "at").update(format="date"), "at: format was date-time, is date"),
    "a narrower map": (lambda s: field(s, "counts")["additionalProperties"].update(maximum=9), "counts{}: maximum was none, is 9"),
    "a map that loses a key": (lambda s: field(s, "counts")["propertyNames"]["enum"].remove("low"), "counts{}: the value 'low'"),
    "an open object closed": (lambda s: s.update(additionalProperties=False), "as a whole: additionalProperties was open, is closed"),
    "another default": (lambda s: field(s, "verses").update(default=2), "verses: its default was 1, is 2"),
    "a default taken away": (lambda s: field(s, "verses").pop("default"), "verses: its default was 1, is 'gone'"),
    "sealed under another key": (lambda s: field(s, "matching").update({"x-sealed-under": "details"}), "sealed under matching, is sealed under d"),
    "a sealed part in clear": (
        lambda s: s["properties"].update(matching={"anyOf": [{"$ref": "#/$defs/Voice"}, {"type": "null"}], "default": None}),
        "matching: was sealed under matching, is in clear",
    ),
    "a clear field sealed": (lambda s: field(s, "person").update({"x-sealed-under": "details"}), "person: was in clear, is sealed under"),
    "a sealed part that no longer says what is inside": (lambda s: field(s, "matching").pop("contentSchema"), "matching: no longer says"),
    "a field removed inside a sealed part": (
        lambda s: s["$defs"].update(Voice={"type": "object", "properties": {}}),
        "matching(opened).range: the field is gone",
    ),
    "a keyword nobody here can judge": (lambda s: field(s, "person").update({"not": {"const": "bob"}}), "person: not changed, and whether"),
}

ADDITIVE: dict[str, Change] = {
    "nothing": lambda _: None,
    "a new optional field": lambda s: s["properties"].update(choir={"type": "string", "default": ""}),
    "a new optional field inside a sealed part": lambda s: s["$defs"]["Voice"]["properties"].update(trained={"type": "boolean", "default": False}),
    "a new sealed part": lambda s: s["properties"].update(details={"type": ["string", "null"], "x-sealed-under": "details"}),
    "a new enum value": lambda s: s["$defs"]["Voice"]["properties"]["range"]["enum"].append("tenor"),
    "a wider number": lambda s: field(s, "verses").update(type="number"),
    "null admitted": lambda s: s["properties"].update(loudness={"anyOf": [{"type": "number"}, {"type": "null"}]}),
    "a wider limit": lambda s: field(s, "tags").update(maxItems=50),
    "a limit lifted": lambda s: field(s, "person").pop("maxLength"),
    "a pattern lifted": lambda s: field(s, "person").pop("pattern"),
    "any type admitted": lambda s: s["properties"].update(loudness={}),
    "a required field made optional": lambda s: s["required"].remove("at"),
    "a definition renamed": lambda s: (
        s["$defs"].update(Room=s["$defs"].pop("Hall")),
        field(s, "hall")["anyOf"].__setitem__(0, {"$ref": "#/$defs/Room"}),
    ),
    "other words": lambda s: s.update(description="A person sang.", title="Song", examples=[{}]),
}


@pytest.mark.parametrize("kind", BREAKING)
def test_a_breaking_change_of_a_frozen_schema_is_told(kind: str) -> None:
    change, said = BREAKING[kind]
    old, new = frozen(), frozen()
    change(new)
    told = breaks(old, new)
    assert len(told) == 1
    assert said in told[0]


@pytest.mark.parametrize("kind", ADDITIVE)
def test_an_additive_change_of_a_frozen_schema_passes(kind: str) -> None:
    old, new = frozen(), frozen()
    ADDITIVE[kind](new)
    assert breaks(old, new) == []


@pytest.mark.parametrize("kind", BREAKING)
def test_a_draft_may_change_in_any_way(kind: str) -> None:
    old, new = frozen() | {"x-status": "draft"}, frozen()
    BREAKING[kind][0](new)
    assert breaks(old, new) == []


def test_a_frozen_schema_that_is_no_longer_generated_is_told() -> None:
    assert breaks(frozen(), None) == ["removed or renamed"]


def test_several_faults_are_told_one_by_one() -> None:
    old, new = frozen(), frozen()
    del new["properties"]["loudness"]
    new["required"].append("tags")
    assert sorted(breaks(old, new)) == ["loudness: the field is gone", "tags: is required, was optional"]


def test_comparing_leaves_both_schemas_as_they_were() -> None:
    old, new = frozen(), frozen()
    breaks(old, new)
    assert old == new == deepcopy(frozen())
