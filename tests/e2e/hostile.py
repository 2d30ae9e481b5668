"""Rows that nobody should send and somebody will: referrals and groups, each row marked as one that can be used or one that cannot.

Every row, the good ones too, carries `PLANTED` in what is personal, so that a word of it in a report or on a screen is found.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

PLANTED = "Quillfeather"
DEEP = 5_000
WHOLE_NUMBER = 400


@dataclass(frozen=True)
class Sent:
    """A row as it lies in a file, its end left out; `id` is that of a row that can be used, None where it cannot."""

    line: bytes
    id: str | None

    @property
    def good(self) -> bool:
        """Whether it must be taken in."""
        return self.id is not None


def referral_lines(chance: random.Random, number: int, start: int = 0) -> list[Sent]:
    """JSON Lines of referrals, about as many good as bad."""
    return list(_lines(chance, number, start, _referral, BAD_REFERRALS))


def group_lines(chance: random.Random, number: int) -> list[Sent]:
    """JSON Lines of groups, about as many good as bad."""
    return list(_lines(chance, number, 0, _group, BAD_GROUPS))


def _lines(
    chance: random.Random, number: int, start: int, one: Callable[[str], dict[str, Any]], bad: Sequence[Callable[[dict[str, Any]], bytes]]
) -> Iterator[Sent]:
    for place in range(start, start + number):
        id_ = f"ROW-{place}"
        if chance.random() < 0.5:
            yield Sent(chance.choice(ODD)(one(id_)), id_)
        else:
            yield Sent(bad[place % len(bad)](one(id_)), None)


def _referral(id_: str) -> dict[str, Any]:
    return {
        "referral_id": id_,
        "person_id": f"person of {id_}",
        "interests": f"{PLANTED} likes chess",
        "contact": {"name": f"{PLANTED} Oakes", "email": f"{PLANTED}@example.org"},
        "referrer": {"organisation": "A clinic", "practitioner": f"Dr {PLANTED}"},
        "consent": {"match": True},
        "age": 47,
    }


def _group(id_: str) -> dict[str, Any]:
    contact = {"name": f"{PLANTED} Oakes", "email": f"{PLANTED}@example.org", "phone": PLANTED}
    return {"group_id": id_, "name": "Chess at the library", "description": "Boards and tea.", "contact": contact}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _with(**fields: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda row: _json(row | fields)


def _without(field: str) -> Callable[[dict[str, Any]], bytes]:
    return lambda row: _json({name: value for name, value in row.items() if name != field})


def _nested(depth: int, inner: str = "1") -> str:
    return "[" * depth + inner + "]" * depth


def _raw(text: str) -> Callable[[dict[str, Any]], bytes]:
    """The row with `text` as the value of one field more, whatever JSON may think of it."""
    return lambda row: (_json(row)[:-1].decode() + f', "notes": {text}}}').encode()


ODD: Sequence[Callable[[dict[str, Any]], bytes]] = (
    _json,
    lambda row: json.dumps(row).encode(),
    lambda row: b"  " + _json(row) + b" \t\r",
    _with(time_of_day={"unknown": [PLANTED, {"deeper": None}]}),
    _with(name_of_dog=f'=HYPERLINK("http://{PLANTED}.example")', **{"__proto__": {"x": 1}, "": "", "$where": "1"}),
    _with(description="=cmd|' /C calc'!A0", interests="'; DROP TABLE cases; --"),
    _with(description="<script>alert(1)</script>", interests='{{7*7}} ${7*7} %s %n \\ " \u202e \ufeff 👩‍👩‍👧 \u0000'),
    lambda row: _json(row | {"description": "caf? society", "interests": "caf? society"}).replace(b"?", b"\xe9"),
    lambda row: _json(row).replace(b"chess", b"che\0ss"),
    _raw(_nested(20)),
    _raw("1e300"),
    _raw("-0.0"),
    _raw('"\\ud83d\\ude00"'),
)
NO_RECORDS: Sequence[Callable[[dict[str, Any]], bytes]] = (
    lambda row: _json(row)[:-9],
    lambda row: _json(row) + b"}",
    lambda row: _json(row).replace(b'":', b'"=', 1),
    lambda row: b"[" + _json(row) + b"]",
    lambda _: PLANTED.encode(),
    lambda _: _json(PLANTED),
    lambda _: b"null",
    lambda _: b"-17",
    lambda _: b"\x80\xff\xfe\x00" + PLANTED.encode(),
    lambda row: _json(row).replace(b'"', b"'"),
    _raw(_nested(DEEP)),
    _raw('{"a":' * DEEP + "1" + "}" * DEEP),
)
BAD_REFERRALS: Sequence[Callable[[dict[str, Any]], bytes]] = (
    *NO_RECORDS,
    _without("referral_id"),
    _without("person_id"),
    _with(referral_id=""),
    _with(referral_id=None),
    _with(referral_id=[PLANTED]),
    _with(person_id=f"{PLANTED}\n\x07"),
    _with(person_id=PLANTED * 40),
    _with(age=PLANTED),
    _with(age=-1),
    _with(age=10**18),
    _with(age=47.5),
    _with(age=True and [47]),
    _with(gender={"is": PLANTED}),
    _with(languages=PLANTED),
    _with(languages=[PLANTED + "!"]),
    _with(interests=[PLANTED]),
    _with(interests=PLANTED * 1_000),
    _with(latitude=91, longitude=0),
    _with(latitude=25.7),
    _with(latitude=PLANTED, longitude=PLANTED),
    _with(travel=PLANTED),
    _with(travel={"mode": PLANTED}),
    _with(travel={"max_km": -3}),
    _with(availability=[{"weekday": PLANTED, "start": "10:00", "end": "12:00"}]),
    _with(availability=[{"weekday": "mon", "start": PLANTED, "end": "25:00"}]),
    _with(availability=PLANTED),
    _with(attended=[{"group_id": PLANTED, "sessions": PLANTED}]),
    _with(loneliness={"ucla3": [1, 2]}),
    _with(loneliness={"ucla3": [1, 2, PLANTED], "direct": 9}),
    _with(consent=PLANTED),
    _with(consent={"match": PLANTED}),
    _with(consent={"match": 1}),
    _with(contact=[PLANTED]),
    _with(contact={"phone": {"number": PLANTED}}),
    _with(flags=PLANTED),
    _with(max_cost=-0.01),
    _with(max_cost=f"£{PLANTED}"),
    _with(received_at=PLANTED),
    _with(received_at="2026-03-02T09:30:00"),
    _with(time_zone=f"Europe/{PLANTED}"),
    _with(urgency=PLANTED),
    _with(tags=[PLANTED] * 101),
    _with(postcode=PLANTED * 9),
    _raw("1e999"),
    _raw("NaN"),
    _raw("-Infinity"),
    _raw("9" * (WHOLE_NUMBER + 1)),
    _raw(f'"{PLANTED} \\ud800"'),
    _raw(f'"{PLANTED}", "notes": "{PLANTED}"'),
    _raw(f'"", "age": 47, "age": 48, "{PLANTED}": 1, "{PLANTED}": 2'),
)
BAD_GROUPS: Sequence[Callable[[dict[str, Any]], bytes]] = (
    *NO_RECORDS,
    _without("group_id"),
    _without("name"),
    _with(group_id=""),
    _with(group_id={"id": 1}),
    _with(group_id="a\nb"),
    _with(group_id="x" * 201),
    _with(name=""),
    _with(name=["Chess"]),
)

COLUMNS = ("referral_id", "person_id", "interests", "age", "consent.match", "contact.name", "availability", "languages", "flags")
BAD_CELLS: Sequence[dict[str, str]] = (
    {"referral_id": ""},
    {"person_id": ""},
    {"age": PLANTED},
    {"age": "4 7"},
    {"age": "-1"},
    {"age": "999999999999999999999999"},
    {"consent.match": PLANTED},
    {"availability": PLANTED},
    {"availability": "mon 10:00-12:00; whenever"},
    {"languages": f"{PLANTED}!"},
    {"interests": PLANTED * 1_000},
)


def referral_table(chance: random.Random, number: int, delimiter: str = ",") -> list[Sent]:
    """Rows of a CSV file below its header, those with broken quotes and wrong numbers of cells among them."""
    return [_row(chance, place, delimiter) for place in range(number)]


def header(delimiter: str = ",") -> bytes:
    """The header of `referral_table`."""
    return delimiter.join(COLUMNS).encode()


GROUP_COLUMNS = ("group_id", "name", "description", "sessions", "languages", "cost", "contact.name", "contact.email")


def group_table(chance: random.Random, number: int, delimiter: str = ",") -> list[Sent]:
    """Rows of a CSV file of groups below its header: no id, no name, a cell too many, a quotation that never ends."""
    rows = []
    for place in range(number):
        description = chance.choice(ODD_CELLS).replace(PLANTED, "others")
        cells = [f"ROW-{place}", "Chess", description, "Mon 10:00-12:00", "en", "2.50", f"{PLANTED} Oakes", f"{PLANTED}@example.org"]
        kind = chance.randrange(8)
        if kind == 0:
            cells[0] = ""
        elif kind == 1:
            cells[1] = " "
        elif kind == 2:
            cells[2:] = ["tea", *cells[3:], PLANTED]
        unended = delimiter.join([f"ROW-{place}", f'"Chess {PLANTED}', "tea", "", "en"])
        rows.append(Sent(unended.encode() if kind == 3 else _written(cells, delimiter), None if kind < 4 else f"ROW-{place}"))
    return rows


def group_header(delimiter: str = ",") -> bytes:
    """The header of `group_table`."""
    return delimiter.join(GROUP_COLUMNS).encode()


def _row(chance: random.Random, place: int, delimiter: str) -> Sent:
    id_ = f"ROW-{place}"
    cells = dict(
        zip(COLUMNS, (id_, f"P-{place}", chance.choice(ODD_CELLS), "47", "yes", f"{PLANTED} Oakes", "Mon 10:00-12:00", "en", ""), strict=True)
    )
    if chance.random() < 0.5:
        return Sent(_written(list(cells.values()), delimiter), id_)
    kind = place % (len(BAD_CELLS) + 4)
    if kind < len(BAD_CELLS):
        return Sent(_written(list((cells | BAD_CELLS[kind]).values()), delimiter), None)
    whole = delimiter.join([id_, f"P-{place}", PLANTED, "47", "yes", PLANTED, "", "en", ""])
    return Sent(_broken(whole, kind - len(BAD_CELLS), delimiter).encode(), None)


def _broken(whole: str, kind: int, delimiter: str) -> str:
    match kind:
        case 0:
            return whole.replace(PLANTED, f'"{PLANTED}', 1)
        case 1:
            return whole.replace(PLANTED, f'"{PLANTED}" and more', 1)
        case 2:
            return whole + delimiter + PLANTED
    return delimiter.join(whole.split(delimiter)[:4])


ODD_CELLS = (
    f"chess with {PLANTED}",
    f'=HYPERLINK("http://{PLANTED}.example","chess")',
    "+1+1",
    "@SUM(1,1)",
    "-2+3",
    'she said "chess", then left',
    "chess;\ndraughts\nand tea",
    "a, b; c\td|e",
    "caf\u00e9 society, na\u00efve",
    "chess \u202e\u200b 👵",
)


def _written(cells: list[str], delimiter: str) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return file.getvalue().removesuffix("\n").encode()
