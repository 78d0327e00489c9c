"""`timelapse`: the same seeds in every snapshot of a run, as a film or as frames."""

import av
import numpy as np
import pytest
from PIL import Image

import main
from engine import edits
from engine.recipe import Mix, Recipe, Seed, Source
from engine.renderer import Renderer
from tests.engine.fakes import write_model


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    for seed, kimg in ((20, "000020"), (40, "000040.304"), (1000, "001000")):
        write_model(folder / f"model-{kimg}.safetensors", seed=seed)
    return folder


def test_each_frame_shows_the_seeds_as_that_snapshot_draws_them(run, tmp_path, capsys):
    out = tmp_path / "frames"
    for _ in range(2):  # an earlier film is replaced
        assert main.main(["timelapse", str(run), "--seeds", "3,4,5", "--psi", "0.5", "--out", str(out)]) == 0
    assert sorted(p.name for p in out.iterdir()) == [f"model-{n}.png" for n in ("000020", "000040.304", "001000")]
    renderer = Renderer("cpu")
    for number in (20, 1000):
        info = renderer.load(run / f"model-{number:06d}.safetensors")
        frame = np.asarray(Image.open(out / f"model-{number:06d}.png"))
        assert frame.shape == (32, 32, 3)
        recipe = edits.with_model(Recipe(a=Source(Seed(4)), mix=Mix(blend="linear"), psi=0.5), info)
        assert (frame[:16, 16:] == renderer.render(recipe).pixels).all()


def test_a_film_has_a_frame_for_each_snapshot_and_leaves_damaged_ones_out(run, tmp_path, capsys):
    folder = tmp_path / "run"
    folder.mkdir()
    for path in run.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "model-000060.safetensors").write_bytes(b"half")
    late = bytearray((folder / "model-001000.safetensors").read_bytes())
    late[-5] ^= 1
    (folder / "model-000080.safetensors").write_bytes(late)  # its header is whole
    out = tmp_path / "film.mp4"
    assert main.main(["timelapse", str(folder), "--seeds", "1", "--fps", "5", "--out", str(out)]) == 0
    notes = capsys.readouterr().err
    assert "model-000060.safetensors is left out" in notes
    assert "model-000080.safetensors is left out: its weights are damaged" in notes
    assert notes.count("left out") == 2
    with av.open(str(out)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert film.streams.video[0].average_rate == 5
    assert [frame.shape for frame in frames] == [(256, 256, 3)] * 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "--out", "a.mp4"], "nowhere"),
        (["file", "--out", "a.mp4"], "no folder"),
        (["empty", "--out", "a.mp4"], "holds no model"),
        (["junk", "--out", "a.mp4"], "no snapshot of junk can be read"),
        (["run", "--out", "full"], "full"),
        (["run", "--out", "a.mp4", "--fps", "0"], "--fps"),
        (["run", "--out", "a.mp4", "--scale", "0"], "scale"),
        (["run", "--out", "a.mp4", "--seeds", "x"], "seed"),
        (["run", "--out", "a.gif", "--seeds", "0-899", "--scale", "64"], "too large"),
        (["run", "--out", "a.mp4", "--class", "2"], "class"),
    ],
)
def test_mistakes_get_one_sentence_and_leave_nothing(words, says, run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "network-snapshot-000001.pkl").write_bytes(b"no pickle.")  # ends as one does
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo.png").write_text("mine")
    (tmp_path / "run").symlink_to(run)
    before = sorted(tmp_path.rglob("*"))
    assert main.main(["timelapse", *words]) == 2
    error = capsys.readouterr().err
    *notes, error = error.splitlines()
    assert error.startswith("error: ")
    assert all("left out" in note for note in notes)
    assert says in error
    assert sorted(tmp_path.rglob("*")) == before
