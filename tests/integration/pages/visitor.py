"""A person at a browser: what they do, in their words; whatever the page's policy blocks or a script throws fails the test."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.integration.pages.town import Town, until

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS: Final = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDE, PHONE = (1280, 900), (375, 800)
MOST_TABS: Final = 200


class Visitor:
    """Somebody with one page open."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def goes_to(self, address: str) -> None:
        """Opens an address of ours."""
        self.page.goto(self.base + address)

    def follows(self, link: str) -> None:
        """Follows the first link of this name."""
        self.page.get_by_role("link", name=link).first.click()

    def opens(self, summary: str) -> None:
        """Opens the first thing that is folded up under these words."""
        self.page.locator("summary", has_text=summary).first.click()

    def chooses(self, label: str, option: str) -> None:
        """Chooses from a list that can be seen."""
        self.page.get_by_label(label, exact=True).locator("visible=true").select_option(label=option)

    def presses(self, button: str) -> None:
        """Presses a button and waits for the page after it."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).click()

    def presses_what_is_seen(self, button: str) -> None:
        """Presses the button of this name that is not folded up, and waits for the page after it."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).locator("visible=true").first.click()

    def writes(self, label: str, text: str) -> None:
        """Fills the field of this label that is not folded up."""
        self.page.get_by_label(label, exact=True).locator("visible=true").fill(text)

    def ticks(self, label: str) -> None:
        """Ticks a box or chooses an answer, by its label."""
        self.page.get_by_label(label, exact=True).first.check(force=True)

    def ticks_what_is_seen(self, label: str) -> None:
        """Chooses the answer of this label that is not folded up."""
        self.page.get_by_label(label, exact=True).and_(self.page.locator(":visible")).first.check()

    def tabs_to(self, name: str) -> None:
        """Moves by the keyboard alone until the control of this name or label has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.focused() == name:
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    def focused(self) -> str:
        """The name of what has the focus: its label, or its text."""
        told: str = self.page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent")
        return " ".join(told.split())

    def waits_for(self, text: str) -> None:
        """Looks again until the page says this."""

        def said() -> bool:
            self.page.reload()
            return text in self.reads()

        until(said)

    def reads(self) -> str:
        """The text of the page's main part."""
        return " ".join(self.page.get_by_role("main").inner_text().split())

    def heading(self) -> str:
        """The page's first heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def finds_no_barrier(self) -> None:
        """What axe finds fails the test, in axe's own words; and nothing is wider than the window."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{self.page.url} is wider than the window"


@contextmanager
def visiting(browser: Browser, base: str, size: tuple[int, int] = WIDE, *, scripts: bool = True) -> Iterator[Visitor]:
    """Somebody at a browser of their own, for as long as the block runs."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, locale="en-GB")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not re.match(r"http://127\.0\.0\.1:|data:", request.url) else None)
    yield Visitor(page, base)
    context.close()
    assert [said for said in complaints if "the server responded with a status of" not in said] == []


def given_somebody_signed_in(visitor: Visitor, the_town: Town) -> None:
    """They have opened the address that the start of the service printed."""
    visitor.goes_to(f"/sign-in?key={the_town.gate.new_sign_in_key()}")
