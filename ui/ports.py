"""What the chat needs from the rest of the program, as protocols and plain data.

Knows the domain's types; knows no library, model, widget or HTML. `rag.compose_chat` makes the concrete ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from rag.desk import Event, Wish
from rag.talks import Feedback, KeptTurn, Scope, Talk
from rag.types import Answer, FileStatus, Noise, Page, Question, RemovedBlock, Source, Span

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height as parts of the page, 0 to 1."""


class Asking(Protocol):
    """What comes of one question; `close`, from any thread, gives it up."""

    def __iter__(self) -> Iterator[Event]: ...

    def __next__(self) -> Event: ...

    def close(self) -> None:
        """Give the question up."""


class Desk(Protocol):
    """Where questions are handed in."""

    def ask(self, question: Question, wish: Wish = ..., /) -> Asking:
        """Return what comes of a question, as it comes."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A line of the list of documents; `number` is None for a file that could not be read, for `reason`."""

    number: int | None
    name: str
    title: str
    outlet: str | None
    published: date | None
    language: str | None
    status: FileStatus
    reason: str = ""
    passages: int = 0
    pages: int = 0


@dataclass(frozen=True, slots=True)
class FileDone:
    """What became of one file that was handed in."""

    name: str
    status: FileStatus
    told: str


@dataclass(frozen=True, slots=True)
class AddStep:
    """How far adding files is; `files` are those that are done."""

    done: int
    total: int
    doing: str
    files: tuple[FileDone, ...] = ()


class Place(StrEnum):
    """Whether words still stand where an answer found them."""

    EXACT = "exact"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of a quote, and where they stood when it was made; `name` and `title` of its document."""

    document: int
    start: int
    end: int
    text: str
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document opened at some words; `span` is empty at (0, 0) where none are meant or they are not there."""

    source: Source
    text: str
    span: Span
    place: Place
    noise: tuple[Noise, ...] = ()
    page: Page | None = None
    has_picture: bool = False
    removed: tuple[RemovedBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG and the boxes of the words on it."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What can be handed in at once, told beforehand: so much each, and so much together."""

    file_bytes: int
    total_bytes: int
    files: int
    endings: tuple[str, ...]


class Shelf(Protocol):
    """The documents of a library."""

    def documents(self) -> Sequence[DocumentRow]:
        """Return all documents, and the files that could not be read."""

    def add(self, paths: Sequence[Path]) -> Iterator[AddStep]:
        """Copy files into the library and read them; the last step has what became of each."""

    def remove(self, number: int) -> str:
        """Take a document out of the library, and out of the next answer; return its name."""

    def dismiss(self, name: str) -> None:
        """Forget a file that could not be read."""

    def open(self, wanted: Wanted | int) -> Opened:
        """Return a document at the words of a quote, or the document with this number from its beginning."""

    def picture(self, opened: Opened) -> Picture | None:
        """Return the page that the words stand on, None where the document has no pages to draw."""

    def inside(self, scope: Scope) -> frozenset[int] | None:
        """Return the documents of a scope; None where it is all of them."""

    def examples(self) -> Sequence[str]:
        """Return three questions that the documents answer, fewer where none can be made."""

    @property
    def limits(self) -> Limits:
        """What can be handed in at once."""


class Talks(Protocol):
    """The conversations of a library."""

    @property
    def keeping(self) -> bool:
        """Are conversations kept?"""

    def set_keeping(self, *, on: bool) -> None:
        """Keep conversations from now on, or keep no new ones."""

    def talks(self) -> Sequence[Talk]:
        """Return the conversations, the newest first."""

    def begin(self, question: str, scope: Scope = ..., /) -> int:
        """Begin a conversation; return its number."""

    def delete(self, talk: int, /) -> None:
        """Delete a conversation."""

    def delete_all(self) -> None:
        """Delete all conversations."""

    def scope(self, talk: int, /) -> Scope:
        """Return what a conversation is about."""

    def set_scope(self, talk: int, scope: Scope, /) -> None:
        """Keep what a conversation is about."""

    def turns(self, talk: int, /) -> Sequence[KeptTurn]:
        """Return the turns of a conversation in order."""

    def add(self, talk: int, answer: Answer, /, *, question: str, scope: Scope) -> int:
        """Add a turn with what was asked; return its number, 0 where the conversation was deleted meanwhile."""

    def cut(self, talk: int, turn: int, /) -> None:
        """Take a turn, and those after it, out of a conversation."""

    def judge(self, turn: int, feedback: Feedback | None, /) -> None:
        """Keep what a person thinks of an answer; None takes it back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that is set: its name, its value, and why it is so in one line."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model in use; `checked` where its hash is the pinned one."""

    role: str
    name: str
    size_bytes: int
    sha256: str
    checked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """What a person may want to know about this assistant."""

    library: str
    version: str
    models: tuple[ModelRow, ...]
    choices: tuple[Choice, ...]
    styles: tuple[str, ...]
    style: str
    caution: str
    passages: int
