"""Nobody gets in without the token or a session, whatever they ask for; a session alone changes nothing for a page from elsewhere."""

import asyncio
from datetime import timedelta

import pytest
from starlette.types import Message

from services.chassis.errors import UserError
from services.chassis.web.application import application
from services.chassis.web.guard import guard, guard_of_a_monitored
from tests.unit.chassis.web_shell import BEARER, BROWSER, KEY, TOKEN, Shell

OPEN_READS = ("/health/live", "/health/ready", "/openapi.json", "/asyncapi.json", "/v1/groups", "/static/together.css", "/sign-in")
GUARDED = ("/", "/metrics", "/v1/things", "/v1/queue", "/nowhere", "/v1/groups/", "/v1/groups/x", "/static", "/health", "/sign-in/", "/%2e%2e/etc")
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.fixture(scope="module")
def shell() -> Shell:
    return Shell()


@pytest.mark.parametrize("path", OPEN_READS)
def test_what_the_contract_leaves_open_needs_no_credential(shell: Shell, path: str) -> None:
    assert shell.get(path).status_code == 200


@pytest.mark.parametrize("method", ALL_METHODS)
@pytest.mark.parametrize("path", GUARDED)
def test_everything_else_is_refused_without_a_credential_whether_it_is_there_or_not(shell: Shell, method: str, path: str) -> None:
    answer = shell.call(method, path)
    if method == "OPTIONS" and path.startswith("/v1/groups"):
        assert answer.status_code == 204
    else:
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="Better Together"')


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/v1/groups", "/health/live", "/openapi.json", "/static/together.css"])
def test_only_reading_is_open(shell: Shell, method: str, path: str) -> None:
    assert shell.call(method, path).status_code == 401


def test_a_probe_that_asks_for_the_head_alone_is_answered(shell: Shell) -> None:
    assert shell.call("HEAD", "/health/live").status_code == shell.call("HEAD", "/health/ready").status_code == 200


def test_a_large_body_without_a_credential_is_refused_for_the_credential(shell: Shell) -> None:
    assert shell.call("POST", "/v1/things", content=b"x" * 2_000_000).status_code == 401


def test_a_refusal_is_a_problem_document_and_for_a_browser_the_sign_in_page(shell: Shell) -> None:
    assert shell.get("/v1/things").headers["content-type"] == "application/problem+json"
    for path, headers in (("/", {}), ("/", {"Accept": "application/json"}), ("/v1/things", BROWSER), ("/nowhere", BROWSER)):
        answer = shell.get(path, headers)
        assert answer.status_code == 401
        assert 'name="access_key"' in answer.text


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN.upper()}",
        "Bearer \xff\xfe",
        f"Token {TOKEN}",
    ],
)
def test_a_wrong_bearer_is_refused_even_beside_a_good_cookie(shell: Shell, authorization: str) -> None:
    for headers in ({}, shell.signed_in()):
        assert shell.get("/v1/things", headers | {"Authorization": authorization}).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_lets_a_caller_in(shell: Shell, scheme: str) -> None:
    assert shell.get("/v1/things", {"Authorization": f"{scheme} {TOKEN}"}).status_code == 200
    assert shell.get("/metrics", {"Authorization": f"{scheme} {TOKEN}"}).status_code == 200
    assert shell.get("/nowhere", {"Authorization": f"{scheme} {TOKEN}"}).status_code == 404


@pytest.mark.parametrize("token", ["", " ", "\n"])
def test_an_empty_token_is_not_accepted_as_one(token: str) -> None:
    with pytest.raises(UserError, match="TOGETHER_API_TOKEN"):
        guard(token, KEY, Shell().clock)


def test_a_token_with_letters_beyond_ascii_works() -> None:
    shell = Shell(token="schlüssel-für-alle")
    as_sent = "schlüssel-für-alle".encode().decode("latin-1")
    assert shell.get("/v1/things", {"Authorization": f"Bearer {as_sent}"}).status_code == 200
    assert shell.get("/v1/things", {"Authorization": "Bearer schlussel-fur-alle"}).status_code == 401


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_elsewhere_and_lasts_twelve_hours(shell: Shell) -> None:
    given = shell.get(f"/sign-in?key={shell.guard.new_sign_in_key()}").headers["set-cookie"]
    attributes = {part.strip().lower() for part in given.split(";")[1:]}
    assert attributes == {"httponly", "samesite=strict", "path=/", f"max-age={12 * 3600}"}


def test_over_https_the_cookie_is_secure_and_bound_to_the_host() -> None:
    shell = Shell(public_url="https://together.clinic.example/")
    given = shell.get(f"/sign-in?key={shell.guard.new_sign_in_key()}").headers["set-cookie"]
    assert given.startswith("__Host-together-")
    assert "; Secure" in given


def test_a_session_lets_a_browser_in_for_twelve_hours_and_no_longer() -> None:
    shell = Shell()
    browser = shell.signed_in()
    assert shell.get("/", browser).status_code == 200
    shell.clock.set(shell.clock.now() + timedelta(hours=11, minutes=59))
    assert shell.get("/", browser).status_code == 200
    shell.clock.set(shell.clock.now() + timedelta(minutes=2))
    assert shell.get("/", browser).status_code == 401


@pytest.mark.parametrize("other", [Shell(key=b"o" * 32), Shell(token="another-token-altogether")], ids=["folder", "token"])
def test_a_session_of_another_folder_or_another_token_is_none(shell: Shell, other: Shell) -> None:
    stolen = other.signed_in()["Cookie"].split("=", 1)[1]
    assert shell.get("/", {"Cookie": f"{shell.guard.cookie}={stolen}"}).status_code == 401


@pytest.mark.parametrize("value", ["", "x", "W10.x", "....", "\x7f", '"', "WyJhIiw5OTk5OTk5OTk5XQ.c2lnbmF0dXJl"])
def test_a_forged_session_is_none(shell: Shell, value: str) -> None:
    assert shell.get("/", {"Cookie": f"{shell.guard.cookie}={value}"}).status_code == 401


def test_a_session_that_was_tampered_with_is_none(shell: Shell) -> None:
    cookie = shell.signed_in()["Cookie"]
    at = cookie.index("=") + 5
    changed = cookie[:at] + ("A" if cookie[at] != "A" else "B") + cookie[at + 1 :]
    assert shell.get("/", {"Cookie": changed}).status_code == 401


def test_signing_out_ends_the_session_wherever_its_cookie_was_copied_to(shell: Shell) -> None:
    browser = shell.signed_in()
    answer = shell.call("POST", "/sign-out", browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert shell.get("/", browser).status_code == 401
    assert shell.get("/", shell.signed_in()).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"])
def test_the_machine_s_own_names_are_answered_on_any_port(shell: Shell, host: str) -> None:
    assert shell.get("/health/live", {"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "[::2]"])
def test_another_host_is_misdirected_even_with_the_token(shell: Shell, host: str) -> None:
    for path in ("/health/live", "/v1/things"):
        assert shell.get(path, BEARER | {"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["", "a b", "localhost:port", "user@localhost", "localhost/path", "localhost:", "[::1", "http://localhost"])
def test_a_malformed_host_is_a_bad_request(shell: Shell, host: str) -> None:
    assert shell.get("/health/live", {"Host": host}).status_code == 400


def test_the_host_of_the_public_address_is_answered() -> None:
    shell = Shell(public_url="https://Together.Clinic.example:8443/path")
    assert shell.get("/health/live", {"Host": "together.clinic.example"}).status_code == 200
    assert shell.get("/health/live", {"Host": "clinic.example"}).status_code == 421


ELSEWHERE = ["http://evil.example", "http://localhost:8081", "http://127.0.0.1:8080", "https://localhost.evil.example:8080", "null", "file://", "x"]


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_from_elsewhere_changes_nothing_with_a_browser_s_cookie(shell: Shell, origin: str) -> None:
    cookie = {"Cookie": shell.signed_in()["Cookie"]}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert shell.call(method, "/v1/things/1", cookie | {"Origin": origin}).status_code == 403
        assert shell.call(method, "/v1/things/1", cookie | {"Referer": f"{origin}/page"}).status_code == 403
    assert shell.call("POST", "/sign-out", cookie | {"Origin": origin}).status_code == 403
    assert shell.get("/", cookie | {"Origin": origin}).status_code == 200


def test_a_change_with_a_cookie_must_say_which_page_asked(shell: Shell) -> None:
    cookie = {"Cookie": shell.signed_in()["Cookie"]}
    assert shell.call("POST", "/v1/things", cookie).status_code == 403
    assert shell.call("POST", "/v1/things", cookie | {"Referer": "http://localhost:8080/queue"}).status_code == 415
    assert shell.call("POST", "/v1/things", cookie | {"Referer": "http://[broken"}).status_code == 403
    assert shell.call("POST", "/v1/things", cookie | {"Origin": "http://localhost:8080"}).status_code == 415


def test_behind_a_proxy_the_public_origin_may_change_things() -> None:
    shell = Shell(public_url="https://together.clinic.example")
    cookie = {"Cookie": shell.signed_in()["Cookie"]}
    assert shell.call("POST", "/sign-out", cookie | {"Origin": "https://together.clinic.example"}).status_code == 303


def test_a_program_with_the_token_needs_no_origin(shell: Shell) -> None:
    assert shell.send_json(b"{}").status_code == 202


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_from_elsewhere_that_has_the_token_changes_nothing_either(shell: Shell, origin: str) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    assert shell.call("POST", "/v1/things", token | {"Origin": origin}).status_code == 403
    assert shell.call("POST", "/v1/things", token | {"Origin": "http://localhost:8080"}).status_code == 415


def test_a_page_from_elsewhere_cannot_even_try_a_key(shell: Shell) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://evil.example"}
    assert shell.call("POST", "/sign-in", form, f"access_key={TOKEN}".encode()).status_code == 403


def test_a_web_socket_is_closed(shell: Shell) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
    asyncio.run(shell.app(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def monitored() -> Shell:
    """The shell of a process without pages, as a service of its own has it."""
    shell = Shell()
    shell.guard = guard_of_a_monitored(TOKEN, KEY, shell.clock)
    shell.app = application([], shell.guard, None, shell.clock, version="1", alive=lambda: True, ready=lambda: True)
    return shell


@pytest.mark.parametrize("host", ["10.42.0.17:8081", "together-matcher.town.svc", "[fd00::17]:8081", "matcher", "evil.example", "a b", ""])
def test_a_process_without_pages_is_monitored_by_whatever_name_it_was_reached(host: str) -> None:
    shell = monitored()
    assert shell.get("/health/live", {"Host": host}).status_code == shell.get("/health/ready", {"Host": host}).status_code == 200
    assert shell.get("/metrics", BEARER | {"Host": host}).status_code == 200
    assert shell.get("/metrics", {"Host": host}).status_code == 401
    assert Shell().get("/health/live", {"Host": host}).status_code in (400, 421)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/metrics", "/openapi.json", "/static/together.css"])
def test_a_process_without_pages_shows_none_and_signs_nobody_in(path: str) -> None:
    answer = monitored().get(path, BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert (
        monitored().call("POST", "/sign-in", {"Content-Type": "application/x-www-form-urlencoded"}, b"access_key=" + TOKEN.encode()).status_code
        == 401
    )
    if path != "/metrics":
        assert monitored().get(path, BEARER | BROWSER).status_code == 404
