"""What may be trained on and what is held for measuring. Knows names of documents only."""

import hashlib

HELD_SHARE = 5
CALIBRATION_SHARE = 2
HELD_SHARE_XQUAD = 2


def held(key: str, *, share: int = HELD_SHARE) -> bool:
    """Return whether a document is held: one in `share`, chosen by the SHA-256 of its name (or its text).

    A question goes with its document, so that no row that is measured and no passage of one is trained on. Names
    are compared across data sets: an article that is held in one is held in all.
    """
    folded = " ".join(key.casefold().replace("_", " ").split())
    return int.from_bytes(hashlib.sha256(folded.encode()).digest()[:8], "big") % share == 0


def for_calibration(question: str) -> bool:
    """Return whether a held question is for calibrating; the other half of them measures the calibration."""
    return held(f"calibration {question}", share=CALIBRATION_SHARE)
