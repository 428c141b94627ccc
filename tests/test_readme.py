"""The page a person reads first: its help blocks are the real ones and its commands exist."""

import re
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).parent.parent


def test_the_help_pages_are_the_real_ones():
    done = subprocess.run([sys.executable, "tools/readme.py", "--check"], cwd=REPO, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_make_target_it_names_exists():
    readme, makefile = (REPO / "README.md").read_text(), (REPO / "Makefile").read_text()
    named = set(re.findall(r"\bmake (?:--silent )?([a-z][a-z-]+)", readme)) - {"install"}
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_block_was_run():
    blocks = re.findall(r"<!-- run: (.+?) -->\n(.*?)<!-- end -->", (REPO / "README.md").read_text(), re.DOTALL)
    assert blocks
    assert all(f"$ {command}" in output for command, output in blocks)


def test_constraints_pin_every_package_exactly():
    lines = (REPO / "constraints.txt").read_text().splitlines()
    assert "torch==2.13.0" in lines
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line) for line in lines if line)


def test_every_picture_and_linked_file_is_there():
    text = (REPO / "README.md").read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert linked
    assert [link for link in linked if not (REPO / link).is_file()] == []
