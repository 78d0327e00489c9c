"""`image`: the command-line contract, in this process."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import main
from engine import latents, library, recipe_json
from engine.files import opening
from engine.picture import open_picture, read_recipe
from engine.recipe import Mix, NoiseSetting, Recipe, Seed, Source
from engine.renderer import Renderer
from tests.engine.fakes import write_model

PICKLE = Path(__file__).parents[2] / "data" / "pickles" / "torch" / "sg2ada_tiny.pkl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("image")
    write_model(folder / "m.safetensors")
    write_model(folder / "classes.safetensors", classes=3)
    write_model(folder / "quiet.safetensors", use_noise=False)
    return folder


@pytest.fixture(autouse=True)
def where(folder, tmp_path, monkeypatch):
    """Each test works in a folder of its own; the only bundled model is called tiny."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "tiny.safetensors").write_bytes((folder / "m.safetensors").read_bytes())
    monkeypatch.setattr(library, "MODELS", tmp_path / "bundle")
    (tmp_path / "out").mkdir()


@pytest.fixture
def image(capsys):
    def run(*words):
        capsys.readouterr()
        status = main.main(["image", *map(str, words), "--device", "cpu"])
        captured = capsys.readouterr()
        assert captured.err == "" or status
        return status, captured.err if status else captured.out

    return run


@pytest.fixture
def raw(folder):
    def render(recipe):
        renderer = Renderer("cpu")
        renderer.load(folder / "m.safetensors")
        return renderer.render_float(recipe)

    return render


def test_seeds_fill_a_folder_with_pictures_that_hold_their_recipes(image, tmp_path):
    status, out = image("--seeds", "0-1,12345", "--psi", "0.5", "--cutoff", "4", "--out", "new/pictures")
    names = ["seed0000.png", "seed0001.png", "seed12345.png"]
    assert (status, out.split()) == (0, [str(tmp_path.__class__("new/pictures") / name) for name in names])
    assert sorted(p.name for p in (tmp_path / "new/pictures").iterdir()) == sorted(names)
    recipe, pixels = open_picture(tmp_path / "new/pictures/seed12345.png")
    assert (recipe.a, recipe.psi, recipe.cutoff) == (Source(Seed(12345)), 0.5, 4)
    assert recipe.mix.blend == "linear"
    assert recipe.model.name == "tiny"
    assert pixels.shape == (16, 16, 3)


def test_a_seed_that_is_named_twice_is_drawn_twice(image, tmp_path):
    assert image("tiny", "--seeds", "4,0-4,4", "--noise", "random", "--out", "out")[0] == 0
    names = ["seed0000", "seed0001", "seed0002", "seed0003", "seed0004", "seed0004-2", "seed0004-3"]
    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == names
    recipes = [read_recipe(tmp_path / "out" / f"{name}.png") for name in names[-3:]]
    assert len({recipe.noise for recipe in recipes}) == 3, "each has noise of its own"


def test_npy_holds_floats_before_rounding(image, raw, tmp_path):
    assert image("tiny", "--seeds", "3,4", "--out", "p.npy")[0] == 0
    pictures = np.load(tmp_path / "p.npy")
    assert (pictures.dtype, pictures.shape) == (np.dtype(np.float32), (2, 3, 16, 16))
    assert (pictures[1] == raw(Recipe(a=Source(Seed(4)), mix=Mix(blend="linear")))).all()


def test_a_recipe_in_any_form_gives_the_same_picture(image, tmp_path, monkeypatch):
    image("--seeds", "7", "--noise", "random", "--noise-seed", "5", "--out", "first.png")
    recipe = read_recipe("first.png")
    assert recipe.noise.at(8) == NoiseSetting(5)
    text = recipe_json.dumps(recipe)
    (tmp_path / "r.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    first = (tmp_path / "first.png").read_bytes()
    for form in ("first.png", "r.json", text, "-"):
        assert image("--recipe", form, "--out", "again.png") == (0, "again.png\n")
        assert (tmp_path / "again.png").read_bytes() == first


def test_the_model_of_a_recipe_is_found_beside_it_and_overridden_by_name(image, folder, tmp_path):
    classes = folder / "classes.safetensors"
    image(classes, "--seeds", "1", "--class", "2", "--out", folder / "c.png")
    recipe = read_recipe(folder / "c.png")
    assert recipe.a.classes == (0.0, 0.0, 1.0)
    assert image("--recipe", folder / "c.png", "--out", "again.png")[0] == 0
    assert (tmp_path / "again.png").read_bytes() == (folder / "c.png").read_bytes()
    assert image("tiny", "--recipe", folder / "c.png", "--out", "other.png")[0] == 0
    assert read_recipe("other.png").a.classes == ()
    (tmp_path / "c.png").write_bytes((folder / "c.png").read_bytes())
    status, error = image("--recipe", "c.png", "--out", "p.png")
    assert status == 2
    assert recipe.model.content_id in error


@pytest.mark.parametrize("network", ["G_ema", "G"])
def test_a_file_of_another_program_is_read_once(image, monkeypatch, network):
    read, reads = opening.read, []
    monkeypatch.setattr(opening, "_known", {})
    monkeypatch.setattr(opening, "read", lambda *given: reads.append(given) or read(*given))
    assert image(PICKLE, "--seeds", "1", "--network", network, "--out", "p.png")[0] == 0
    assert len(reads) == 1
    assert open_picture("p.png")[1].std() > 1


def test_latents_from_files_are_drawn(image, raw, tmp_path):
    z = np.stack([latents.z_of_seed(seed, 16) for seed in (3, 4)])
    np.save("z.npy", z.astype(np.float64))
    np.save("ws.npy", np.zeros((1, 6, 16), np.float32))
    image("tiny", "--z", "z.npy", "--psi", "0.7", "--noise", "none", "--out", "a.npy")
    image("tiny", "--seeds", "3,4", "--psi", "0.7", "--noise", "none", "--out", "b.npy")
    assert (np.load("a.npy") == np.load("b.npy")).all()
    assert image("tiny", "--ws", "ws.npy", "--out", "w.npy") == (0, "w.npy\n")
    assert np.load("w.npy").shape == (1, 3, 16, 16)
    assert image("tiny", "--ws", "ws.npy", "--psi", "1", "--out", "pictures")[0] == 0
    assert (tmp_path / "pictures" / "ws0000.png").exists()


def test_labels_weigh_the_classes(image, folder):
    classes = folder / "classes.safetensors"
    np.save("z.npy", latents.z_of_seed(3, 16)[None])
    np.save("c.npy", np.eye(3, dtype=np.uint8)[2:])
    image(classes, "--z", "z.npy", "--labels", "c.npy", "--out", "a.npy")
    image(classes, "--seeds", "3", "--class", "2", "--out", "b.npy")
    image(classes, "--seeds", "3", "--out", "c0.npy")
    assert (np.load("a.npy") == np.load("b.npy")).all()
    assert (np.load("a.npy") != np.load("c0.npy")).any()


def test_random_noise_differs_from_picture_to_picture_and_repeats_by_seed(image):
    np.save("z.npy", np.stack([latents.z_of_seed(3, 16)] * 2))
    for name in ("a", "b"):
        image("tiny", "--z", "z.npy", "--noise", "random", "--noise-seed", "9", "--out", f"{name}.npy")
    pictures = np.load("a.npy")
    assert (pictures[0] != pictures[1]).any()
    assert (pictures == np.load("b.npy")).all()


def test_options_that_change_nothing_are_accepted(image, folder):
    for model in ("m", "classes", "quiet"):
        words = ["--psi", "1", "--noise", "const", "--class", "0", "--noise-seed", "0", "--quiet"]
        assert image(folder / f"{model}.safetensors", "--seeds", "1", *words, "--out", "p.png") == (0, "")


def test_json_is_a_line_for_each_file_with_the_hash_of_its_pixels(image, raw):
    lines = [json.loads(line) for line in image("--seeds", "1,2", "--json", "--out", "pictures")[1].splitlines()]
    assert [line["path"] for line in lines] == [str(Path("pictures") / f"seed000{i}.png") for i in (1, 2)]
    for line in lines:
        pixels = open_picture(line["path"])[1]
        assert line["sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
        assert line["seconds"] >= 0
        assert (line["model"], line["device"]) == ("tiny", "cpu")
    (line,) = image("--seeds", "1,2", "--json", "--out", "p.npy")[1].splitlines()
    numbers = np.stack([raw(Recipe(a=Source(Seed(i)), mix=Mix(blend="linear"))) for i in (1, 2)])
    assert json.loads(line)["sha256"] == hashlib.sha256(numbers.tobytes()).hexdigest()


def test_grey_pictures_are_grey(image, folder):
    write_model(folder / "grey.safetensors", channels=1)
    image(folder / "grey.safetensors", "--seeds", "1", "--out", "p.PNG")
    with Image.open("p.PNG") as picture:
        assert picture.mode == "L"


REFUSED = [
    (["--out", "p.png"], "required"),
    (["--seeds", "1"], "--out"),
    (["--seeds", "1", "--recipe", "{}", "--out", "p.png"], "not allowed"),
    (["--seeds", "1,2", "--out", "p.png"], "2 pictures"),
    (["--seeds", "x", "--out", "p.png"], "'x'"),
    (["--seeds", "1", "--psi", "nan", "--out", "p.png"], "--psi"),
    (["--seeds", "1", "--psi", "1e9", "--out", "p.png"], "psi"),
    (["--seeds", "1", "--cutoff", "7", "--out", "p.png"], "--cutoff"),
    (["--seeds", "1", "--cutoff", "-1", "--out", "p.png"], "--cutoff"),
    (["--seeds", "1", "--class", "1", "--out", "p.png"], "no class 1"),
    (["--seeds", "1", "--labels", "c.npy", "--out", "p.png"], "--z"),
    (["--seeds", "1", "--noise", "loud", "--out", "p.png"], "--noise"),
    (["--seeds", "1", "--noise-seed", "5", "--out", "p.png"], "--noise random"),
    (["--seeds", "1", "--noise", "random", "--noise-seed", "-5", "--out", "p.png"], "noise seed"),
    (["--seeds", "1", "--network", "D", "--out", "p.png"], "draws no pictures"),
    (["--seeds", "1", "--network", "G", "--out", "p.png"], "no network G"),
    (["--seeds", "1", "--bogus", "--out", "p.png"], "--bogus"),
    (["--seeds", "1", "--out", "none/p.png"], "does not exist"),
    (["--seeds", "1", "--out", "out/p.npy/x/../../p.png/q.npy"], "does not exist"),
    (["nothing", "--seeds", "1", "--out", "p.png"], "bundled models are: tiny"),
    (["tiny", "--z", "none.npy", "--out", "p.npy"], "no file"),
    (["tiny", "--z", "short.npy", "--out", "p.npy"], r"\[N, 16\]"),
    (["tiny", "--ws", "short.npy", "--out", "p.npy"], r"\[N, 6, 16\]"),
    (["tiny", "--ws", "short.npy", "--psi", "0.5", "--out", "p.npy"], "--ws"),
    (["tiny", "--z", "z.npy", "--labels", "z.npy", "--out", "p.npy"], "no classes"),
    (["tiny", "--z", "z.npy", "--labels", "z.npy", "--class", "0", "--out", "p.npy"], "same thing"),
    (["--recipe", "none.json", "--out", "p.png"], "cannot be read"),
    (["--recipe", "out", "--out", "p.png"], "holds no film.json"),
    (["--recipe", "z.npy", "--out", "p.png"], "no text"),
    (["--recipe", "{}", "--out", "p.png"], "no Stylescope recipe"),
    (["--recipe", '{"stylescope": 1}', "--psi", "0.5", "--out", "p.png"], "--psi"),
    (["--recipe", '{"stylescope": 1, "model": {"name": "n", "content_id": "abc"}}', "--out", "p.png"], "n .abc"),
    (["--recipe", '{"stylescope": 1, "cutoff": true}', "--out", "p.png"], "cutoff"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[" ".join(words)[:60] for words, _ in REFUSED])
def test_bad_input_is_one_line_and_writes_nothing(image, tmp_path, words, says):
    np.save("short.npy", np.zeros((1, 3), np.float32))
    np.save("z.npy", np.zeros((1, 16), np.float32))
    before = sorted(tmp_path.rglob("*"))
    status, error = image(*words)
    assert status == 2
    assert error.startswith("error: ")
    assert " - " in error
    assert error.count("\n") == 1
    assert says.replace("\\", "").replace(".abc", "(abc") in error
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_without_noise_is_not_asked_for_random_one(image, folder):
    status, error = image(folder / "quiet.safetensors", "--seeds", "1", "--noise", "random", "--out", "p.png")
    assert (status, "no noise inputs" in error) == (2, True)


@pytest.mark.parametrize("out", ["p.npy", "p.png", "pictures"])
def test_an_interrupt_leaves_nothing_half_written(image, monkeypatch, tmp_path, out):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(Renderer, "render", interrupted)
    monkeypatch.setattr(Renderer, "render_float", interrupted)
    assert image("--seeds", "1", "--out", out)[0] == 130
    assert sorted(tmp_path.rglob("*")) == before
