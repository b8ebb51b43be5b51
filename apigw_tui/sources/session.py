"""The AWS session: settings, credentials and one client per service, shared by all worker threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from apigw_tui.sources.clock import monotonic_clock
from apigw_tui.sources.failures import FailureContext
from apigw_tui.sources.limiter import SHARED_LIMITS, Limits
from apigw_tui.sources.mfa import MfaCodes
from apigw_tui.sources.settings import AwsSettings

if TYPE_CHECKING:
    from botocore.config import Config as ClientConfig
    from botocore.session import Session

    from apigw_tui.sources.event_cache import EventCache
    from apigw_tui.sources.mfa import RoleCache

__all__ = ["Aws", "AwsSettings"]

Service = Literal["logs", "apigateway", "apigatewayv2", "sts", "xray"]

CONNECT_TIMEOUT_S: Final = 4
READ_TIMEOUT_S: Final = 25
CONNECTIONS: Final = 16

_AWS_LOGS_HOSTS: Final = ("logs.", "logs-fips.")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Aws:
    """One profile and region: lazily built session, clients and the rate limits they share.

    Building a botocore session or client is not thread-safe, so both happen under a lock; the clients are.
    """

    def __init__(
        self,
        settings: AwsSettings,
        *,
        clock: Callable[[], int] = monotonic_clock,
        mfa: MfaCodes | None = None,
        event_cache: EventCache | None = None,
    ) -> None:
        self.settings = settings
        self.event_cache = event_cache
        self._mfa = mfa or MfaCodes()
        self._roles: RoleCache | None = None
        self._known_region: str | None = None
        self._clock = clock
        self._lock = Lock()
        self._limits: Limits | None = None
        self.login = 0
        """Counts the sessions, of which there is one at a time."""
        self._session: Session | None = None
        self._clients: dict[Service, Any] = {}
        self._account: str | None = None

    @property
    def profile(self) -> str | None:
        """The profile in use; None for the default one or for keys from the environment."""
        if self.settings.is_emulator:
            return None
        named = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
        return self.settings.profile or named

    @property
    def region(self) -> str | None:
        """The region in use: setting, AWS_REGION, AWS_DEFAULT_REGION, profile. Raises botocore's errors."""
        if self._known_region is not None:
            return self._known_region
        with self._lock:
            return self._region()

    @property
    def known_region(self) -> str | None:
        """The region as far as it is known; waits for nobody, so that a screen may ask."""
        return self._known_region or self.settings.region or os.environ.get("AWS_REGION")

    @property
    def context(self) -> FailureContext:
        """What an error message can name. Never fails."""
        return FailureContext(
            profile=self.profile,
            region=self._region_if_known(),
            endpoint_url=self.settings.endpoint_url,
            profiles=self._profiles_if_known(),
        )

    @property
    def limits(self) -> Limits:
        """The rate limits of this account and region, shared by all sessions of the process that read it."""
        limits = self._limits
        if limits is None:
            region = self._region_if_known()
            make = partial(Limits.of_region, region, clock=self._clock)
            # Which account it is, only a call could tell.
            credentials = (self.profile, os.environ.get("AWS_ACCESS_KEY_ID"))
            limits = self._limits = SHARED_LIMITS.of((*self._quota_place(region), credentials), make)
        return limits

    @property
    def is_asking(self) -> bool:
        """Whether calls wait for an answer of the user: an MFA code."""
        return self._mfa.is_asking

    @property
    def clock(self) -> Callable[[], int]:
        """Milliseconds that never jump: what rates and latencies are measured with."""
        return self._clock

    def profiles(self) -> tuple[str, ...]:
        """All profiles of the user's AWS files. Raises botocore's errors."""
        if self.settings.is_emulator:
            return ()
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and workers do it

        return tuple(Session().full_config.get("profiles", {}))

    def regions(self) -> tuple[str, ...]:
        """The regions of this partition that have CloudWatch Logs, as botocore knows them; asks nothing."""
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and workers do it

        session = Session()
        region = self._region_if_known()
        try:
            partition = session.get_partition_for_region(region) if region else "aws"
        except Exception:  # noqa: BLE001 - a region that botocore does not know is no reason to list none
            partition = "aws"
        return tuple(sorted(session.get_available_regions("logs", partition_name=partition)))

    def client(self, service: Service) -> Any:
        """The client of a service. Raises botocore's errors for credentials, profile and region."""
        with self._lock:
            client = self._clients.get(service)
            if client is None:
                client = self._clients[service] = self._create_client(service)
            return client

    def identity(self) -> str:
        """The account number, asked once. Raises botocore's errors."""
        if self._account is None:
            account = str(self.client("sts").get_caller_identity()["Account"])
            limits = self.limits
            # Another profile may have led to the same account.
            place = self._quota_place(self._region_if_known())
            self._limits = SHARED_LIMITS.of((*place, account), lambda: limits)
            self._account = account
        return self._account

    def renew(self) -> None:
        """Forget session and clients: an old session never sees a new SSO login."""
        with self._lock:
            self._forget_session()

    def refused(self, login: int) -> None:
        """AWS does not take this login, the value of `login` at the call: log in anew, also to roles.

        What other threads have logged in to meanwhile stays.
        """
        with self._lock:
            if login == self.login:
                if self._roles is not None:
                    self._roles.discard()
                self._forget_session()

    def _forget_session(self) -> None:
        self.login += 1
        self._session = None
        self._clients = {}
        self._account = None

    def _quota_place(self, region: str | None) -> tuple[object, ...]:
        return (self._clock, self.settings.endpoint_url, region)

    def _region(self) -> str | None:
        # botocore itself knows AWS_DEFAULT_REGION only.
        named = self.settings.region or os.environ.get("AWS_REGION")
        self._known_region = named or self._opened_session().get_config_variable("region")
        return self._known_region

    def _region_if_known(self) -> str | None:
        try:
            return self.region
        except Exception:  # noqa: BLE001 - a broken profile must not hide the error that is being explained
            return self.settings.region

    def _profiles_if_known(self) -> tuple[str, ...]:
        try:
            return self.profiles()
        except Exception:  # noqa: BLE001 - as above
            return ()

    def _opened_session(self) -> Session:
        if self._session is None:
            self._session = self._create_session()
        return self._session

    def _create_session(self) -> Session:
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and workers do it

        if self.settings.is_emulator:
            nowhere = (None, None, os.devnull, None)
            session = Session(
                session_vars={
                    "profile": (None, None, None, None),
                    "config_file": nowhere,
                    "credentials_file": nowhere,
                    "ca_bundle": (None, None, None, None),
                }
            )
            session.set_credentials("emulator", "emulator")
            return session
        session = Session(profile=self.settings.profile)
        self._roles = self._mfa.attach(session, self.profile)
        return session

    def stream_client(self, *, read_timeout_s: float) -> Any:
        """A new client for StartLiveTail alone: it waits for no answer longer than that. Raises botocore's errors.

        Streams come from a host of their own, which botocore puts a prefix on the host for; an endpoint that the
        environment or the profile names in place of AWS has none.
        """
        from botocore.config import Config as ClientConfig  # noqa: PLC0415 - slow to import

        host = urlsplit(self.client("logs").meta.endpoint_url).hostname or ""
        prefixed = None if host.startswith(_AWS_LOGS_HOSTS) else False
        streaming = ClientConfig(read_timeout=read_timeout_s, inject_host_prefix=prefixed, max_pool_connections=1)
        with self._lock:
            return self._create_client("logs", streaming)

    def _create_client(self, service: Service, further: ClientConfig | None = None) -> Any:
        session = self._opened_session()
        client = session.create_client(
            service,
            region_name=self._region(),
            endpoint_url=self.settings.endpoint_url,
            verify=self._verify(),
            config=self._client_config().merge(further) if further else self._client_config(),
        )
        if service == "logs":
            from apigw_tui.sources.events_page import keep_pages_raw  # noqa: PLC0415 - loads polars

            keep_pages_raw(client)
        return client

    def _verify(self) -> bool | str | None:
        if not self.settings.verify_ssl:
            import urllib3  # noqa: PLC0415 - comes with botocore

            # The user asked for it, and a warning per call would land on the screen.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            return False
        return self.settings.ca_bundle

    def _client_config(self) -> ClientConfig:
        from botocore.config import Config as ClientConfig  # noqa: PLC0415 - slow to import

        url = self.settings.endpoint_url
        on_loopback = url is not None and urlsplit(url).hostname in _LOOPBACK
        return ClientConfig(
            # Retries are ours (calls.py): botocore would sleep where no stop flag reaches it.
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            max_pool_connections=CONNECTIONS,
            # AWS needs its host prefixes, an endpoint override cannot have them.
            inject_host_prefix=False if url else None,
            proxies={} if on_loopback else None,
        )
