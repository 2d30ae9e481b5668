"""A sign-in key works once, for ten minutes, for a real visit; the access key may be tried, but not often."""

from datetime import timedelta

import pytest

from services.chassis.web.signing_in import NOT_THE_KEY, TOO_MANY, USED_UP
from tests.unit.chassis.web_shell import BROWSER, TOKEN, Shell

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def shell() -> Shell:
    return Shell()


def enter(shell: Shell, key: str) -> tuple[int, str]:
    """The status and the page after an access key was entered."""
    answer = shell.call("POST", "/sign-in", FORM | BROWSER, f"access_key={key}".encode())
    return answer.status_code, answer.text


def test_a_sign_in_key_is_exchanged_for_a_session_by_a_redirect_once(shell: Shell) -> None:
    address = f"/sign-in?key={shell.guard.new_sign_in_key()}"
    first, second = shell.get(address), shell.get(address)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert shell.guard.cookie in first.cookies
    assert second.status_code == 401
    assert USED_UP in second.text
    assert not second.cookies


def test_a_sign_in_key_lives_ten_minutes(shell: Shell) -> None:
    in_time, too_late = (f"/sign-in?key={shell.guard.new_sign_in_key()}" for _ in range(2))
    shell.clock.set(shell.clock.now() + timedelta(minutes=9, seconds=59))
    assert shell.get(in_time).status_code == 303
    shell.clock.set(shell.clock.now() + timedelta(seconds=2))
    assert shell.get(too_late).status_code == 401


def test_sign_in_keys_are_long_and_never_alike(shell: Shell) -> None:
    keys = {shell.guard.new_sign_in_key() for _ in range(100)}
    assert len(keys) == 100
    assert min(map(len, keys)) >= 32


@pytest.mark.parametrize("key", ["", "wrong", TOKEN, "%ff%fe", "%00", "a" * 4000])
def test_a_wrong_sign_in_key_shows_the_sign_in_page(shell: Shell, key: str) -> None:
    answer = shell.get(f"/sign-in?key={key}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert USED_UP in answer.text
    assert key == "" or key not in answer.text


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("OPTIONS", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"X-Moz": "prefetch"}),
        ("GET", {"X-Purpose": "Prefetch"}),
    ],
)
def test_what_is_no_visit_does_not_use_the_key_up(shell: Shell, method: str, headers: dict[str, str]) -> None:
    address = f"/sign-in?key={shell.guard.new_sign_in_key()}"
    assert shell.call(method, address, headers).status_code in (401, 403)
    assert shell.get(address).status_code == 303


def test_the_sign_in_page_is_open_and_leads_on_where_one_is_signed_in(shell: Shell) -> None:
    assert shell.get("/sign-in").status_code == 200
    assert shell.get("/sign-in", shell.signed_in()).headers["location"] == "/"


def test_the_access_key_signs_in_with_or_without_the_white_space_of_copying(shell: Shell) -> None:
    for key in (TOKEN, f"+{TOKEN}%0A"):
        answer = shell.call("POST", "/sign-in", FORM, f"access_key={key}".encode())
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert shell.get("/", {"Cookie": f"{shell.guard.cookie}={answer.cookies[shell.guard.cookie]}"}).status_code == 200


@pytest.mark.parametrize("body", ["access_key=wrong", "access_key=", "", "other=1", f"access_key={TOKEN}x"])
def test_a_wrong_access_key_is_told_so_in_plain_words(shell: Shell, body: str) -> None:
    answer = shell.call("POST", "/sign-in", FORM, body.encode())
    assert answer.status_code == 401
    assert answer.text.count(NOT_THE_KEY) == 2
    assert "<title>Error: Sign in" in answer.text
    assert not answer.cookies


def test_after_ten_wrong_tries_nobody_is_let_try_until_a_minute_is_over(shell: Shell) -> None:
    for _ in range(10):
        assert enter(shell, "wrong")[0] == 401
    limited = shell.call("POST", "/sign-in", FORM, f"access_key={TOKEN}".encode())
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
    assert TOO_MANY in limited.text
    assert not limited.cookies
    shell.clock.set(shell.clock.now() + timedelta(seconds=61))
    assert enter(shell, TOKEN)[0] == 303


def test_too_many_tries_stop_neither_a_sign_in_key_nor_the_token(shell: Shell) -> None:
    for _ in range(11):
        enter(shell, "wrong")
    assert shell.get(f"/sign-in?key={shell.guard.new_sign_in_key()}").status_code == 303
    assert shell.get("/v1/things", {"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_an_access_key_in_anything_but_a_form_is_refused(shell: Shell) -> None:
    assert shell.call("POST", "/sign-in", {"Content-Type": "application/json"}, b'{"access_key": "x"}').status_code == 415
    assert shell.call("POST", "/sign-in").status_code == 415
    assert shell.call("POST", "/sign-in", FORM, b"access_key=%ff").status_code == 422
