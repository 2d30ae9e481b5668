"""Which changes of a frozen schema break those who rely on it.

A change is additive where everything that the old schema admits the new one admits too, no field is lost, and what stays means the same: the
same default, the same key, the same sealing. Readers are upgraded before writers, so widening is additive. What cannot be judged is breaking.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

Schema = Mapping[str, Any]

_IDENTITY = ("$id", "x-stream", "x-key")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME_OR_GONE = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")
_JUDGED_BEFORE = ("$ref", "anyOf", "default", "x-sealed-under", "contentSchema")
_JUDGED_APART = ("type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "items", "prefixItems")
_SAYS_NOTHING = ("$schema", "$defs", "title", "description", "examples", "x-status")
_KNOWN = {*_IDENTITY, *_LOWER, *_UPPER, *_SAME_OR_GONE, *_JUDGED_BEFORE, *_JUDGED_APART, *_SAYS_NOTHING}


def breaks(old: Schema, new: Schema | None) -> list[str]:
    """What `new`, the schema generated now, breaks of `old`, the published one; None is a schema that is no longer there.

    Each entry names the place (dots between fields, `[]` for items) and what happened there. A draft breaks nothing.
    """
    if old.get("x-status") != "frozen":
        return []
    if new is None:
        return ["removed or renamed"]
    found = [f"{name} was {old.get(name)!r}, is {new.get(name)!r}" for name in _IDENTITY if old.get(name) != new.get(name)]
    if new.get("x-status") != "frozen":
        found.append("was frozen, is a draft again")
    return found + list(_Comparison(old, new).of(old, new, ""))


class _Comparison:
    """Compares places of two documents, each with its own `$defs`."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_definitions = old.get("$defs", {})
        self._new_definitions = new.get("$defs", {})

    def of(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """What breaks at this place and below it."""
        if "default" in old and old["default"] != new.get("default", ...):
            yield _said(place, f"its default was {old['default']!r}, is {new.get('default', 'gone')!r}")
        if old.get("x-sealed-under") != new.get("x-sealed-under"):
            yield _said(place, f"was {_sealing(old)}, is {_sealing(new)}")
            return
        if "contentSchema" in old and "contentSchema" not in new:
            yield _said(place, "no longer says what is inside")
        elif "contentSchema" in old:
            yield from self.of(old["contentSchema"], new["contentSchema"], f"{place}(opened)")
        choices = list(_choices(new, self._new_definitions))
        for wanted in _choices(old, self._old_definitions):
            yield from self._admitted(wanted, choices, place)

    def _admitted(self, wanted: Schema, choices: Sequence[Schema], place: str) -> list[str]:
        """Nothing where one of the choices admits all of `wanted`, else what the closest of them breaks."""
        alike = [choice for choice in choices if _type_admits(wanted, choice)]
        if not alike:
            now = " or ".join(sorted({str(choice.get("type")) for choice in choices}))
            return [_said(place, f"its type was {wanted.get('type', 'any')}, is {now}")]
        return min((list(self._narrowed(wanted, choice, place)) for choice in alike), key=len)

    def _narrowed(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        yield from (_said(place, fault) for fault in (*_values_lost(old, new), *_bounds_narrowed(old, new), *_unjudged(old, new)))
        yield from self._fields(old, new, place)
        yield from self._open_fields(old, new, place)
        yield from self._items(old, new, place)

    def _fields(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, field in before.items():
            if name in after:
                yield from self.of(field, after[name], _below(place, name))
            else:
                yield _said(_below(place, name), "the field is gone")
        for name in new.get("required", ()):
            if name not in old.get("required", ()):
                yield _said(_below(place, name), "is required, was optional" if name in before else "is new and required")

    def _open_fields(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """Fields that are not listed by name: an object used as a map, or one that keeps what it does not know."""
        for keyword in ("additionalProperties", "propertyNames"):
            before, after = old.get(keyword, True), new.get(keyword, True)
            if after is True or before is False:
                continue
            if before is True or after is False:
                yield _said(place, f"{keyword} was {'open' if before is True else 'a schema'}, is closed")
            else:
                yield from self.of(before, after, f"{place}{{}}")

    def _items(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("prefixItems", ()), new.get("prefixItems", ())
        if len(before) != len(after):
            yield _said(place, f"had {len(before)} fixed items, has {len(after)}")
        for index, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from self.of(one, other, f"{place}[{index}]")
        if "items" in new and not before:
            yield from self.of(old.get("items", {}), new["items"], f"{place}[]")


def _choices(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[Schema]:
    """The schema as alternatives of one type each, references followed."""
    if "$ref" in schema:
        yield from _choices(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    elif "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _choices(choice, definitions)
    elif isinstance(schema.get("type"), list):
        yield from ({**schema, "type": one} for one in schema["type"])
    else:
        yield schema


def _type_admits(old: Schema, new: Schema) -> bool:
    before, after = old.get("type"), new.get("type")
    return after is None or before == after or (before, after) == ("integer", "number")


def _values_lost(old: Schema, new: Schema) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if after is None:
        return
    if before is None:
        yield f"any value was admitted, now only {after}"
    else:
        yield from (f"the value {value!r} is no longer admitted" for value in before if value not in after)


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _bounds_narrowed(old: Schema, new: Schema) -> Iterator[str]:
    for names, none, narrower in ((_LOWER, -inf, 1), (_UPPER, inf, -1)):
        for name in names:
            if (new.get(name, none) - old.get(name, none)) * narrower > 0:
                yield f"{name} was {old.get(name, 'none')}, is {new[name]}"
    for name in _SAME_OR_GONE:
        if name in new and new[name] != old.get(name):
            yield f"{name} was {old.get(name, 'none')}, is {new[name]}"


def _unjudged(old: Schema, new: Schema) -> Iterator[str]:
    """Keywords whose meaning is not known here: any change of theirs might break."""
    for name in sorted((old.keys() | new.keys()) - _KNOWN):
        if old.get(name) != new.get(name):
            yield f"{name} changed, and whether that breaks cannot be judged"


def _sealing(schema: Schema) -> str:
    return f"sealed under {schema['x-sealed-under']}" if "x-sealed-under" in schema else "in clear"


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _said(place: str, fault: str) -> str:
    return f"{place or 'as a whole'}: {fault}"
