"""How figures, differences and times are worded, on the page and in the terminal: they cannot disagree.

Knows numbers; knows no run, no markup.
"""

import math
import re
from collections.abc import Sequence

from eval.stats import LEAST_DIFFERING, Comparison, Figure

# Characters that hide text or turn it around. What a document or a model does with them has to be seen.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)


def number(value: float) -> str:
    """Return a figure as it is printed everywhere: three decimals, one from a hundred on."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}"


def signed(value: float) -> str:
    """Return a difference with its sign, and with a minus that is as wide as the plus."""
    return ("−" if value < 0 else "+") + number(abs(value))


def interval(figure: Figure) -> str:
    """Return the interval of a figure in square brackets."""
    return f"[{number(figure.low)}, {number(figure.high)}]"


def difference_interval(comparison: Comparison) -> str:
    """Return the interval of a difference in square brackets, with signs."""
    return f"[{signed(comparison.low)}, {signed(comparison.high)}]"


def unit(measure: str) -> str:
    """Return what a measure counts in, "" for a share."""
    return "seconds" if measure.startswith("latency") else ""


def difference_verdict(comparison: Comparison | None, *, lower_is_better: bool = False) -> str:
    """Say whether a difference is real, and which way it goes."""
    if comparison is None:
        return "not compared case by case"
    if comparison.differing == 0:
        return "no case differs"
    if not comparison.is_real:
        few = comparison.differing is not None and comparison.differing < LEAST_DIFFERING
        leaves_out_0 = comparison.low > 0 or comparison.high < 0
        return (
            f"not real: only {comparison.differing} differ"
            if few and leaves_out_0
            else "not real: could be chance"
        )
    return "real: better" if (comparison.difference > 0) is not lower_is_better else "real: worse"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:,.0f} s"


def risk_at(curve: Sequence[tuple[float, float]], coverage: float) -> float | None:
    """Return the risk where so large a share is answered, None where the curve does not reach so far."""
    return next((risk for at, risk in sorted(curve) if at >= coverage - 1e-9), None)


def risk_text(risk: float | None) -> str:
    """Return a risk in words."""
    return "–" if risk is None else number(risk)


def visible(text: str) -> str:
    """Return `text` with characters that hide or turn around text spelled out, as ⟨U+202E⟩."""
    return _UNSEEN.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", text)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a quantile needs at least one value")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
