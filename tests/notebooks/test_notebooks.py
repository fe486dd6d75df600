"""Both notebooks run from top to bottom on a sample home; what they compare is asserted in them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.house.source import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each notebook prints. The first one builds the sample home, the other finds it."""
    folder = tmp_path_factory.mktemp("notebooks")
    env = {**os.environ, "YAOXUN_HOME": str(folder), "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython")}
    texts = {}
    for path in NOTEBOOKS:
        book = nbformat.read(path, as_version=4)
        NotebookClient(book, timeout=600, resources={"metadata": {"path": str(folder)}}).execute(env=env)
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        texts[path.stem] = "".join(output.get("text", "") for output in outputs)
    return texts


pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",  # jupyter_client 8.10 leaves its sockets to the garbage collector
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


def test_there_are_two_without_stored_output() -> None:
    assert len(NOTEBOOKS) == 2
    for path in NOTEBOOKS:
        assert not [cell for cell in nbformat.read(path, as_version=4).cells if cell.get("outputs")]


def test_a_pixel_is_followed_to_the_place_and_the_source_that_the_pipeline_stored(said: dict[str, str]) -> None:
    text = said["pixel_to_enterprise"]
    apart = re.search(r"the pipeline stored .* N: ([\d.]+) mm away", text)
    assert apart
    assert float(apart.group(1)) < 1
    assert "cannot tell" in text
    assert re.search(r"nearest true \w+: \S+, [\d.]+ m away", text)


def test_the_chain_is_scored_in_detection_location_and_attribution(said: dict[str, str]) -> None:
    text = said["chain_against_truth"]
    assert re.search(r"\d+ true things, \d+ true boxes in 12 pictures", text)
    assert "recall" in text
    places = re.search(r"(\d+) places, (\d+)% within 2.45 sigma", text)
    assert places
    assert int(places.group(1)) > 0
    assert re.search(r"^(right|wrong|cannot_tell|false_alert) ", text, re.MULTILINE)


def test_notebooks_of_a_folder_with_a_space_start_a_kernel(tmp_path: Path) -> None:
    folder = tmp_path / "遥 巡"
    folder.mkdir()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import geo; print('here')")])
    env = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder)}
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(folder)}}).execute(env=env)
    assert book.cells[0].outputs[0].text.strip() == "here"
