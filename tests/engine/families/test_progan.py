"""ProGAN beside its numbers (tests/conformance/progan.py): files, growing, conversion, training, refusals."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.families import family
from engine.families.foreign import Foreign
from engine.files import native
from engine.latents import z_of_seed as latents_of_seed
from engine.model import Model
from engine.nn.equalised import EqualisedConvolution, EqualisedLinear
from engine.plan import resolve
from engine.recipe import Recipe, Seed, Source
from engine.renderer import Renderer
from engine.synthesizer import Synthesizer
from tests.conformance import tf
from tests.engine.fakes import tensors_of
from tests.strategies import edited, recipes

PROGAN = family("progan")
TINY = {"resolution": 32, "z_dim": 16, "channel_base": 256, "channel_max": 16}
KINDS = [{}, {"lod": 1.5}, {"lod": 3, "fused_scale": False}, {"classes": 3, "channels": 1}, {"use_equalised": False}]
CPU = "cpu"


def generator(seed=0, **changes):
    torch.manual_seed(seed)
    return PROGAN.build_generator(TINY | changes).eval().requires_grad_(False)


def discriminator(seed=0, **changes):
    torch.manual_seed(seed)
    kept = {k: v for k, v in TINY.items() if k != "z_dim"}
    return PROGAN.build_discriminator(kept | changes)


def written(path, **changes):
    """A model file of random weights."""
    chosen = TINY | changes
    native.write(path, family="progan", settings=chosen, tensors=tensors_of(chosen, 1, "progan"), name="tiny")
    return path


def latents(n, width=16):
    return torch.randn(n, width, generator=torch.Generator().manual_seed(n))


# --- what a header says


@settings(max_examples=20)
@given(
    resolution=st.sampled_from([4, 8, 16, 32]),
    lod=st.floats(0, 1),
    classes=st.integers(0, 3),
    base=st.integers(32, 300),
    decay=st.sampled_from([0.5, 1.0]),
    group=st.sampled_from([None, 1, 4]),
    deviation=st.integers(0, 1),
)
def test_descriptions_name_every_tensor(resolution, lod, classes, base, decay, group, deviation):
    common = {"resolution": resolution, "classes": classes, "channel_base": base, "channel_max": 8}
    common |= {"channel_decay": decay, "lod": lod * math.log2(resolution / 4)}
    G, described = PROGAN.build_generator(common | {"z_dim": 5}), PROGAN.describe(common | {"z_dim": 5})
    assert {k: tuple(t.shape) for k, t in G.state_dict().items()} == dict(described.tensors)
    assert described.parameters == sum(p.numel() for p in G.parameters())
    assert (len(described.layers), described.noise, described.w_dim) == (G.num_ws, (), 5 + classes)
    its = common | {"mbstd_group": group, "mbstd_channels": deviation}
    D = PROGAN.build_discriminator(its)
    assert {k: tuple(t.shape) for k, t in D.state_dict().items()} == dict(PROGAN.discriminator_tensors(its))


def test_the_published_network_has_a_name_and_no_other_has():
    assert PROGAN.describe({}).config == "paper"
    assert PROGAN.describe({"lod": 1}).config == ""


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 48}, {"resolution": 2048}, {"z_dim": 0}, {"channel_base": 8}, {"channel_decay": 9.0},
     {"lod": -0.5}, {"lod": float("nan")}, {"lod": 9, "resolution": 16}, {"lod": True}, {"classes": -1},
     {"use_pixel_norm": 1}, {"pixel_norm_eps": -1}, {"unheard": 1}, {"mbstd_group": 4}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelFileError):
        PROGAN.describe(wrong)


# --- our own files and pictures


def converted():
    """A foreign generator with labels at a fractional level of detail."""
    description, _ = tf.load("progan_small")
    return PROGAN.convert(tf.foreign(description, "G_label5", {"lod": 1.6}))


def test_a_converted_network_gives_the_same_pictures_from_a_file(tmp_path):
    its = converted()
    tensors = {f"G_ema.{name}": array for name, array in its.tensors.items()}
    native.write(tmp_path / "m", family="progan", settings=its.settings, tensors=tensors, name="m")
    renderer = Renderer(CPU)
    info = renderer.load(tmp_path / "m")
    assert (info.resolution, info.classes, info.features.mapping) == (32, 5, False)
    z, labels = latents(2, 32), torch.eye(5)[[1, 4]]
    drawn = renderer.render_raw(z=z.numpy(), labels=labels.numpy())
    with torch.inference_mode():
        G = tf.built("progan", its)
        expected = torch.cat([G(z[i : i + 1], labels[i : i + 1]) for i in (0, 1)])
    assert torch.equal(torch.from_numpy(drawn), expected)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def model(request, tmp_path_factory):
    """A model of each kind from its file."""
    path = written(tmp_path_factory.mktemp("model") / "m", **request.param)
    data = native.read(path)
    module = PROGAN.build_generator(data.info.settings)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in data.shown.items()})
    return Model(data.info, module.eval().requires_grad_(False), torch.device(CPU))


@settings(max_examples=10)
@given(data=st.data())
def test_incremental_equals_fresh_bit_for_bit(model, data):
    synthesizer = Synthesizer(model)
    recipe = data.draw(recipes(model.info))
    for _ in range(3):
        plan = resolve(recipe, model)
        assert torch.equal(synthesizer.run(plan), Synthesizer(model).run(plan))
        recipe = data.draw(st.one_of(edited(recipe, model.info), recipes(model.info)))


def test_a_plan_runs_the_same_pass_as_the_network_itself(model):
    z = torch.from_numpy(latents_of_seed(7, 16))[None]
    c = torch.eye(model.info.classes)[:1] if model.info.classes else None
    drawn = Synthesizer(model).run(resolve(Recipe(a=Source(Seed(7))), model))
    torch.testing.assert_close(drawn, model.generator(z, c), rtol=0, atol=1e-6)


def test_a_drawn_picture_resumes_and_states_stay_as_they_were(model):
    synthesizer = Synthesizer(model)
    synthesizer.run(resolve(Recipe(a=Source(Seed(1))), model))
    kept = [(s.x, s.image) for s in synthesizer.states]
    copies = [[None if t is None else t.clone() for t in pair] for pair in kept]
    synthesizer.run(resolve(Recipe(a=Source(Seed(1)), psi=0.5), model))  # truncation has no effect
    assert synthesizer.first == len(model.generator.steps)
    synthesizer.run(resolve(Recipe(a=Source(Seed(2))), model))
    assert synthesizer.first == 0
    for tensors, copied in zip(kept, copies, strict=True):
        assert all(t is None or torch.equal(t, copy) for t, copy in zip(tensors, copied, strict=True))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_pass_in_double_precision_agrees(kind):
    G = generator(**kind)
    z, c = latents(3), torch.eye(3) if kind.get("classes") else None
    single = G(z, c)
    double = G.double()(z.double(), None if c is None else c.double())
    assert double.dtype == torch.float64
    assert (single - double).abs().max() < 1e-4 * double.abs().max()


# --- growing


@pytest.mark.parametrize(
    ("lod", "layers"),
    [(3, "4 dense, 4 conv, 4 torgb"), (2, "4 dense, 4 conv, 8 conv0, 8 conv1, 8 torgb"),
     (2.5, "4 dense, 4 conv, 4 torgb, 8 conv0, 8 conv1, 8 torgb")],
)  # fmt: skip
def test_only_the_steps_that_matter_at_a_lod_exist(lod, layers):
    G = generator(lod=lod)
    assert ", ".join(step.name.removeprefix("b").replace(".", " ") for step in G.steps) == layers
    G.lod = 0.0
    assert G.steps == generator(lod=0.0).steps


@settings(max_examples=20)
@given(lod=st.floats(0, 3))
def test_a_picture_at_a_lod_is_full_size_and_changes_with_it_without_a_jump(lod):
    G, z = generator(), latents(2)
    G.lod = lod
    picture = G(z)
    assert picture.shape == (2, 3, 32, 32)
    block = 2 ** math.floor(lod)
    assert torch.equal(picture, picture[:, :, ::block, ::block].repeat_interleave(block, 2).repeat_interleave(block, 3))
    G.lod = min(lod + 1e-6, 3.0)
    assert (G(z) - picture).abs().max() < 1e-4
    D = discriminator().requires_grad_(False)
    D.lod = lod
    score = D(picture)
    D.lod = min(lod + 1e-6, 3.0)
    assert (D(picture) - score).abs().max() < 1e-4


@pytest.mark.parametrize("lod", [0.0, 0.7, 1.0, 2.2, 3.0])
def test_gradients_reach_the_layers_in_use_and_no_others(lod):
    G, D = generator().requires_grad_(True), discriminator()
    G.lod = D.lod = lod
    D(G(latents(4))).sum().backward()
    lowest = 32 >> math.floor(lod)
    coloured = {lowest, lowest // 2} if lod % 1 else {lowest}
    for network in (G, D):
        for name, parameter in network.named_parameters():
            resolution, layer = int(name.split(".")[0][1:]), name.split(".")[1]
            used = resolution in coloured if "rgb" in layer else resolution <= lowest
            assert (parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)) == used, name


# --- training


@pytest.mark.parametrize("kind", [{}, {"fused_scale": False, "lod": 1.4}, {"classes": 2}], ids=str)
def test_the_gradient_of_a_gradient_penalty_is_right(kind):
    """D's second derivative along a random direction beside a difference of first ones: a small step and a small
    picture, for the penalty jumps wherever a unit's sign changes."""
    D = discriminator(resolution=16, **kind).double()
    random = torch.Generator().manual_seed(3)
    image = torch.randn(4, 3, 16, 16, dtype=torch.float64, generator=random)
    weights = [p for name, p in D.named_parameters() if name.endswith("weight")]
    directions = [torch.randn(w.shape, dtype=torch.float64, generator=random) for w in weights]

    def penalty():
        shown = image.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(D(shown).sum(), shown, create_graph=True)
        return gradient.square().sum()

    def penalty_at(distance):
        with torch.no_grad():
            torch._foreach_add_(weights, directions, alpha=distance)
        found = penalty().item()
        with torch.no_grad():
            torch._foreach_add_(weights, directions, alpha=-distance)
        return found

    gradients = torch.autograd.grad(penalty(), weights, allow_unused=True)
    slope = sum((g * d).sum().item() for g, d in zip(gradients, directions, strict=True) if g is not None)
    assert abs(slope) > 1e-3 * penalty().item()
    assert (penalty_at(1e-9) - penalty_at(-1e-9)) / 2e-9 == pytest.approx(slope, rel=1e-2)


def test_scores_and_label_logits_come_from_one_pass():
    D = discriminator(classes=4)
    image = torch.randn(4, 3, 32, 32)
    scores, labels = D.scores_and_labels(image)
    assert (scores.shape, labels.shape) == ((4, 1), (4, 4))
    assert torch.equal(D(image, torch.eye(4)), scores)


def test_weights_that_are_not_equalised_start_with_the_deviation_that_equalised_ones_are_used_with():
    torch.manual_seed(0)
    for make, size in ((EqualisedLinear, (300, 400)), (EqualisedConvolution, (50, 60, 3))):
        plain, equalised = make(*size, gain=2.0, equalised=False), make(*size, gain=2.0)
        assert plain.weight_gain == 1
        assert equalised.weight.std().item() == pytest.approx(1, rel=0.02)
        assert plain.weight.std().item() == pytest.approx(equalised.weight_gain, rel=0.02)


def test_equalised_weights_make_the_same_network_as_plain_ones_of_the_same_size():
    equalised, plain = generator(classes=2), generator(classes=2, use_equalised=False)
    for ours, theirs in zip(equalised.modules(), plain.modules(), strict=True):
        if isinstance(ours, EqualisedLinear | EqualisedConvolution):
            theirs.weight.copy_(ours.weight * ours.weight_gain)
    torch.testing.assert_close(plain(latents(2), torch.eye(2)), equalised(latents(2), torch.eye(2)))


def test_fused_and_separate_upscaling_are_one_function_of_our_weights():
    fused, separate = generator(), generator(fused_scale=False)
    separate.load_state_dict(fused.state_dict())
    torch.testing.assert_close(fused(latents(2)), separate(latents(2)))


# --- conversion


def given_network(name="G_fused", **changes):
    """A foreign network of the reference whose parts can be replaced."""
    foreign = tf.foreign(tf.load("progan_small")[0], name)
    parts = {"dialect": "tf", "kind": foreign.kind, "module": foreign.module}
    parts |= {"settings": foreign.settings, "arrays": dict(foreign.arrays)}
    return Foreign(**parts | changes)


def test_only_the_networks_of_this_family_are_recognised():
    empty = {"settings": {}, "arrays": {}}
    roles = {
        kind: PROGAN.recognise(Foreign(dialect="tf", kind=kind, **empty)) for kind in ("G_paper", "D_paper", "G_style")
    }
    assert roles == {"G_paper": "G", "D_paper": "D", "G_style": None}
    assert PROGAN.recognise(Foreign(dialect="torch", kind="G_paper", **empty)) is None


@pytest.mark.parametrize("module", ["", "networks", "networks_progan"])
@pytest.mark.parametrize("features", [(8, 8), (8, 4)])
def test_axes_of_fused_up_convolutions_are_told_by_their_shape_or_else_by_their_module(module, features):
    """The same network in the layouts of the two programs."""
    i, o = features
    random = np.random.RandomState(0)
    names = {
        "4x4/Dense": (5, 16 * i),
        "4x4/Conv": (3, 3, i, i),
        "8x8/Conv0_up": (3, 3, i, o),
        "8x8/Conv1": (3, 3, o, o),
    }
    names |= {"ToRGB_lod1": (1, 1, i, 3), "ToRGB_lod0": (1, 1, o, 3)}
    arrays = {f"{name}/weight": random.randn(*shape).astype(np.float32) for name, shape in names.items()}
    arrays |= {f"{n}/bias": np.zeros(i if n == "4x4/Dense" else shape[-1], np.float32) for n, shape in names.items()}
    kwargs = {"resolution": 8, "num_channels": 3, "latent_size": 5, "fmap_base": 4 * o, "fmap_max": i}
    up = "8x8/Conv0_up/weight"
    for theirs in ("networks", "networks_progan"):
        told = module == theirs or i != o or (module == "" and theirs == "networks")
        if told:
            laid_out = arrays | {up: arrays[up].swapaxes(2, 3) if theirs == "networks" else arrays[up]}
            foreign = Foreign(dialect="tf", kind="G_paper", module=module, settings=kwargs, arrays=laid_out)
            found = PROGAN.convert(foreign).tensors["b8.conv0.weight"]
            assert (found == arrays[up][::-1, ::-1].transpose(3, 2, 0, 1)).all()


def test_arguments_that_are_absent_have_the_defaults_of_the_public_program():
    description, _ = tf.load("progan_1024")
    shapes = {key: shape for key, shape, *_ in description["networks"]["G"]["weights"]}
    arrays = {key: np.broadcast_to(np.float32(0), shape) for key, shape in shapes.items()}  # takes no memory
    kwargs = description["networks"]["G"]["kwargs"] | {"unheard": 5, "structure": None, "dtype": "float32"}
    found = PROGAN.convert(Foreign(dialect="tf", kind="G_paper", settings=kwargs, arrays=arrays))
    assert PROGAN.describe(found.settings).config == "paper"


def test_a_discriminator_without_label_logits_has_no_classes_whatever_its_labels():
    foreign = given_network("D_fused", settings=given_network("D_fused").settings | {"label_size": 5})
    assert PROGAN.convert(foreign).settings["classes"] == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a, k: a.pop("8x8/Conv1/bias"), "no variable '8x8/Conv1/bias'"),
        (lambda a, k: a.update(more=np.zeros(3, np.float32)), "unknown variable 'more'"),
        (lambda a, k: a.update({"4x4/Conv/bias": np.zeros(5, np.float32)}), "4x4/Conv/bias makes a tensor of shape"),
        (lambda a, k: a.update({"4x4/Conv/bias": np.zeros((1, 5), np.float32)}), "2 axes"),
        (lambda a, k: a.update({"lod": np.float32(-1)}), "level of detail"),
        (lambda a, k: a.update({"lod": np.zeros(3)}), "level of detail"),
        (lambda a, k: k.update(resolution=64), "variable"),
        (lambda a, k: k.update(resolution="big"), "resolution"),
        (lambda a, k: k.update(fmap_base="big"), "fmap_base"),
        (lambda a, k: k.update(fmap_base=512), "shape"),
        (lambda a, k: k.update(fmap_base=256.5), "fmap_base"),
        (lambda a, k: k.update(fmap_base=float("inf")), "fmap_base"),
        (lambda a, k: k.update(fmap_max=None), "fmap_max"),
        (lambda a, k: k.update(latent_size=[1]), "latent_size"),
        (lambda a, k: k.update(fused_scale=False), "variable"),
        (lambda a, k: k.update(fused_scale="auto"), "fused_scale"),
        (lambda a, k: k.update(label_size=2), "4x4/Dense/weight"),
    ],
)  # fmt: skip
def test_networks_that_are_not_what_they_say_are_refused_with_a_sentence(change, says):
    foreign = given_network()
    arrays, kwargs = dict(foreign.arrays), dict(foreign.settings)
    change(arrays, kwargs)
    with pytest.raises(ModelFileError, match=says) as refusal:
        PROGAN.convert(given_network(arrays=arrays, settings=kwargs))
    assert refusal.value.remedy
    assert len(str(refusal.value)) < 300


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_cuda_equals_the_cpu(kind):
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    G, z, c = generator(**kind), latents(3), torch.eye(3) if kind.get("classes") else None
    on_cpu = G(z, c)
    on_gpu = G.cuda()(z.cuda(), None if c is None else c.cuda()).cpu()
    assert (on_gpu - on_cpu).abs().max() < 1e-4 * on_cpu.abs().max()
