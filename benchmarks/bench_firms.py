"""Who is the same firm: precision and recall on made-up books, beside exact names, and how long it takes.

`python -m benchmarks.bench_firms [FIRMS]`
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict

from benchmarks.worlds import firm_books
from models.firms.entry import Entry
from models.firms.match import compared, propose
from models.firms.names import plain

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)


def entries_of(world: firm_books.World) -> tuple[list[Entry], dict[tuple[str, str], int]]:
    entries, truth = [], {}
    for line in world.lines:
        valid = len(line.code) == 18 and firm_books.check(line.code[:-1]) == line.code[-1]
        entry = Entry(
            kind=line.kind, key=line.key, name=line.name, former_names=line.former, address=line.address,
            code=line.code if valid else "", written_code="" if valid else line.code, org_code=line.org_code,
            old_number=line.old_number, x_m=float("nan") if line.x is None else line.x,
            y_m=float("nan") if line.y is None else line.y,
        )  # fmt: skip
        entries.append(entry)
        truth[entry.id] = line.firm
    return entries, truth


def linkable(entries: list[Entry], truth: dict) -> set[tuple[str, str]]:
    """Entries without a valid code whose firm stands in some book with a valid one, or in the book of firms earlier."""
    coded = {truth[e.id] for e in entries if e.code}
    first: dict[int, tuple[str, str]] = {}
    for e in sorted(entries, key=lambda e: e.id):
        if not e.code and truth[e.id] not in coded and e.kind == "enterprise":
            first.setdefault(truth[e.id], e.id)
    return {
        e.id for e in entries
        if not e.code and (truth[e.id] in coded or (truth[e.id] in first and first[truth[e.id]] != e.id))
    }  # fmt: skip


def score(world: firm_books.World) -> tuple[dict[float, tuple[float, float, int]], tuple[float, float], float]:
    entries, truth = entries_of(world)
    wanted = linkable(entries, truth)
    started = time.perf_counter()
    found = propose(entries, at_least=0.5)
    seconds = time.perf_counter() - started
    table = {}
    for threshold in THRESHOLDS:
        made = [p for p in found if p.probability >= threshold]
        right = sum(truth[p.entry.id] == truth[p.keep.id] for p in made)
        table[threshold] = (right / max(1, len(made)), right / max(1, len(wanted)), len(made))
    return table, by_exact_name(entries, truth, wanted), seconds


def by_exact_name(entries: list[Entry], truth: dict, wanted: set) -> tuple[float, float]:
    names = defaultdict(set)
    for e in entries:
        if e.code:
            names[plain(e.name)].add(truth[e.id])
    made = [(e, names[plain(e.name)]) for e in entries if not e.code and len(names.get(plain(e.name), ())) == 1]
    right = sum(truth[e.id] in firms for e, firms in made)
    return right / max(1, len(made)), right / max(1, len(wanted))


def main() -> None:
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    for harder in (False, True):
        for seed in range(41, 47):
            table, exact, seconds = score(firm_books.make(seed, firms, harder=harder))
            cells = "  ".join(f"{t}: P {p:.4f} R {r:.3f}" for t, (p, r, _) in table.items())
            plainly = f"exact name: P {exact[0]:.3f} R {exact[1]:.3f}"
            print(f"harder={harder!s:5} seed {seed}  {cells}  | {plainly}  {seconds:.1f} s")


def pieces_seen(seed: int = 21, firms: int = 800) -> None:
    """How often each piece is seen between entries of one firm and of two: to set the weights by."""
    from models.firms.candidates import candidate_pairs

    world = firm_books.make(seed, firms)
    entries, truth = entries_of(world)
    coded = defaultdict(list)
    for e in entries:
        if e.code:
            coded[e.code].append(e)
    groups, loose = [coded[c] for c in sorted(coded)], [e for e in entries if not e.code]
    seen = {True: Counter(), False: Counter()}
    for i, j in candidate_pairs(loose, groups):
        same = truth[loose[i].id] == truth[groups[j][0].id]
        seen[same]["pairs"] += 1
        for piece in compared(loose[i], groups[j]):
            seen[same][f"{piece.kind}:{piece.found}"] += 1
    for key in sorted(set(seen[True]) | set(seen[False])):
        same, other = (seen[one][key] / seen[one]["pairs"] for one in (True, False))
        print(f"{key:35} same {same:.4f}  other {other:.4f}")


if __name__ == "__main__":
    main()
