import re
import sqlite3
from contextlib import closing

import pytest

from prompts import PromptError
from rag import errors
from rag.errors import (
    BusyError,
    DamagedLibraryError,
    DocumentsError,
    EmbedderChangedError,
    GeneratorCrashedError,
    LibraryBusyError,
    LibraryError,
    ModelError,
    ModelHashError,
    NoLibraryError,
    QuestionError,
    RagError,
    SettingsError,
    UsageError,
    damage_told,
    told_of,
)

EXIT_CODES = {
    RagError: 1,
    PromptError: 1,
    UsageError: 2,
    QuestionError: 2,
    SettingsError: 2,
    DocumentsError: 3,
    LibraryError: 4,
    NoLibraryError: 4,
    LibraryBusyError: 4,
    DamagedLibraryError: 4,
    EmbedderChangedError: 4,
    ModelError: 5,
    ModelHashError: 5,
    GeneratorCrashedError: 5,
    BusyError: 6,
}


def real_tree(kind):
    return {
        kind.__name__: [real_tree(child) for child in kind.__subclasses__() if child.__module__ == "rag.errors"]
    }


def drawn_tree():
    """Read the tree in the docstring: four columns of drawing are one level."""
    rows = re.findall(r"^ {4}((?:│ {3}| {4})*(?:[├└]── )?)(\w+Error)\b(.*)$", errors.__doc__, re.MULTILINE)
    path, tree = [], None
    for drawing, name, rest in rows:
        node = {name: []}
        depth = len(drawing) // 4
        if depth:
            next(iter(path[depth - 1].values())).append(node)
        else:
            tree = node
        path[depth:] = [node]
        code = re.search(r"exit (\d)", rest)
        if code:
            assert getattr(errors, name).exit_code == int(code.group(1))
    return tree


def test_the_drawn_tree_is_the_real_one():
    assert drawn_tree() == real_tree(RagError)


def test_the_table_below_names_every_error():
    public = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RagError)}
    assert public == set(EXIT_CODES) - {PromptError}


@pytest.mark.parametrize("kind", EXIT_CODES, ids=lambda kind: kind.__name__)
def test_an_error_has_message_hint_and_exit_code(kind):
    error = kind("It broke.", hint="Mend it.")
    assert (str(error), error.message, error.hint) == ("It broke.", "It broke.", "Mend it.")
    assert error.exit_code == EXIT_CODES[kind]
    assert isinstance(error, RagError)


@pytest.mark.parametrize("kind", EXIT_CODES, ids=lambda kind: kind.__name__)
def test_an_error_without_a_hint_cannot_be_made(kind):
    with pytest.raises(TypeError, match="hint"):
        kind("It broke.")


def test_what_a_database_says_of_its_file_is_damage():
    error = sqlite3.DatabaseError("database disk image is malformed")
    with pytest.raises(DamagedLibraryError, match="database disk image is malformed") as caught, damage_told():
        raise error
    assert caught.value.__cause__ is error
    assert "rag doctor" in caught.value.hint


@pytest.mark.parametrize("kind", [sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.NotSupportedError])
def test_a_wrong_statement_is_a_defect_of_ours_and_sends_nobody_to_a_backup(kind):
    error = kind("Cannot operate on a closed database.")
    with pytest.raises(kind) as caught, damage_told():
        raise error
    assert caught.value is error
    assert told_of(error) is None


def test_sqlite_itself_tells_damage_from_a_defect_and_from_a_busy_file(tmp_path):
    def raised(path, statement, **options):
        with (
            closing(sqlite3.connect(path, **options)) as connection,
            pytest.raises(sqlite3.DatabaseError) as caught,
        ):
            connection.execute(statement)
        return told_of(caught.value)

    assert raised(":memory:", "SELECT nope FROM sqlite_master") is None
    torn = tmp_path / "torn.db"
    torn.write_bytes(b"this is no database, however long it is" * 100)
    assert isinstance(raised(torn, "SELECT * FROM sqlite_master"), DamagedLibraryError)
    held = tmp_path / "held.db"
    with closing(sqlite3.connect(held, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        assert isinstance(raised(held, "SELECT * FROM t", timeout=0), LibraryBusyError)


def test_an_error_that_a_person_can_act_on_is_told_as_it_is():
    error = NoLibraryError("No library here.", hint="Type rag index FOLDER.")
    assert told_of(error) is error
    assert told_of(ValueError("a defect")) is None
