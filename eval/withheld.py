"""Does a record refuse what was asked? Silence does, and so does taking back a false premise.

Knows cases and records; knows no figure.
"""

from eval.metrics_answer import right
from eval.types import Row


def corrected(row: Row) -> bool:
    """Return True where the answer holds the correction of the case, and nothing forbidden."""
    case, record = row.case, row.record
    is_asked = bool(case.correction) and not case.answerable and not record.abstained
    return is_asked and right(record.answer, case.correction, forbidden=case.forbidden) == 1.0


def withheld(row: Row) -> bool:
    """Return True for silence and for a correction.

    A correction is no false answer: it gives nothing of what was asked, and who reads it knows why. So wherever
    silence is counted, it counts as silence; an answer with anything else stays an answer.
    """
    return row.record.abstained or corrected(row)
