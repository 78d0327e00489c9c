"""Opening model files, whoever wrote them: what is inside is converted, checked and described. Nothing out of it runs.

`read` gives the same for our own files and for those of other programs; `convert` makes the first of the second.
Memory: the file once, and the networks that are asked for. `read_info` of our own files needs their header only and
the standard library; everything else needs numpy, nothing needs torch.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine import families
from engine.errors import ModelFileError, Stopped, StylescopeError, clipped
from engine.family import Family, ModelInfo
from engine.files import native, run_folder
from engine.files.header import NETWORKS
from engine.files.kinds import HEAD, Kind, check_zip, kind_of_file
from engine.files.native import ModelData
from engine.files.source import Damage, Digest, Progress, Stop, Watch, opened, read_all, refused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.families.foreign import Converted, Foreign, Role
    from engine.files.contents import Contents

    Array = npt.NDArray[np.float32]

__all__ = ["Discriminator", "ModelData", "Stopped", "read", "read_discriminator", "read_info"]

READ, PARSED, CONVERTED = 0.4, 0.5, 0.8  # how much of the work is done then, about
KNOWN = 64  # descriptions that are remembered
_known: dict[tuple[str, int, int], ModelInfo] = {}  # (path, time, size) -> description of a foreign file


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Discriminator:
    """The discriminator of a model file, converted and checked."""

    family: str
    settings: Mapping[str, Any]  # the family's own
    tensors: Mapping[str, Array]


def read(
    path: Path | str, network: str | None = None, progress: Progress | None = None, stop: Stop | None = None
) -> ModelData:
    """A model file, or the newest whole snapshot in a run's folder, with everything verified.

    network: "G_ema" or "G", to have that one too besides the one that the file shows; the description and the content
    id are always those of the one that is shown. progress is told how much is done, 0..1; stop may end it. Raises
    ModelNotFoundError, ModelFileError, Stopped.
    """
    return _opened(Path(path), network, Watch(progress, stop))


def read_info(path: Path | str) -> ModelInfo:
    """The description of a model file. Raises ModelNotFoundError, ModelFileError.

    Of our own files only the header is read; others are opened completely, once for as long as they stay as they are.
    """
    path = _file(Path(path))
    file, size = opened(path)
    with file:
        is_native, key = _sniffed(path, file, size) == "native", _key(path, file)
    if is_native:
        return native.read_info(path)
    known = _known.get(key)
    return known if known is not None else read(path).info


def read_discriminator(path: Path | str, progress: Progress | None = None, stop: Stop | None = None) -> Discriminator:
    """The discriminator of a foreign model file. Raises ModelNotFoundError, ModelFileError, Stopped."""
    path, watch = _file(Path(path)), Watch(progress, stop)
    file, size = opened(path)
    with file:
        kind = _sniffed(path, file, size)
        data = None if kind == "native" else _all(path, file, size, watch)
    try:
        contents = None if data is None else _contents(kind, data)
        watch.at(PARSED)
        if contents is None or "D" not in contents.networks:
            raise Damage("it has no discriminator (no network D)", "give a snapshot with G, D and G_ema")
        family, converted = _converted(contents.networks["D"](), "D")
        tensors = _checked(converted, family.discriminator_tensors(converted.settings))
    except (Damage, MemoryError, StylescopeError) as error:
        raise _sentence(path, error) from None
    watch.at(1.0)
    return Discriminator(family=family.name, settings=converted.settings, tensors=tensors)


def _opened(path: Path, network: str | None, watch: Watch) -> ModelData:
    path = _file(path)
    file, size = opened(path)
    with file:
        kind = _sniffed(path, file, size)
        if kind != "native":
            key = _key(path, file)
            data = _all(path, file, size, watch)
    if kind == "native":
        model = native.read(path, watch)
        _check_network(path, network, model.info.networks, tuple(model.networks))
        return model
    with Digest(data) as digest:
        try:
            model = _foreign(path, kind, data, network, watch)
        except (Damage, MemoryError, StylescopeError) as error:
            raise _sentence(path, error) from None
        model = replace(model, info=replace(model.info, sha256=digest.hexdigest()))
    if len(_known) >= KNOWN:
        _known.clear()
    _known[key] = model.info
    watch.at(1.0)
    return model


def _foreign(path: Path, kind: Kind, data: memoryview, network: str | None, watch: Watch) -> ModelData:
    """The networks of a file of another program. Raises Damage, ModelFileError, Stopped."""
    contents = _contents(kind, data)
    watch.at(PARSED)
    generators = tuple(name for name in NETWORKS if name in contents.networks)
    if not generators:
        raise Damage("it holds no generator (no G_ema and no G)", "give a snapshot with one")
    shown = generators[0]
    _check_network(path, network, tuple(contents.networks), generators)
    family, converted = _converted(contents.networks[shown](), "G")
    networks = {shown: _checked(converted, family.describe(converted.settings).tensors)}
    watch.at(CONVERTED)
    if network is not None and network != shown:
        other, second = _converted(contents.networks[network](), "G")
        if other is not family or dict(second.settings) != dict(converted.settings):
            raise Damage(f"its networks {shown} and {network} are not of the same kind", f"open {shown}")
        networks[network] = _checked(second, family.describe(second.settings).tensors)
    content_id = native.content_id_of(family.name, converted.settings, networks[shown])
    return ModelData(_info(path, contents, family, converted, shown, content_id), networks)


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


def _converted(foreign: Foreign, role: Role) -> tuple[Family, Converted]:
    """The family that recognises a network, and what it makes of it. Raises Damage, ModelFileError."""
    from engine.families.foreign import not_built_yet

    name = not_built_yet(foreign)
    if name:
        raise Damage(f"it is a {name} model, which this version cannot open", "update Stylescope when it can")
    try:
        for family in map(families.family, families.FAMILIES):
            if family.recognise(foreign) == role:
                return family, family.convert(foreign)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A converter that trusted the file too far. The file is refused all the same.
        what = f"its settings make no network ({type(error).__name__}: {clipped(error, 60)})"
        raise Damage(what, "it is damaged or of another program") from None
    first = next(iter(sorted(foreign.arrays)), "none")
    kind = "generator" if role == "G" else "discriminator"
    what = (
        f"it holds no model known here: no family has a {kind} called {clipped(foreign.kind, 60)} with tensors such as"
    )
    raise Damage(f"{what} {clipped(first, 60)}", "give a model that docs/models.md names")


def _checked(converted: Converted, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
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


def _check_network(path: Path, network: str | None, has: tuple[str, ...], generators: tuple[str, ...]) -> None:
    if network == "D" and "D" in has:
        raise ModelFileError(f"the network D of {clipped(path.name)} draws no pictures", "choose G or G_ema")
    if network is not None and network not in generators:
        what = f"{clipped(path.name)} has no network {clipped(network, 20)}"
        raise ModelFileError(what, f"it has {', '.join(has)}")


def _file(path: Path) -> Path:
    """The file itself, also for the folder of a run. Raises ModelNotFoundError."""
    return run_folder.newest(path) if os.path.isdir(path) else path  # Path.is_dir raises for names that are too long


def _sniffed(path: Path, file: BinaryIO, size: int) -> Kind:
    """The kind of an open file. Raises ModelFileError."""
    try:
        kind = kind_of_file(file.read(HEAD), size)
        if kind == "zip":
            check_zip(file, size)
        return kind
    except (Damage, OSError) as error:
        raise refused(path, error) from None


def _all(path: Path, file: BinaryIO, size: int, watch: Watch) -> memoryview:
    """All bytes of an open file. Raises ModelFileError, Stopped."""
    try:
        file.seek(0)
        return read_all(file, size, watch, READ)
    except (Damage, OSError, MemoryError) as error:
        raise refused(path, error) from None


def _sentence(path: Path, error: BaseException) -> StylescopeError:
    """One sentence with the file's name in it."""
    if isinstance(error, StylescopeError):  # of a family, which does not know the file
        if clipped(path.name) in error.what:
            return error
        return refused(path, Damage(error.what, error.remedy))
    return refused(path, error)


def _key(path: Path, file: BinaryIO) -> tuple[str, int, int]:
    found = os.fstat(file.fileno())
    return str(path.absolute()), found.st_mtime_ns, found.st_size
