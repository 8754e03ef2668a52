"""Several runners who start each round together, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connections

from guiyang_data.errors import WrongState


@dataclass
class Race:
    """``refused``: what a loser was told, by round and runner. Nobody may end in any other error."""

    rounds: int
    runners: int
    barrier: threading.Barrier = field(init=False)
    refused: dict[tuple[int, str], str] = field(default_factory=dict)
    broken: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.barrier = threading.Barrier(self.runners, timeout=120)

    def run(self, name: str, act: Callable[[int], object]) -> None:
        """One runner through every round."""
        try:
            for number in range(self.rounds):
                self.barrier.wait()
                try:
                    act(number)
                except WrongState as refusal:
                    self.refused[number, name] = refusal.message
        except BaseException as error:  # noqa: BLE001  whatever it is, the test has to see it
            self.broken.append(error)
            self.barrier.abort()
        finally:
            connections.close_all()

    def told(self, number: int) -> dict[str, str]:
        """Who was refused in a round, with what they were told."""
        return {name: words for (of, name), words in self.refused.items() if of == number}


def race(rounds: int, **runners: Callable[[int], object]) -> Race:
    """Let the runners, by name, go through the rounds; each act takes the number of the round."""
    held = Race(rounds=rounds, runners=len(runners))
    threads = [threading.Thread(target=held.run, args=runner) for runner in runners.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    assert not held.broken, held.broken
    return held
