"""What the threads tell the app: facts in the past tense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.log_groups import GroupSearch
    from apigw_tui.sources.stages import StageDirectory
    from apigw_tui.tui.choice_menu import Choices
    from apigw_tui.tui.clipboard import CopyReport
    from apigw_tui.tui.mfa_screen import PendingCode
    from apigw_tui.tui.remembering import Memory
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stories import StoryState
    from apigw_tui.tui.term_weights import TermWeights
    from apigw_tui.tui.workspace import Workspace


class MfaCodeWanted(Message):
    """A thread needs an MFA code and waits for it."""

    def __init__(self, pending: PendingCode) -> None:
        super().__init__()
        self.pending = pending


class PictureTaken(Message):
    """The engine published a picture; the app holds the last one."""


class StoryStitched(Message):
    """A request's story was stitched."""

    def __init__(self, state: StoryState) -> None:
        super().__init__()
        self.state = state


class RequestSought(Message):
    """A pasted ID was looked for; `key` is None where nothing carries it."""

    def __init__(self, identifier: str, key: int | None) -> None:
        super().__init__()
        self.identifier = identifier
        self.key = key


class TermsWeighed(Message):
    """It was counted what each term of the query hides."""

    def __init__(self, weights: TermWeights) -> None:
        super().__init__()
        self.weights = weights


class SourceOpened(Message):
    """Targets were resolved; `place` is region and profile, None for files; `memory` is of the account."""

    def __init__(
        self,
        generation: int,
        source: Source,
        session: Session,
        *,
        workspace: Workspace,
        place: tuple[str | None, str | None],
        memory: Memory,
    ) -> None:
        super().__init__()
        self.memory = memory
        self.workspace = workspace
        self.generation = generation
        self.source = source
        self.session = session
        self.place = place


class OpeningFailed(Message):
    """Targets could not be opened."""

    def __init__(self, generation: int, error: AppError) -> None:
        super().__init__()
        self.generation = generation
        self.error = error


class StagesFound(Message):
    """More is known of a workspace's stages; `took_ms` when that is all."""

    def __init__(
        self, workspace: Workspace, directory: StageDirectory, took_ms: int | None, account: str | None
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self.directory = directory
        self.took_ms = took_ms
        self.account = account


class LastEventFound(Message):
    """A stage had logged at that time (ms), and maybe later."""

    def __init__(self, workspace: Workspace, scope: str, at: int) -> None:
        super().__init__()
        self.workspace = workspace
        self.scope = scope
        self.at = at


class FunctionsFound(Message):
    """The functions behind a stage were looked up."""

    def __init__(self, workspace: Workspace, scope: str, names: tuple[str, ...]) -> None:
        super().__init__()
        self.workspace = workspace
        self.scope = scope
        self.names = names


class GroupsFound(Message):
    """Log groups whose name contains what was typed were listed."""

    def __init__(self, workspace: Workspace, text: str, search: GroupSearch) -> None:
        super().__init__()
        self.workspace = workspace
        self.text = text
        self.search = search


class _Failure(Message):
    def __init__(self, error: AppError) -> None:
        super().__init__()
        self.error = error


class DiscoveryFailed(_Failure):
    """Nothing could be listed in a workspace's account."""

    def __init__(self, workspace: Workspace, error: AppError) -> None:
        super().__init__(error)
        self.workspace = workspace


class ChoicesListed(Message):
    """The profiles or regions were listed."""

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices


class SearchFailed(_Failure):
    """Log groups could not be searched."""


class RememberingFailed(_Failure):
    """What the next run needs could not be kept."""


class Told(Message):
    """Something that was asked for is done."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class CopyingFailed(_Failure):
    """Nothing could be copied."""


class Copied(Message):
    """Text was copied."""

    def __init__(self, report: CopyReport, text: str) -> None:
        super().__init__()
        self.report = report
        self.text = text
