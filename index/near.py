"""Near duplicates: the same story with small edits, told apart from another story on the same event.

Pure: knows words and numbers, no library and no file. MinHash over pairs of words (Broder, On the resemblance and
containment of documents, 1997), found again by bands of it (Indyk and Motwani, 1998).
"""

import hashlib
import unicodedata
import zlib
from collections.abc import Callable
from datetime import date
from itertools import chain

import numpy as np
import numpy.typing as npt

from rag.text import words

_Words = npt.NDArray[np.uint64]
_Slots = npt.NDArray[np.uint16]
_Keys = npt.NDArray[np.uint32]

# The standard error of an estimate is at most 1 / (2 sqrt(slots)), three hundredths.
_SLOTS = 256
# A share of fewer pairs means little: shorter texts are one story only where all their words agree.
_LEAST_WORDS = 30
# So many pairs are hashed at a time, so that a text of megabytes needs no gigabytes.
_BLOCK = 4096
# Any fixed numbers do; changing them makes stored signatures useless.
_SEED = 20_250_716

# Two documents are one story from this share of common word pairs on. Lower, other articles on the same event
# begin to count as copies of each other.
SAME_STORY = 0.5
# Over this share, two texts are one whenever they were printed.
SAME_TEXT = 0.9
# Articles that come back every year ("When is the holiday?") share most of their words: an edited copy of a
# story is printed within days of it. Where the days are not known, as of two contracts made from one form, the
# numbers tell two facts apart.
DAYS_APART = 7

# A band is three slots that must all agree. With forty of them a pair at the threshold is missed once in two
# hundred, and few of the others have to be looked at.
_BAND_SLOTS = 3
_BANDS = 40


def signature(text: str) -> bytes:
    """Return the near-duplicate signature of a text, empty where it has no words.

    The share of equal slots of two signatures estimates the Jaccard similarity of their word pairs.
    """
    folded = words(unicodedata.normalize("NFKC", text))
    if not folded:
        return b""
    if len(folded) < _LEAST_WORDS:
        return hashlib.shake_256(" ".join(folded).encode("utf-8", "replace")).digest(2 * _SLOTS)
    codes = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in folded], dtype=np.uint64)
    pairs = np.unique(_mixed((codes[:-1] << np.uint64(32)) | codes[1:]))
    factors, terms = _hash_family()
    least = np.full(_SLOTS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK, np.newaxis] * factors + terms
        np.minimum(least, (block >> np.uint64(32)).min(axis=0), out=least)
    return (least & np.uint64(0xFFFF)).astype("<u2").tobytes()


def jaccard(first: bytes, second: bytes) -> float:
    """Return the estimated share of word pairs that two texts have in common; 0 where one has no words."""
    if not first or not second:
        return 0.0
    return float(np.mean(_slots(first) == _slots(second)))


class StoryIndex:
    """Signatures in memory, so that the document nearest to a new one is found without comparing them all."""

    def __init__(self, *, threshold: float = SAME_STORY) -> None:
        self._threshold = threshold
        self._ids: list[int] = []
        self._published: list[date | None] = []
        self._signatures = np.zeros((1024, _SLOTS), dtype=np.uint16)
        self._keys = np.zeros((1024, _BANDS), dtype=np.uint32)
        # Rows before `_settled` are found by bisection in the sorted keys, the few after it by comparing.
        self._settled = 0
        self._sorted_keys = np.zeros(0, dtype=np.uint32)
        self._sorted_rows = np.zeros(0, dtype=np.uint32)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, document_id: int, signature: bytes, *, published: date | None = None) -> None:
        """Remember a document; one without words is left out."""
        if not signature:
            return
        row = len(self._ids)
        if row == len(self._signatures):
            self._signatures = np.concatenate([self._signatures, np.zeros_like(self._signatures)])
            self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)])
        self._signatures[row] = _slots(signature)
        self._keys[row] = _band_keys(self._signatures[row])
        self._ids.append(document_id)
        self._published.append(published)
        if row + 1 - self._settled > max(1024, self._settled // 8):
            self._settle()

    def find(
        self, signature: bytes, *, published: date | None = None, agrees: Callable[[int], bool] | None = None
    ) -> tuple[int, float] | None:
        """Return the document that tells the same story and the estimated Jaccard similarity, None without one.

        Of several it is the most similar, and of equals the one that was added first. `agrees` says whether a
        document gives the same numbers; it is asked where one of the two days is not known.
        """
        if not signature or not self._ids:
            return None
        slots = _slots(signature)
        rows = self._candidates(_band_keys(slots))
        shares = np.mean(self._signatures[rows] == slots, axis=1)
        for place in np.argsort(-shares, kind="stable"):
            row, share = int(rows[place]), float(shares[place])
            if share < self._threshold:
                return None
            document_id, day = self._ids[row], self._published[row]
            if published is not None and day is not None:
                is_same = share >= SAME_TEXT or abs((published - day).days) <= DAYS_APART
            else:
                is_same = agrees is None or agrees(document_id)
            if is_same:
                return document_id, share
        return None

    def _candidates(self, keys: _Keys) -> npt.NDArray[np.int64]:
        """Return the rows that share a band, ascending."""
        firsts = np.searchsorted(self._sorted_keys, keys, side="left")
        lasts = np.searchsorted(self._sorted_keys, keys, side="right")
        settled = chain.from_iterable(
            self._sorted_rows[first:last].tolist()
            for first, last in zip(firsts, lasts, strict=True)
            if first < last
        )
        recent = (self._keys[self._settled : len(self._ids)] == keys).any(axis=1).nonzero()[0] + self._settled
        return np.array(sorted({*settled, *recent.tolist()}), dtype=np.int64)

    def _settle(self) -> None:
        self._settled = len(self._ids)
        keys = self._keys[: self._settled].ravel()
        order = np.argsort(keys, kind="stable")
        self._sorted_keys = keys[order]
        self._sorted_rows = (order // _BANDS).astype(np.uint32)


def _slots(signature: bytes) -> _Slots:
    return np.frombuffer(signature, dtype="<u2")


def _band_keys(slots: _Slots) -> _Keys:
    """Return one number a band, equal where slots and place are equal; where it is not so, a look is lost."""
    bands = slots[: _BANDS * _BAND_SLOTS].reshape(_BANDS, _BAND_SLOTS).astype(np.uint64)
    joined = np.arange(_BANDS, dtype=np.uint64)
    for column in bands.T:
        joined = (joined << np.uint64(16)) | column
    return (_mixed(joined) >> np.uint64(32)).astype(np.uint32)


def _hash_family() -> tuple[_Words, _Words]:
    """Return factors (odd) and terms of multiply-add-shift hashing (Dietzfelbinger and others, 1997)."""
    chance = np.random.default_rng(_SEED)
    factors, terms = chance.integers(0, 2**63, size=(2, _SLOTS), dtype=np.uint64)
    return factors * np.uint64(2) + np.uint64(1), terms


def _mixed(values: _Words) -> _Words:
    """Spread the bits of each number over all of it: the finaliser of SplitMix64 (Steele and others, 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
