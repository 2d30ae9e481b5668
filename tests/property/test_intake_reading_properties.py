"""Whatever the bytes: reading raises nothing, every good row beside bad ones is kept, and no problem repeats what a person said."""

import io
import json
import random
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.reading import Format, canonical, read_object, read_referrals

FORMATS = st.sampled_from(["auto", "jsonl", "csv"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
JSON_OBJECTS = st.dictionaries(st.text(), JSON_VALUES, max_size=5)
# Bits that tables are made of, so that junk is likely to be almost right.
JUNK = st.lists(st.sampled_from(['"', '""', ",", ";", "\t", "R1", "P2", " ", "yes", "80", "é", "\0", "=1", "|", "x" * 50]), max_size=12).map("".join)
HEADER = "referral_id,person_id,age,interests,consent.match"


@given(st.binary(max_size=300), FORMATS)
@example(b"\xff\xfe\x00", "auto")
@example(b"\xfe\xff\xd8\x00", "csv")
@example(b"interests\n\r\n\r,\r", "csv")
def test_arbitrary_bytes_never_raise(content: bytes, format: Format) -> None:
    rows = list(read_referrals(io.BytesIO(content), format=format))
    for row in rows:
        assert (row.referral is None) == (row.sent is None) == any(problem.action == "rejected" for problem in row.problems)
    assert [row.row for row in rows] == sorted({row.row for row in rows})


@given(st.lists(JUNK, max_size=15), st.sampled_from([HEADER, "interests", "referral_id;interests", ""]))
def test_almost_right_tables_never_raise(lines: list[str], header: str) -> None:
    rows = list(read_referrals(io.BytesIO("\n".join([header, *lines]).encode()), format="csv"))
    assert all(row.referral or row.problems for row in rows)


@given(st.text(max_size=200) | JSON_VALUES.map(json.dumps))
def test_an_object_is_read_or_refused(text: str) -> None:
    found = read_object(text)
    assert isinstance(found, dict) or (found and all(bad.detail for bad in found))


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=12))
def test_every_good_line_beside_bad_ones_is_kept_under_its_number(pattern: list[tuple[bool, bytes]]) -> None:
    # A first line of its own, so that no junk can be taken for a byte order mark; a zero byte in front, so that no junk is good by chance.
    lines = [b'{"referral_id": "first"}']
    lines += [json.dumps({"referral_id": f"R{at}"}).encode() if good else b"0" + junk.replace(b"\n", b"") for at, (good, junk) in enumerate(pattern)]
    rows = list(read_referrals(io.BytesIO(b"\n".join(lines)), format="jsonl"))
    kept = [(row.row, row.referral.referral_id) for row in rows if row.referral]
    assert kept == [(1, "first")] + [(at + 2, f"R{at}") for at, (good, _) in enumerate(pattern) if good]


@given(st.lists(st.none() | JUNK, max_size=12), st.randoms(use_true_random=False))
def test_every_good_row_of_a_table_beside_broken_ones_is_kept(pattern: list[str | None], choice: random.Random) -> None:
    good = ["G{0},P{0},80,walks,yes", 'G{0},P{0},80,"tea, ""cake""",no', "G{0},P{0},,,"]
    lines = [choice.choice(good).format(at) if junk is None else junk for at, junk in enumerate(pattern)]
    rows = list(read_referrals(io.BytesIO("\n".join([HEADER, *lines]).encode()), format="csv"))
    kept = [row.referral.referral_id for row in rows if row.referral and str(row.referral.referral_id).startswith("G")]
    assert kept == [f"G{at}" for at, junk in enumerate(pattern) if junk is None]


def _respelt(value: Any, choice: random.Random) -> Any:
    """The same content otherwise written: names in another order, whole numbers as floats where nothing is lost."""
    if isinstance(value, dict):
        names = list(value)
        choice.shuffle(names)
        return {name: _respelt(value[name], choice) for name in names}
    if isinstance(value, list):
        return [_respelt(inner, choice) for inner in value]
    return float(value) if type(value) is int and abs(value) < 2**53 and choice.random() < 0.5 else value


@given(JSON_OBJECTS, st.randoms(use_true_random=False))
def test_content_is_the_same_however_it_is_spelt(sent: dict[str, Any], choice: random.Random) -> None:
    assert canonical(_respelt(sent, choice)) == canonical(sent)


@given(JSON_OBJECTS, JSON_OBJECTS)
def test_other_content_is_told_apart(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert (canonical(left) == canonical(right)) == (json.loads(canonical(left)) == json.loads(canonical(right)) and _kinds(left) == _kinds(right))


def _kinds(value: Any) -> Any:
    """The shape of a value with true and 1 told apart, which Python takes for equal."""
    if isinstance(value, dict):
        return {name: _kinds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    return isinstance(value, bool)


FIELDS = st.sampled_from(
    ["referral_id", "received_at", "urgency", "tags", "age", "latitude", "travel", "availability", "attended", "loneliness", "consent"]
)
SECRETS = st.sampled_from(["zqsecretzq", ["zqsecretzq"], {"zqsecretzq": "zqsecretzq"}, [{"zqsecretzq": "zqsecretzq"}], "zqsecretzq\x07"])


@given(st.dictionaries(FIELDS, SECRETS, min_size=1))
def test_no_problem_repeats_what_was_sent(sent: dict[str, Any]) -> None:
    as_line = json.dumps(sent)
    as_table = "zqsecretzq," + ",".join(sent) + "\n1," + ",".join('zqsecretzq"x' for _ in sent) + '\n1,"zqsecretzq\n'
    doubled = '{"zqsecretzq": 1, "zqsecretzq": "\\ud800"}\n{"zqsecretzq": "\\ud800"}\n{"age": zqsecretzq}'
    for content in (as_line, as_table, doubled):
        for row in read_referrals(io.BytesIO(content.encode())):
            assert "zqsecretzq" not in str(row.problems)
