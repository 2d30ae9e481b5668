"""The ways in which ranked groups are found elsewhere: a distance to all of them or a spatial index, then scikit-learn's trees.

All judge by the same rules and score the same features with the same trees as the matcher, by its own arrays; none gives a reason. What is
in reach is taken for them out of the directory by the matcher's own, fast, way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.country import Country
from benchmarks.embedded_loop import SEED
from models.block import Block
from models.directory import Directory
from models.distance import geodesic_km
from models.eligibility import judge
from models.features import FEATURES, INPUTS, Features
from models.learned.habits import Habits
from models.learned.model import Learned, Mix
from models.neighbourhood import laid_out
from models.pairs import Pairs
from models.ranker import packaged_prior
from models.reach import NO_LIMIT, ReachDefaults
from models.seeker import Seeker
from models.training.fitting import taken_over
from tests.postgres_server import Server

TODAY: Final = date(2026, 4, 6)
REACH: Final = ReachDefaults()
TREES: Final = 100


def trees(country: Country) -> HistGradientBoostingClassifier:
    """Boosted trees of the size that ranking takes (100 of 31 leaves), grown from joins drawn by the prior's own chances."""
    directory, people = country.directory(2_000), country.people(60, 2_000)
    block = Block.of(people, REACH)
    features = Features.of(block, directory, Pairs(block, directory, TODAY), TODAY)
    chance = packaged_prior().score(features)
    liked = np.random.default_rng(SEED).random(chance.shape) < chance
    rows = _rows(features, liked.shape)
    rows[:, np.isnan(rows).all(axis=0)] = 0.0  # the library cannot grow over a column of which nothing is known
    return HistGradientBoostingClassifier(max_iter=TREES, early_stopping=False, random_state=0).fit(rows, liked.ravel())


def _rows(features: Features, shape: tuple[int, ...]) -> NDArray[np.float64]:
    rows = np.full((*shape, len(INPUTS)), np.nan)
    for column, name in enumerate(FEATURES):
        rows[..., column] = features.values[name]
    return rows.reshape(-1, len(INPUTS))


def learned(boosting: HistGradientBoostingClassifier) -> Learned:
    """The same trees as the matcher has them, with no history of any group."""
    nobody, none, square, tastes, told = np.zeros(0, np.str_), np.zeros(0), np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((0, 2))
    of_groups = none, none, square, square, square, square, square, tastes
    habits = Habits(nobody, nobody, *of_groups, none, told, np.zeros((384, 2)), np.zeros(2), told)
    mix = Mix(0.0, 1.0, 0.0, 0.0, dict.fromkeys(FEATURES, 0.0))
    return Learned(taken_over(boosting), taken_over(None), habits, packaged_prior(), mix)


def by_arrays(seeker: Seeker, directory: Directory, model: HistGradientBoostingClassifier) -> NDArray[np.intp]:
    """Way (b): everything as arrays over every group; the rows of the ten best."""
    block = Block.of([seeker], REACH)
    pairs = Pairs(block, directory, TODAY)
    eligible = np.flatnonzero(judge(block, directory, pairs, REACH).eligible[0])
    if not len(eligible):
        return eligible
    features = Features.of(block, directory, pairs, TODAY).at(np.zeros(len(eligible), np.intp), eligible)
    score = model.predict_proba(_rows(features, (len(eligible),)))[:, 1]
    return np.asarray(eligible[np.argsort(-score, kind="stable")[:10]])


def by_geopy(seeker: Seeker, directory: Directory, model: HistGradientBoostingClassifier, every: int = 1) -> NDArray[np.intp]:
    """Way (a): distances one by one, to `every` so manyth group, and (b) over what is in reach of those."""
    home, limit = _home(seeker)
    if home is None:
        return by_arrays(seeker, directory, model)
    places = zip(directory.columns.latitude[::every].tolist(), directory.columns.longitude[::every].tolist(), strict=True)
    near = [row * every for row, place in enumerate(places) if place[0] != place[0] or geodesic_km(home, place) <= limit]
    return _among(np.array(near, np.intp), seeker, directory, model)


def _among(rows: NDArray[np.intp], seeker: Seeker, directory: Directory, model: HistGradientBoostingClassifier) -> NDArray[np.intp]:
    return rows[by_arrays(seeker, laid_out(directory).part(directory, rows), model)] if len(rows) else rows


def _home(seeker: Seeker) -> tuple[tuple[float, float] | None, float]:
    needs, limit = seeker.needs, REACH.limit_km(seeker.needs.travel)
    if needs.latitude is None or needs.longitude is None or limit == NO_LIMIT:
        return None, limit
    return (needs.latitude, needs.longitude), limit


@dataclass(frozen=True)
class PostGis:
    """The groups in a table with a spatial index."""

    connection: psycopg.Connection[Any]
    process: int

    def __call__(self, seeker: Seeker, directory: Directory, model: HistGradientBoostingClassifier) -> NDArray[np.intp]:
        """Way (c): the index for what is in reach, and (b) over that."""
        home, limit = _home(seeker)
        if home is None:
            return by_arrays(seeker, directory, model)
        query = "SELECT row FROM groups WHERE place IS NULL OR ST_DWithin(place, ST_MakePoint(%s, %s)::geography, %s) ORDER BY row"
        found = self.connection.execute(query, (home[1], home[0], limit * 1000)).fetchall()
        return _among(np.array([row for (row,) in found], np.intp), seeker, directory, model)

    def spent(self) -> float:
        """Seconds of the processor that the server spent for this connection."""
        return int(Path(f"/proc/{self.process}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9


@contextmanager
def postgis(server: Server, directory: Directory) -> Iterator[PostGis]:
    """The groups of this directory in a server of one's own."""
    with psycopg.connect(server.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute("DROP TABLE IF EXISTS groups")
        connection.execute("CREATE TABLE groups (row integer, place geography(Point))")
        facts = directory.columns
        with connection.cursor().copy("COPY groups FROM STDIN") as copy:
            for row, (north, east) in enumerate(zip(facts.latitude.tolist(), facts.longitude.tolist(), strict=True)):
                copy.write_row((row, None if north != north else f"SRID=4326;POINT({east} {north})"))
        connection.execute("CREATE INDEX ON groups USING gist (place)")
        connection.execute("CREATE INDEX ON groups (row) WHERE place IS NULL")
        connection.execute("ANALYZE groups")
        yield PostGis(connection, connection.info.backend_pid)
