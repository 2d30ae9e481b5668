"""`kill -9` of services, brokers and PostgreSQL at random: every effect once, in order, and nothing sent that had to stop."""

import os
import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.group import Capacity, Group
from services.chassis.errors import Transient
from services.cli.installation import distributed_installation
from tests.e2e.distributed_counts import Streams, find, wrong_statuses
from tests.e2e.distributed_site import DistributedSite, distributed_site
from tests.e2e.loop_counts import Log
from tests.e2e.residents import Answers, Pace, import_files, live
from tests.e2e.strikes import KINDS, Strikes
from tests.e2e.test_loop_storm import missing
from tests.kafka_here import has_jars
from tests.postgres_server import programs

STARTS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = int(os.environ.get("STORM_SEED", "1"))
REFERRALS = int(os.environ.get("STORM_REFERRALS", "200"))
KILLS = int(os.environ.get("STORM_KILLS", str(len(KINDS))))
FINISHES_WITHIN = 1_800.0  # seconds
BY_HAND = int(os.environ.get("STORM_BY_HAND", str(min(4_000, REFERRALS * 3 // 4))))
"""How many referrals come one by one over HTTP; two fifths of those people do more than be referred. The others come in files."""


@pytest.mark.storm
@pytest.mark.timeout(7200)
def test_every_effect_is_there_once_whatever_is_killed(tmp_path: Path) -> None:
    if (folder := programs()) is None or not has_jars():
        pytest.skip("three Kafka brokers need a JDK 17 and Maven, and PostgreSQL is to be installed, not in a container: it is killed and restarted")
    groups = [_small(group, number) for number, group in enumerate(town_groups(1))]
    capacities = {group.group_id: group.capacity.maximum if group.capacity else None for group in groups}
    with distributed_site(tmp_path, folder, STARTS) as site:
        _list(site, groups)
        strikes = Strikes(site, random.Random(SEED))
        told, seconds = _storm(site, strikes, {group: most for group, most in capacities.items() if most is not None})
        _finish(site)
        codes = site.stop()
        streams = Streams.of(site)
    log = streams.log()
    findings = find(streams, log, {file.stem for file in site.messages.glob("*.eml")}, capacities)
    print(f"\nseed {SEED}: {len(told.referred):,} referrals acknowledged one by one in {seconds:,.0f} seconds, {told.asked_again} of them twice")
    print(f"{told.from_files:,} more in files")
    print(f"struck {strikes.made} times: {dict(strikes.struck)}; the longest until all was back: {strikes.longest}")
    print(f"processor seconds: { {name: round(copy.spent) for name, copy in site.copies.items()} }{findings}")
    assert strikes.by_themselves == []
    assert set(codes.values()) == {0}, codes
    assert findings.faults == {}, list(wrong_statuses(streams, log).items())[:5]
    assert findings.loop.referrals == len(told.referred) + told.from_files == REFERRALS
    assert findings.loop.sent
    assert [*missing(told, log), *_missing_too(told, log)] == []
    assert strikes.made == KILLS


def _missing_too(told: Answers, log: Log) -> list[str]:
    """What of that was acknowledged which is asked for in this storm alone, and is not there."""
    persons = {one.data["case_id"]: one.data["person"] for one in log.named("ReferralReceived")}
    alarmed = {one.data["person"] for one in log.named("RedFlagRaised")}
    declined = {one.data["case_id"] for one in log.named("MatchesDeclined")}
    return [
        *(f"alarm {case}" for case in told.alarmed if persons[case] not in alarmed),
        *(f"decline {case}" for case in told.declined - declined),
    ]


def _small(group: Group, number: int) -> Group:
    """The group with a quarter of its places, every other one with a waiting list."""
    if group.capacity is None or group.capacity.maximum is None:
        return group
    return group.model_copy(update={"capacity": Capacity(maximum=max(2, group.capacity.maximum // 4), waitlist=number % 2 == 0)})


def _list(site: DistributedSite, groups: list[Group]) -> None:
    file = site.home / "groups.jsonl"
    file.write_text("".join(group.model_dump_json() + "\n" for group in groups))
    done = site.command("groups", "import", str(file))
    assert done.code == 0, done.err


def _storm(site: DistributedSite, strikes: Strikes, places: Mapping[str, int]) -> tuple[Answers, float]:
    """Strike while people live; from this thread, because PostgreSQL ends with the one that starts it."""
    begun, failed = monotonic(), threading.Event()
    by_hand, in_files = _referrals()

    def share_done() -> float:
        return 2.0 if failed.is_set() else (strikes.made + 1) / max(1, KILLS)

    with ThreadPoolExecutor(2) as beside:
        people = beside.submit(live, iter(by_hand), site, Pace(len(by_hand), share_done), places, 0.4, failed)
        files = beside.submit(import_files, in_files, site, share_done, failed)
        try:
            strikes.run(KILLS, (0.5, 4.0), failed)
        except BaseException:
            failed.set()
            raise
        told = people.result()
        told.from_files = files.result()
        return told, monotonic() - begun


def _referrals() -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Those that come one by one, and those that come in files, of other people: nobody whom a file names is erased before it is read."""
    every = town_referrals(REFERRALS, 1, first_received=STARTS)
    all_ = [one.model_dump(mode="json", exclude_none=True) for _, one in zip(range(REFERRALS), every, strict=False)]
    known = {one["person_id"] for one in all_[:BY_HAND]}
    return [one for one in all_ if one["person_id"] in known], [one for one in all_ if one["person_id"] not in known]


def _finish(site: DistributedSite) -> None:
    """Have the services do what is left."""
    deadline = monotonic() + FINISHES_WITHIN
    with distributed_installation(site.settings) as running:
        while True:
            try:
                return running.finish()
            except Transient:
                assert monotonic() < deadline, "what was asked for is not done"
