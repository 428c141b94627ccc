"""Finds and reads files of public data by pattern, packed or not. Knows JSON lines and JSON; knows no suite.

Another half, year or split of the same data drops in: nothing here depends on one file's name.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from rag.errors import DocumentsError

Item = TypeVar("Item")

_ANOTHER = "Look whether the file is one of another data set, or copy it anew."
# So much of a wrong value is enough to find it.
_SHOWN_CHARS = 60
_KINDS = frozenset((".json", ".jsonl", ".tsv", ".csv", ".txt", ".pdf"))


class NoDataError(DocumentsError):
    """The files of a suite, or of one of its parts, are not there."""


class Fields(dict[str, Any]):
    """An object of a JSON file. A field that is asked for and missing is told with the place of the object."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        """`where` is the file, and the line in it where it has lines."""
        super().__init__(values)
        self.where = where

    def __missing__(self, key: str) -> Any:  # noqa: ANN401 - never returns
        """Tell which field is missing.

        Raises:
            DocumentsError: always.
        """
        raise DocumentsError(f"{self.where} has no field {key!r}.", hint=_ANOTHER)

    def error(self, field: str, what: str) -> DocumentsError:
        """Return an error that names the place of the object and the field."""
        return DocumentsError(f"{self.where}, field {field}: {what}.", hint=_ANOTHER)


Shape: TypeAlias = "type | list[Shape] | dict[str, Shape] | tuple[Shape, ...] | None"
"""What a value has to be: of a type, a list of one shape, an object with some known fields, any of several, null.

A field that is missing has no wrong shape: the one who asks for it is told.
"""

_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _wrong_field(value: object, shape: Shape, path: str = "") -> tuple[str, str] | None:
    """Return the first field of a value that has another shape, and what is wrong with it; None where none has."""
    if isinstance(shape, tuple):
        found = [_wrong_field(value, one, path) for one in shape]
        return None if None in found else found[0]
    if isinstance(shape, dict) and isinstance(value, dict):
        inner = ((value[key], one, f"{path}.{key}" if path else key) for key, one in shape.items() if key in value)
    elif isinstance(shape, list) and isinstance(value, list):
        inner = ((item, shape[0], f"{path}[{place}]") for place, item in enumerate(value))
    else:
        shown = json.dumps(value, ensure_ascii=False)[:_SHOWN_CHARS]
        return None if _is_plain(value, shape) else (path, f"{shown} is not {_named(shape)}")
    return next((wrong for one in inner if (wrong := _wrong_field(*one)) is not None), None)


def _is_plain(value: object, shape: Shape) -> bool:
    if isinstance(shape, type):
        return isinstance(value, (int, float) if shape is float else shape)
    return shape is None and value is None


def _named(shape: Shape) -> str:
    if isinstance(shape, type):
        return _NAMES[shape]
    return "an object" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else "null"


def check_shape(value: object, shape: Shape, *, where: str) -> None:
    """Refuse what has another shape.

    Raises:
        DocumentsError: it names the field.
    """
    wrong = _wrong_field(value, shape)
    if wrong is not None:
        path, what = wrong
        raise DocumentsError(f"{where}{', field ' if path else ''}{path}: {what}.", hint=_ANOTHER)


def found(folder: Path, *patterns: str, what: str = "", but: str = "") -> list[Path]:
    """Return the data files that match any of the patterns, and not `but`, by name.

    A file that lies there packed and unpacked is one. Hidden files and copies like `qa_1.jsonl.bak` are no data.

    Raises:
        NoDataError: there are none; it says which files belong there.
    """
    left_out = set(folder.glob(but)) if but else set()
    matching = sorted({path for pattern in patterns for path in folder.glob(pattern)} - left_out)
    # In the order of names the unpacked file comes before the packed one.
    unpacked = {
        path.with_name(path.name.removesuffix(".gz")): path for path in reversed(matching) if _is_data(path)
    }
    paths = sorted(unpacked.values())
    if not paths:
        wanted = " or ".join(patterns)
        hint = f"Put {what or 'files'} named like {wanted} into {folder}, or name another folder with --data."
        raise NoDataError(f"There is no {wanted} in {folder}.", hint=hint)
    return paths


def _is_data(path: Path) -> bool:
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    return path.is_file() and not path.name.startswith(".") and kind in _KINDS


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, unpacked where its name ends in .gz.

    Raises:
        DocumentsError: it cannot be read, is damaged, or is no UTF-8.
    """
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        hint = "Copy the file anew, and look whether you may read it."
        raise DocumentsError(f"{path} cannot be read: {error}.", hint=hint) from error


def read_json(path: Path, shape: Shape = object) -> Any:  # noqa: ANN401 - JSON can be anything
    """Return the content of a JSON file.

    Raises:
        DocumentsError: it is no JSON, or has not this shape.
    """
    try:
        content = _parsed(read_text(path), str(path))
    except ValueError as error:
        raise _malformed(path, str(error)) from error
    check_shape(content, shape, where=str(path))
    return content


def json_lines(
    folder: Path, *patterns: str, what: str = "", but: str = "", shape: dict[str, Shape] | None = None
) -> Iterator[Fields]:
    """Yield the rows of all files that match, file by file in the order of their names.

    Raises:
        DocumentsError: no file matches, or a line is no JSON object of this shape.
    """
    for path in found(folder, *patterns, what=what, but=but):
        yield from json_rows(path, shape)


def json_rows(path: Path, shape: dict[str, Shape] | None = None) -> Iterator[Fields]:
    """Yield the rows of a file of JSON lines, packed or not.

    Raises:
        DocumentsError: it cannot be read, or a line is no JSON object of this shape.
    """
    # Not splitlines: a text may hold a line separator that JSON leaves as it is.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            row = _row(path, number, line)
            check_shape(row, shape or {}, where=row.where)
            yield row


def _row(path: Path, number: int, line: str) -> Fields:
    try:
        row = _parsed(line, f"{path}, line {number}")
    except ValueError as error:
        raise _malformed(path, f"line {number}: {error}") from error
    if not isinstance(row, Fields):
        raise _malformed(path, f"line {number} is no object")
    return row


def _parsed(text: str, where: str) -> Any:  # noqa: ANN401 - JSON can be anything
    return json.loads(text, object_hook=lambda values: Fields(values, where))


def _malformed(path: Path, what: str) -> DocumentsError:
    return DocumentsError(f"{path} is not the JSON it should be: {what}.", hint="Copy the file anew.")


def draw(items: Sequence[Item], limit: int | None, *, seed: int, key: Callable[[Item], str]) -> list[Item]:
    """Return `limit` items (None: all) drawn by a hash of `key` and seed, in their own order.

    Drawn by hash, so that an item stays in the draw when others are added to the data.
    """
    if limit is None or limit >= len(items):
        return list(items)
    ranked = sorted(items, key=lambda item: digest(f"{seed}\n{key(item)}"))
    chosen = {digest(f"{seed}\n{key(item)}") for item in ranked[:limit]}
    return [item for item in items if digest(f"{seed}\n{key(item)}") in chosen][:limit]


# A filing of a company has a hundred pages: reading it takes as long as asking ten questions.
_ITEMS_A_FILE = 10


def of_few_files(
    items: Sequence[Item], limit: int | None, *, seed: int, file: Callable[[Item], str]
) -> list[Item]:
    """Return the items of so few long files, drawn like `draw`, that reading them takes no longer than asking
    `limit` questions; at least those of one file, and all where there is no limit.
    """
    if limit is None:
        return list(items)
    few = draw(sorted({file(item) for item in items}), max(1, limit // _ITEMS_A_FILE), seed=seed, key=str)
    return [item for item in items if file(item) in few]


def shares(limit: int | None, parts: int) -> list[int | None]:
    """Return how many cases each part of a suite draws, so that all of them together are `limit` (None: all)."""
    return [None if limit is None else limit // parts + (place < limit % parts) for place in range(parts)]


def draw_evenly(
    items: Sequence[Item],
    limit: int | None,
    *,
    seed: int,
    key: Callable[[Item], str],
    group: Callable[[Item], str],
) -> list[Item]:
    """Return `limit` items drawn like `draw`, each group with its share of them, in their own order.

    What is left over when the shares are rounded down goes to the groups that lost most by it.
    """
    if limit is None or limit >= len(items):
        return list(items)
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    exact = {name: limit * len(members) / len(items) for name, members in groups.items()}
    shares = {name: int(share) for name, share in exact.items()}
    short = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in short[: limit - sum(shares.values())]:
        shares[name] += 1
    chosen = [item for name, members in groups.items() for item in draw(members, shares[name], seed=seed, key=key)]
    kept = {key(item) for item in chosen}
    return [item for item in items if key(item) in kept]


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
