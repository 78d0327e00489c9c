"""A job: what to export and where to. The window and the command line run the same jobs.

    film = Film(kind="interpolation", paths=((Source(Seed(1)), Source(Seed(2))),), frames=60)
    job = Job(what=film, out=Path("film.mp4"))
    job.check(info)  # refuses in one sentence, before anything is made
    run(job, renderer, progress=show, control=Control())

`run` belongs on a thread of its own with a renderer of its own, whose model is loaded. This module imports neither
numpy nor torch, so that a dialog and a command line can refuse before these are there.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StylescopeError, UsageError, clipped
from engine.export import description, description_file, film, pictures
from engine.export.control import Cancelled, Control, Progress, Watch
from engine.export.film import Film, holds_only_frames
from engine.export.grid import Grid
from engine.export.pictures import Pictures
from engine.family import ModelInfo
from engine.files.atomic import check_file, check_folder

if TYPE_CHECKING:
    from engine.renderer import Renderer

_SUFFIXES: dict[type, tuple[str, ...]] = {Pictures: pictures.SUFFIXES, Grid: (".png",), Film: film.SUFFIXES}
_NO_FILMS = (".avi", ".mov", ".mkv", ".m4v", ".apng", ".json", *pictures.SUFFIXES)  # meant as a file, surely
MAX_WORD = 100_000  # bytes of one word of a command line that every system takes

__all__ = ["Cancelled", "Control", "Film", "Grid", "Job", "Pictures", "Written", "command_line", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to make and where to put it. The format follows from the name's suffix; any other name is a folder."""

    what: Pictures | Grid | Film
    out: Path
    quality: int | None = None  # 1 to 100, for JPEG, WebP, MP4 and WebM; None: what suits the format
    folder_format: str = ".png"  # suffix of the pictures in a folder

    @property
    def suffix(self) -> str:
        """The suffix that decides the format, in lower case; "" for a folder."""
        suffix = self.out.suffix.lower()
        return suffix if suffix in _SUFFIXES[type(self.what)] else ""

    def count(self, info: ModelInfo) -> int:
        """Pictures that have to be made."""
        match self.what:
            case Pictures():
                return len(self.what.recipes)
            case Film():
                return self.what.frames * len(self.what.paths)
            case Grid():
                return self.what.layout(info).pictures

    def check(self, info: ModelInfo) -> None:
        """Refuse what cannot be made of this model or written there. Raises StylescopeError."""
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UsageError(f"the quality {clipped(self.quality, 20)} is out of range", "give one from 1 to 100")
        if not isinstance(self.what, Pictures) and self.what.base.model.content_id not in ("", info.content_id):
            wanted = clipped(self.what.base.model.name, 80)
            raise UsageError(
                f"that was made with the model {wanted}, not with {clipped(info.name, 80)}", "open it first"
            )
        match self.what:
            case Pictures():
                self.what.check(self.suffix)
                pictures.check_format(self.suffix or self.folder_format, info)
                if not self.suffix and self.out.exists() and not self.out.is_dir():
                    raise UsageError(f"{clipped(self.out)} is a file", "give a folder, or a name with a known suffix")
            case Grid():
                self.what.check(info)
                if not self.suffix:
                    raise UsageError("a grid is written as PNG", "give a name that ends in .png")
            case Film():
                self.what.check(info, self.suffix)
                if not self.suffix and self.out.suffix.lower() in _NO_FILMS:
                    known = ", ".join(_SUFFIXES[Film])
                    raise UsageError(f"a film is not written as {self.out.suffix}", f"choose {known} or a folder")
                if not self.suffix:
                    check_folder(self.out, holds_only_frames)
        if self.suffix:
            check_file(self.out)
            if self._puts_json_beside:
                description_file.check_beside(self.out, of_film=isinstance(self.what, Film))

    @property
    def _puts_json_beside(self) -> bool:
        match self.what:
            case Pictures():
                return self.suffix != ".png" and self.what.keep_recipes
            case Film():
                return self.suffix not in film.VIDEOS
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file, or a folder of frames, that is there."""

    path: Path
    sha256: str  # of the pixels as they were rendered: uint8 [H, W, C] row by row, of .npy the float32 numbers
    seconds: float  # of work


def run(
    job: Job,
    renderer: Renderer,
    *,
    progress: Progress | None = None,
    control: Control | None = None,
    written: Callable[[Written], None] | None = None,
) -> list[Written]:
    """Make a job with the renderer's model; what was written, also told one by one.

    `progress` is called on this thread, at least twice a second. Raises StylescopeError, and Cancelled within the
    next step of the network; then nothing is left of the file. Of a folder of pictures those stay that were finished.
    """
    info = renderer.info
    if info is None:
        raise StylescopeError("no model is loaded", "load one first")
    job.check(info)
    control = control or Control()
    watch = Watch(job.count(info), progress, control)
    found: list[Written] = []

    def tell(path: Path, sha256: str, seconds: float) -> None:
        found.append(Written(path=path, sha256=sha256, seconds=seconds))
        if written is not None:
            written(found[-1])

    watch.check()
    try:
        _make(job, renderer, watch, tell)
    except Exception:
        if control.cancelled:  # the renderer's Stopped, and whatever else the end brought about
            raise Cancelled from None
        raise
    return found


def _make(job: Job, renderer: Renderer, watch: Watch, tell: Callable[[Path, str, float], None]) -> None:
    what, out = job.what, job.out
    if isinstance(what, Pictures):
        from engine.export import picture_file

        make = picture_file.make if job.suffix else picture_file.make_folder
        make(what, out, job.suffix or job.folder_format, job.quality, renderer, watch, tell)
    elif isinstance(what, Grid):
        from engine.export import grid_file

        tell(out, grid_file.make(what, out, renderer, watch), watch.seconds)
    else:
        from engine.export import film_file

        tell(out, film_file.make(what, out, job.suffix, job.quality, renderer, watch), watch.seconds)


def command_line(job: Job, model: Path | str | None = None, device: str = "auto", dtype: str = "auto") -> str:
    """The line that makes the same pixels without a window, quoted for this system's shell.

    model: a path or bundled name, where the recipe's content id alone would not lead to it. Where the recipes are too
    long for a command line, they are taken from the file that the job writes. Raises UsageError where there is none.
    """
    what = job.what
    name = {Pictures: "image", Grid: "grid", Film: "video"}[type(what)]
    text = _text(what)
    if len(text.encode("utf-8")) > MAX_WORD:
        if isinstance(what, Pictures) and not job.suffix:
            raise UsageError("the recipes are too long for a command line", "make fewer pictures at a time")
        holds_it = job.suffix in (".png", *film.VIDEOS)
        text = str(job.out if holds_it else job.out.with_suffix(".json") if job.suffix else job.out / film.DESCRIPTION)
    words = ["python", "main.py", name, *([] if model is None else [str(model)])]
    words += ["--recipe", text, "--out", str(job.out)]
    words += [] if job.quality is None else ["--quality", str(job.quality)]
    if isinstance(what, Pictures) and not job.suffix and job.folder_format != ".png":
        words += ["--format", job.folder_format[1:]]
    words += [] if device == "auto" else ["--device", device]
    words += [] if dtype == "auto" else ["--dtype", dtype]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _text(what: Pictures | Grid | Film) -> str:
    if not isinstance(what, Pictures):
        return description.dumps(what)
    return description.dumps(what.recipes) if len(what.recipes) > 1 else description.short(what.recipes[0])
