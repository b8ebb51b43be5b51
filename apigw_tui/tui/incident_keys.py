"""The key that writes an incident bundle: what is shown, in a folder to hand over, written in a thread."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event as StopFlag
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from apigw_tui.errors import AppError
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.narrowing import Narrowing
from apigw_tui.tui.span import iso

if TYPE_CHECKING:
    from textual.binding import BindingType

    from apigw_tui.tui.gathered import Gathered
    from apigw_tui.tui.session import Session

_TOLD_S = 8.0
_STEP_S = 30.0


class IncidentProgress(Message):
    """A part of the bundle is being written."""

    def __init__(self, stop: StopFlag, step: str) -> None:
        super().__init__()
        self.writing = stop
        self.step = step


class IncidentEnded(Message):
    """The bundle was written into a folder, or it was not: cancelled, or an error says why."""

    def __init__(self, stop: StopFlag, folder: Path | None = None, error: AppError | None = None) -> None:
        super().__init__()
        self.writing = stop
        self.folder = folder
        self.error = error


class Bundling(Narrowing):
    """Panes of which a bundle can be written."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen("write_incident"))]

    _writing: StopFlag | None = None

    def action_write_incident(self) -> None:
        """Write what is shown into a new folder under the current directory."""
        if self._session is None or self._picture is None:
            return
        if self._writing is not None:
            self._flash("A bundle is being written: esc cancels it.")
            return
        self._writing = stop = StopFlag()
        self._flash("Incident bundle: gathering …  esc cancels", _STEP_S)
        self._engine.gather(partial(self._start_writing, stop, self._session))

    def cancel_incident(self) -> bool:
        """Write the bundle no further; False when none is being written."""
        if self._writing is None:
            return False
        self._writing.set()
        return True

    def _start_writing(self, stop: StopFlag, session: Session, gathered: Gathered) -> None:
        """In the engine's thread: go on in another one."""
        args = (stop, session, gathered)
        threading.Thread(target=self._write, args=args, name="bundler", daemon=True).start()

    def _write(self, stop: StopFlag, session: Session, gathered: Gathered) -> None:
        from apigw_tui.headless.incident import Cancelled, Incident, write_incident  # noqa: PLC0415 - only here

        incident = Incident(
            comparison=gathered.comparison,
            source=gathered.source,
            targets=session.targets,
            command=_fixed(session, gathered).command(),
            now=gathered.now,
            functions=gathered.functions,
            completeness=gathered.completeness,
            reading=gathered.reading,
            read_back_to=gathered.read_back_to,
            reveal=self._reveal,
        )
        try:
            folder = write_incident(incident, Path.cwd(), lambda step: self._tell(IncidentProgress(stop, step)), stop)
        except Cancelled:
            self._tell(IncidentEnded(stop))
        except OSError as problem:
            where = problem.filename or "the current directory"
            told = f"The bundle was not written: {problem.strerror or problem} ({where})."
            error = AppError(told, "Start apigw-tui where you may write.")
            self._tell(IncidentEnded(stop, error=error))
        except BaseException as problem:  # noqa: BLE001 - Polars' panics are no Exceptions
            self._tell(IncidentEnded(stop, error=AppError(f"The bundle was not written: {problem}")))
        else:
            self._tell(IncidentEnded(stop, folder))

    def _tell(self, message: Message) -> None:
        if self.is_running:
            self.post_message(message)

    @on(IncidentProgress)
    def _incident_progress(self, message: IncidentProgress) -> None:
        if message.writing is self._writing:
            self._flash(f"Incident bundle: {message.step} …  esc cancels", _STEP_S)

    @on(IncidentEnded)
    def _incident_ended(self, message: IncidentEnded) -> None:
        if message.writing is not self._writing:
            return
        self._writing = None
        if message.folder is not None:
            done = (
                (self._glyphs.done, "live"),
                (" incident bundle in ", "ink"),
                (str(message.folder), "bold ink-strong"),
            )
            self.flash(done, _TOLD_S)
        elif message.error is not None:
            self.flash(((str(message.error), "status-4xx"),), _TOLD_S)
        else:
            self._flash("Cancelled: no bundle was written.")


def _fixed(session: Session, gathered: Gathered) -> Session:
    """The session with times that do not move on."""
    if not gathered.source.live:
        return session
    start, end = gathered.comparison.window
    return replace(session, since=iso(start), until=iso(end))
