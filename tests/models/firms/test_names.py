"""Names and addresses as offices write them, by hand."""

import pytest

from models.firms.addresses import AddressParts, address_of
from models.firms.names import parts_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海绿源环保科技有限公司", "上海市绿源环保科技有限责任公司"),
        ("上海绿源环保科技有限公司", "上海 绿源 环保科技　有限公司"),
        ("上海绿源环保科技有限公司", "绿源环保科技（上海）有限公司"),
        ("上海绿源环保科技有限公司", "上海（绿源）环保科技有限公司"),
        ("上海绿源环保科技有限公司", "上海市普陀区绿源环保科技股份有限公司"),
        ("ABC印刷（上海）有限公司", "ａｂｃ印刷有限公司"),
        ("上海海辰塑料厂第二分公司", "上海海辰塑料厂第2分公司"),
        ("上海恒正电镀有限司", "上海恒正电镀有限公司"),
        ("上海恒正电镀有限司第二分公司", "上海恒正电镀有限公司第二分公司"),
        ("上海中恒纺织股份有公司", "上海中恒纺织股份有限公司"),
        ("上海久嘉地印刷团有限公司", "上海久嘉地印刷集团有限公司"),
        ("昌美金属制品合伙企嘉（有限合伙）", "昌美金属制品合伙企业（有限合伙）"),
        ("上海市普区南晨信息技术有限公司", "上海市普陀区南晨信息技术有限公司"),
        ("上海欣普陀区亨兴建设工程厂", "上海普陀亨兴建设工程厂"),
    ],
)
def test_spellings_of_one_firm_have_one_body_and_branch(one, other):
    a, b = parts_of(one), parts_of(other)
    assert (a.body, a.branch) == (b.body, b.branch)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海绿源环保科技有限公司", "上海绿源建设工程有限公司"),  # sisters
        ("上海绿源环保科技有限公司", "上海绿源环保科技有限公司普陀分公司"),  # a branch has a code of its own
        ("上海绿源环保科技有限公司第一分公司", "上海绿源环保科技有限公司第二分公司"),
        ("上海普华建材有限公司", "上海建材有限公司"),  # 普 begins names, too
        ("上海华明建材有限公司", "上海普华明建材有限公司"),
    ],
)
def test_different_firms_differ_in_body_or_branch(one, other):
    a, b = parts_of(one), parts_of(other)
    assert (a.body, a.branch) != (b.body, b.branch)


def test_a_branch_is_known_as_one_and_a_shop_is_not():
    assert parts_of("上海绿源环保科技有限公司真北路项目部").branch == "真北路项目部"
    assert not parts_of("金沙江路小吃店").is_branch


@pytest.mark.parametrize(
    ("text", "street", "number"),
    [
        ("上海市普陀区真北路958号2幢301室", "真北路", "958"),
        ("普陀区真北路 958号", "真北路", "958"),
        ("真北路９５８", "真北路", "958"),
        ("新村路541 1607室", "新村路", "541"),
        ("上海普陀新村路541号", "新村路", "541"),
        ("中山北路12弄3号", "中山北路", "12弄3"),
        ("石泉路东新村二百号", "石泉路", ""),
        ("桃浦镇李子园村", "桃浦镇李子园村", ""),
        ("", "", ""),
        ("不详", "", ""),
    ],
)
def test_addresses_give_street_and_number(text, street, number):
    assert address_of(text) == AddressParts(street, number)
