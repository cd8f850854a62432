"""Every block of Python and every `$ kip …` command in README and docs runs, and prints what the page says it prints.

Blocks of a page run in order, in one namespace and one empty folder that holds `scenarios/`. A `text` block straight after
a Python block is what it prints; in a `console` block the lines below a command are. `...` stands for anything, and spaces
and line breaks count as one space. Only a block below `<!-- not run: reason -->` is left out.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RUN_KIP = [sys.executable, "-c", "from kip.cli import main; main()"]


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int
    before: str


def blocks_of(page: Path) -> list[Block]:
    found, opened, start, lines = [], None, 0, []
    previous: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"^ {0,3}```(\w*)\s*$", line)
        if fence and opened is None:
            opened, start, lines = fence[1], number, []
        elif fence and not fence[1]:
            found.append(Block(str(opened), "\n".join(lines) + "\n", start, "\n".join(previous).strip()))
            opened, previous = None, []
        elif opened is not None:
            lines.append(line)
        else:
            previous.append(line)
    assert opened is None, f"{page.name}:{start}: the block is never closed."
    return found


def skipped(block: Block) -> bool:
    return re.search(r"<!-- not run: .+ -->\s*$", block.before) is not None


def runnable(page: Path) -> bool:
    return any(block.language in {"python", "console"} and not skipped(block) for block in blocks_of(page))


def compare(page: Path, line: int, expected: str, got: str) -> None:
    # doctest would turn a thin space into an escape, so spaces are made one before it compares
    same = doctest.OutputChecker().check_output(" ".join(expected.split()) + "\n", " ".join(got.split()) + "\n", SAME)
    assert same, f"{page.relative_to(ROOT)}:{line}: expected\n{expected}\nprinted\n{got}"


def run_python(page: Path, block: Block, namespace: dict[str, Any]) -> str:
    printed = io.StringIO()
    # padded, so that a traceback points at the line of the page
    code = compile("\n" * block.line + block.text, str(page), "exec")
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    return printed.getvalue()


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Each command with the output that is shown below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_console(page: Path, block: Block, folder: Path) -> None:
    code = 0
    for command, output in commands_of(block):
        if command == "echo $?":
            compare(page, block.line, output, f"{code}\n")
            continue
        words = shlex.split(command, comments=True)
        assert words[0] == "kip", f"{page.name}:{block.line}: only kip runs in a console block; put {words[0]} in a block of sh."
        ran = subprocess.run(
            [*RUN_KIP, *words[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
            env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        )
        code = ran.returncode
        told = "echo $?" in block.text
        assert told or code == 0, f"{page.name}:{block.line}: {command} ended with {code}\n{ran.stdout}{ran.stderr}"
        if output.strip():
            compare(page, block.line, output, ran.stdout + ran.stderr)


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_run_and_print_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    blocks = blocks_of(page)
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if skipped(block):
            continue
        if block.language == "console":
            run_console(page, block, tmp_path)
        elif block.language == "python":
            printed = run_python(page, block, namespace)
            if after is not None and after.language == "text" and not after.before:
                compare(page, after.line, after.text, printed)


def test_readme_has_a_quickstart_that_runs() -> None:
    assert runnable(ROOT / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_names_its_language(page: Path) -> None:
    bare = [block.line for block in blocks_of(page) if block.language not in {"python", "console", "text", "sh", "yaml", "csv", "bibtex"}]
    assert not bare, f"{page.name}, lines {bare}: write ```python, console, text, sh, yaml or csv."
