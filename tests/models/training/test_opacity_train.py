"""A whole opacity training, as small as it can be: cut off, gone on with, exported, run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from models.errors import BadRecipe, UnknownOutput
from models.vision.training import opacity_recipe as recipes

TINY = """
seed = 3
real_share = 0.3
tinted_share = 0.5
plain_share = 0.2
lookalike_share = 0.2
encoder_rate = 2e-4
rate = 1e-3
frozen_blocks = 2
[[phases]]
samples = 8
side_px = 64
batch = 2
[[photographs]]
folder = "plain"
licence = "CC0"
above = true
leave_out = ["harlem*"]
[[real]]
folder = "smoke"
split = "train"
word = "smoke"
licence = "CC-BY 4.0"
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Three photographs, one that is left out, two of smoke, one of these without a box."""
    folder = tmp_path_factory.mktemp("opacity")
    rng = np.random.default_rng(5)
    for kind in ("plain", "smoke/images/train", "smoke/labels/train"):
        (folder / kind).mkdir(parents=True)
    for name in ("a", "b", "harlem-1"):
        Image.fromarray(rng.integers(40, 200, (80, 96, 3), dtype=np.uint8)).save(folder / f"plain/{name}.png")
    for name, row in (("one", "0 0.5 0.5 0.4 0.6\n"), ("none", "")):
        Image.fromarray(rng.integers(40, 200, (80, 96, 3), dtype=np.uint8)).save(
            folder / f"smoke/images/train/{name}.png"
        )
        (folder / f"smoke/labels/train/{name}.txt").write_text(row)
    (folder / "smoke/data.yaml").write_text("train: images/train\nnames: [smoke]\n")
    (folder / "tiny.toml").write_text(TINY)
    return folder


@pytest.mark.parametrize("name", recipes.names())
def test_what_comes_with_the_product_learns_from_free_pictures_only(name):
    held = recipes.read(name)
    assert held.releasable
    assert all("harlem*" in p.leave_out for p in held.photographs if p.folder.startswith("vehicles"))
    assert not any("bsds" in p.folder or "real_eval" in p.folder for p in held.photographs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("side_px = 64", "side_px = 65"),
        ("plain_share = 0.2", "plain_share = 1.2"),
        ("seed = 3", ""),
        ("seed = 3", "seed = 3\nlearning = 2"),
        ("batch = 2", "batch = = 2"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(tmp_path, before, after):
    file = tmp_path / "mine.toml"
    file.write_text(TINY.replace(before, after))
    with pytest.raises(BadRecipe):
        recipes.read(str(file))


def test_one_unfree_folder_makes_a_model_that_is_not_released(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(TINY.replace('licence = "CC0"', 'licence = "research only"'))
    assert not recipes.read(str(file)).releasable


@pytest.fixture(scope="module")
def trained(data):
    """One in a single run, and one that was cut off after its second step."""
    pytest.importorskip("efficientnet_lite_pytorch", reason="NOT RUN: the train extra is not installed")
    from models.vision.adapters import opacity_train

    recipe = recipes.read(str(data / "tiny.toml"))
    (data / "whole").mkdir()
    (data / "cut").mkdir()
    whole = opacity_train.train(recipe, data, data / "whole", threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opacity_train, "SAVED_EVERY", 2)

        def tell(line: str) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            opacity_train.train(recipe, data, data / "cut", threads=1, tell=tell)
    return recipe, whole, opacity_train.train(recipe, data, data / "cut", threads=1)


@pytest.mark.torch
def test_what_was_left_out_and_the_boxes_that_were_counted(trained):
    _, whole, _ = trained
    assert (whole.photographs, whole.real) == (3, 1)  # two free ones and the smoke set's picture without a box
    assert len(whole.curve) == 4 and all(np.isfinite(row["loss"]) for row in whole.curve)


@pytest.mark.torch
def test_a_training_that_was_cut_off_goes_on_as_if_it_had_not_been(trained):
    _, whole, cut = trained
    assert [row["step"] for row in cut.curve] == [1, 2, 3, 4]
    assert [row["loss"] for row in cut.curve] == pytest.approx([row["loss"] for row in whole.curve], rel=1e-3)
    assert cut.digest == whole.digest


@pytest.mark.torch
def test_the_exported_network_answers_as_torch_does(trained, tmp_path):
    torch = pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    from models.vision.adapters.opacity import open_detector
    from models.vision.adapters.opacity_export import export_opacity, is_opacity, load

    _, whole, _ = trained
    assert is_opacity(whole.weights)
    sha256 = export_opacity(whole.weights, tmp_path / "net.onnx")
    assert sha256 == export_opacity(whole.weights, tmp_path / "again.onnx")
    detector = open_detector(tmp_path / "net.onnx", name="tiny", sha256=sha256, labels={}, confidence=0.1, size_px=96)
    for shape in ((96, 64, 3), (50, 96, 3)):
        image = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
        padded = np.pad(image, ((0, -shape[0] % 32), (0, -shape[1] % 32), (0, 0)), mode="reflect")
        with torch.no_grad():
            shown = torch.from_numpy(padded.transpose(2, 0, 1)[None].astype(np.float32) / 255)
            expected = load(whole.weights)(shown).sigmoid().numpy()[0]
        seen = detector.field(image)
        assert seen.said == pytest.approx(expected[0, : seen.said.shape[0], : seen.said.shape[1]], abs=1e-4)
        assert seen.smoke == pytest.approx(expected[1, : seen.smoke.shape[0], : seen.smoke.shape[1]], abs=1e-4)


@pytest.mark.torch
def test_another_kind_of_file_is_no_opacity_network(trained, tmp_path):
    from models.vision.adapters.opacity import open_detector
    from models.vision.adapters.opacity_export import is_opacity

    (tmp_path / "no.safetensors").write_bytes(b"nothing")
    with pytest.raises(UnknownOutput):
        is_opacity(tmp_path / "no.safetensors")
    with pytest.raises(UnknownOutput):
        open_detector(tmp_path / "no.safetensors", name="x", sha256="", labels={}, confidence=0.1)


@pytest.mark.torch
def test_a_source_without_pictures_is_named(trained, data, tmp_path):
    from models.vision.adapters.opacity_train import train

    recipe, _, _ = trained
    gone = dataclasses.replace(recipe.photographs[0], leave_out=("*",))
    with pytest.raises(BadRecipe, match="plain"):
        train(dataclasses.replace(recipe, photographs=(gone,)), data, tmp_path)
