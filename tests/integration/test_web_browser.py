"""Signing in with a real browser: by the printed address, by the access key, with the keyboard alone, without scripts; axe finds no fault."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.integration.web_server import served
from tests.unit.chassis.web_shell import TOKEN, Shell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
WIDE, PHONE = (1280, 900), (360, 740)
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def base(shell: Shell) -> Iterator[str]:
    with served(shell.app) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, base: str) -> Iterator[Visit]:
    """Opens an address in a browser of its own; what the page's policy blocked, a script threw or came from elsewhere fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str, size: tuple[int, int] = WIDE, scripts: bool = True) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(("http://127.0.0.1:", "data:")) else None)
        page.goto(base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [said for said in complaints if "the server responded with a status of" not in said] == []


def enter(page: Page, key: str) -> None:
    """Enter an access key as a person does."""
    page.get_by_label("Access key", exact=True).fill(key)
    page.get_by_role("button", name="Sign in").click()


def assert_no_violations(page: Page) -> None:
    """What axe finds, in its own words."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def assert_signed_in(page: Page, base: str) -> None:
    """The queue is shown, and the address holds no key."""
    assert page.url == f"{base}/"
    assert page.get_by_role("heading", level=1).inner_text() == "Queue"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_coordinator_signs_in_with_the_access_key_and_out_again(visit: Visit, base: str, size: tuple[int, int]) -> None:
    page = visit("/", size)
    assert_no_violations(page)
    enter(page, "not the key")
    assert page.get_by_role("alert").get_by_role("link").inner_text() == "That is not the access key. Check it and try again."
    assert_no_violations(page)
    enter(page, TOKEN)
    assert_signed_in(page, base)
    assert_no_violations(page)
    page.get_by_role("button", name="Sign out").click()
    assert page.url == f"{base}/sign-in"
    page.goto(base + "/")
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"


def test_the_printed_address_signs_in_once_and_leaves_no_key_behind(visit: Visit, shell: Shell, base: str) -> None:
    address = f"/sign-in?key={shell.guard.new_sign_in_key()}"
    page = visit(address)
    assert_signed_in(page, base)
    page.reload()
    assert_signed_in(page, base)
    assert page.evaluate("document.cookie") == ""
    other = visit(address)
    assert "has been used" in other.get_by_role("alert").inner_text()
    assert_no_violations(other)


def test_everything_works_without_scripts(visit: Visit, base: str) -> None:
    page = visit("/", scripts=False)
    enter(page, TOKEN)
    assert_signed_in(page, base)
    page.get_by_role("button", name="Sign out").click()
    assert page.url == f"{base}/sign-in"


def test_the_keyboard_alone_is_enough(visit: Visit, base: str) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "access-key"
    page.keyboard.type(TOKEN)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert_signed_in(page, base)


def test_an_error_is_a_page_in_the_same_style(visit: Visit, base: str) -> None:
    page = visit("/")
    enter(page, TOKEN)
    page.goto(f"{base}/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Page not found"
    assert_no_violations(page)


def test_a_form_of_a_page_from_elsewhere_changes_nothing(visit: Visit, base: str) -> None:
    page = visit("/")
    enter(page, TOKEN)
    form = HTMLResponse(f'<form method="post" action="{base}/sign-out"><button>Win a prize</button></form>')
    # The same host on another port: the browser sends the cookie along.
    with served(Starlette(routes=[Route("/", lambda _: form)])) as elsewhere:
        page.goto(elsewhere)
        page.get_by_role("button").click()
        assert page.get_by_role("heading", level=1).inner_text() == "This is not allowed"
    page.goto(base + "/")
    assert_signed_in(page, base)
