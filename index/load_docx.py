"""Word documents: the only import of mammoth. Knows the package's parts and its core properties.

mammoth leaves out headers, footers, comments, tracked deletions and moved-away text, and keeps insertions, content
controls, text boxes and notes. Hidden text goes too: nobody who reads the document in Word sees it.

A dateline in the text says when it was published. Without one, the day on which the file was made stands for it,
unless that is when the template was made from which a program began it.
"""

import re
import zipfile
import zlib
from datetime import date
from io import BytesIO
from xml.etree import ElementTree as ET
from xml.parsers.expat import ExpatError

from index.dates import find_date
from index.head import read_head
from index.html_text import html_text
from index.load import Loaded, UnreadableFileError
from index.load_text import stated_date
from rag.text import clean, one_line
from rag.types import FileStatus

_MAIN_PART = "word/document.xml"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CORE = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
# When the template of python-docx was made; it stands in every document that begins as a copy of it.
_TEMPLATES_MADE = ("2013-12-23T23:15:00Z",)
# All XML parts together, unpacked. A novel has under 10 MB; the reader needs several times this in memory.
_MAX_XML_BYTES = 150_000_000
_STYLES = "p[style-name='Title'] => h1:fresh"
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# Names that programs write where nobody gave one.
_NOBODY = frozenset(
    """
    unknown|author|user|admin|administrator|windows user|microsoft office user|un-named|python-docx|apache poi
    """.strip().split("|")
)
_NO_TITLE = frozenset(("", "untitled", "word document", "document", "title", "microsoft word document"))
# What mammoth raises on damaged files: it expects parts and attributes to be where the format puts them.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    ET.ParseError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    NotImplementedError,
)


def load_docx(data: bytes) -> Loaded:
    """Return paragraphs, list items and table rows one a line, with the title and author of the properties.

    Raises:
        UnreadableFileError: it is encrypted, no Word document, damaged, or unpacks to too much.
    """
    if data.startswith(_OLD_FORMAT):
        raise _not_a_package(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            _check_size(package)
            title, author, created = _properties(package)
            html = _convert(_without_hidden(package, data))
    except _DAMAGED as error:
        reason = f"damaged Word document ({type(error).__name__}: {error})"
        raise UnreadableFileError(FileStatus.FAILED, reason[:200]) from error
    body, heading = html_text(html)
    text = clean(body.replace(" ↑\n", "\n").removesuffix(" ↑"))  # the way back from a note
    head = read_head(text)
    return Loaded(
        text,
        title=title or (one_line(clean(heading)) if heading else None) or head.title,
        outlet=head.outlet,
        author=author or head.author,
        published=stated_date(text) or created,
    )


def _not_a_package(data: bytes) -> UnreadableFileError:
    if _ENCRYPTED in data:
        return UnreadableFileError(FileStatus.ENCRYPTED, "it needs a password")
    return UnreadableFileError(FileStatus.UNSUPPORTED, "an old Word file (.doc): save it as .docx")


def _check_size(package: zipfile.ZipFile) -> None:
    """Refuse packages that unpack to more than any document holds. zipfile never reads past the stated sizes."""
    unpacked = sum(part.file_size for part in package.infolist() if part.filename.endswith((".xml", ".rels")))
    if unpacked > _MAX_XML_BYTES:
        reason = f"it unpacks to {unpacked:,} bytes of XML; at most {_MAX_XML_BYTES:,} are read"
        raise UnreadableFileError(FileStatus.TOO_LARGE, reason)


def _convert(data: bytes) -> str:
    import mammoth

    no_image = mammoth.images.img_element(lambda _: {})
    return str(mammoth.convert_to_html(BytesIO(data), style_map=_STYLES, convert_image=no_image).value)


def _without_hidden(package: zipfile.ZipFile, data: bytes) -> bytes:
    """Return the package without its hidden runs; as it is where it has none."""
    if _MAIN_PART not in package.namelist() or b"<w:vanish" not in (main := package.read(_MAIN_PART)):
        return data
    tree = ET.fromstring(main)  # noqa: S314 - expat stops entities that grow, and the parser lives in a limited process
    for parent in tree.iter():
        hidden = [run for run in parent if run.tag == f"{_WORD}r" and _is_hidden(run)]
        for run in hidden:
            parent.remove(run)
    copy = BytesIO()
    with zipfile.ZipFile(copy, "w") as changed:
        for part in package.infolist():
            if part.filename.endswith((".xml", ".rels")):
                content = ET.tostring(tree) if part.filename == _MAIN_PART else package.read(part)
                changed.writestr(part.filename, content)
    return copy.getvalue()


def _is_hidden(run: ET.Element) -> bool:
    vanish = run.find(f"{_WORD}rPr/{_WORD}vanish")
    return vanish is not None and vanish.get(f"{_WORD}val", "1") not in ("0", "false", "off")


def _properties(package: zipfile.ZipFile) -> tuple[str | None, str | None, date | None]:
    """Return title and author where a person gave them, and the day on which the document was made."""
    if "docProps/core.xml" not in package.namelist():
        return None, None, None
    core = ET.fromstring(package.read("docProps/core.xml"))  # noqa: S314 - as above
    title = one_line(clean(core.findtext(f"{_CORE}title") or ""))
    author = one_line(clean(core.findtext(f"{_CORE}creator") or ""))
    # Converters write the file's name as the title.
    named = title.casefold() not in _NO_TITLE and not re.search(r"\.\w{2,4}$", title)
    someone = author.casefold() not in _NOBODY
    made = (core.findtext(f"{_TERMS}created") or "").strip()
    created = find_date(made[:10]) if made not in _TEMPLATES_MADE else None
    return title if named else None, author or None if someone else None, created
