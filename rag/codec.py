"""Dataclasses of the domain as JSON values, and back without loss: what is kept can be shown again as it was.

Knows types only by their annotations; knows no file, database or widget. `rag.render.as_json` is for other
programs and leaves out what they do not need; this is for reading an `Answer` back.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def encoded(value: object) -> Any:  # noqa: ANN401 - JSON values
    """Return a dataclass (or a date, an enum, a tuple, a mapping of them) as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encoded(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): encoded(one) for name, one in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [encoded(one) for one in value]
    return value


def decoded(kind: type[T], value: Any) -> T:  # noqa: ANN401 - JSON values
    """Return what `encoded` was given. Fields that are not known are left out, missing ones have their default.

    Raises:
        ValueError, TypeError, KeyError: it is not what `kind` is written as.
    """
    made: T = _decoded(kind, value)
    return made


@cache
def _fields(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _decoded(kind: Any, value: Any) -> Any:  # noqa: ANN401 - annotations and JSON values
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (one for one in typing.get_args(kind) if one is not type(None))
        return None if value is None else _decoded(inner, value)
    if origin is tuple:
        return _tuple(typing.get_args(kind), value)
    if origin is not None:  # a mapping of plain values
        return dict(value)
    if dataclasses.is_dataclass(kind):
        assert isinstance(kind, type)
        hints = _fields(kind)
        return kind(**{name: _decoded(hints[name], one) for name, one in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, date):
        return kind.fromisoformat(value)
    return kind(value)


def _tuple(kinds: tuple[Any, ...], values: Any) -> tuple[Any, ...]:  # noqa: ANN401
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decoded(kinds[0], value) for value in values)
    return tuple(_decoded(kind, value) for kind, value in zip(kinds, values, strict=True))
