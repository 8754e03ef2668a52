"""Holding any number of materials' names against all that is offered, as ``naming.likeness`` compares two. No ORM.

What is offered is taken apart once; a name then meets only what shares a pair of signs with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from sharing.materials.naming import pairs_of

LEAST = 0.4
"""How alike a name and what is offered must be, 0 to 1."""
MOST_OF_A_NAME = 3
TITLE, KEYWORD, ITEM = 1.0, 0.8, 0.6
"""How much it counts that a name is like an entry's title, a keyword, an information item."""


class Offers:
    """What is offered, by number, under the words it goes by."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._sizes: list[int] = []
        self._offered: list[dict[float, list[int]]] = []
        self._by_pair: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, offer: int, words: Iterable[str], weight: float) -> None:
        """Offer something under these words. Called in the order of the numbers: of equals the first is preferred.

        A word that many offers have counts for the first of them only, since no name is told of more.
        """
        for word in words:
            if len(word) < 2:
                continue
            numbers = self._offered[self._place(word)].setdefault(weight, [])
            if len(numbers) < MOST_OF_A_NAME and offer not in numbers:
                numbers.append(offer)

    def _place(self, word: str) -> int:
        place = self._places.get(word)
        if place is None:
            place = self._places[word] = len(self._sizes)
            pairs = pairs_of(word)
            self._sizes.append(len(pairs))
            self._offered.append({})
            for pair in pairs:
                self._by_pair[pair].append(place)
        return place

    def like(self, *names: str) -> dict[int, float]:
        """The best offers for what goes by these names, with how alike they are: the closest in length of equals."""
        best: dict[int, tuple[float, float]] = {}
        for name in names:
            for offer, much in self._alike(name):
                best[offer] = max(best.get(offer, much), much)
        chosen = sorted(best.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))[:MOST_OF_A_NAME]
        return {offer: much for offer, (much, _close) in chosen}

    def _alike(self, name: str) -> Iterable[tuple[int, tuple[float, float]]]:
        pairs = pairs_of(name)
        shared: Counter[int] = Counter()
        for pair in pairs:
            shared.update(self._by_pair.get(pair, ()))
        for place, number in shared.items():
            size = self._sizes[place]
            much, close = number / min(len(pairs), size), number / max(len(pairs), size)
            for weight, offers in self._offered[place].items():
                if weight * much >= LEAST:
                    yield from ((offer, (weight * much, close)) for offer in offers)
