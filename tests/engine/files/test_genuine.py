"""Files as NVIDIA's programs write them: what is read is what was written, and it draws what it drew there."""

import json
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

import main
from engine import families
from engine.errors import ModelFileError
from engine.files import native, nvidia_tf, nvidia_torch, opening, torch_stream, unpickle, vocabulary
from tests.conformance.tf import filled

FOLDER = Path(__file__).parents[2] / "data" / "pickles"
TF = sorted(path.stem for path in (FOLDER / "tf").glob("*.pkl"))
TORCH = sorted(path.stem for path in (FOLDER / "torch").glob("*.pkl"))
OURS = {"G": "G", "D": "D", "Gs": "G_ema"}  # names of networks
IMAGES, SCORES = 1e-4, 1e-4  # the limits that the reference suggests, of the std and of the largest
TORCH_LIMIT = 2e-5


def value_of(path):
    words = vocabulary.of_nvidia(torch_stream.load_storage)
    return unpickle.load(memoryview(path.read_bytes()), words)


def base(name):
    """Of files that differ in their protocol only, the one that is described."""
    return name.removesuffix("_proto2").removesuffix("_proto5")


@cache
def expected_of_torch():
    with np.load(FOLDER / "torch" / "pickles_expected.npz") as arrays:
        return json.loads((FOLDER / "torch" / "pickles_expected.json").read_text())["files"], dict(arrays)


# --- what is read


@pytest.mark.parametrize("name", TF)
def test_a_tensorflow_pickle_holds_what_was_written(name):
    expected = json.loads((FOLDER / "tf" / f"{base(name)}.json").read_text())
    contents = nvidia_tf.contents(value_of(FOLDER / "tf" / f"{name}.pkl"), 1 << 20)
    assert tuple(contents.networks) == ("G_ema", "G", "D")
    for theirs, ours in OURS.items():
        foreign, described = contents.networks[ours](), expected["networks"][theirs]
        assert (foreign.kind, dict(foreign.settings)) == (described["build_func_name"], described["static_kwargs"])
        assert {part: f.kind for part, f in foreign.parts.items()} == {
            part: d["build_func_name"] for part, d in described["components"].items()
        }
        variables = expected["variables"][theirs]
        assert len(foreign.arrays) == len(variables)
        for key, shape, scale, offset in variables:
            array = foreign.arrays[key.split("/", 2)[2]]
            assert array.dtype == np.float32
            assert array.shape == tuple(shape)
            assert (array == filled(key, tuple(shape), scale, offset)).all()


@pytest.mark.parametrize("name", TORCH)
def test_a_torch_pickle_holds_what_was_written(name):
    described = expected_of_torch()[0][f"{name}.pkl"]
    contents = nvidia_torch.contents(value_of(FOLDER / "torch" / f"{name}.pkl"), 1 << 20)
    assert tuple(contents.networks) == ("G_ema", "G", "D")
    for network, build in contents.networks.items():
        foreign, expected = build(), described["networks"][network]
        assert (foreign.kind, dict(foreign.settings)) == (expected["class_name"], expected["init_kwargs"])
        assert foreign.arrays.keys() == {entry[0] for entry in expected["state_dict"]}
        for key, shape, dtype, crc, total in expected["state_dict"]:
            array = foreign.arrays[key]
            assert (str(array.dtype), list(array.shape)) == (dtype, shape)
            assert zlib.crc32(np.ascontiguousarray(array).tobytes()) == crc
            assert array.sum(dtype=np.float64) == pytest.approx(total, rel=1e-6, abs=1e-6)
        if network != "D":
            assert foreign.attributes["img_resolution"] == 16


def test_the_protocol_makes_no_difference():
    for kind in ("progan", "stylegan", "stylegan2"):
        ids = {opening.read(FOLDER / "tf" / f"{kind}_tiny{p}.pkl").info.content_id for p in ("", "_proto2", "_proto5")}
        assert len(ids) == 1


@pytest.mark.parametrize("name", ["sg3t_tiny", "sg3r_tiny"])
def test_stylegan3_is_refused_by_name(name):
    with pytest.raises(ModelFileError, match=f"{name}.pkl cannot be opened: it is a StyleGAN3 model"):
        opening.read(FOLDER / "torch" / f"{name}.pkl")


# --- what it draws


def network(path, name, **settings):
    """G, G_ema or D of a file, ready to be called. settings: what is to be different."""
    if name == "D":
        found = opening.read_discriminator(path)
        made = families.family(found.family).build_discriminator(found.settings)
        tensors = found.tensors
    else:
        model = opening.read(path, name)
        made = families.family(model.info.family).build_generator({**model.info.settings, **settings})
        tensors = model.networks[name]
    made.load_state_dict({key: torch.from_numpy(array) for key, array in tensors.items()})
    return made.eval().requires_grad_(False)


def labels(array):
    return torch.from_numpy(array) if array.shape[1] else None


def pictures(G, z, c, psi, cutoff=None):
    """(pictures, ws before truncation)."""
    ws = G.broadcast(G.map(torch.from_numpy(z), labels(c)))
    below = ws.shape[1] if cutoff is None else cutoff
    truncated = ws if psi == 1 else torch.cat([G.w_avg.lerp(ws[:, :below], psi), ws[:, below:]], dim=1)
    return G.synthesize(truncated).numpy(), ws.numpy()


def default_psi(name):
    """(psi, cutoff) of the network's function, as far as the file's own arguments do not say otherwise."""
    if name.startswith("stylegan_tiny_B"):
        return 1, None
    return (0.7, 8) if name.startswith("stylegan_") else (0.5, None)


@pytest.mark.parametrize("name", TF)
def test_a_tensorflow_pickle_draws_and_judges_as_there(name):
    path = FOLDER / "tf" / f"{name}.pkl"
    compared = 0
    with np.load(FOLDER / "tf" / f"{base(name)}.expected.npz") as expected, torch.inference_mode():
        for key in expected.files:
            theirs, _, what = key.partition("_")
            if theirs not in ("G", "Gs") or what == "ws":
                continue
            what, _, lod = what.partition("_lod")
            G = network(path, OURS[theirs], **({"lod": float(lod)} if lod else {}))
            psi = default_psi(name) if what == "images_default" else (1, None)
            images, ws = pictures(G, expected["latents"], expected["labels"], *psi)
            assert np.abs(images - expected[key]).max() <= IMAGES * expected[key].std(), key
            if f"{theirs}_ws" in expected.files:
                stored = expected[f"{theirs}_ws"]
                assert np.abs(ws[:, : stored.shape[1]] - stored).max() <= IMAGES * stored.std()
            compared += 1
        D = network(path, "D")
        scores = D(torch.from_numpy(expected["images"]), labels(expected["labels"]))
        scores = (scores[0] if isinstance(scores, tuple) else scores)[:, :1].numpy()
        assert np.abs(scores - expected["D_scores"]).max() <= SCORES * max(1, np.abs(expected["D_scores"]).max())
    assert compared >= 2


@pytest.mark.parametrize("name", [name for name in TORCH if not name.startswith("sg3")])
def test_a_torch_pickle_draws_and_judges_as_there(name):
    path, arrays = FOLDER / "torch" / f"{name}.pkl", expected_of_torch()[1]
    z, c = arrays[f"{name}_z"], arrays[f"{name}_c"]
    with torch.inference_mode():
        for which in ("G_ema", "G"):
            G, stored = network(path, which), arrays[f"{name}_{which}_img"]
            images, ws = pictures(G, z, c, 0.7)
            truncated = np.asarray(G.w_avg) + np.float32(0.7) * (ws - np.asarray(G.w_avg))
            expected_ws = arrays[f"{name}_{which}_ws"]
            assert np.abs(truncated - expected_ws).max() <= TORCH_LIMIT * np.abs(expected_ws).max()
            assert np.abs(images - stored).max() <= TORCH_LIMIT * np.abs(stored).max()
        logits = network(path, "D")(torch.from_numpy(arrays[f"{name}_G_ema_img"]), labels(c)).numpy()
        stored = arrays[f"{name}_D_logits"]
        assert np.abs(logits - stored).max() <= TORCH_LIMIT * max(1, np.abs(stored).max())


# --- what it becomes

CONVERTIBLE = [f"tf/{name}" for name in TF if "_proto" not in name] + [f"torch/{n}" for n in TORCH if "sg3t" not in n]
CONVERTIBLE = [name for name in CONVERTIBLE if "sg3r" not in name]


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_a_converted_file_is_the_same_model(name, tmp_path, capsys):
    path, out = FOLDER / f"{name}.pkl", tmp_path / "out.safetensors"
    assert main.main(["convert", str(path), str(out), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    before, after = opening.read(path), opening.read(out)
    assert after.info.content_id == before.info.content_id
    assert json.dumps(after.info.settings) == json.dumps(before.info.settings)
    assert before.shown.keys() == after.shown.keys()
    assert all(before.shown[key].tobytes() == after.shown[key].tobytes() for key in before.shown)
    differing = {f for f in before.info.__slots__ if getattr(before.info, f) != getattr(after.info, f)}
    assert differing <= {"networks", "sha256", "settings"}  # settings: lists for tuples


def test_a_converted_file_draws_the_same_to_the_last_bit(tmp_path):
    path, out = FOLDER / "torch" / "sg2ada_tiny.pkl", tmp_path / "out.safetensors"
    z = expected_of_torch()[1]["sg2ada_tiny_z"]
    for which in ("G_ema", "G"):
        assert main.main(["convert", str(path), str(out), "--quiet", "--network", which]) == 0
        with torch.inference_mode():
            made = [pictures(network(p, which), z, np.zeros((2, 0)), 0.7)[0].tobytes() for p in (path, out)]
        assert made[0] == made[1]
        assert native.read_info(out).networks == (which,)
