"""Jobs: cancel, pause, progress, full disks, kill -9; estimates, previews, the line that does it again."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import main
from engine import recipe_json
from engine.errors import StylescopeError, UsageError
from engine.export import control as control_module
from engine.export import description, description_file, outlook
from engine.export.film import Film
from engine.export.grid import Grid
from engine.export.job import Cancelled, Control, Job, Pictures, command_line, run
from engine.export.page import Page
from engine.export.pictures import source_names
from engine.picture import open_picture
from engine.recipe import Mix, ModelRef, Recipe, SavedLatent, Seed, Source, vector
from tests.engine.export.painted import PaintedRenderer, painted_info

ROOT = Path(__file__).resolve().parents[3]
PATHS = ((Source(Seed(1)), Source(Seed(2))),)
WHATS = {
    "film.mp4": Film(kind="interpolation", paths=PATHS, frames=40, scale=1),
    "film.webm": Film(kind="interpolation", paths=PATHS, frames=40, scale=1),
    "film.gif": Film(kind="interpolation", paths=PATHS, frames=40),
    "film2.webp": Film(kind="interpolation", paths=PATHS, frames=40),
    "frames": Film(kind="interpolation", paths=PATHS, frames=40),
    "grid.png": Grid(kind="seeds", sources=tuple(Source(Seed(i)) for i in range(40))),
    "all.npy": Pictures(recipes=tuple(Recipe(a=Source(Seed(i))) for i in range(40))),
}


def everything(folder):
    """Every file under a folder, with its content."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def old(tmp_path):
    """Older results under all names."""
    for name in WHATS:
        if name != "frames":
            (tmp_path / name).write_bytes(b"old")
    for name in ("film.json", "film2.json"):
        (tmp_path / name).write_text(description.dumps(Film(kind="interpolation", paths=PATHS, frames=3)))
    (tmp_path / "all.json").write_text(recipe_json.dumps(Recipe(psi=0.25)))
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "frame00000.png").write_bytes(b"old")
    return everything(tmp_path)


@pytest.mark.parametrize("name", WHATS)
@pytest.mark.parametrize("after", [0, 1, 17, 40])
def test_a_cancelled_job_leaves_what_was_there(name, after, old, tmp_path):
    control = Control()

    def progress(done, total, seconds):
        assert total == 40
        if done == after:
            control.cancel()

    if after == 0:
        control.cancel()
    with pytest.raises(Cancelled):
        run(Job(what=WHATS[name], out=tmp_path / name), PaintedRenderer(), progress=progress, control=control)
    assert everything(tmp_path) == old
    assert threading.active_count() == 1


@pytest.mark.parametrize("name", WHATS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, StylescopeError("what", "remedy")])
def test_a_job_that_fails_leaves_what_was_there(name, error, old, tmp_path):
    def fails(done, total, seconds):
        if done == 9:
            raise error

    with pytest.raises(error if isinstance(error, type) else StylescopeError):
        run(Job(what=WHATS[name], out=tmp_path / name), PaintedRenderer(), progress=fails)
    assert everything(tmp_path) == old
    assert threading.active_count() == 1


def test_of_a_folder_of_pictures_the_finished_ones_stay(tmp_path):
    """Each is whole and what was asked for."""
    control = Control()
    what = Pictures(recipes=WHATS["all.npy"].recipes)
    with pytest.raises(Cancelled):
        run(
            Job(what=what, out=tmp_path / "new" / "pictures"),
            PaintedRenderer(),
            progress=lambda done, *_: control.cancel() if done == 3 else None,
            control=control,
        )
    names = sorted(path.name for path in (tmp_path / "new" / "pictures").iterdir())
    assert names == ["picture0000.png", "picture0001.png", "picture0002.png"]
    assert open_picture(tmp_path / "new" / "pictures" / names[2])[0] == what.recipes[2]


def test_a_job_is_cancelled_between_the_steps_of_a_picture(renderer, tmp_path, monkeypatch):
    """A large picture takes seconds: nobody waits for it."""
    monkeypatch.setattr(control_module, "BEAT", 0)
    control, beats = Control(), []

    def progress(done, total, seconds):
        beats.append(done)
        if len(beats) == 5:
            control.cancel()

    what = Pictures(recipes=(Recipe(a=Source(Seed(77))),))
    with pytest.raises(Cancelled):
        run(Job(what=what, out=tmp_path / "p.png"), renderer, progress=progress, control=control)
    assert beats == [0] * 5, "the picture was not finished"
    assert everything(tmp_path) == {}


def test_a_paused_job_waits_and_its_clock_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(control_module, "BEAT", 0)
    control, waited = Control(), threading.Event()
    hold = control.hold
    monkeypatch.setattr(control, "hold", lambda: (waited.set(), hold()))
    told = []

    def progress(done, total, seconds):
        told.append((done, seconds))
        if done == 5 and not waited.is_set():
            control.pause()

    job = Job(what=WHATS["grid.png"], out=tmp_path / "g.png")
    thread = threading.Thread(target=lambda: run(job, PaintedRenderer(), progress=progress, control=control))
    thread.start()
    assert waited.wait(60)
    count = len(told)
    thread.join(0.05)
    assert thread.is_alive()
    assert len(told) == count
    control.resume()
    thread.join(60)
    assert not thread.is_alive()
    assert told[-1][0] == 40
    assert [seconds for _, seconds in told] == sorted(seconds for _, seconds in told)
    assert (tmp_path / "g.png").exists()


def test_a_paused_job_can_be_cancelled(tmp_path):
    control, ended = Control(), []

    def work():
        try:
            run(Job(what=WHATS["film.mp4"], out=tmp_path / "f.mp4"), PaintedRenderer(), control=control)
        except Cancelled:
            ended.append(True)

    control.pause()
    thread = threading.Thread(target=work)
    thread.start()
    control.cancel()
    control.pause()  # too late to matter
    thread.join(60)
    assert ended == [True]
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("name", WHATS)
def test_progress_goes_from_the_first_to_the_last(name, tmp_path):
    told = []
    job = Job(what=WHATS[name], out=tmp_path / name)
    results = run(job, PaintedRenderer(), progress=lambda *now: told.append(now))
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert {done for done, _, _ in told} >= set(range(1, 41))
    assert told[-1][:2] == (40, 40)
    assert [result.path for result in results] == [tmp_path / name]


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
@pytest.mark.parametrize("name", [name for name in WHATS if name != "all.npy"])
def test_a_full_disk_is_said_in_words_and_leaves_what_was_there(name, old, tmp_path):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # frames come one a file: each has to be larger than what fits
    renderer = PaintedRenderer(painted_info(128 if name == "frames" else 64), noisy=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, before[1]))
    try:
        with pytest.raises(StylescopeError, match="cannot write") as refusal:
            run(Job(what=WHATS[name], out=tmp_path / name, quality=95), renderer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert "free some space" in refusal.value.remedy
    assert everything(tmp_path) == old


CHILD = """
import sys
from pathlib import Path
from tests.engine.export.painted import PaintedRenderer, painted_info
from tests.engine.export.test_job import WHATS
from engine.export.job import Job, run
name, out, after, waits = sys.argv[1:]

def progress(done, *_):
    print(done, flush=True)
    if done >= int(after) and waits == "True":
        sys.stdin.read()  # for ever: it is killed at this very place

run(Job(what=WHATS[name], out=Path(out)), PaintedRenderer(painted_info(128)), progress=progress)
"""


def killed(name, out, after, waits=True):
    """Start a job in a process of its own and kill it (no chance to tidy up) when `after` pictures are done."""
    command = [sys.executable, "-c", CHILD, name, str(out), str(after), str(waits)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as child:
        for line in child.stdout:
            if int(line) >= after:
                child.kill()
                break


@pytest.mark.parametrize(("name", "after"), [("film.mp4", 25), ("grid.png", 40)])
def test_kill_leaves_the_old_file_whole(name, after, old, tmp_path):
    killed(name, tmp_path / name, after)
    found = everything(tmp_path)
    assert {path: data for path, data in found.items() if not path.name.startswith(".")} == old


@pytest.mark.stress
def test_kill_at_any_moment_leaves_the_old_file_or_the_new_one(old, tmp_path):
    for name in WHATS:
        what, out = WHATS[name], tmp_path / name
        for after in range(0, 41, 4):
            killed(name, out, after, waits=after % 8 == 0)
            found = everything(tmp_path)
            for path, data in old.items():
                changed = found.get(path) != data
                assert not changed or path.parts[0] in (name, out.with_suffix(".json").name)
            if name.endswith(("mp4", "webm", "png")) and out.read_bytes() != b"old":
                assert description_file.read(out) == what


# --- what a dialog shows


@pytest.mark.parametrize("name", WHATS)
def test_estimates_count_all_pictures_and_are_near_the_size(name, tmp_path):
    renderer = PaintedRenderer(noisy=True)
    job = Job(what=WHATS[name], out=tmp_path / name)
    found = outlook.estimate(job, renderer.info, 50)
    run(job, renderer)
    assert found.pictures == renderer.made == 40
    assert found.seconds == pytest.approx(2)
    size = sum(len(data) for path, data in everything(tmp_path).items())
    assert size / 30 < found.bytes < 30 * size, "of noise; photographs are nearer"


@pytest.mark.parametrize("name", WHATS)
def test_a_preview_tells_size_and_first_recipes_and_is_drawn_small(name, tmp_path):
    renderer = PaintedRenderer()
    job = Job(what=WHATS[name], out=tmp_path / name)
    seen = outlook.preview(job, renderer.info)
    drawn = outlook.draw(seen, renderer, 16, most=9)
    assert renderer.made == (9 if name == "grid.png" else 1)
    assert drawn.ndim == 3
    assert len(drawn) < 300
    run(job, renderer)
    if name.endswith((".png", ".gif")):
        with Image.open(tmp_path / name) as image:
            assert (seen.width, seen.height) == image.size
    assert seen.layout.rows[0].cells[0].recipe is not None
    assert seen.frames == (40 if "f" in name else 1)


def test_the_first_frame_of_a_cubic_film_needs_no_curve():
    film = Film(kind="interpolation", paths=(PATHS[0] * 2,) * 3, frames=9, cubic=True)
    seen = outlook.preview(Job(what=film, out=Path("f.mp4")), painted_info())
    assert [len(row.cells) for row in seen.layout.rows] == [2, 2]


# --- the same again from the command line

BASE = Recipe(psi=0.6, cutoff=5, mix=Mix(t=0.25, blend="even"))
LATENT = Source(SavedLatent("w", vector([0.25] * 16)), (0.0, 1.0, 0.0))
JOBS = {
    "p.png": Pictures(recipes=(BASE,)),
    "p.npy": Pictures(recipes=(BASE, Recipe())),
    "pictures": Pictures(recipes=(BASE, Recipe(a=LATENT)), names=source_names([BASE.a, LATENT])),
    "seeds": Pictures(recipes=(BASE, Recipe()), names=("seed0000", "seed0000-2")),
    "it's a grid.png": Grid(kind="mixing", base=BASE, sources=(LATENT,), sources_b=PATHS[0], layers=(1, 2)),
    "f.mp4": Film(kind="interpolation", base=BASE, paths=((LATENT, *PATHS[0]),), frames=5, cubic=True, scale=1),
    "frames": Film(kind="noise", base=BASE, paths=(PATHS[0][:1],), frames=4, noise_seeds=(3,), page=Page(gap=2)),
}


@pytest.mark.parametrize("name", JOBS)
def test_the_copied_command_makes_the_same_pixels(name, renderer, model_file, tmp_path, capsys):
    job = Job(what=JOBS[name], out=tmp_path / name, quality=70)
    here = [(str(written.path), written.sha256) for written in run(job, renderer)]
    words = shlex.split(command_line(job, model_file, "cpu"))
    assert words[:2] == ["python", "main.py"]
    assert main.main([*words[2:], "--json"]) == 0
    lines = [recipe_json.parse(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["path"], line["sha256"]) for line in lines] == here


def test_a_recipe_too_long_for_a_command_line_is_taken_from_the_file(tmp_path):
    sources = tuple(Source(SavedLatent("z", vector(np.random.RandomState(i).randn(512).tolist()))) for i in range(60))
    film = Film(kind="interpolation", paths=(sources,), frames=5)
    for name, holder in (("f.mp4", "f.mp4"), ("f.gif", "f.json"), ("frames", "frames/film.json")):
        line = command_line(Job(what=film, out=tmp_path / name))
        assert len(line) < 1000
        assert str(tmp_path / holder) in line
    pictures = Pictures(recipes=tuple(Recipe(a=source) for source in sources))
    with pytest.raises(UsageError, match="too long"):
        command_line(Job(what=pictures, out=tmp_path / "folder"))


# --- refusals

REFUSED = [
    (WHATS["film.mp4"], "f.avi", {}, "not written as .avi"),
    (WHATS["film.mp4"], "f.png", {}, "not written as .png"),
    (WHATS["film.mp4"], "none/f.mp4", {}, "does not exist"),
    (WHATS["film.mp4"], "full", {}, "holds other things"),
    (WHATS["film.mp4"], "full/file", {}, "is a file"),
    (WHATS["film.mp4"], "folder.mp4", {}, "is a folder"),
    (WHATS["grid.png"], "g.webp", {}, "PNG"),
    (WHATS["grid.png"], "folder", {}, "PNG"),
    (WHATS["grid.png"], "g.png", {"quality": 0}, "quality"),
    (WHATS["all.npy"], "p.png", {}, "40 pictures do not fit into one PNG"),
    (WHATS["all.npy"], "full/file", {}, "is a file"),
    (WHATS["all.npy"], "folder", {"folder_format": ".bmp"}, "no picture format"),
    (Pictures(recipes=()), "p", {}, "no pictures"),
]


@pytest.mark.parametrize(("what", "name", "options", "says"), REFUSED, ids=[f"{n} {s}" for _, n, _, s in REFUSED])
def test_what_cannot_be_written_is_refused_before_a_picture_is_made(what, name, options, says, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    (tmp_path / "folder.mp4").mkdir()
    before, renderer = everything(tmp_path), PaintedRenderer()
    with pytest.raises(StylescopeError, match=says):
        run(Job(what=what, out=tmp_path / name, **options), renderer)
    assert renderer.made == 0
    assert everything(tmp_path) == before


@pytest.mark.parametrize("text", ["{}", "mine", "\xff", description.dumps(WHATS["film.mp4"])])
def test_somebody_elses_json_is_not_written_over(text, tmp_path):
    (tmp_path / "p.json").write_text(text, encoding="latin-1")
    before, renderer = everything(tmp_path), PaintedRenderer()
    for name in ("p.webp", "p.npy"):
        with pytest.raises(StylescopeError, match=r"p\.json would hold the recipe"):
            run(Job(what=Pictures(recipes=(Recipe(),)), out=tmp_path / name), renderer)
    with pytest.raises(StylescopeError, match=r"p\.json"):
        run(Job(what=Pictures(recipes=(Recipe(),), names=("p",)), out=tmp_path, folder_format=".tif"), renderer)
    assert everything(tmp_path) == before
    run(Job(what=Pictures(recipes=(Recipe(),)), out=tmp_path / "p.png"), renderer)


def test_two_files_of_one_name_share_a_json_only_where_their_recipes_are_one(tmp_path):
    first, second = Pictures(recipes=(Recipe(),)), Pictures(recipes=(Recipe(psi=0.5),))
    for name in ("p.webp", "p.jpg", "p.npy"):
        run(Job(what=first, out=tmp_path / name), PaintedRenderer())
    before = everything(tmp_path)
    for name in ("p.webp", "p.gif"):
        what = second if name == "p.webp" else WHATS["film.gif"]
        with pytest.raises(StylescopeError, match=r"p\.json (holds the recipe of p\.jpg|would hold)"):
            run(Job(what=what, out=tmp_path / name), PaintedRenderer())
    assert everything(tmp_path) == before
    for name in ("p.jpg", "p.npy"):
        (tmp_path / name).unlink()
    run(Job(what=second, out=tmp_path / "p.webp"), PaintedRenderer())
    assert description_file.read(tmp_path / "p.webp") == second.recipes


def test_a_job_for_another_model_than_the_loaded_one_is_refused(tmp_path):
    for what in (WHATS["film.gif"], WHATS["grid.png"]):
        other = replace(what, base=Recipe(ModelRef("other", "123")))
        with pytest.raises(UsageError, match="made with the model other, not with painted"):
            run(Job(what=other, out=tmp_path / "f.png"), PaintedRenderer())


def test_a_jpeg_is_not_asked_for_transparency(tmp_path):
    job = Job(what=Pictures(recipes=(Recipe(),)), out=tmp_path / "p.jpg")
    with pytest.raises(UsageError, match="transparency"):
        job.check(painted_info(channels=4))


# --- pictures


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".jpeg", ".tif", ".TIFF", ".npy"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_format_keeps_the_picture_and_its_recipe(suffix, channels, tmp_path):
    renderer = PaintedRenderer(painted_info(32, channels))
    recipe, path = Recipe(ModelRef("painted", "painted"), psi=0.7), tmp_path / f"p{suffix}"
    (written,) = run(Job(what=Pictures(recipes=(recipe,)), out=path), renderer)
    assert description_file.read(path) == (recipe,)
    assert (tmp_path / "p.json").exists() == (suffix != ".png")
    own = renderer.render(recipe).pixels
    if suffix == ".npy":
        assert np.load(path).shape == (1, channels, 32, 32)
        return
    with Image.open(path) as image:
        pixels = np.asarray(image if channels == 3 else image.convert("L")).reshape(own.shape)
    assert np.abs(pixels.astype(int) - own).max() <= {".png": 0, ".tif": 0, ".tiff": 0}.get(suffix.lower(), 12)
    assert len(written.sha256) == 64


def test_a_folder_takes_any_format(tmp_path):
    recipes = (Recipe(), Recipe(psi=0.5))
    for suffix in (".webp", ".npy"):
        what = Pictures(recipes=recipes, names=("one", "two"))
        run(Job(what=what, out=tmp_path / suffix[1:], folder_format=suffix), PaintedRenderer())
        names = sorted(path.name for path in (tmp_path / suffix[1:]).iterdir())
        assert names == sorted(f"{name}{end}" for name in ("one", "two") for end in (suffix, ".json"))
        assert description_file.read(tmp_path / suffix[1:] / f"two{suffix}") == (recipes[1],)
