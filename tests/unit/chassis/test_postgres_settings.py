"""Whose URL is which, where passwords come from, and when the services are distributed."""

from pathlib import Path

import pytest

from services.chassis.errors import UserError
from services.chassis.postgres import keys_owner_url, keys_role_url, owner_url, password, role_url, sqlalchemy_url
from services.chassis.settings import ChassisSettings

URL = "postgresql://owner@db:5433/town"


@pytest.mark.parametrize("written", [URL, "postgresql+psycopg://owner@db:5433/town", "postgres://owner@db:5433/town"])
def test_a_url_is_for_psycopg_however_it_is_written(written: str) -> None:
    assert str(sqlalchemy_url(written)) == "postgresql+psycopg://owner@db:5433/town"


@pytest.mark.parametrize("written", ["", "db", "sqlite:///town", "mysql://owner@db/town", "postgresql://owner@db", "postgresql://db:port/town"])
def test_what_is_no_url_of_a_database_is_refused(written: str) -> None:
    with pytest.raises(UserError, match="postgresql://owner@host:5432/name"):
        sqlalchemy_url(written)


def test_each_service_comes_as_its_own_role_with_its_own_password(tmp_path: Path) -> None:
    (tmp_path / "database-together_matcher").write_text("of the matcher\n", encoding="utf-8")
    (tmp_path / "database-owner").write_text("of the owner", encoding="utf-8")
    settings = ChassisSettings(database_url=f"{URL}?sslmode=require", secrets=tmp_path)
    matcher = role_url(settings, "matcher")
    assert (matcher.username, matcher.password, matcher.host, matcher.port, matcher.database) == (
        "together_matcher", "of the matcher", "db", 5433, "town",
    )  # fmt: skip
    assert matcher.query == {"sslmode": "require"}
    assert (owner_url(settings).username, owner_url(settings).password) == ("owner", "of the owner")
    assert role_url(settings, "intake").password is None


def test_the_keys_are_in_a_database_of_their_own() -> None:
    settings = ChassisSettings(database_url=URL)
    assert keys_owner_url(settings).database == keys_role_url(settings, "intake").database == "town_keys"
    elsewhere = ChassisSettings(database_url=URL, keys_database_url="postgresql://keeper@vault/keys")
    assert (keys_owner_url(elsewhere).username, keys_owner_url(elsewhere).host) == ("keeper", "vault")
    assert (keys_role_url(elsewhere, "matcher").username, keys_role_url(elsewhere, "matcher").host) == ("together_matcher", "vault")


def test_a_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "database-owner").mkdir()
    with pytest.raises(UserError, match="database-owner: the password cannot be read"):
        password(tmp_path, "owner")


def test_the_services_are_distributed_where_both_are_set() -> None:
    assert not ChassisSettings().distributed
    assert ChassisSettings(kafka_bootstrap="kafka:9092", database_url=URL).distributed
    with pytest.raises(UserError, match="TOGETHER_DATABASE_URL is not set"):
        _ = ChassisSettings(kafka_bootstrap="kafka:9092").distributed
    with pytest.raises(UserError, match="TOGETHER_KAFKA_BOOTSTRAP is not set"):
        _ = ChassisSettings(database_url=URL).distributed
