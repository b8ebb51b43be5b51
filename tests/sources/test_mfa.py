"""MFA codes of assumed roles: asked once, sent to STS, never asked on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event as StopFlag
from threading import Thread

import pytest

from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.mfa import MfaCodes, MfaQuestion
from apigw_tui.sources.session import Aws, AwsSettings
from tests.aws_user import SERIAL, with_mfa
from tests.sources.recorded_account import RecordedAccount
from tests.sources.virtual_time import VirtualTime

CALL = Call("logs", "describe_log_groups", "list the log groups")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EmulatorServer]:
    """An endpoint that is STS, too, for a user whose profile assumes a role with MFA."""
    with_mfa(monkeypatch, tmp_path)
    account = RecordedAccount()
    with EmulatorServer(account, account, clock=VirtualTime().now) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", running.url)
        yield running


class Person:
    """Gives codes, the next one each time; None when there are no more."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.asked: list[MfaQuestion] = []

    def __call__(self, question: MfaQuestion) -> str | None:
        self.asked.append(question)
        return self.codes.pop(0) if self.codes else None


def session(server: EmulatorServer, codes: MfaCodes, *, region: str | None = None) -> Aws:
    settings = AwsSettings(profile="shop", endpoint_url=server.url, region=region)
    return Aws(settings, mfa=codes)


def test_the_code_reaches_sts_and_the_role_session_is_used(server: EmulatorServer) -> None:
    person = Person("123456")
    aws = session(server, MfaCodes(person))
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert [(role.serial, role.code, role.caller) for role in server.roles] == [(SERIAL, "123456", "AKIABASE")]
    assert server.caller == server.roles[0].access_key_id
    assert person.asked == [MfaQuestion("shop", SERIAL)]


def test_threads_that_need_it_at_once_ask_once(server: EmulatorServer) -> None:
    person = Person("123456")
    aws = session(server, MfaCodes(person))
    answers: list[object] = []
    threads = [Thread(target=lambda: answers.append(perform(aws, CALL, stop=StopFlag()))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert all(answers)
    assert len(person.asked) == 1


def test_nobody_else_waits_while_somebody_is_asked(server: EmulatorServer) -> None:
    told: list[object] = []

    def ask(_: MfaQuestion) -> str:
        other = Thread(target=lambda: told.append((aws.region, aws.profiles(), aws.client("sts"), aws.context)))
        other.start()
        other.join(30)
        return "123456"

    aws = session(server, MfaCodes(ask))
    perform(aws, CALL, stop=StopFlag())
    assert told


def test_another_region_and_a_renewed_session_need_no_new_code(server: EmulatorServer) -> None:
    person = Person("123456")
    codes = MfaCodes(person)
    perform(session(server, codes), CALL, stop=StopFlag())
    other = session(server, codes, region="us-east-1")
    other.renew()
    perform(other, CALL, stop=StopFlag())
    assert len(person.asked) == 1
    assert len(server.roles) == 1


def test_a_role_session_that_aws_takes_no_more_is_replaced_after_a_new_code(server: EmulatorServer) -> None:
    person = Person("123456", "654321")
    aws = session(server, MfaCodes(person))
    perform(aws, CALL, stop=StopFlag())
    old = server.caller

    def refuse_old(_: str) -> None:
        if server.caller == old:
            raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

    server.before = refuse_old
    with pytest.raises(AppError, match="have expired"):
        perform(aws, CALL, stop=StopFlag())
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert [role.code for role in server.roles] == ["123456", "654321"]
    assert [question.again for question in person.asked] == [False, False]


def test_a_refused_code_is_told_and_asked_for_again(server: EmulatorServer) -> None:
    person = Person("123456", "123456", "111111")
    codes = MfaCodes(person)
    perform(session(server, codes), CALL, stop=StopFlag())
    codes._roles.clear()
    aws = session(server, codes)
    with pytest.raises(AppError, match="AWS refused the MFA code of profile shop") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert kind_of(raised.value) is FailureKind.EXPIRED
    assert "next code" in raised.value.hint
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert [question.again for question in person.asked] == [False, False, True]


def test_without_an_answer_it_is_a_sentence_and_asked_again_only_when_the_user_wants_something(
    server: EmulatorServer,
) -> None:
    person = Person()
    codes = MfaCodes(person, hint="Open the stage again.")
    aws = session(server, codes)
    for _ in range(3):
        with pytest.raises(AppError) as raised:
            perform(aws, CALL, stop=StopFlag())
        assert raised.value.exit_code is ExitCode.CREDENTIALS
        assert "Profile shop" in raised.value.message
        assert SERIAL in raised.value.message
        assert raised.value.hint == "Open the stage again."
    assert len(person.asked) == 1
    assert server.roles == []
    codes.forget_refusals()
    person.codes.append("123456")
    assert perform(aws, CALL, stop=StopFlag()) is not None


def test_without_anybody_to_ask_it_says_what_to_type_before(server: EmulatorServer) -> None:
    with pytest.raises(AppError, match="none was given") as raised:
        perform(session(server, MfaCodes()), CALL, stop=StopFlag())
    assert "aws configure export-credentials --profile shop --format env" in raised.value.hint


def test_a_late_refusal_of_an_old_login_does_not_cost_the_new_one(server: EmulatorServer) -> None:
    person = Person("123456")
    aws = session(server, MfaCodes(person))
    old = aws.login
    aws.renew()
    perform(aws, CALL, stop=StopFlag())
    aws.refused(old)
    aws.renew()
    perform(aws, CALL, stop=StopFlag())
    assert len(person.asked) == 1
