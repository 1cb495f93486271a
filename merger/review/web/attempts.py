"""How often somebody may try a password: after some failures every further one makes the wait longer."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

FREE_FOR_BOTH = 5
FREE_FOR_ACCOUNT = 20
FREE_FOR_ADDRESS = 50
"""Failures without a wait: of one account from one address, of one account, of one address."""

LONGEST_WAIT = 900.0
FORGOTTEN_AFTER = 3600.0
MAX_KEPT = 10_000


@dataclass
class _Tries:
    failures: int
    until: float
    last: float


class Attempts:
    """Failed attempts by account, by address and by both; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()
        self._lock = Lock()

    def begin(self, account: str, address: str) -> float:
        """Seconds to wait before another attempt; 0 where it may go on now.

        An attempt that may go on counts as failed until `succeeded` is called, so that many at once get no
        further than one after the other.
        """
        now = self._clock()
        with self._lock:
            self._tidy(now)
            kept = {key: self._tries.get(key) for key, _ in _keys(account, address)}
            wait = max((one.until - now for one in kept.values() if one), default=0.0)
            if wait > 0:
                return wait
            for key, free in _keys(account, address):
                tries = self._tries.setdefault(key, _Tries(0, 0.0, now))
                tries.failures += 1
                tries.last = now
                if tries.failures >= free:
                    tries.until = now + min(LONGEST_WAIT, 2.0 ** min(tries.failures - free + 1, 20))
                self._tries.move_to_end(key)
        return 0.0

    def succeeded(self, account: str, address: str) -> None:
        """The attempt that began was right: the account's failures are forgotten, not the address's."""
        with self._lock:
            of_both, of_account, of_address = (key for key, _ in _keys(account, address))
            self._tries.pop(of_both, None)
            self._tries.pop(of_account, None)
            tries = self._tries.get(of_address)
            if tries is not None:
                tries.failures -= 1
                tries.until = 0.0

    def _tidy(self, now: float) -> None:
        while self._tries:
            key, oldest = next(iter(self._tries.items()))
            if len(self._tries) <= MAX_KEPT and now - oldest.last <= FORGOTTEN_AFTER:
                return
            del self._tries[key]


def _keys(account: str, address: str) -> Iterator[tuple[tuple[str, str], int]]:
    place = _network(address)
    yield (account, place), FREE_FOR_BOTH
    yield (account, ""), FREE_FOR_ACCOUNT
    yield ("", place), FREE_FOR_ADDRESS


def _network(address: str) -> str:
    """Who counts as one address: of IPv6 a whole /64, which one subscriber has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
