"""What every answer carries: a policy for what a page may load, nothing for a cache to keep, and the directory readable from anywhere."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import DictLoader, UndefinedError

from services.chassis.web.monitoring import STATIC
from services.chassis.web.pages import pages
from tests.unit.chassis.web_shell import BEARER, BROWSER, Shell

PAGES = {"/": BROWSER, "/sign-in": BROWSER, "/sign-in?key=wrong": BROWSER, "/nowhere": BROWSER | BEARER, "/?words=%3Cscript%3Ex": BROWSER | BEARER}


@pytest.fixture(scope="module")
def shell() -> Shell:
    return Shell()


class Loaded(HTMLParser):
    """What a page loads, where it sends forms, and what it does without asking the policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses, handlers and styles of one element."""
        named = dict(attrs)
        self.urls += [str(named[name]) for name in ("src", "href", "action") if name in named]
        self.inline += [name for name in named if name.startswith("on") or name == "style"] + [tag] * (tag == "style")
        self._in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        """Note a script that stands in the page."""
        self.inline += [data] if self._in_script and data.strip() else []

    def handle_endtag(self, tag: str) -> None:
        """A script may have ended."""
        self._in_script = self._in_script and tag != "script"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_policy_without_inline_scripts_and_obeys_it(shell: Shell, path: str) -> None:
    answer = shell.get(path, PAGES[path])
    assert answer.headers["content-type"].startswith("text/html")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    loaded = Loaded(answer.text)
    assert loaded.inline == []
    assert loaded.urls
    assert all(url.startswith(("/", "#")) and not url.startswith("//") for url in loaded.urls)


def test_the_guard_tells_a_page_that_would_break_the_policy() -> None:
    assert Loaded('<p onclick="x()">').inline == ["onclick"]
    assert Loaded('<p style="color:red">').inline == ["style"]
    assert Loaded("<script>x()</script>").inline == ["x()"]
    assert Loaded('<a href="https://else.example">').urls == ["https://else.example"]


@pytest.mark.parametrize("path", [*PAGES, "/health/live", "/v1/things", "/openapi.json", "/metrics"])
def test_no_answer_is_kept_by_a_cache_nor_guessed_at_by_a_browser(shell: Shell, path: str) -> None:
    answer = shell.get(path, BEARER)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_names_itself_to_this_server_only_and_nothing_else_names_itself_at_all(shell: Shell) -> None:
    assert shell.get("/sign-in").headers["referrer-policy"] == "same-origin"
    assert shell.get("/health/live").headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/v1/groups", "/v1/groups/1", "/hsds/services", "/hsds"])
def test_the_directory_is_readable_by_pages_of_any_origin(shell: Shell, path: str) -> None:
    assert shell.get(path).headers["access-control-allow-origin"] == "*"
    asked = shell.call("OPTIONS", path, {"Origin": "https://else.example", "Access-Control-Request-Method": "GET"})
    assert (asked.status_code, asked.headers["access-control-allow-methods"]) == (204, "GET")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/things"), ("PUT", "/v1/groups/1"), ("GET", "/"), ("GET", "/v1/groupsies"), ("POST", "/v1/groups")]
)
def test_nothing_else_is(shell: Shell, method: str, path: str) -> None:
    answer = shell.call(method, path, BEARER | {"Origin": "https://else.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_signed_in_browser_sees_the_page_with_its_navigation_and_a_way_out(shell: Shell) -> None:
    text = shell.get("/", shell.signed_in()).text
    assert "<title>Queue – Better Together</title>" in text
    assert 'lang="en-GB"' in text
    assert re.search(r'<a class="nhsuk-header__navigation-link" href="/" aria-current="page">\s*Queue', text)
    assert 'action="/sign-out" method="post"' in text
    assert 'href="#maincontent"' in text


def test_a_page_escapes_what_it_shows(shell: Shell) -> None:
    text = shell.get("/?words=%3Cscript%3Ealert(1)%3C/script%3E%22'", BEARER).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;" in text


def rendered(template: str, **context: Any) -> str:
    """What a service's template comes to."""
    return pages({"town": DictLoader({"one.html": template})}).render("town/one.html", context)


def test_a_name_that_a_template_does_not_know_is_a_fault() -> None:
    with pytest.raises(UndefinedError):
        rendered("{{ nobody }}")
    with pytest.raises(UndefinedError):
        rendered('{{ nhsuk.tag({"text": nobody}) }}')


def test_the_macros_of_nhsuk_frontend_escape_and_forgive() -> None:
    assert "nhsuk-tag--red" in rendered('{{ nhsuk.tag({"text": "Urgent", "classes": "nhsuk-tag--red"}) }}')
    rows = [{"key": {"text": "Name"}, "value": {"text": "<b>Jane"}}]
    assert "&lt;b&gt;Jane" in rendered('{{ nhsuk.summaryList({"rows": rows}) }}', rows=rows)
    assert "Called" in rendered("{% call nhsuk.insetText({}) %}Called{% endcall %}")
    assert "<table" in rendered('{{ nhsuk.table({"head": [{"text": "Who"}], "rows": [[{"text": "Jane"}]]}) }}')


def test_static_files_are_served_with_their_type_and_nothing_beside_them(shell: Shell) -> None:
    for name, kind in (("nhsuk/nhsuk-frontend.min.css", "text/css"), ("together.js", "text/javascript"), ("favicon.svg", "image/svg+xml")):
        answer = shell.get(f"/static/{name}")
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
        assert answer.headers["cache-control"].startswith("public")
    for name in ("", "nhsuk", "..%2f__init__.py", "%2e%2e/guard.py", "//etc/passwd", "%00", "a" * 5000, "nowhere.css"):
        assert shell.get(f"/static/{name}", BEARER).status_code == 404


def test_a_static_file_that_did_not_change_is_not_sent_again(shell: Shell) -> None:
    tag = shell.get("/static/together.css").headers["etag"]
    assert shell.get("/static/together.css", {"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", sorted(path for path in STATIC.rglob("*") if path.suffix in (".css", ".js")), ids=lambda path: path.name)
def test_style_sheets_and_scripts_fetch_nothing_from_elsewhere_and_no_font(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"frutiger|@font-face|@import\b|sourceMappingURL", text, re.IGNORECASE)
    for url in re.findall(r"url\(([^)]+)\)", text):
        assert (path.parent / url.strip("\"'")).is_file() or url.startswith("data:")
    assert not [url for url in re.findall(r"https?://[^\s\"')]+", text) if "www.w3.org" not in url]


def test_the_licence_travels_with_what_it_covers() -> None:
    assert "MIT License" in (STATIC / "nhsuk" / "LICENCE.md").read_text(encoding="utf-8")
    assert not [path.name for path in STATIC.rglob("*") if path.suffix in (".woff", ".woff2", ".png", ".ico", ".map")]


def test_health_is_told_and_not_made_up() -> None:
    assert Shell().get("/health/live").json() == Shell().get("/health/ready").json() == {"status": "ok"}
    for path in ("/health/live", "/health/ready"):
        answer = Shell(well=False).get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_what_is_ready_and_not_as_it_should_be_says_so() -> None:
    answer = Shell(concerns=["the second oven is cold"]).get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "concerns": ["the second oven is cold"]})
    assert Shell(well=False, concerns=["the second oven is cold"]).get("/health/ready").status_code == 503


def test_metrics_count_requests_by_route_and_never_by_path() -> None:
    shell = Shell()
    shell.send_json(b'{"maximum": 3}', "PUT", "/v1/things/jane-doe")
    shell.get("/nowhere/jane-doe")
    told = shell.get("/metrics", BEARER)
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'together_http_requests_total{method="PUT",route="/v1/things/{id}",status="200"} 1.0\n' in told.text
    assert 'together_http_requests_total{method="GET",route="unknown",status="401"} 1.0\n' in told.text
    assert "jane" not in told.text


def test_the_description_says_who_may_call_and_what_a_problem_is(shell: Shell) -> None:
    document = shell.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["security"] == [{"token": []}, {"session": []}]
    assert document["paths"]["/v1/groups"]["get"]["security"] == []
    assert "security" not in document["paths"]["/v1/things"]["get"]
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
            assert "422" not in operation["responses"]
    assert document["components"]["schemas"]["Problem"]["required"]
    assert document["components"]["securitySchemes"]["session"]["name"] == shell.guard.cookie


def test_the_events_are_described_too(shell: Shell) -> None:
    assert json.loads(shell.get("/asyncapi.json").content)["asyncapi"] == "3.0.0"
