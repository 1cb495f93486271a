"""How long a client may take, and how many connections it may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a client may take: for the head of a request, for the whole of a body, until the next
    piece of one, for taking the next piece of an answer, and between two requests. Connections at a time:
    of all clients, and of one address."""

    head: float = 10.0
    body: float = 60.0
    piece: float = 10.0
    answer: float = 30.0
    idle: float = 15.0
    connections: int = 256
    per_address: int = 64
