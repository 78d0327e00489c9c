"""Classes of pictures: `dataset.json` as the public tools write it, or the folders that the pictures are in.

    {"labels": [["00000/img00000000.png", 3], ...]}      class numbers, or lists of numbers of one length; or null

M pictures, K classes or numbers, N of a batch.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError, clipped
from engine.families.sizes import MAX_CLASSES
from train.datasets.faults import Fault, Offenders
from train.datasets.sources import LABELS, Source, common_folder, label_text

LARGEST = 1e30  # of numbers in labels; also refuses infinity and NaN
BYTES_EACH = 16_384  # of dataset.json for each picture
AGAIN = f"mend {LABELS}, or remove it to train without labels"
CHUNK = re.compile(r"\d{5}")  # folders of a thousand pictures each, as the public tools and FFHQ have: no classes


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """One label for each picture."""

    values: NDArray[Any]  # int64 [M], class numbers; or float32 [M, K]
    width: int  # K
    origin: str  # "dataset.json" or "folders"
    names: tuple[str, ...] = ()  # of the classes, where they have any

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """[N, K]: one-hot of class numbers, or the numbers themselves."""
        chosen = self.values[indices]
        if self.values.ndim == 2:
            return np.asarray(chosen, np.float32)
        rows = np.zeros((len(indices), self.width), np.float32)
        rows[np.arange(len(indices)), chosen] = 1
        return rows

    def as_json(self) -> list[Any]:
        """What `dataset.json` holds of each picture."""
        return list(self.values.tolist())

    def counts(self) -> list[int]:
        """Pictures of each class; empty where labels are numbers and no classes."""
        return np.bincount(self.values, minlength=self.width).tolist() if self.values.ndim == 1 else []


def read_labels(source: Source) -> Labels | None:
    """Those of `dataset.json`, else those of the folders; None if there are neither. Raises TrainingError."""
    below, text = label_text(source, 1 << 20 | BYTES_EACH * len(source.names))
    if text is not None:
        return _from_json(text, [name.removeprefix(below) for name in source.names])
    common = common_folder(source.names)
    return _by_folder([name.removeprefix(common) for name in source.names])


def label_file(names: Sequence[str], labels: Labels | None) -> bytes:
    """The `dataset.json` of pictures with these names."""
    pairs = None if labels is None else [list(pair) for pair in zip(names, labels.as_json(), strict=True)]
    return json.dumps({"labels": pairs}).encode()


def _from_json(text: bytes, names: list[str]) -> Labels | None:
    try:
        top = json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else clipped(error, 60)
        raise TrainingError(f"{LABELS} is no JSON text ({why})", AGAIN) from None
    if not isinstance(top, dict) or "labels" not in top:
        raise TrainingError(f'{LABELS} is no object with "labels" in it', AGAIN)
    if top["labels"] is None:
        return None
    table, faults = _table(top["labels"])
    known = set(names)
    faults += [Fault(name, f"has a label in {LABELS}, and is no picture here") for name in table if name not in known]
    faults += [Fault(name, f"has no label in {LABELS}") for name in names if name not in table]
    if faults:
        raise Offenders(f"{LABELS} is no match for the pictures", AGAIN, faults)
    return _labels([table[name] for name in names], names)


def _table(pairs: object) -> tuple[dict[str, Any], list[Fault]]:
    table: dict[str, Any] = {}
    twice = []
    for pair in pairs if isinstance(pairs, list) else [None]:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise TrainingError(f"the labels in {LABELS} are no pairs of a name and a label", AGAIN)
        if pair[0] in table:
            twice.append(Fault(pair[0], f"has two labels in {LABELS}"))
        table[pair[0]] = pair[1]
    return table, twice


def _labels(values: list[Any], names: list[str]) -> Labels:
    widths = [_width(value) for value in values]
    usual = Counter(width for width in widths if width >= 0).most_common(1)
    wanted = usual[0][0] if usual else 0
    faults = [
        Fault(name, f"its label in {LABELS} is {clipped(json.dumps(value), 40)}")
        for name, value, width in zip(names, values, widths, strict=True)
        if width != wanted
    ]
    if faults:
        remedy = f"give all classes from 0 to {MAX_CLASSES - 1}, or all lists of numbers of one length"
        raise Offenders(f"labels in {LABELS} cannot be used", remedy, faults)
    if wanted:
        return Labels(np.array(values, np.float32), wanted, LABELS)
    return Labels(np.array(values, np.int64), max(values) + 1, LABELS)


def _width(value: object) -> int:
    """0: a class; more: numbers in a list; -1: no label."""
    if isinstance(value, list):
        return len(value) if 0 < len(value) <= MAX_CLASSES and _are_numbers(value) else -1
    return 0 if type(value) is int and 0 <= value < MAX_CLASSES else -1


def _are_numbers(values: list[Any]) -> bool:
    return all(type(v) in (int, float) and abs(v) < LARGEST for v in values)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _by_folder(names: list[str]) -> Labels | None:
    """Classes by the first folder, when every picture is in one, there are several, no more than networks take, and
    they do not just number it."""
    folders = [name.partition("/")[0] if "/" in name else "" for name in names]
    classes = sorted(set(folders))
    if not 1 < len(classes) <= MAX_CLASSES or "" in classes or all(CHUNK.fullmatch(c) for c in classes):
        return None
    number = {name: i for i, name in enumerate(classes)}
    return Labels(np.array([number[f] for f in folders], np.int64), len(classes), "folders", tuple(classes))
