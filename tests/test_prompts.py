import re

import pytest

import prompts
from prompts import PromptError

BOTH = frozenset({"passages", "question"})
GOOD = "# system\nBe brief.\n\n# user\n$passages\nQuestion: $question\n"


def test_the_answer_prompt_loads():
    template = prompts.load("answer")
    assert template.name == "answer"
    assert "Use only the quotes" in template.system
    assert "$question" in template.user
    assert re.fullmatch(r"[0-9a-f]{16}", template.digest)


def test_every_prompt_file_has_its_placeholders_listed():
    from importlib import resources

    files = {file.name for file in resources.files("prompts").iterdir() if file.name.endswith(".md")}
    assert files == {f"{name}.md" for name in prompts.PLACEHOLDERS}


def test_parts_are_stripped():
    template = prompts.parse("x", GOOD, placeholders=BOTH)
    assert (template.system, template.user) == ("Be brief.", "$passages\nQuestion: $question")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Be brief. $passages $question",
        "# system\nBe brief.",
        "# user\n$passages $question",
        "# user\n$passages $question\n# system\nBe brief.",
    ],
)
def test_a_prompt_needs_both_parts(raw):
    with pytest.raises(PromptError, match="'# user' part") as caught:
        prompts.parse("mine", raw, placeholders=BOTH)
    assert "prompts/mine.md" in caught.value.hint


@pytest.mark.parametrize(
    "raw",
    [
        "# system\nBe brief.\n# user\n$passages",
        "# system\nBe brief.\n# user\n$passages $question $name",
        "# system\nBe brief, $name.\n# user\n$passages $question",
    ],
)
def test_placeholders_must_be_the_ones_the_task_fills(raw):
    with pytest.raises(PromptError, match=r"exactly \$passages, \$question"):
        prompts.parse("mine", raw, placeholders=BOTH)


def test_the_digest_changes_with_any_word():
    digests = {
        prompts.parse("x", raw, placeholders=BOTH).digest
        for raw in (GOOD, GOOD.replace("brief", "short"), GOOD + "!")
    }
    assert len(digests) == 3
    assert prompts.parse("y", GOOD, placeholders=BOTH).digest in digests
