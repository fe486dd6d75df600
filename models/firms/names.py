"""A firm's name taken apart: where it is from, what it is called, its legal form, and which branch it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA

REGIONS = re.compile(r"^(?:中国)?(?:上海市?)?(?:普陀区?)?(?:市)?")
REGION_SLIP = re.compile(r"^(?:普[^陀]?区|[^普]陀区|[^普]普陀区?)")  # 普区, 普它区, 浦陀区, 欣普陀区
FORM = (
    r"股份有限责任公司|集团有限公司|有限责任公司|股份有限公司|有限公司|集团公司|合伙企业(?:有限合伙|普通合伙)?|"
    r"个人独资企业|个体工商户|集团|公司"
)
FORMS = re.compile(FORM)
LONG_FORMS = ("合伙企业有限合伙", "股份有限责任公司", "集团有限公司", "有限责任公司", "股份有限公司", "有限公司")
MOTHER = re.compile(rf"(?:{FORM}|厂)(?!$)")  # a legal form after which something follows
BRANCH = re.compile(r"(?:第?[一二三四五六七八九十百0-9]+)?(?:分公司|分厂|分店|分院)$")
PART = re.compile(r"(?:分公司|分厂|分店|分院|分部|营业部|经营部|项目部|门店)$")
DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
PLACE_IN_BRACKETS = re.compile(r"\((?:中国)?(?:上海市?)?(?:普陀区?)?\)")
DROPPED = re.compile(r"[\s·•.,，。、\-—_'\"“”‘’/]+")
BRACKETS = str.maketrans("（）〔〕［］[]【】〈〉", "()()()()()()")


@dataclass(frozen=True, slots=True)
class NameParts:
    """`body` is what tells firms apart: the name without region, form, branch, brackets and marks."""

    body: str
    region: str
    branch: str
    whole: str

    @property
    def is_branch(self) -> bool:
        """Whether it is a part of another firm, which has a credit code of its own."""
        return bool(self.branch)


def parts_of(name: str) -> NameParts:
    """Take a name apart.

    `上海普陀绿源环保科技有限责任公司第二分公司` → body 绿源环保科技, region 上海普陀, branch 2分公司.
    Brackets count for what is in them: `上海（绿源）环保` and `上海绿源环保` are one. Full-width signs, blanks and
    the difference between 有限公司 and 有限责任公司 are dropped. One slip in region or legal form spoils neither.
    """
    whole = plain(name)
    region = found.group() if (found := REGIONS.match(whole)) else ""
    if slip := REGION_SLIP.match(whole[len(region) :]):
        region += slip.group()
    mother, branch = _apart(whole[len(region) :])
    return NameParts(FORMS.sub("", _form_mended(mother)), region, branch, whole)


def _form_mended(name: str) -> str:
    """The name without a legal form at its end that one slip spoilt: 电镀有限司, 纺织股份有公司.

    A form that is whole stays for `FORMS`, unless a longer one with a slip ends there (印刷团有限公司).
    """
    whole = max((len(form) for form in LONG_FORMS if name.endswith(form)), default=0)
    for form in LONG_FORMS:  # the longest first
        for length in (len(form) - 1, len(form), len(form) + 1):
            tail = name[-length:]
            if whole < len(form) and len(name) > length and OSA.distance(tail, form, score_cutoff=1) == 1:
                return name[:-length]
    return name


def _apart(name: str) -> tuple[str, str]:
    """The mother firm's name, and which of its branches it is ("": none)."""
    if not PART.search(name):
        return name, ""
    forms = list(MOTHER.finditer(name))
    short = BRANCH.search(name)
    at = forms[-1].end() if forms else short.start() if short else len(name)
    said = name[at:].removeprefix("第").translate(DIGITS)
    return name[:at], said


def plain(text: str) -> str:
    """NFKC, upper case, without blanks, marks, brackets, and a bracket that only says where a firm is from."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(BRACKETS)
    return DROPPED.sub("", PLACE_IN_BRACKETS.sub("", folded)).replace("(", "").replace(")", "")
