"""A question as a page hands it in: what it takes the place of, and which earlier turns it may lean on.

Knows kept turns; knows neither what is asked with it nor widgets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.render import answer_text
from rag.talks import KeptTurn
from rag.text import one_line
from rag.types import Turn


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that takes the place of the turn it `replaces` and of those after it, 0 for a new one.

    `from_box` where it was written in the box; `as_it_stands` where earlier turns add nothing to it.
    """

    text: str
    replaces: int = 0
    from_box: bool = False
    as_it_stands: bool = False

    def before(self, turns: Sequence[KeptTurn]) -> list[KeptTurn]:
        """Return those turns of a conversation that stay before it."""
        return [turn for turn in turns if not self.replaces or turn.id < self.replaces]

    def history(self, turns: Sequence[KeptTurn]) -> tuple[Turn, ...]:
        """Return what it may lean on: nothing where it stands as it is, or stood so when it was asked before."""
        again = next((turn for turn in turns if turn.id == self.replaces and turn.question == self.text), None)
        if self.as_it_stands or (again and again.answer.understood == one_line(again.answer.question)):
            return ()
        return tuple(_as_turn(turn) for turn in self.before(turns))


def _as_turn(turn: KeptTurn) -> Turn:
    answer = turn.answer
    return Turn(answer.understood or turn.question, "" if answer.abstained else answer_text(answer))
