"""Which pairs of entries are worth a closer look: all pairs of a large registry would be too many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.firms.entry import Entry
from models.firms.names import parts_of, plain

NEAREST = 15
LEAST_COSINE = 0.25
_CHUNK = 2048


def candidate_pairs(loose: Sequence[Entry], firms: Sequence[Sequence[Entry]]) -> NDArray[np.int64]:
    """Pairs of a loose entry and a firm that share a number, nearly share a code, or have names alike.

    Args:
        loose: entries without a valid code.
        firms: the entries of each known firm.

    Returns:
        (n, 2) indices into `loose` and `firms`, each pair once, in order.
    """
    pairs = set(_by_numbers(loose, firms))
    pairs.update(_by_names([_names(one) for one in loose], [_names(*firm) for firm in firms]))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _names(*entries: Entry) -> list[str]:
    said = [name for entry in entries for name in (entry.name, *entry.former_names) if name]
    return list(dict.fromkeys(parts_of(name).body or plain(name) for name in said))


def _by_numbers(loose: Sequence[Entry], firms: Sequence[Sequence[Entry]]) -> Iterable[tuple[int, int]]:
    known = defaultdict(set)
    for j, firm in enumerate(firms):
        for entry in firm:
            for token in _tokens(entry):
                known[token].add(j)
    for i, entry in enumerate(loose):
        found = {j for token in _tokens(entry) for j in known.get(token, ())}
        yield from ((i, j) for j in found)


def _tokens(entry: Entry) -> Iterable[str]:
    """Numbers as looked up; a code of 18 also with each one of its characters left out, so that a slip still meets."""
    if entry.old_number:
        yield f"old {entry.old_number}"
    code = entry.code or entry.written_code
    org = entry.org_code or (code[8:17] if len(code) == 18 else "")
    if org:
        yield f"org {org}"
    if len(code) in (17, 18, 19):
        yield f"code {code}"
        yield from (f"code {code[:k]}{code[k + 1 :]}" for k in range(len(code)))


def _by_names(loose: Sequence[Sequence[str]], firms: Sequence[Sequence[str]]) -> Iterable[tuple[int, int]]:
    """The nearest by cosine of bigram weights, rare bigrams counting more; by chunks, so memory stays flat."""
    names = [name for group in (*loose, *firms) for name in group]
    if not names or not firms:
        return
    owner = np.repeat(np.arange(len(loose) + len(firms)), [len(group) for group in (*loose, *firms)])
    matrix = _weights(names)
    split = int(np.searchsorted(owner, len(loose)))
    left, right = matrix[:split], matrix[split:].T.tocsc()
    for start in range(0, split, _CHUNK):
        product = (left[start : start + _CHUNK] @ right).tocsr()
        for row in range(product.shape[0]):
            lo, hi = product.indptr[row], product.indptr[row + 1]
            scores, columns = product.data[lo:hi], product.indices[lo:hi]
            keep = np.flatnonzero(scores >= LEAST_COSINE)
            best = keep[np.argsort(-scores[keep], kind="stable")[:NEAREST]]
            i = int(owner[start + row])
            yield from ((i, int(owner[split + columns[k]]) - len(loose)) for k in best)


def _weights(names: Sequence[str]) -> sparse.csr_matrix:
    index: dict[str, int] = {}
    rows, columns = [], []
    for i, name in enumerate(names):
        for gram in _grams(name):
            rows.append(i)
            columns.append(index.setdefault(gram, len(index)))
    counts = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(names), max(1, len(index))))
    frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
    weighted = counts @ sparse.diags(np.log1p(len(names) / (1 + frequency)))
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(norm > 0, norm, 1.0)) @ weighted


def _grams(name: str) -> Iterable[str]:
    """Pairs of neighbouring characters, and single ones, which a wrong character in a short name leaves over."""
    yield from (name[k : k + 2] for k in range(len(name) - 1))
    yield from name
