"""`video`: the command-line contract, in this process; and what the help promises."""

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

import main
from engine import edits, session
from engine.commands import grid, image, options, video
from engine.export import description_file
from engine.export.film import of_timeline
from engine.export.job import Job, run
from engine.files import native
from engine.open_model import OpenModel
from engine.picture import open_picture, read_recipe
from engine.recipe import Recipe, Seed, Source
from engine.renderer import Renderer
from engine.timeline.value import Timeline

ROOT = Path(__file__).resolve().parents[3]
KINDS = {
    "interpolation": ("--seeds", "1,2,3", "--cubic", "--space", "z"),
    "mixing": ("--seeds", "1,2", "--layers", "coarse"),
    "truncation": ("--seeds", "1", "--psis", "-1,1"),
    "noise": ("--seeds", "1", "--noise-seeds", "4-6", "--resolutions", "8"),
}


def film(name):
    return description_file.read(Path(name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("out", ["f.mp4", "f.gif", "frames"])
def test_every_kind_is_made_and_made_again_from_its_file(kind, out, call):
    words = ("--kind", kind, *KINDS[kind], "--psi", "0.7", "--frames", "6", "--fps", "12.5", "--scale", "1")
    status, text = call("video", *words, "--out", out, "--json")
    assert status == 0, text
    line = json.loads(text)
    assert line["path"] == out
    again = out if out != "frames" else "frames/film.json"
    assert json.loads(call("video", "--recipe", again, "--out", "again.webp", "--json")[1])["sha256"] == line["sha256"]
    assert film(again).frames == 6
    assert film(again).fps == Fraction(25, 2)


def test_the_film_has_exactly_the_frames_and_the_rate_that_are_asked_for(call):
    for words, frames, rate in (
        (("--frames", "7", "--fps", "24"), 7, 24),
        (("--frames", "5", "--fps", "30000/1001"), 5, Fraction(30000, 1001)),
        (("--frames", "1"), 1, 30),
        ((), 60, 30),
    ):
        assert call("video", "--seeds", "1,2", *words, "--scale", "1", "--out", "f.mp4") == (0, "f.mp4\n")
        with av.open("f.mp4") as container:
            stream = container.streams.video[0]
            assert stream.average_rate == rate
            assert len(list(container.decode(stream))) == frames


def test_image_makes_frames_of_a_film(call):
    call("video", "--seeds", "1,2,3", "--cubic", "--frames", "6", "--scale", "1", "--out", "f.webm")
    call("video", "--recipe", "f.webm", "--out", "frames")
    assert call("image", "--recipe", "f.webm", "--frame", "3", "--out", "p.png") == (0, "p.png\n")
    assert Path("p.png").read_bytes() == Path("frames/frame00003.png").read_bytes()
    status, out = call("image", "--recipe", "f.webm", "--out", "pictures")
    assert (status, len(out.split())) == (0, 6)
    assert Path("pictures/frame00003.png").read_bytes() == Path("p.png").read_bytes()
    assert "6 pictures do not fit" in call("image", "--recipe", "f.webm", "--out", "p.png")[1]
    assert "no frame 6" in call("image", "--recipe", "f.webm", "--frame", "6", "--out", "p.png")[1]
    assert "--frame" in call("image", "--recipe", "p.png", "--frame", "0", "--out", "q.png")[1]


def test_films_stand_side_by_side(call):
    assert call("video", "--seeds", "1-12", "--grid", "3x2", "--frames", "3", "--gap", "2", "--out", "frames")[0] == 0
    found = film("frames/film.json")
    assert [path[0].latent.seed for path in found.paths] == [1, 3, 5, 7, 9, 11]
    assert open_picture("frames/frame00000.png")[1].shape == (34, 52, 3)
    assert call("video", "--kind", "truncation", "--seeds", "1-5", "--frames", "2", "--out", "f")[0] == 0
    assert len(film("f/film.json").paths) == 5
    assert call("image", "--recipe", "f/film.json", "--out", "pictures")[0] == 0
    assert len(list(Path("pictures").iterdir())) == 10


def test_a_picture_is_what_a_film_starts_from(call):
    call("image", "--seeds", "5", "--psi", "0.4", "--out", "p.png")
    for kind, keys in (("interpolation", 2), ("mixing", 2), ("truncation", 1), ("noise", 1)):
        assert call("video", "--recipe", "p.png", "--kind", kind, "--frames", "2", "--out", "f")[0] == 0
        found = film("f/film.json")
        assert found.paths[0][0] == Source(Seed(5))
        assert len(found.paths[0]) == keys
        assert found.base.psi == 0.4
    assert read_recipe("f/frame00000.png").a == Source(Seed(5))


def test_json_and_standard_input_describe_films(call, monkeypatch):
    import io

    text = '{"stylescope_film":1,"kind":"noise","paths":[[{"seed":1}]],"noise_seeds":[1,2],"frames":3}'
    first = call("video", "--recipe", text, "--out", "a.gif", "--json")[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    second = call("video", "--recipe", "-", "--out", "b.gif", "--json")[1]
    assert json.loads(first)["sha256"] == json.loads(second)["sha256"]
    assert film("a.gif").kind == "noise"


REFUSED = [
    (["--out", "f.mp4"], "--seeds"),
    (["--seeds", "1,2"], "--out"),
    (["--seeds", "1", "--out", "f.mp4"], "two seeds"),
    (["--kind", "mixing", "--seeds", "1,2,3", "--out", "f.mp4"], "3 sources"),
    (["--kind", "mixing", "--seeds", "1", "--out", "f.mp4"], "equal length"),
    (["--seeds", "1,2,3", "--grid", "2x1", "--out", "f.mp4"], "equal length"),
    (["--seeds", "1,2", "--grid", "2", "--out", "f.mp4"], "no grid"),
    (["--seeds", "1,2", "--grid", "0x2", "--out", "f.mp4"], "sensible"),
    (["--seeds", "1,2", "--frames", "0", "--out", "f.mp4"], "frames"),
    (["--seeds", "1,2", "--fps", "x", "--out", "f.mp4"], "--fps"),
    (["--seeds", "1,2", "--fps", "0", "--out", "f.mp4"], "frames a second"),
    (["--seeds", "1,2", "--fps", "1/0", "--out", "f.mp4"], "--fps"),
    (["--seeds", "1,2", "--fps", "60", "--out", "f.gif"], "at most 50"),
    (["--seeds", "1,2", "--out", "f.avi"], "not written as .avi"),
    (["--seeds", "1,2", "--out", "none/f.mp4"], "does not exist"),
    (["--seeds", "1,2", "--psis", "1,0", "--out", "f.mp4"], "--psis"),
    (["--seeds", "1,2", "--scale", "65", "--out", "f.mp4"], "scale"),
    (["--seeds", "1,2", "--quality", "101", "--out", "f.mp4"], "quality"),
    (["--kind", "truncation", "--seeds", "1", "--psis", "1", "--out", "f.mp4"], "two values"),
    (["--kind", "truncation", "--seeds", "1", "--psis", "-1,nan", "--out", "f.mp4"], "numbers"),
    (["--kind", "noise", "--seeds", "1", "--cubic", "--out", "f.mp4"], "--cubic"),
    (["--kind", "noise", "--seeds", "1", "--resolutions", "512", "--out", "f.mp4"], "512x512"),
    (["--recipe", "none.mp4", "--out", "f.mp4"], "cannot be read"),
    (["--recipe", '{"stylescope_grid":1,"kind":"seeds","sources":[{"seed":1}]}', "--out", "f.mp4"], "use `grid`"),
    (["--session", "s.json", "--out", "f.mp4"], "s.json cannot be read"),
    (["--session", ".", "--out", "f.mp4"], "no ordinary file"),
    (["--session", "s.json", "--seeds", "1", "--out", "f.mp4"], "--seeds"),
    (["--session", "s.json", "--psi", "1", "--out", "f.mp4"], "--psi"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[" ".join(words)[:70] for words, _ in REFUSED])
def test_bad_input_is_one_line_and_writes_nothing(call, workplace, words, says):
    before = sorted(workplace.rglob("*"))
    status, error = call("video", *words)
    assert status == 2, error
    assert error.startswith("error: ")
    assert " - " in error
    assert error.count("\n") == 1
    assert says in error
    assert sorted(workplace.rglob("*")) == before


def test_what_describes_all_does_not_go_with_other_options(call):
    call("video", "--seeds", "1,2", "--frames", "2", "--out", "f.gif")
    for words in (("--kind", "noise"), ("--seeds", "2"), ("--frames", "3"), ("--loop",), ("--psi", "1")):
        status, error = call("video", "--recipe", "f.gif", *words, "--out", "again.gif")
        assert (status, words[0] in error) == (2, True)


def test_an_interrupt_leaves_nothing(call, workplace, monkeypatch):
    from engine.renderer import Renderer

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before = sorted(workplace.rglob("*"))
    monkeypatch.setattr(Renderer, "render", interrupted)
    for out in ("f.mp4", "f.gif", "frames"):
        assert call("video", "--seeds", "1,2", "--out", out)[0] == 130
        assert sorted(workplace.rglob("*")) == before


def test_refusals_come_before_torch_and_numpy_are_imported(models):
    """Each costs seconds, and a dialog waits for them."""
    code = f"""
import sys, main
model = {str(models / "m.safetensors")!r}
for words in (
    ["image", model, "--seeds", "1,2", "--out", "p.png"],
    ["image", model, "--seeds", "1", "--out", "none/p.png"],
    ["grid", model, "--kind", "mixing", "--seeds", "1", "--out", "g.png"],
    ["grid", model, "--seeds", "1", "--out", "g.jpg"],
    ["video", model, "--seeds", "1", "--out", "f.mp4"],
    ["video", model, "--seeds", "1,2", "--out", "f.avi"],
):
    assert main.main(words) == 2
print([name for name in ("torch", "numpy", "PIL", "av") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(("name", "module"), [("image", image), ("grid", grid), ("video", video)])
def test_the_examples_of_the_help_are_accepted(name, module, capsys):
    assert main.main([name, "--help"]) == 0
    text = capsys.readouterr().out
    examples = [line.split()[3:] for line in text.splitlines() if line.startswith(f"  python main.py {name} ")]
    assert len(examples) >= 3
    for words in examples:
        parser = options.Parser(prog=name, allow_abbrev=False)
        module.add_arguments(parser)
        parser.parse_args(words)
    assert max(map(len, text.splitlines())) <= 120


def test_a_list_may_begin_with_a_minus():
    parser = options.Parser(prog="x", allow_abbrev=False)
    video.add_arguments(parser)
    for words in (["--psis", "-1,1"], ["--psis=-1,1"]):
        assert parser.parse_args([*words, "--out", "f"]).psis == "-1,1"
    assert parser.parse_args(["--psi", "-0.5", "--out", "f"]).psi == -0.5


# sessions


@pytest.fixture
def kept(workplace):
    """A session with three keyframes of the bundled model, in a loop."""
    path = workplace / "bundle" / "tiny.safetensors"
    model = OpenModel(native.read_info(path), path)
    recipe = edits.with_model(Recipe(psi=0.7), model.info)
    timeline = Timeline(fps=Fraction(4))
    for seed in (1, 2, 3):
        timeline = timeline.appended(edits.with_seed(recipe, "a", seed))
    steps = (session.SavedStep("Open", recipe), session.SavedStep("loop", recipe, timeline.with_loop(True)))
    return session.Saved(steps, 1, {model.info.content_id: model})


def write(kept, name="s.stylescope.json", **changes):
    Path(name).write_text(json.dumps({**json.loads(session.dumps(kept)), **changes}))
    return name


def test_a_sessions_timeline_becomes_the_film_that_the_window_exports(kept, call):
    status, text = call("video", "--session", write(kept), "--out", "f.mp4", "--json")
    assert status == 0, text
    sha = json.loads(text)["sha256"]
    renderer = Renderer("cpu")
    renderer.load(kept.model.path)
    job = Job(what=of_timeline(kept.present.timeline), out=Path("window.gif"))
    assert run(job, renderer)[0].sha256 == sha
    with av.open("f.mp4") as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 4
        assert len(list(container.decode(stream))) == 12
    assert film("f.mp4").timeline == kept.present.timeline
    assert json.loads(call("video", "--recipe", "f.mp4", "--out", "again.webp", "--json")[1])["sha256"] == sha


def test_a_session_may_be_filmed_at_another_rate_and_with_another_model(kept, call, models):
    name = write(kept)
    assert call("video", "--session", name, "--fps", "8", "--out", "f.gif")[0] == 0
    assert film("f.gif").frames == 24
    other = models / "classes.safetensors"
    assert call("video", other, "--session", name, "--scale", "2", "--out", "other.gif")[0] == 0
    assert film("other.gif").base.model.content_id == native.read_info(other).content_id
    assert call("image", "--recipe", "f.gif", "--frame", "2", "--out", "p.png")[0] == 0


def test_bad_sessions_are_refused_in_one_sentence_and_write_nothing(kept, call, workplace):
    empty = replace(kept, position=0)
    gone = replace(kept.model, path=workplace / "gone.safetensors")
    elsewhere = replace(kept, models={kept.model.info.content_id: gone})
    (workplace / "bundle" / "tiny.safetensors").unlink()
    timeline = json.loads(session.dumps(kept))["timelines"][0]
    for text, says in (
        (write(empty, "a.json"), "no keyframes"),
        (write(kept, "b.json", stylescope_session=2), "b.json is a session of a newer Stylescope"),
        (write(kept, "c.json", timelines=[{**timeline, "stylescope_timeline": 9}]), "newer than this program"),
        (write(kept, "d.json", timelines=[]), "timeline that is not there"),
        (write(kept, "e.json", timelines=[{**timeline, "fps": "0"}]), "frames a second"),
        (write(kept, "f.json", position="1"), "no present step"),
        (write(kept, "g.json", models=[]), "which model"),
        (write(elsewhere, "h.json"), "is not here"),
        ("none.json", "cannot be read"),
    ):
        before = sorted(workplace.rglob("*"))
        status, error = call("video", "--session", text, "--out", "f.mp4")
        assert (status, error.count("\n")) == (2, 1)
        assert says in error, error
        assert text in error or "h.json" in text, error  # h.json is fine, its model is gone
        assert sorted(workplace.rglob("*")) == before
