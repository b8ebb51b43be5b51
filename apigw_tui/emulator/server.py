"""The endpoint: CloudWatch Logs, API Gateway, X-Ray and STS on one loopback port, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from threading import Thread
from types import TracebackType
from typing import Final, Self

from apigw_tui.emulator.chunked import send_frames
from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.control import ControlService
from apigw_tui.emulator.courier import Advance, Courier
from apigw_tui.emulator.faults import Breakage
from apigw_tui.emulator.feed import ControlPlane, LogFeed
from apigw_tui.emulator.http1 import LARGEST_HEAD, BadHttpError, encode_response, read_request, stays_open
from apigw_tui.emulator.identity import AssumedRole, IdentityService
from apigw_tui.emulator.live_tail import LiveTailSessions
from apigw_tui.emulator.logs import LogsService
from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.wire import Request, Response, Service, ServiceError
from apigw_tui.emulator.xray import PATH as TRACES_PATH
from apigw_tui.emulator.xray import TraceFeed, XRayService

Before = Callable[[str], Response | None]

_STOP_SECONDS: Final = 5.0
_TURNS_TO_A_TASK: Final = 10
"""A connection that was just accepted has the task that closes it only some turns of the loop later."""

logger = logging.getLogger(__name__)


class EmulatorServer:
    """Serves a feed, a control plane and X-Ray traces to unmodified AWS clients; also a context manager.

    `before` is called with the name of each operation and may answer in its place or raise ServiceError.
    `conditions` can be changed while it runs. `advance` moves a virtual clock by ms: latency then takes no real
    time. `calls` counts the operations asked for; `caller` is the access key ID of the last one.
    """

    def __init__(  # noqa: PLR0913 - what it serves, when, where; all but two by keyword
        self,
        feed: LogFeed,
        control: ControlPlane,
        *,
        clock: Callable[[], int],
        host: str = "127.0.0.1",
        port: int = 0,
        before: Before | None = None,
        paging: Paging | None = None,
        conditions: Conditions | None = None,
        advance: Advance | None = None,
        traces: TraceFeed | None = None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.before = before
        self.caller = ""
        self.conditions = conditions or Conditions()
        self._clock = clock
        self._courier = Courier(self.conditions, clock, advance)
        self._logs = LogsService(feed, clock, paging or Paging(), self.conditions)
        self._control = ControlService(control, clock)
        self._xray = XRayService(traces, clock)
        self._identity = IdentityService()
        self._host = host
        self._port = port
        self._url: str | None = None
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None

    @property
    def roles(self) -> list[AssumedRole]:
        """The role sessions that were asked for, the oldest first."""
        return self._identity.roles

    @property
    def live_tail(self) -> LiveTailSessions:
        """The sessions of StartLiveTail, and what is to go wrong with the next ones."""
        return self._logs.live_tail

    @property
    def url(self) -> str:
        """What to give as --endpoint-url; only while it runs."""
        if self._url is None:
            raise RuntimeError("the endpoint is not running")
        return self._url

    def start(self) -> None:
        """Listen; returns when clients can connect. Raises OSError when the port is taken."""
        if self._thread is not None:
            raise RuntimeError("the endpoint is running already")
        listening: Future[int] = Future()
        self._thread = Thread(target=self._run, args=(listening,), name="emulator", daemon=True)
        self._thread.start()
        try:
            port = listening.result()
        except OSError:
            self._thread.join()
            self._thread = None
            raise
        self._url = f"http://{self._host}:{port}"

    def stop(self) -> None:
        """Stop listening and drop the connections."""
        if self._thread is None:
            return
        if self._loop is not None and self._stopped is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(_STOP_SECONDS)
        self._thread = None
        self._url = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, request: Request) -> Response:
        """The response to one request; never raises."""
        service = self._service(request)
        try:
            operation = service.operation(request)
            self.calls[operation] += 1
            self.caller = request.access_key_id
            if not request.signed:
                raise service.unsigned
            injected = self.before(operation) if self.before else None
            return injected or self._answer_under_conditions(service, operation, request)
        except ServiceError as error:
            return service.error(error)
        except Exception as error:
            # A defect here must look like one of AWS to the client, and not end the connection.
            logger.exception("%s %s failed", request.method, request.target)
            return service.error(ServiceError("InternalFailure", repr(error), status=500))

    def _answer_under_conditions(self, service: Service, operation: str, request: Request) -> Response:
        text = f"{request.target} {request.body.decode('utf-8', 'replace')}"
        is_control = service is self._control
        fault = self.conditions.admit(operation, text, now=self._clock(), is_control=is_control)
        # What the answer holds was true when the call came in: the client learns it later.
        response = service.call(operation, request)
        if fault is not None and fault.effect is Breakage.MALFORMED:
            response = replace(response, body=response.body[: len(response.body) // 2])
        return replace(response, delivery=self.conditions.delivery(len(response.body), fault))

    def _service(self, request: Request) -> Service:
        if "x-amz-target" in request.headers:
            return self._logs
        if request.path == TRACES_PATH:
            return self._xray
        is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return self._identity if is_form and request.path == "/" else self._control

    def _run(self, listening: Future[int]) -> None:
        try:
            asyncio.run(self._serve(listening))
        except BaseException as error:
            if listening.done():
                raise
            listening.set_exception(error)

    async def _serve(self, listening: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                connections.add(task)
                task.add_done_callback(connections.discard)
            await self._talk(reader, writer)

        try:
            server = await asyncio.start_server(connected, self._host, self._port, limit=LARGEST_HEAD)
        except OSError as error:
            listening.set_exception(error)
            return
        listening.set_result(server.sockets[0].getsockname()[1])
        await self._stopped.wait()
        for _ in range(_TURNS_TO_A_TASK):
            await asyncio.sleep(0)
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # The sockets are closed in the turn after.
        await asyncio.sleep(0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while (request := await read_request(reader, writer)) is not None:
                keep_alive = stays_open(request)
                response = self.answer(request)
                encoded = encode_response(response, keep_alive=keep_alive)
                if not await self._courier.arrives(response, encoded, reader, writer):
                    if response.stream is not None:
                        response.stream.close()
                    break
                if response.stream is not None:
                    await send_frames(response, response.stream, reader, writer)
                    break
                writer.write(encoded)
                await writer.drain()
                if not keep_alive:
                    break
        except BadHttpError as error:
            response = Response(error.status, error.status.phrase.encode(), "text/plain")
            writer.write(encode_response(response, keep_alive=False))
        except ConnectionError:
            logger.debug("a client went away")
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
