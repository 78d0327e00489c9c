"""What settings say of a network: every tensor's name and shape, and all that a window needs. Standard library only."""

from __future__ import annotations

from engine.families.stylegan2.settings import DiscriminatorSettings, GeneratorSettings
from engine.families.tensors import Tensors, convolution, layer, mapping, parameters
from engine.family import Description, Features, LayerInfo, NoiseInfo


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it.

    Layers and noise inputs that a growing network does not use yet are left out: they have no effect.
    """
    tensors = generator_tensors(s)
    noise = [(name, r) for name, r in noise_layers(s) if r <= s.resolution_in_use]
    return Description(
        config=_config_name(s),
        resolution=s.resolution,
        channels=s.channels,
        z_dim=s.z_dim,
        w_dim=s.w_dim,
        classes=s.classes,
        layers=tuple(_layers(s)),
        noise=tuple(NoiseInfo(index=i, resolution=r, name=n) for i, (n, r) in enumerate(noise)),
        features=Features(
            mapping=True,
            truncation=s.w_avg,
            layer_styles=True,
            stored_noise=s.use_noise,
            preview=s.architecture == "skip",  # a growing network's lower toRGBs were last trained long ago
        ),
        tensors=tensors,
        parameters=parameters(tensors),
    )


def noise_layers(s: GeneratorSettings) -> list[tuple[str, int]]:
    """(name, resolution) of every layer with a noise input, in order."""
    if not s.use_noise:
        return []
    names = ((f"b{r}.conv{i}", r) for r in s.block_resolutions for i in (0, 1))
    return [(name, r) for name, r in names if name != "b4.conv0"]


def generator_tensors(s: GeneratorSettings) -> Tensors:
    """Every tensor of a generator, those of resolutions that are not in use yet as well."""
    return _g_mapping_tensors(s) | _synthesis_tensors(s)


def discriminator_tensors(s: DiscriminatorSettings) -> Tensors:
    """Every tensor of a discriminator."""
    tensors: Tensors = {}
    for r in reversed(s.block_resolutions):
        i, extra = s.features(r), s.extra_inputs if r < s.resolution else 0
        if r in s.colour_resolutions:
            tensors |= convolution(f"b{r}.fromrgb", s.channels, i, 1)
        if r > 4:
            o = s.features(r // 2)
            tensors |= convolution(f"b{r}.conv0", i + extra, i, 3) | convolution(f"b{r}.conv1", i, o, 3)
            if s.architecture == "resnet":
                tensors[f"b{r}.skip.weight"] = (o, i, 1, 1)
        else:
            dense = s.dense_features or i
            tensors |= convolution("b4.conv", i + s.mbstd_channels + extra, i, 3)
            tensors |= layer("b4.fc", (dense, 16 * i)) | layer("b4.out", (s.outputs, dense))
    if s.label_width:
        tensors |= layer("mapping.embed", (s.embed_width, s.classes))
        tensors |= mapping(s.embed_width, s.layer_features or s.label_width, s.label_width, s.mapping_layers)
    return tensors


def _layers(s: GeneratorSettings) -> list[LayerInfo]:
    resolutions = [4] + [r for r in s.block_resolutions[1:] for _ in (0, 1) if r <= s.resolution_in_use]
    layers = [LayerInfo(index=i, resolution=r, label=str(r)) for i, r in enumerate(resolutions)]
    return [*layers, LayerInfo(index=len(layers), resolution=s.resolution_in_use, label="rgb")]


def _config_name(s: GeneratorSettings) -> str:
    """The published name, as far as a generator tells: B to D are the same network, trained otherwise."""
    widths = (s.channel_max, s.channel_min, s.channel_decay, s.z_dim, s.w_dim, s.mapping_layers)
    if widths != (512, 1, 1, 512, 512, 8) or s.activation != "lrelu":
        return ""
    names = {
        ("growing", 16384): "config-b/c/d",
        ("skip", 16384): "config-e",
        ("orig", 16384): "config-e-orig",
        ("resnet", 16384): "config-e-resnet",
        ("skip", 32768): "config-f",
    }
    return names.get((s.architecture, s.channel_base), "")


def _g_mapping_tensors(s: GeneratorSettings) -> Tensors:
    tensors: Tensors = {"mapping.w_avg": (s.w_dim,)} if s.w_avg else {}
    if s.classes and s.label_input == "concatenated":
        tensors["mapping.embed.weight"] = (s.embed_width, s.classes)
    elif s.classes:
        tensors |= layer("mapping.embed", (s.embed_width, s.classes))
    return tensors | mapping(s.z_dim + s.embed_width, s.layer_features or s.w_dim, s.w_dim, s.mapping_layers)


def _synthesis_tensors(s: GeneratorSettings) -> Tensors:
    tensors: Tensors = {"synthesis.b4.const": (s.features(4), 4, 4)}
    for r in s.block_resolutions:
        block, o = f"synthesis.b{r}", s.features(r)
        i = o if r == 4 else s.features(r // 2)
        for name, inputs in [("conv1", o)] if r == 4 else [("conv0", i), ("conv1", o)]:
            tensors |= _styled(f"{block}.{name}", inputs, o, 3, s.w_dim)
            if s.use_noise:
                tensors |= {f"{block}.{name}.noise_strength": (), f"{block}.{name}.noise_const": (r, r)}
        if r in s.colour_resolutions:
            tensors |= _styled(f"{block}.torgb", o, s.channels, 1, s.w_dim)
        if r > 4 and s.architecture == "resnet":
            tensors[f"{block}.skip.weight"] = (o, i, 1, 1)
    return tensors


def _styled(name: str, i: int, o: int, kernel: int, w_dim: int) -> Tensors:
    return convolution(name, i, o, kernel) | layer(f"{name}.affine", (i, w_dim))
