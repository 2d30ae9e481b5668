"""Every copy of the matcher hears on Kafka of the model that was promoted, outside the consumer group."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine

from models.prior import Prior
from models.ranker import packaged_prior
from models.registry import Registry
from schemas.envelope import Event
from schemas.events.models import ModelPromoted
from services.chassis.clock import HandSetClock
from services.chassis.codec import encode
from services.chassis.distributed.feed import KafkaFeed
from services.chassis.distributed.relay import producer_for, send
from services.chassis.keystore import KeyStore
from services.chassis.service import Service
from services.chassis.vault import Vault
from services.matcher.directory_view import DirectoryView
from services.matcher.serving import Serving
from tests.kafka_brokers import until
from tests.two_services import NOW, Seen


@contextmanager
def copy_of_the_matcher(bootstrap: str, models: Registry) -> Iterator[tuple[KafkaFeed, Serving]]:
    """The view of one copy, reading."""
    clock, stopping, failures = HandSetClock(NOW), threading.Event(), list[BaseException]()
    serving = Serving(packaged_prior(), models, clock, lambda _: None)
    service = Service("matcher", Seen, Path(), view=DirectoryView(serving, clock))
    vault = Vault("matcher", KeyStore(create_engine("sqlite://"), bytes(32)), (), lookup=bytes(32))
    feed = KafkaFeed(service, bootstrap, vault, stopping, failures.append, None)
    reading = threading.Thread(target=feed.run)
    reading.start()
    until(lambda: feed.ready or bool(failures), "the view is ready")
    yield feed, serving
    stopping.set()
    reading.join()
    assert failures == []


def promoted(models: Registry, folder: Path, number: int) -> ModelPromoted:
    """A ranker of its own, kept and promoted."""
    ranker = Prior.of({**packaged_prior().content(), "base": {"logit": -float(number), "source": "a test"}})
    ranker.save(folder / f"m{number}")
    return ModelPromoted(model=ranker.model, promotion=number, snapshot=f"m{number}", sha256=models.digest(f"m{number}"))


def tell(bootstrap: str, data: ModelPromoted) -> None:
    send(producer_for(bootstrap), [encode(Event(f"promotion-{data.promotion}", "/learning", NOW, data, "c"), {})])


def test_two_copies_take_up_what_is_promoted_and_a_third_begins_with_it(kafka: str, tmp_path: Path) -> None:
    models = Registry(tmp_path)
    with copy_of_the_matcher(kafka, models) as (one, first), copy_of_the_matcher(kafka, models) as (other, second):
        for number in (1, 2):
            told = promoted(models, tmp_path, number)
            tell(kafka, told)
            for feed, serving in ((one, first), (other, second)):
                until(partial(_serves, feed, serving, told.model), "the copy ranks by it")
    with copy_of_the_matcher(kafka, models) as (feed, third):
        until(partial(_serves, feed, third, told.model), "a copy that begins ranks by it")


def _serves(feed: KafkaFeed, serving: Serving, model: str) -> bool:
    feed.catch_up()
    return serving.ranker().model == model
