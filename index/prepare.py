"""From a document to what the library stores of it: noise, passages, who says what, which days, which story.

Knows text only; vectors and transactions come later. `RECIPE` names these rules: a library made by other rules
is made again from its files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.clean import block_keys, find_noise, without_noise
from index.clean_lines import block_key
from index.near import signature
from index.own_words import own_words
from index.passages import cut_around, embedding_text, header
from index.pdf_lines import running_noise
from index.speech import attributions
from index.timex import date_mentions
from rag.protocols import Embedder
from rag.titles import titled
from rag.types import Attribution, DateMention, Document, Noise, Span

# Raise it with every change of the rules that find noise, passages, speech, dates or stories.
RECIPE = 6

# A line in this many other stories is no text of any of them.
REPEATED_IN = 2

# Only these are scraped or saved from a site; who writes a letter or a report asks its reader for something too.
_SCRAPED = ("text/plain", "text/markdown", "text/html")

LinesSeen = Callable[[Sequence[str]], dict[str, int]]
"""From line keys to the number of other stories that hold each."""


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """How documents are cut and how large they may be."""

    passage_tokens: int = 250
    title_tokens: int = 40
    max_file_bytes: int = 100_000_000

    @property
    def recipe(self) -> str:
        """Differs whenever the same file could give other passages."""
        return f"{RECIPE}/{self.passage_tokens}/{self.title_tokens}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what was found in it, waiting for its vectors."""

    document: Document
    head: str
    spans: tuple[Span, ...]
    noise: tuple[Noise, ...]
    attributions: tuple[Attribution, ...]
    mentions: tuple[DateMention, ...]
    lines: tuple[str, ...]
    signature: bytes

    def texts(self) -> list[str]:
        """Return what the embedder reads, one text a passage."""
        return [embedding_text(self.head, self.document.text[start:end]) for start, end in self.spans]


def prepare(document: Document, embedder: Embedder, *, limits: IngestLimits, seen: LinesSeen) -> Prepared:
    """Return all that is found in a document. Noise is kept on record and lies in no passage."""
    lines = block_keys(document.text)
    noise = noise_of(document, lines, seen=seen)
    said = attributions(document.text)
    said += own_words(document, said, noise=noise)
    head = header(titled(document, said), embedder.count_tokens, max_tokens=limits.title_tokens)
    spans = cut_around(
        document.text,
        head,
        noise=noise,
        count=embedder.count_tokens,
        max_tokens=min(limits.passage_tokens, embedder.max_tokens),
    )
    return Prepared(
        document=document,
        head=head,
        spans=tuple(spans),
        noise=tuple(noise),
        attributions=tuple(said),
        mentions=tuple(date_mentions(document.text, document.published)),
        lines=tuple(lines),
        signature=signature(without_noise(document.text, noise)),
    )


def noise_of(document: Document, lines: Sequence[str], *, seen: LinesSeen) -> list[Noise]:
    """Return the noise of a document, given in how many other stories its lines stand."""
    repeated = {key for key, stories in seen(lines).items() if stories >= REPEATED_IN}
    # Where the text itself gave the title, the line that holds it is the text's own.
    titles = (document.title,) if document.media_type == "text/html" else ()
    found = find_noise(
        document.text,
        titles=titles,
        appeals=document.media_type in _SCRAPED,
        seen_elsewhere=lambda line: block_key(line) in repeated,
    )
    if document.published is None:  # what looks like its day was none: a concert is still to come
        found = [one for one in found if one.reason != "dateline"]
    return _joined(found, running_noise(document.text, document.pages))


def _joined(found: Sequence[Noise], running: Sequence[Noise]) -> list[Noise]:
    """Join both in order; of two that overlap the first stays."""
    joined: list[Noise] = []
    for part in sorted([*found, *running], key=lambda noise: noise.start):
        if not joined or part.start >= joined[-1].end:
            joined.append(part)
    return joined
