"""Sets as they are written in practice, in three forms; what cannot be used is refused with its place."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from models.errors import BadDataset
from models.vision.datasets.labelled import mapping_of
from models.vision.datasets.reading import read_set

FORMS = {
    "block mapping": "val: images\nnames:\n  0: car\n  1: 'dust_plume'  # ours\n  2: cyclist\n",
    "block list": "path: .\nval: images\nnames:\n- car\n- dust_plume\n- cyclist\nnc: 3\n",
    "inline list": "names: ['car', \"dust_plume\", cyclist]\nval: images\n",
    "inline mapping": "val: images\nnames: {0: car, 1: dust_plume, 2: cyclist}\n",
}


def picture(file, size=(200, 100)):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "grey").save(file)


@pytest.mark.parametrize("form", FORMS)
def test_names_are_read_in_every_form(form, tmp_path):
    picture(tmp_path / "images/a.png")
    (tmp_path / "data.yaml").write_text(FORMS[form])
    found = read_set(tmp_path / "data.yaml")
    assert dict(found.names) == {0: "car", 1: "dust_plume", 2: "cyclist"}
    assert found.root.name == "images" and found.form == "yolo"


BAD_YAML = ["val: images\n", "names: [a]\nval: nowhere\n", "names:\n  x: a\n", "- a\n", "names: [a\n", "names: []\n"]


@pytest.mark.parametrize("text", BAD_YAML)
def test_a_set_that_cannot_be_used_is_refused(text, tmp_path):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(BadDataset):
        read_set(tmp_path / "data.yaml")


@pytest.mark.parametrize(
    "line", ["7 0.5 0.5 0.1 0.1", "0 0.5 0.5 0.1", "0 a 0.5 0.1 0.1", "0 nan 0.5 0.1 0.1", "0 1 2 3 4 5 6 7"]
)
def test_a_line_that_is_no_box_is_refused_with_its_file(line, tmp_path):
    picture(tmp_path / "images/a.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text(line + "\n")
    (tmp_path / "data.yaml").write_text(FORMS["block list"])
    with pytest.raises(BadDataset) as caught:
        read_set(tmp_path / "data.yaml")
    assert caught.value.where.endswith("a.txt")


def coco_said(crowd=0):
    return {
        "licenses": [{"id": 1, "name": "CC BY 4.0"}],
        "images": [{"id": 7, "file_name": "a.png", "width": 200, "height": 100}],
        "categories": [{"id": 3, "name": "truck"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [20, 10, 60, 30], "iscrowd": crowd}],
    }


VOC = """<annotation><filename>a.png</filename><size><width>200</width><height>100</height></size>
<object><name>truck</name><difficult>1</difficult>
<bndbox><xmin>21</xmin><ymin>11</ymin><xmax>80</xmax><ymax>40</ymax></bndbox></object></annotation>"""


def in_yolo(tmp_path):
    picture(tmp_path / "images/val/a.png")
    (tmp_path / "labels/val").mkdir(parents=True)
    (tmp_path / "labels/val/a.txt").write_text("0 0.25 0.25 0.3 0.3\n")
    (tmp_path / "classes.txt").write_text("truck\n")
    return tmp_path


def in_yolo_polygons(tmp_path):
    in_yolo(tmp_path)
    (tmp_path / "labels/val/a.txt").write_text("0 0.1 0.1 0.4 0.1 0.4 0.4 0.2 0.4\n")
    return tmp_path


def in_coco(tmp_path):
    picture(tmp_path / "val2017/a.png")
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/instances_val2017.json").write_text(json.dumps(coco_said(crowd=1)))
    return tmp_path


def in_roboflow_coco(tmp_path):
    picture(tmp_path / "valid/a.png")
    (tmp_path / "valid/_annotations.coco.json").write_text(json.dumps(coco_said()))
    return tmp_path


def in_voc(tmp_path):
    picture(tmp_path / "JPEGImages/a.png")
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations/a.xml").write_text(VOC)
    return tmp_path


def in_roboflow_voc(tmp_path):
    picture(tmp_path / "valid/a.png")
    (tmp_path / "valid/a.xml").write_text(VOC)
    return tmp_path


@pytest.mark.parametrize("made", [in_yolo, in_yolo_polygons, in_coco, in_roboflow_coco, in_voc, in_roboflow_voc])
def test_one_box_is_the_same_box_in_every_form(made, tmp_path):
    found = read_set(made(tmp_path))
    (only,) = found.pictures
    assert only.file.is_file()
    assert only.box == pytest.approx(np.array([[0.1, 0.1, 0.4, 0.4]]))
    assert found.words(only).tolist() == ["vehicle"]
    assert only.ignored.tolist() == [made in (in_coco, in_voc, in_roboflow_voc)]


def test_a_class_of_the_set_is_read_as_the_word_that_is_given(tmp_path):
    found = read_set(in_voc(tmp_path))
    (only,) = found.pictures
    assert found.words(only, mapping_of(["Truck=smoke"])).tolist() == ["smoke"]
    assert found.words(only, mapping_of(["truck="])).tolist() == [""]
    for bad in ("truck", "truck=lorry", "=smoke"):
        with pytest.raises(BadDataset):
            mapping_of([bad])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"image_id": 7', '"image_id": 8'),
        ('"category_id": 3', '"category_id": 4'),
        ("[20, 10, 60, 30]", "[20, 10, 60]"),
        ("[20, 10, 60, 30]", "[20, 10, NaN, 30]"),
        ('"width": 200', '"width": 0'),
        ('"file_name": "a.png"', '"file_name": "b.png"'),
        ('"categories"', '"classes"'),
        ("}", ""),
    ],
)
def test_a_coco_file_that_contradicts_itself_is_refused(before, after, tmp_path):
    picture(tmp_path / "a.png")
    text = json.dumps(coco_said())
    assert before in text
    (tmp_path / "a.json").write_text(text.replace(before, after))
    with pytest.raises(BadDataset):
        read_set(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<annotation>", '<!DOCTYPE x [<!ENTITY a "b">]><annotation>'),
        ("<xmin>21</xmin>", ""),
        ("<width>200</width>", ""),
        ("</annotation>", ""),
    ],
)
def test_a_voc_file_that_cannot_be_used_is_refused(before, after, tmp_path):
    in_voc(tmp_path)
    (tmp_path / "Annotations/a.xml").write_text(VOC.replace(before, after))
    with pytest.raises(BadDataset) as caught:
        read_set(tmp_path)
    assert caught.value.where.endswith("a.xml")


def test_a_voc_split_is_the_list_of_its_name(tmp_path):
    in_voc(tmp_path)
    picture(tmp_path / "JPEGImages/b.png")
    (tmp_path / "Annotations/b.xml").write_text(VOC)
    (tmp_path / "ImageSets/Main").mkdir(parents=True)
    (tmp_path / "ImageSets/Main/val.txt").write_text("b 1\n")
    assert [p.file.stem for p in read_set(tmp_path, "val").pictures] == ["b"]
    assert len(read_set(tmp_path).pictures) == 2
    with pytest.raises(BadDataset):
        read_set(tmp_path, "test")


@pytest.mark.given
def test_the_given_sets_are_read(shared):
    folder = shared / "data/detection"
    counts = {name: (len(s.pictures), sum(len(p.number) for p in s.pictures)) for name, s in (
        ("smoke", read_set(folder / "smoke")),
        ("vehicles", read_set(folder / "vehicles/data.yaml")),
        ("train", read_set(folder / "vehicles", "train")),
    )}  # fmt: skip
    assert counts["smoke"][0] == 120 and counts["vehicles"] == (11, 280) and counts["train"][0] == 89
