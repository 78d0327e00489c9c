"""What every network of every family keeps to. What is a family's own has its tests in the files beside this one."""

import copy
import dataclasses
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.families import FAMILIES, family
from engine.family import ModelInfo
from engine.files import native
from engine.latents import z_of_seed
from engine.model import Model
from engine.nn.box import box_down, nearest_up
from engine.plan import resolve
from engine.recipe import Recipe, Seed, Source
from engine.renderer import Renderer
from engine.synthesizer import Synthesizer
from tests.conformance import tf
from tests.engine.fakes import CPU
from tests.engine.families.bent import bent
from tests.strategies import edited, recipes
from train.config import TrainConfig
from train.draws import Draws
from train.networks import build
from train.presets import PRESETS, preset
from train.stats import Meter
from train.step import train_step

WIDTHS = {"resolution": 32, "channel_base": 256, "channel_max": 16}
OF_G = {  # settings that a discriminator has not
    "progan": {"z_dim": 16},
    "stylegan": {"z_dim": 16, "w_dim": 16, "mapping_layers": 2, "layer_features": 12},
    "stylegan2": {"z_dim": 16, "w_dim": 16, "mapping_layers": 2},
}
OLD = {
    "mapping_layers": 0, "truncation": False, "use_styles": False, "const_input": False, "use_noise": False,
    "use_instance_norm": False, "use_pixel_norm": True,
}  # fmt: skip
GROWING = {"architecture": "growing"}
GENERATORS = {
    "progan": [
        {}, {"lod": 1.5}, {"lod": 3, "fused_scale": False}, {"classes": 3, "channels": 1}, {"use_equalised": False},
    ],
    "stylegan": [
        {}, OLD | {"blur_filter": []}, OLD, {"use_noise": False, "const_input": False}, {"use_noise": False},
        {"lod": 1.4}, {"classes": 3}, OLD | {"classes": 2, "w_dim": 32},
        {"channels": 1, "activation": "relu", "blur_filter": [1, 3, 3, 1], "use_equalised": False},
    ],
    "stylegan2": [
        {}, {"architecture": "resnet", "conv_clamp": 0.5}, {"architecture": "orig", "classes": 2}, GROWING,
        GROWING | {"lod": 0.4, "classes": 2, "label_input": "concatenated"}, {"use_noise": False, "channels": 1},
        {"activation": "swish", "w_avg": False}, {"resample_filter": [1, 2, 1], "activation": "relu"},
    ],
}  # fmt: skip
DISCRIMINATORS = {
    "progan": [{}, {"lod": 1.4, "fused_scale": False}, {"classes": 3}, {"resolution": 4, "mbstd_channels": 0}],
    "stylegan": [
        {}, {"classes": 3}, {"mbstd_group": None, "mbstd_channels": 2}, {"lod": 1.0}, {"resolution": 4},
        {"blur_filter": [], "channels": 1, "use_equalised": False, "mbstd_channels": 0},
    ],
    "stylegan2": [
        {}, {"architecture": "skip", "classes": 3}, {"architecture": "orig", "classes": 2, "label_output": "per_class"},
        GROWING | {"lod": 0.4}, {"architecture": "msg"}, {"freeze_layers": 2, "mbstd_channels": 0},
    ],
}  # fmt: skip
GROWN = {"progan": {}, "stylegan": {}, "stylegan2": GROWING}


def named(kinds):
    """(family, settings) of each kind, for parametrisation."""
    pairs = [(name, kind) for name, its in kinds.items() for kind in its]
    return [pytest.param(name, kind, id=f"{name} {json.dumps(kind)}") for name, kind in pairs]


every_generator = pytest.mark.parametrize(("name", "kind"), named(GENERATORS))
every_discriminator = pytest.mark.parametrize(("name", "kind"), named(DISCRIMINATORS))
every_family = pytest.mark.parametrize("name", FAMILIES)


def filled(module, seed=1):
    """Every tensor has an effect."""
    torch.manual_seed(seed)
    for name, tensor in module.state_dict().items():
        if name.endswith(("w_avg", "noise_strength", "const", "bias")):
            tensor.normal_(0, 0.3)
    return module.eval().requires_grad_(False)


def generator(name, **kind):
    torch.manual_seed(0)
    return filled(family(name).build_generator(WIDTHS | OF_G[name] | kind))


def discriminator(name, **kind):
    torch.manual_seed(0)
    return filled(family(name).build_discriminator(WIDTHS | kind))


def model(name, **kind):
    told = family(name).describe(WIDTHS | OF_G[name] | kind)
    known = {f: getattr(told, f) for f in ModelInfo.__dataclass_fields__ if hasattr(told, f)}
    info = ModelInfo(name="tiny", family=name, networks=("G_ema",), content_id="tiny", **known)
    return Model(info, generator(name, **kind), CPU)


def latents(G, n=3):
    """z [N, Z] and, for a conditional network, class weights [N, K]."""
    random = torch.Generator().manual_seed(n)
    classes = G.settings.classes
    return torch.randn(n, G.settings.z_dim, generator=random), torch.eye(n, classes) + 0.1 if classes else None


def pictures(s, n=4):
    return torch.randn(n, s.channels, s.resolution, s.resolution, generator=torch.Generator().manual_seed(n))


def relative_error(ours, exact):
    return float((ours.double() - exact.double()).abs().max() / exact.abs().max())


# --- what a header says


@every_generator
def test_a_header_describes_exactly_the_tensors_and_inputs_of_a_generator(name, kind):
    told, G = family(name).describe(WIDTHS | OF_G[name] | kind), generator(name, **kind)
    assert {k: tuple(t.shape) for k, t in G.state_dict().items()} == dict(told.tensors)
    assert told.parameters == sum(p.numel() for p in G.parameters())
    assert len(told.layers) == G.num_ws
    assert {slot for step in G.steps for slot in step.slots} <= set(range(G.num_ws))
    assert [(n.index, n.name, n.resolution) for n in told.noise] == [
        (s.noise, s.name, s.resolution) for s in G.steps if s.noise is not None
    ]
    assert told.features.truncation == (G.w_avg is not None)
    assert told.features.mapping == any(k.startswith("mapping.fc") for k in told.tensors)
    assert told.features.layer_styles == (G.num_ws > 1)
    assert told.features.stored_noise == bool(told.noise)
    assert all(G.stored_noise(n.index) is not None for n in told.noise)


@every_discriminator
def test_the_tensors_of_a_discriminator_are_named_and_it_scores_each_picture(name, kind):
    told, D = family(name).discriminator_tensors(WIDTHS | kind), discriminator(name, **kind)
    assert {k: tuple(t.shape) for k, t in D.state_dict().items()} == dict(told)
    labels = torch.eye(4, D.settings.classes)
    assert D(pictures(D.settings), labels).shape == (4, 1)


sizes = st.fixed_dictionaries(
    {
        "resolution": st.sampled_from([8, 16, 32]),
        "channels": st.integers(1, 4),
        "classes": st.integers(0, 3),
        "channel_base": st.integers(32, 300),
        "channel_max": st.integers(1, 16),
        "channel_decay": st.sampled_from([0.5, 1.0]),
        "lod": st.floats(0, 1),
    }
)


@every_family
@given(drawn=sizes)
@settings(max_examples=15)
def test_networks_of_any_size_are_as_described(name, drawn):
    its, chosen = family(name), GROWN[name] | drawn
    G, D = its.build_generator(chosen | OF_G[name]), its.build_discriminator(chosen)
    assert {k: tuple(t.shape) for k, t in G.state_dict().items()} == dict(its.describe(chosen | OF_G[name]).tensors)
    assert {k: tuple(t.shape) for k, t in D.state_dict().items()} == dict(its.discriminator_tensors(chosen))


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2.5,
        7,
        10**5000,
        2**40,
        "x",
        "",
        [],
        [[1]],
        {},
        {"a": 1},
        float("nan"),
        1e300,
        [10**5000],
        [None],
    ]
)


def taken_or_refused(call, *given):
    """Nothing but a short sentence for users leaves it."""
    refusal = None
    try:
        return call(*given)
    except ModelFileError as error:
        refusal = error
    assert refusal.remedy
    assert len(str(refusal)) < 300
    return None


@every_family
@given(data=st.data())
@settings(max_examples=60)
def test_settings_that_are_anything_are_taken_or_refused_with_a_sentence(name, data):
    its = family(name)
    for describe, example in ((its.describe, generator(name)), (its.discriminator_tensors, discriminator(name))):
        known = [f.name for f in dataclasses.fields(example.settings)]
        wrong = data.draw(st.dictionaries(st.sampled_from([*known, "unheard"]), JUNK, min_size=1, max_size=3))
        taken_or_refused(describe, WIDTHS | wrong)


# --- files of other programs

FOREIGN = {
    "progan": [("progan_small", "G_fused", 0), ("progan_small", "G_label5", 1.6), ("stylegan_D_small", "P_G_sep", 0)],
    "stylegan": [
        ("stylegan_small", network, lod)
        for network, lod in [
            ("F", 0), ("F", 1.4), ("B_tuned_baseline", 0), ("C_mapping_styles", 0), ("D_const_input", 0),
            ("E_noise", 0), ("F_fused_true", 0), ("F_label5", 0), ("F_gray", 0), ("F_blur1331", 0),
        ]
    ],
    "stylegan2": [("stylegan2_small_G", "G2_label5", 0), ("stylegan2_small_G", "Grev", 0.5)],
}  # fmt: skip
FOREIGN_D = {
    "progan": ("progan_small", "D_label5"),
    "stylegan": ("stylegan_D_small", "D_label5"),
    "stylegan2": ("stylegan2_small_D", "D1_label5"),
}


def foreign(file, network, lod=0.0):
    return tf.foreign(tf.load(file)[0], network, {"lod": lod})


@pytest.mark.parametrize(("name", "source"), [(name, one) for name, its in FOREIGN.items() for one in its], ids=str)
def test_a_converted_network_draws_the_same_once_saved_and_loaded(name, source, tmp_path):
    converted = family(name).convert(foreign(*source))
    tensors = {f"G_ema.{k}": v for k, v in converted.tensors.items()}
    native.write(
        tmp_path / "m", family=name, settings=json.loads(json.dumps(converted.settings)), tensors=tensors, name="m"
    )
    G, renderer = tf.built(name, converted), Renderer("cpu")
    info = renderer.load(tmp_path / "m")
    z, c = latents(G, 2)
    with torch.inference_mode():
        ws = torch.cat([G.broadcast(G.map(z[i : i + 1], None if c is None else c[i : i + 1])) for i in (0, 1)])
        expected = np.concatenate([G.synthesize(row[None]).numpy() for row in ws])
    drawn = renderer.render_raw(z=z.numpy(), labels=None if c is None else c.numpy())
    assert np.array_equal(drawn, expected)
    if info.features.layer_styles:
        assert np.array_equal(renderer.render_raw(ws=ws.numpy()), expected)


def foreign_networks():
    return {name: {"G": foreign(*FOREIGN[name][0]), "D": foreign(*FOREIGN_D[name])} for name in FAMILIES}


NETWORKS = foreign_networks()


@every_family
@pytest.mark.parametrize("role", ["G", "D"])
@given(data=st.data())
@settings(max_examples=25)
def test_a_missing_surplus_or_bent_array_is_refused(name, role, data):
    wrong = bent(data, NETWORKS[name][role])
    if family(name).recognise(wrong) is not None:
        with pytest.raises(ModelFileError):
            family(name).convert(wrong)


@every_family
@pytest.mark.parametrize("role", ["G", "D"])
@given(data=st.data())
@settings(max_examples=50)
def test_made_up_arguments_are_refused_or_change_no_tensor(name, role, data):
    whole = NETWORKS[name][role]
    known = [
        *whole.settings,
        "fmap_max",
        "fmap_decay",
        "mapping_layers",
        "mbstd_group_size",
        "resolution",
        "latent_size",
    ]
    known += ["fused_scale", "blur_filter", "structure", "nonlinearity", "truncation_psi", "fmap_base", "num_channels"]
    wrong = data.draw(st.dictionaries(st.sampled_from(known), JUNK, min_size=1, max_size=3))
    given_network = dataclasses.replace(whole, settings={**whole.settings, **wrong})
    converted = taken_or_refused(family(name).convert, given_network)
    assert converted is None or converted.tensors.keys() <= family(name).convert(whole).tensors.keys()


# --- pictures

MODELS = {(name, json.dumps(kind)): model(name, **kind) for name, its in GENERATORS.items() for kind in its}
every_model = pytest.mark.parametrize("its", MODELS.values(), ids=[f"{name} {kind}" for name, kind in MODELS])


@every_model
@given(data=st.data())
@settings(max_examples=4)
def test_incremental_equals_fresh_bit_for_bit(its, data):
    synthesizer = Synthesizer(its)
    recipe = data.draw(recipes(its.info))
    for _ in range(3):
        plan = resolve(recipe, its)
        assert torch.equal(synthesizer.run(plan), Synthesizer(its).run(plan))
        recipe = data.draw(st.one_of(edited(recipe, its.info), recipes(its.info)))


@every_model
def test_nothing_is_written_into_kept_states_or_weights(its):
    synthesizer = Synthesizer(its)
    synthesizer.run(resolve(Recipe(), its))
    kept = [t for s in synthesizer.states for t in (s.x, s.image, s.shortcut) if t is not None]
    copies = [t.clone() for t in kept]
    weights = copy.deepcopy(its.generator.state_dict())
    for seed in (1, 2):
        synthesizer.run(resolve(Recipe(a=Source(Seed(seed)), psi=0.5), its))
    assert all(torch.equal(t, saved) for t, saved in zip(kept, copies, strict=True))
    assert all(torch.equal(t, weights[k]) for k, t in its.generator.state_dict().items())


@every_model
def test_a_plan_draws_what_the_network_itself_does(its):
    z = torch.from_numpy(z_of_seed(7, its.info.z_dim))[None]
    c = torch.eye(1, its.info.classes) if its.info.classes else None
    drawn = Synthesizer(its).run(resolve(Recipe(a=Source(Seed(7))), its))
    assert relative_error(drawn, its.generator(z, c)) < 1e-5


@every_model
def test_one_sample_equals_the_same_in_a_batch_and_with_gradients(its):
    """The three take different paths: memory layout, where scales go, fused up-convolution, statistics."""
    G = its.generator
    ws = G.broadcast(G.map(*latents(G)))
    batch = G.synthesize(ws)
    with torch.inference_mode():
        singly = torch.cat([G.synthesize(row[None]) for row in ws])
    assert relative_error(singly, batch) < 1e-4
    assert relative_error(torch.cat([G.synthesize(row[None]) for row in ws]), batch) < 1e-4


@every_model
def test_double_precision_agrees_with_single(its):
    z, c = latents(its.generator)
    exact = copy.deepcopy(its.generator).double()(z.double(), None if c is None else c.double())
    assert exact.dtype == torch.float64
    assert relative_error(its.generator(z, c), exact) < 1e-4


@every_model
def test_noise_counts_where_there_are_inputs_for_it_and_nowhere_else(its):
    G = its.generator
    ws = G.broadcast(G.map(*latents(G, 1)))
    stored, silent = G.synthesize(ws), G.synthesize(ws, "none")
    given_maps = {n.index: G.stored_noise(n.index)[None, None] for n in its.info.noise}
    assert torch.equal(G.synthesize(ws, given_maps), stored)
    torch.manual_seed(0)
    for other in (silent, G.synthesize(ws, "random")):
        assert torch.equal(other, stored) != bool(its.info.noise)


@every_model
def test_truncation_needs_a_mean(its):
    z, c = latents(its.generator)
    same = torch.equal(its.generator(z, c, psi=0.5), its.generator(z, c))
    assert same != its.info.features.truncation


@pytest.mark.gpu
@every_generator
def test_cuda_equals_the_cpu(name, kind):
    G = generator(name, **kind)
    ws = G.broadcast(G.map(*latents(G)))
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    on_cpu = G.synthesize(ws)
    assert relative_error(G.cuda().synthesize(ws.cuda()).cpu(), on_cpu) < 1e-4


# --- levels of detail


@every_family
@given(lod=st.floats(0, 3))
@settings(max_examples=10)
def test_a_fading_picture_lies_between_those_of_the_whole_numbers_and_is_made_of_blocks(name, lod):
    G = generator(name, **GROWN[name])
    z, _ = latents(G, 2)
    G.lod = lod
    fading, block = G(z), 2 ** int(lod)
    assert fading.shape == (2, 3, 32, 32)
    assert torch.equal(fading, nearest_up(fading[..., ::block, ::block], block))
    ends = []
    for whole in (int(lod), min(int(lod) + 1, 3)):
        G.lod = float(whole)
        assert max(step.resolution for step in G.steps) == 32 >> whole
        ends.append(G(z))
    torch.testing.assert_close(fading, torch.lerp(*ends, lod - int(lod)), rtol=1e-3, atol=1e-3)


@every_family
@pytest.mark.parametrize("lod", [0.0, 0.3, 1.0, 1.9, 2.5, 3.0])
def test_a_growing_discriminator_sees_no_detail_that_is_not_in_use(name, lod):
    D = discriminator(name, **GROWN[name])
    D.lod = lod
    shown = pictures(D.settings)
    coarse = nearest_up(box_down(shown, 2 ** int(lod)), 2 ** int(lod))
    torch.testing.assert_close(D(shown), D(coarse), rtol=1e-4, atol=1e-4)
    if lod < 3:
        coarser = nearest_up(box_down(shown, 2 ** (int(lod) + 1)), 2 ** (int(lod) + 1))
        assert (D(shown) - D(coarser)).abs().max() > 1e-6


@every_family
def test_scores_fade_without_a_jump(name):
    D = discriminator(name, **GROWN[name])
    for level in (1, 2):
        scores = []
        for D.lod in (level - 1e-5, level + 1e-5):
            scores.append(D(pictures(D.settings)))
        torch.testing.assert_close(*scores, rtol=1e-2, atol=1e-3)


@every_family
def test_a_level_of_detail_that_is_set_is_that_of_a_network_built_for_it(name):
    for network, make in (
        (generator(name, **GROWN[name]), generator),
        (discriminator(name, **GROWN[name]), discriminator),
    ):
        network.lod = 1.3
        built = make(name, **GROWN[name], lod=1.3)
        assert network.settings == built.settings == copy.deepcopy(network).settings
        assert getattr(network, "steps", None) == getattr(built, "steps", None)
        with pytest.raises(ModelFileError, match="lod"):
            network.lod = 3.5
        assert network.lod == 1.3


# --- training


@every_discriminator
def test_the_gradient_of_a_gradient_penalty_is_right(name, kind):
    """D's second derivative along a random direction beside a difference of first ones; a small step and a small
    picture, for the penalty jumps wherever a unit's sign changes."""
    D = discriminator(name, **kind | {"resolution": 16}).double().requires_grad_(True)
    image = pictures(D.settings).double()
    labels = torch.eye(4, D.settings.classes, dtype=torch.float64)
    weights = [p for n, p in D.named_parameters() if n.endswith("weight")]
    random = torch.Generator().manual_seed(3)
    directions = [torch.randn(w.shape, dtype=torch.float64, generator=random) for w in weights]

    def penalty():
        shown = image.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(D(shown, labels).sum(), shown, create_graph=True)
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


def trained(config, classes=0):
    """Networks after two steps; whatever moved is finite, and something moved."""
    n = build(config, CPU)
    before = copy.deepcopy(n.G.state_dict()), copy.deepcopy(n.D.state_dict())
    pool = torch.eye(8, classes) if classes else None
    reals = pictures(n.G.settings, config.batch)
    for step in range(2):
        labels = None if pool is None else pool[torch.arange(config.batch) % classes]
        draws = Draws(config, step, CPU, pool)
        train_step(n, reals, config, step, step * config.batch, Meter(), labels=labels, draws=draws)
    for network, old in zip((n.G, n.D), before, strict=True):
        now = network.state_dict()
        assert all(torch.isfinite(t).all() for t in now.values())
        assert any(not torch.equal(t, old[k]) for k, t in now.items())
    return n


TRAINED = [
    ("progan", {}, {}, {"loss": "wgan", "gp_weight": 10.0, "drift": 0.001, "r1_gamma": 0.0}),
    ("progan", {"lod": 1.4}, {"lod": 1.4}, {}),
    ("stylegan", {}, {}, {"pl_weight": 2.0}),
    ("stylegan", OLD, {}, {}),
    ("stylegan", {"classes": 3, "lod": 0.5}, {"classes": 3, "lod": 0.5}, {}),
    ("stylegan2", {"w_avg": False, "use_noise": False}, {"architecture": "skip"}, {"pl_weight": 2.0}),
    ("stylegan2", GROWING | {"lod": 0.5, "classes": 2}, GROWING | {"lod": 0.5, "classes": 2}, {}),
    ("stylegan2", {}, {"architecture": "msg"}, {}),
]


@pytest.mark.parametrize("phases", ["shared", "published"])
@pytest.mark.parametrize(("name", "G", "D", "losses"), TRAINED, ids=str)
def test_every_family_trains(name, G, D, losses, phases):
    config = TrainConfig(
        preset="", family=name, generator=WIDTHS | OF_G[name] | G, discriminator=WIDTHS | D, resolution=32, batch=4,
        phases=phases, **losses,
    )  # fmt: skip
    n = trained(config, G.get("classes", 0))
    assert (n.G.w_avg is None) == (not family(name).describe(config.generator).features.truncation)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_trains(name):
    """With thin layers that read all of a narrow w, and at the lowest resolution that it is made for."""
    config = preset(name, PRESETS[name].resolution or 8)
    thin = {"channel_base": 8 * config.resolution, "channel_max": 8}
    thin |= {"channel_min": 1} if "channel_min" in config.generator else {}
    G = {**config.generator, **thin, "z_dim": 8, "w_dim": 8, "mapping_layers": 2}
    D = {**config.discriminator, **thin}
    trained(dataclasses.replace(config, batch=4, generator=G, discriminator=D, w_parts=()))
