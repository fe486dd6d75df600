"""What is written for people holds: commands parse, reasons have sentences, links lead somewhere, lists are whole."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from pipelines.cli.commands import commands
from pipelines.wording import LANGUAGES, sentences
from tests.house import reasons
from tests.house.loading import load_script
from tests.house.source import CONFIG, ROOT, python_files, tree_of

READMES = ("README.md", "README.zh-CN.md")
WITH_COMMANDS = (*READMES, "CONTRIBUTING.md", "docs/architecture.md")
FENCE = re.compile(r"^```(?:bash|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEVER_NAMED = (
    "/" + "work/",
    "/" + "root/",
    "py" + "pi.org",
    "deb." + "debian.org",
    "registry." + "npmjs",
    "pythonhosted" + ".org",
)


def shell_lines(text: str) -> list[list[str]]:
    """The commands in the shell blocks of a page, as words; remarks are dropped."""
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def yaoxun_lines(page: str) -> list[list[str]]:
    """The `yaoxun` commands of a page, without the program's name."""
    lines = shell_lines((ROOT / page).read_text(encoding="utf-8"))
    return [words[1:] for words in lines if Path(words[0]).name == "yaoxun"]


def leaves(parser: argparse.ArgumentParser, name: str = "") -> Iterator[str]:
    """The names of all commands below `parser`."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name.strip()
    for group in groups:
        for word, child in group.choices.items():
            yield from leaves(child, f"{name} {word}")


def our_files() -> list[Path]:
    """Every text file of the project that git holds or would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


@pytest.mark.parametrize("page", READMES)
def test_the_two_commands_stand_first(page: str) -> None:
    lines = shell_lines((ROOT / page).read_text(encoding="utf-8"))
    assert lines[:2] == [["make", "demo"], ["make", "test"]]


@pytest.mark.parametrize("page", READMES)
def test_commands_of_the_readme_are_commands(page: str) -> None:
    lines = yaoxun_lines(page)
    assert len(lines) > 10
    for words in lines:
        assert commands().root.parse_args(words).handler


def test_a_command_that_is_none_is_seen() -> None:
    with pytest.raises(Exception, match="bad_usage"):
        commands().root.parse_args(["flights", "remove", "x"])


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_make_commands_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {words[1] for words in shell_lines(text) if words[0] == "make"} | set(re.findall(r"`make ([a-z-]+)", text))
    assert named
    assert named <= targets


def test_both_readmes_show_the_same_commands_and_links() -> None:
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in READMES)

    def outline(text: str) -> tuple[int, list[list[str]], list[str]]:
        links = sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - set(READMES))
        lines = [[word for word in words if word.isascii() and " " not in word] for words in shell_lines(text)]
        return text.count("\n## "), lines, links

    assert outline(english) == outline(chinese)


def test_every_command_stands_in_the_command_page_and_no_other() -> None:
    rows = re.findall(r"^\| `yaoxun ([^`]+)`", (ROOT / "docs/cli.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = [" ".join(word for word in row.split() if re.fullmatch("[a-z]+", word)) for row in rows]
    assert sorted(named) == sorted(leaves(commands().root))


@pytest.mark.parametrize("name", sorted(leaves(commands().root)))
def test_every_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands().root.parse_args([*name.split(), "--help"])
    assert ended.value.code == 0
    assert re.search(r"^[a-z一-鿿].{10,}$", capsys.readouterr().out, re.MULTILINE)


def test_every_reason_word_has_both_sentences() -> None:
    missing = {word: places for word, places in reasons.reason_words().items() if word not in sentences()}
    assert not missing
    assert len(reasons.reason_words()) > 60


def test_no_sentence_belongs_to_no_word() -> None:
    uttered = {
        word.lower() for path in reasons.places_of_words() for word in re.findall(r"\w+", path.read_text("utf-8"))
    }
    starts = reasons.made_words()
    put_together = {
        w for w in sentences() for start in starts if w.startswith(start) and w.removeprefix(start) in uttered
    }
    assert set(sentences()) - uttered - put_together == set()


@pytest.mark.parametrize("word", sorted(sentences()))
def test_both_sentences_take_the_same_figures(word: str) -> None:
    placeholders = [sorted(set(re.findall(r"\{(\w+)\}", sentences()[word][language]))) for language in LANGUAGES]
    assert placeholders[0] == placeholders[1]
    assert re.search(r"[一-鿿]", sentences()[word]["zh"])
    assert not re.search(r"[一-鿿]", sentences()[word]["en"])


def test_the_page_of_rules_is_that_of_the_rows() -> None:
    made = load_script("rules").rules_page(ROOT / "enforcement" / "policy")
    assert (ROOT / "docs/rules.md").read_text(encoding="utf-8") == made, "run `make rules`"
    assert made.count("\n| `") > 20


def test_every_setting_has_its_line() -> None:
    silent = []
    for node in ast.walk(tree_of(ROOT / "pipelines/settings.py")):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings") and node.name != "Settings":
            for field, after in zip(node.body, [*node.body[1:], None], strict=True):
                documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if isinstance(field, ast.AnnAssign) and not documented:
                    silent.append(f"{node.name}.{ast.unparse(field.target)}")
    assert not silent


@pytest.mark.parametrize("page", [path for path in our_files() if path.suffix == ".md"], ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("folder", ["ideas", "formats"])
def test_every_page_is_reached_from_the_architecture(folder: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs" / folder).glob("*.md"))
    assert pages
    assert [page.name for page in pages if f"({folder}/{page.name})" not in text] == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in our_files()
        for word in NEVER_NAMED
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert not found


def test_vendored_files_are_listed() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    vendored = [
        *(ROOT / "models/vision/weights").glob("*.onnx"),
        *(path.parent for path in (ROOT / "dashboard/static").rglob("LICENSE*")),
    ]
    assert vendored
    assert [path for path in vendored if path.relative_to(ROOT).as_posix() not in listed] == []


def test_runtime_and_train_packages_are_listed() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    project = CONFIG["project"]
    wanted = [*project["dependencies"], *(row for extra in project["optional-dependencies"].values() for row in extra)]
    assert [name for row in wanted if (name := Requirement(row).name.lower()) not in listed] == []


def test_files_are_text_by_what_they_hold_not_by_their_name() -> None:
    suffixes = {path.suffix for path in our_files()}
    assert {".py", ".svg", ".csv", ".js", ".geojson"} <= suffixes
    assert not {".png", ".jpg", ".JPG", ".onnx", ".xlsx"} & suffixes


def test_the_conda_file_installs_what_the_makefile_installs() -> None:
    rows = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = {Requirement(row).name: Requirement(row).specifier for row in rows if isinstance(row, str)}
    assert set(conda) == {"python", "pip"}
    assert str(conda["python"]) == CONFIG["project"]["requires-python"]
    everything = f".[{','.join(CONFIG['project']['optional-dependencies'])}]"
    assert [row["pip"] for row in rows if isinstance(row, dict)] == [["-c constraints.txt", f"-e {everything}"]]
    assert f'"{everything}"' in (ROOT / ".ci/install.py").read_text(encoding="utf-8")


def test_constraints_pin_everything_that_is_asked_for_and_within_its_range() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    pins = {name.lower(): version for name, version in (line.split("==") for line in lines)}
    project = CONFIG["project"]
    wanted = [*project["dependencies"], *(row for extra in project["optional-dependencies"].values() for row in extra)]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement
    assert not [version for version in pins.values() if "+" in version]
    assert pins["torch"] == "2.13.0"


def test_these_tests_read_the_whole_tree() -> None:
    assert len(python_files("pipelines")) > 40
    assert len(our_files()) > 100
