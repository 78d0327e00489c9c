"""What a file of another program holds becomes a model of ours: found, converted, checked, described. numpy only.

Readers (`nvidia_*.py`, `state_dict.py`) make `Foreign` of bytes, a family makes `Converted` of that. Nothing here
knows the name of a file: `opening.py` makes the sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import families
from engine.errors import ModelFileError, clipped
from engine.family import Family, ModelInfo
from engine.files import native
from engine.files.header import NETWORKS
from engine.files.kinds import Kind
from engine.files.native import ModelData
from engine.files.source import Damage, Watch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.families.foreign import Converted, Foreign, Role
    from engine.files.contents import Contents

    Array = npt.NDArray[np.float32]

PARSED, CONVERTED = 0.5, 0.8  # how much of the work is done then, about; reading comes before
# What code raises that trusted a file too far. The file is refused all the same.
SURPRISES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Discriminator:
    """The discriminator of a model file, converted and checked."""

    family: str
    settings: Mapping[str, Any]  # the family's own
    tensors: Mapping[str, Array]


def model_of(path: Path, kind: Kind, data: memoryview, network: str | None, watch: Watch) -> ModelData:
    """The networks of a file of another program. Raises Damage, ModelFileError, Stopped."""
    contents = _contents(kind, data)
    watch.at(PARSED)
    generators = tuple(name for name in NETWORKS if name in contents.networks)
    if not generators:
        raise Damage("it holds no generator (no G_ema and no G)", "give a snapshot with one")
    shown = generators[0]
    check_network(path, network, tuple(contents.networks), generators)
    family, first = converted(contents.networks[shown](), "G")
    networks = {shown: checked(first, family.describe(first.settings).tensors)}
    watch.at(CONVERTED)
    if network is not None and network != shown:
        other, second = converted(contents.networks[network](), "G")
        if other is not family or dict(second.settings) != dict(first.settings):
            raise Damage(f"its networks {shown} and {network} are not of the same kind", f"open {shown}")
        networks[network] = checked(second, family.describe(second.settings).tensors)
    content_id = native.content_id_of(family.name, first.settings, networks[shown])
    return ModelData(_info(path, contents, family, first, shown, content_id), networks)


def discriminator_of(kind: Kind, data: memoryview, watch: Watch) -> Discriminator:
    """The discriminator of a file of another program. Raises Damage, ModelFileError, Stopped."""
    contents = None if kind == "native" else _contents(kind, data)
    watch.at(PARSED)
    if contents is None or "D" not in contents.networks:
        raise Damage("it has no discriminator (no network D)", "give a snapshot with G, D and G_ema")
    family, found = converted(contents.networks["D"](), "D")
    tensors = checked(found, family.discriminator_tensors(found.settings))
    return Discriminator(family=family.name, settings=found.settings, tensors=tensors)


def _info(
    path: Path, contents: Contents, family: Family, converted: Converted, shown: str, content_id: str
) -> ModelInfo:
    d = family.describe(converted.settings)
    others = [name for name in contents.networks if name != shown and (name != "D" or _has_discriminator(contents))]
    return ModelInfo(
        name=clipped(path.stem) or "model",
        family=family.name,
        config=d.config,
        resolution=d.resolution,
        channels=d.channels,
        z_dim=d.z_dim,
        w_dim=d.w_dim,
        layers=d.layers,
        noise=d.noise,
        classes=d.classes,
        features=d.features,
        parameters=d.parameters,
        networks=(shown, *others),
        content_id=content_id,
        origin=f"{clipped(path.name)}, {contents.writer}",
        settings=converted.settings,
    )


def _contents(kind: Kind, data: memoryview) -> Contents:
    """What is in a file of another program. Raises Damage."""
    from engine.files import nvidia_tf, nvidia_torch, state_dict, torch_stream, torch_zip, vocabulary
    from engine.files.unpickle import load

    data = data.toreadonly()
    if kind == "zip":
        return state_dict.contents(torch_zip.load_zip(data), len(data))
    if kind == "torch stream":
        return state_dict.contents(torch_stream.load_stream(data), len(data))
    value = load(data, vocabulary.of_nvidia(torch_stream.load_storage))
    if isinstance(value, tuple) or nvidia_tf.is_network(value):
        return nvidia_tf.contents(value, len(data))
    return nvidia_torch.contents(value, len(data))


def converted(foreign: Foreign, role: Role) -> tuple[Family, Converted]:
    """The family that recognises a network, and what it makes of it. Raises Damage, ModelFileError."""
    from engine.families.foreign import not_built_yet

    name = not_built_yet(foreign)
    if name:
        raise Damage(f"it is a {name} model, which this version cannot open", "update Stylescope when it can")
    try:
        for family in map(families.family, families.FAMILIES):
            if family.recognise(foreign) == role:
                return family, family.convert(foreign)
    except SURPRISES as error:
        what = f"its settings make no network ({type(error).__name__}: {clipped(error, 60)})"
        raise Damage(what, "it is damaged or of another program") from None
    first = next(iter(sorted(foreign.arrays)), "none")
    kind = "generator" if role == "G" else "discriminator"
    what = (
        f"it holds no model known here: no family has a {kind} called {clipped(foreign.kind, 60)} with tensors such as"
    )
    raise Damage(f"{what} {clipped(first, 60)}", "give a model that docs/models.md names")


def checked(converted: Converted, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """The tensors, if they are just those that the settings say; contiguous float32 of our own. Raises Damage."""
    import numpy as np

    tensors = converted.tensors
    for odd in sorted(tensors.keys() ^ shapes.keys()):
        raise Damage(f"the tensor {clipped(odd, 80)} is missing or does not belong into this model")
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise Damage(f"the shape of {clipped(name, 80)} is not {list(shape)}")
        if not np.isfinite(tensors[name]).all():
            raise Damage(f"the tensor {clipped(name, 80)} holds NaN or infinity")
    # Writable, which a view of the file is not: none holds it in memory. Aligned: torch takes them as they are.
    return {name: np.require(tensors[name], np.float32, ["C", "A", "W"]) for name in shapes}


def _has_discriminator(contents: Contents) -> bool:
    """Whether what is called D in a file is one that we know."""
    try:
        foreign = contents.networks["D"]()
    except Damage:
        return False
    return any(families.family(name).recognise(foreign) == "D" for name in families.FAMILIES)


def check_network(path: Path, network: str | None, has: tuple[str, ...], generators: tuple[str, ...]) -> None:
    """Raise ModelFileError unless a network is one that draws and is in the file."""
    if network == "D" and "D" in has:
        raise ModelFileError(f"the network D of {clipped(path.name)} draws no pictures", "choose G or G_ema")
    if network is not None and network not in generators:
        what = f"{clipped(path.name)} has no network {clipped(network, 20)}"
        raise ModelFileError(what, f"it has {', '.join(has)}")
