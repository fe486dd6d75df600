"""Writes `unlike.json` from plain, freely licensed pictures: `python -m models.vision.unlike_fit FOLDER…`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from models.vision.datasets.labelled import SUFFIXES
from models.vision.pictures import read_picture
from models.vision.unlike import FILE, figures_of, fit


def pictures_in(folders: list[str]) -> list[Path]:
    """All pictures beneath some folders, sorted."""
    return sorted(p for folder in folders for p in Path(folder).rglob("*") if p.suffix.lower() in SUFFIXES)


def main() -> None:
    """Fit and write."""
    files = pictures_in(sys.argv[1:])
    figures = np.array([figures_of(read_picture(file)) for file in files])
    plain = fit(figures)
    said = {
        "pictures": len(files),
        "reach": round(plain.reach, 4),
        "middle": np.round(plain.middle, 5).tolist(),
        "precision": np.round(plain.precision, 4).tolist(),
    }
    FILE.write_text(json.dumps(said) + "\n", "utf-8")
    sys.stdout.write(f"{len(files)} pictures, reach {plain.reach:.2f}\n")


if __name__ == "__main__":
    main()
