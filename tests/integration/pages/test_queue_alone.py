"""A queue with nobody in it, and one that is longer than a page."""

import re
from datetime import timedelta
from pathlib import Path

from tests.integration.pages.town import NOW, queue_rows, town, words


def test_an_empty_queue_says_that_nobody_is_waiting(tmp_path: Path) -> None:
    with town(tmp_path) as empty, empty.browser() as client:
        page = client.get("/")
        assert "Nobody is waiting" in words(page)
        assert "0 cases are open." in words(page)
        assert 'href="/refer"' in page.text


def test_pages_of_the_queue_follow_one_another_and_show_everybody_once(tmp_path: Path) -> None:
    with town(tmp_path) as full, full.browser() as client:
        for number in range(27):
            full.refer(referral_id=f"R-{number:03}", received_at=(NOW - timedelta(days=number)).isoformat())
        first = client.get("/")
        following = re.search(r'href="([^"]+)" rel="next"', first.text)
        assert following
        address = following[1].replace("&amp;", "&")
        seen = [row.split("Reference ")[1][:5] for at in ("/", address) for row in queue_rows(client.get(at))]
        assert seen == [f"R-{number:03}" for number in reversed(range(27))]
        assert "Back to the start of the queue" in words(client.get(address))
        assert 'rel="next"' not in client.get(address).text
