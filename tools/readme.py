"""Writes the generated blocks of README.md: each holds the real output of the command that it names.

A block stands between `<!-- run: COMMAND -->` and `<!-- end -->`. `--check` compares only the blocks whose
output never changes from run to run (the --help pages) and writes nothing; any other argument is the beginning of
the commands to run again.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).parent.parent
README = REPO / "README.md"
BLOCK = re.compile(r"<!-- run: (?P<command>.+?) -->\n.*?<!-- end -->", re.DOTALL)


def output_of(command: str) -> str:
    """Return what a person sees who types the command in a fresh clone with the environment installed."""
    # `make readme` must not be seen by a make inside a block: it would print its folders.
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment = {**outer, "COLUMNS": "100", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as home:
        environment["RAG_HOME"] = f"{home}/home"
        start = time.perf_counter()
        done = subprocess.run(
            command,
            shell=True,
            cwd=REPO,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        seconds = time.perf_counter() - start
    timed = f"\n\n({seconds:.1f} s)" if is_timed(command) else ""
    return f"```console\n$ {command}\n{done.stdout.rstrip()}{timed}\n```"


def is_timed(command: str) -> bool:
    return "--help" not in command


def rewritten(text: str, wanted) -> str:
    """Return the page with every wanted block replaced by fresh output."""

    def fresh(match: re.Match[str]) -> str:
        command = match["command"]
        if not wanted(command):
            return match.group()
        return f"<!-- run: {command} -->\n{output_of(command)}\n<!-- end -->"

    return BLOCK.sub(fresh, text)


def main() -> None:
    text = README.read_text()
    if "--check" in sys.argv:
        if rewritten(text, lambda command: not is_timed(command)) != text:
            sys.exit("README.md is out of date: type make readme")
        return
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    README.write_text(rewritten(text, lambda command: command.startswith(only)))


if __name__ == "__main__":
    main()
