"""What an export is going to be, in words: pictures, size, time. The speed is measured on the render thread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from engine.export import outlook
from engine.export.job import Film, Job
from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.export_words import counted, duration
from explorer.worker import Engine

SAMPLES, ENOUGH = 5, 500  # pictures that tell the speed, and milliseconds after which fewer do


def facts(job: Job, info: ModelInfo, ms: float | None) -> str:
    """Three lines on a job. ms: of a picture; None: nobody knows yet."""
    seen, found = outlook.preview(job, info), outlook.estimate(job, info, ms or 0)
    what = counted(found.pictures)
    if isinstance(job.what, Film):
        what = f"{job.what.frames} frames, {job.what.seconds:.4g} s"
    takes = f"about {duration(found.seconds)} to make, " if ms else "measuring the speed ... "
    return f"{what}\n{seen.width} x {seen.height} pixels\n{takes}about {size_words(found.bytes)}"


def measured(engine: Engine, recipe: Recipe, stop: Callable[[], bool]) -> float:
    """Milliseconds of one whole picture; on the render thread."""
    times: list[float] = []
    while not times or (len(times) < SAMPLES and sum(times) < ENOUGH):
        began = time.perf_counter()
        engine.render(recipe, stop=stop, remember=False)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def size_words(size: float) -> str:
    """Bytes for people."""
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.2g} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1000:.3g} GB"
