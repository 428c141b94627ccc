"""A page of a PDF as a picture, and where given words stand on it. The only import of pypdfium2.

Knows a file and a page; knows no library. PDFs come from anywhere and are drawn by native code, so that happens in
a process of its own, within limits of time and memory, which ends with the page (`python -P -m index.page_image`).

The stored text of a page comes from another reader (index.load_pdf) that joins lines and hyphens, so words are
found by their letters and digits alone, in order.
"""

import base64
import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from index.parser_worker import limit_cpu, limit_memory
from rag.errors import DocumentsError

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height as parts of the page, 0 to 1."""

_SECONDS = 20
# A machine that is busy with other things gives it less than a third of a core.
_WALL_SECONDS = 60
_MEMORY_BYTES = 2_000_000_000
_WIDTH_PIXELS = 1100
# A page of strange proportions gets fewer pixels rather than a picture without bounds.
_HEIGHT_PIXELS = 3000
_SAME_LINE = 0.6


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG, and the boxes of the words that were looked for; none where they are not found."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]


def page_image(path: Path, number: int, *, words: str = "") -> PageImage:
    """Return page `number` (from 1) of a PDF, with the boxes of `words`.

    Raises:
        DocumentsError: it cannot be drawn.
    """
    request = json.dumps({"path": str(path), "number": number, "words": words})
    command = [sys.executable, "-P", "-m", "index.page_image"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=request.encode(), capture_output=True, timeout=_WALL_SECONDS, check=True
        )
        drawn = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        message = f"Page {number} of {path.name} cannot be drawn."
        raise DocumentsError(message, hint="Its text is shown instead.") from error
    return PageImage(
        base64.b64decode(drawn["png"]),
        drawn["width"],
        drawn["height"],
        tuple(tuple(box) for box in drawn["boxes"]),
    )


# In the child


def main() -> None:
    """Draw the page that standard input names; the picture goes to standard output."""
    limit_memory(_MEMORY_BYTES)
    limit_cpu(_SECONDS)
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(_drawn(request["path"], request["number"], request["words"])))


def _drawn(path: str, number: int, words: str) -> dict[str, Any]:
    import io

    from pypdfium2 import PdfDocument

    page = PdfDocument(path)[number - 1]
    width, height = page.get_size()
    scale = min(_WIDTH_PIXELS / width, _HEIGHT_PIXELS / height)
    image = page.render(scale=scale).to_pil()
    png = io.BytesIO()
    image.convert("P", palette=1, colors=64).save(png, "PNG")
    return {
        "png": base64.b64encode(png.getvalue()).decode(),
        "width": image.width,
        "height": image.height,
        "boxes": _boxes(page, words),
    }


def _boxes(page: "PdfPage", words: str) -> list[Box]:
    """Return a box for each line of the words."""
    text_page = page.get_textpage()
    found = _place(text_page.get_text_range(), words)
    if found is None:
        return []
    boxes: list[Box] = []
    for index in range(*found):
        box = _box(page, text_page, index)
        if box is None:
            continue
        if boxes and abs(boxes[-1][1] - box[1]) < _SAME_LINE * max(boxes[-1][3], box[3]):
            boxes[-1] = _joined(boxes[-1], box)
        else:
            boxes.append(box)
    return boxes


def _place(text: str, words: str) -> tuple[int, int] | None:
    """Return where the words stand in the text of a page, by letters and digits alone."""
    kept = [(index, char) for index, one in enumerate(text) for char in _plain(one)]
    wanted = _plain(words)
    start = "".join(char for _, char in kept).find(wanted) if wanted else -1
    if start < 0:
        return None
    return kept[start][0], kept[start + len(wanted) - 1][0] + 1


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text).casefold() if char.isalnum())


def _box(page: "PdfPage", text_page: "PdfTextPage", index: int) -> Box | None:
    width, height = page.get_size()
    # Loose boxes have the height of the line, so that those of one line fit together.
    left, bottom, right, top = text_page.get_charbox(index, loose=True)
    if right <= left or top <= bottom:
        return None
    return left / width, 1 - top / height, (right - left) / width, (top - bottom) / height


def _joined(one: Box, other: Box) -> Box:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right = max(one[0] + one[2], other[0] + other[2])
    bottom = max(one[1] + one[3], other[1] + other[3])
    return left, top, right - left, bottom - top


if __name__ == "__main__":
    main()
