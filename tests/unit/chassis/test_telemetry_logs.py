"""Where logs go: a block within another leaves them as it found them."""

import json
from pathlib import Path

import pytest
import structlog

from services.chassis.telemetry import logs_in, logs_on_screen


def test_a_block_within_another_leaves_the_logs_where_they_were(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = structlog.get_logger()
    with logs_on_screen():
        with logs_in(tmp_path / "log"):
            logger.info("in_the_file")
        logger.info("on_the_screen")
    assert json.loads((tmp_path / "log").read_text())["event"] == "in_the_file"
    out, err = capsys.readouterr()
    assert (out, json.loads(err)["event"]) == ("", "on_the_screen")
    assert not structlog.is_configured()
