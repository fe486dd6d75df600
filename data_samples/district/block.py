"""Who and what is registered in the block that is drawn: firms, sites, outfalls. All invented, every name says 示例."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_samples.district.credit_code import company

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Firm:
    """An invented firm at a place; `risk` is how often an inspection of it finds something.

    `media` are what it may discharge into: `water` (an outfall of its own), `sewer`, `air`.
    """

    key: str
    stem: str
    name: str
    industry: str
    size: str
    credit: str
    key_unit: bool
    xy: tuple[float, float]
    address: str
    risk: float
    media: tuple[str, ...] = ()

    @property
    def uscc(self) -> str:
        """Its credit code."""
        return company(self.stem)


BLOCK_FIRMS = (
    Firm(
        "dyeing",
        "MA1FX2K7",
        "上海普陀示例印染有限公司",
        "棉印染精加工",
        "中型",
        "黄牌",
        True,
        (63, 50),
        "示例北路 118 号",
        0.45,
    ),
    Firm(
        "stone",
        "MA1FW8C3",
        "普陀示例石材经营部",
        "建筑用石加工",
        "小型",
        "蓝牌",
        False,
        (147, 48),
        "示例北路 166 号",
        0.25,
    ),
    Firm(
        "food",
        "MA1FY5N1",
        "上海普陀示例食品有限公司",
        "糕点、面包制造",
        "中型",
        "绿牌",
        False,
        (28, -92),
        "示例南路 75 号",
        0.05,
    ),
    Firm(
        "builder",
        "MA1FT4R9",
        "上海示例里建设工程有限公司",
        "房屋建筑业",
        "大型",
        "蓝牌",
        False,
        (-236, 176),
        "示例西路 301 号",
        0.35,
    ),
    Firm(
        "plating",
        "MA1FU7H2",
        "上海普陀示例电镀厂",
        "金属表面处理及热处理加工",
        "小型",
        "红牌",
        True,
        (262, 34),
        "示例东路 88 号",
        0.55,
    ),
    Firm(
        "mixing",
        "MA1FK3D8",
        "上海示例混凝土制品有限公司",
        "水泥制品制造",
        "中型",
        "黄牌",
        False,
        (-262, 32),
        "示例西路 212 号",
        0.40,
    ),
    Firm(
        "repair",
        "MA1FL6G5",
        "普陀示例汽车维修服务部",
        "汽车修理与维护",
        "微型",
        "蓝牌",
        False,
        (-262, -92),
        "示例西路 36 号",
        0.20,
    ),
    Firm(
        "laundry",
        "MA1FN9B4",
        "上海示例洁净洗涤有限公司",
        "洗染服务",
        "小型",
        "蓝牌",
        False,
        (262, -96),
        "示例东路 15 号",
        0.20,
    ),
    Firm(
        "printing",
        "MA1FP2E6",
        "上海普陀示例印刷有限公司",
        "包装装潢及其他印刷",
        "小型",
        "绿牌",
        False,
        (60, 190),
        "示例北路 121 号",
        0.10,
    ),
    Firm(
        "coating",
        "MA1FQ5J7",
        "上海示例家具涂装有限公司",
        "木质家具制造",
        "小型",
        "黄牌",
        False,
        (-90, 200),
        "示例北路 87 号",
        0.30,
    ),
    Firm(
        "pharma",
        "MA1FR8M3",
        "上海普陀示例生物制药有限公司",
        "生物药品制造",
        "中型",
        "绿牌",
        True,
        (180, 200),
        "示例北路 205 号",
        0.04,
    ),
    Firm(
        "municipal",
        "MA1FC1P9",
        "上海示例市政养护有限公司",
        "市政设施管理",
        "中型",
        "蓝牌",
        False,
        (-30, -230),
        "示例南路 140 号",
        0.12,
    ),
)
_BY_KEY = {firm.key: firm for firm in BLOCK_FIRMS}
SITE = np.array([[-148.0, 0.0], [-148.0, 97.0], [10.0, 97.0], [10.0, 6.0], [-60.0, 4.0]])
"""Outline of the building site that is drawn in the block; the renderer's own is held equal by a test."""
BLOCK_SITES: tuple[tuple[str, str, str, str, str, str, FloatArray], ...] = (
    ("310107-GD-2026-001", "示例里住宅项目工地", "builder", "土方及主体结构", "2026-03-18", "2028-06-30", SITE),
    (
        "310107-GD-2026-002", "示例东路商办项目工地", "builder", "基坑", "2026-07-02", "2028-12-31",
        np.array([[268.0, 62.0], [332.0, 62.0], [332.0, 98.0], [268.0, 98.0]]),
    ),
    (
        "310107-GD-2025-014", "示例西路道路改造工程工地", "municipal", "路面", "2025-10-09", "2026-12-20",
        np.array([[-330.0, -132.0], [-276.0, -132.0], [-276.0, -104.0], [-330.0, -104.0]]),
    ),
)  # fmt: skip
BLOCK_OUTFALLS: tuple[tuple[str, str, str, str | None, tuple[float, float]], ...] = (
    ("310107-PWK-001", "示例印染废水排口", "工业排污口", "dyeing", (74.0, -18.4)),
    ("310107-PWK-002", "示例浜南岸 2 号雨水排口", "其他排口", None, (-136.0, -56.5)),
    ("310107-PWK-003", "示例食品清下水排口", "工业排污口", "food", (150.0, -37.6)),
    ("310107-PWK-004", "示例电镀排口", "工业排污口", "plating", (250.0, -29.6)),
)
WHO_ANSWERS: dict[str, str] = {
    **{code: _BY_KEY[key].uscc for code, _, _, key, _ in BLOCK_OUTFALLS if key},
    **{code: _BY_KEY[key].uscc for code, _, key, *_ in BLOCK_SITES},
}
