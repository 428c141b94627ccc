"""What the generator is told: one Markdown file a task, with `# system` and `# user` parts.

Knows files and placeholders; knows no model and no passage.
"""

import hashlib
import re
from importlib import resources
from string import Template

from rag.errors import RagError
from rag.types import PromptTemplate

_ASKED = frozenset({"passages", "question"})
PLACEHOLDERS = {"answer": _ASKED, "claim": frozenset({"quote", "question"}), "naive": _ASKED}


class PromptError(RagError):
    """A prompt file of ours is malformed."""


def load(name: str) -> PromptTemplate:
    """Return the template of a task.

    Raises:
        PromptError: the file lacks a part, or its placeholders are not the ones the task fills.
    """
    raw = resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8")
    return parse(name, raw, placeholders=PLACEHOLDERS[name])


def parse(name: str, raw: str, *, placeholders: frozenset[str]) -> PromptTemplate:
    """Return the template in `raw`, checked against the placeholders that its task fills."""
    match = re.fullmatch(r"# system\n(?P<system>.*?)\n# user\n(?P<user>.*)", raw.strip(), re.DOTALL)
    hint = f"Mend prompts/{name}.md."
    if match is None:
        raise PromptError(f"The prompt {name} needs a '# system' and a '# user' part.", hint=hint)
    found = set(Template(match["user"]).get_identifiers())
    if found != placeholders or Template(match["system"]).get_identifiers():
        wanted = ", ".join(f"${key}" for key in sorted(placeholders))
        raise PromptError(f"The user part of the prompt {name} must hold exactly {wanted}.", hint=hint)
    digest = hashlib.sha256(raw.encode()).hexdigest()[:16]
    return PromptTemplate(name, match["system"].strip(), match["user"].strip(), digest)
