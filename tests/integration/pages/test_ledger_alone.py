"""A ledger in which nothing stands yet."""

from pathlib import Path

from tests.integration.pages.town import town, words


def test_an_empty_ledger_is_good_news(tmp_path: Path) -> None:
    with town(tmp_path) as new, new.browser() as client:
        assert "Nothing is missing so far" in words(client.get("/unmet"))
