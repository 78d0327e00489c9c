"""What a configuration asks for is refused here, before torch is imported, where it makes no run."""

from __future__ import annotations

import dataclasses
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from engine import families, library
from engine.errors import StylescopeError, TrainingError, clipped
from train import folder
from train.config import TrainConfig
from train.data_shape import PORTRAITS, DataShape
from train.division import Division, divided, group_of
from train.w_parts import check_width

LABELS = "put each class into a folder of its own, or write a dataset.json"


def check(config: TrainConfig, shape: DataShape, ranks: int = 1) -> None:
    """Refuse networks, data and divisions that do not go together. Raises StylescopeError.

    Opens no picture: whoever reads the data set says what is wrong with those.
    """
    check_networks(config)
    check_noise(config)
    check_scales(config)
    check_labels(config.generator.get("classes", 0), shape.classes)
    check_pictures(config, shape)
    division_of(config, ranks=ranks)


def check_pictures(config: TrainConfig, shape: DataShape) -> None:
    """Refuse pictures that the data set does not have and cannot be made to have. Raises TrainingError."""
    from train.datasets.decode import MODES

    channels = config.generator.get("channels", 3)
    if channels not in ((shape.channels,) if config.data == PORTRAITS else MODES):
        what = f"the networks have {channels} channels, and the pictures {shape.channels}"
        raise TrainingError(what, f"--set G.channels={shape.channels} --set D.channels={shape.channels}")
    if config.data == PORTRAITS:
        _check_drawn(config.resolution)
    elif shape.resolution not in (None, config.resolution):
        what = f"the pictures of the data set are {shape.resolution}x{shape.resolution}, not {config.resolution}"
        remedy = f"leave --resolution away, or `dataset pack` them with --resolution {config.resolution}"
        raise TrainingError(what, remedy)


def _check_drawn(resolution: int) -> None:
    """Refuse a size at which portraits are not drawn. Raises TrainingError."""
    from train.portraits.picture import RESOLUTIONS

    if resolution not in RESOLUTIONS:
        known = ", ".join(map(str, RESOLUTIONS))
        raise TrainingError(f"portraits are not drawn at {resolution} pixels", f"give --resolution, one of {known}")


def check_folder(config: TrainConfig, out: Path) -> TrainConfig:
    """Refuse a folder among the data, one that holds something else, and a new run that would begin with a model that
    is not there; the configuration as folder.check settles it.

    Raises StylescopeError.
    """
    _check_apart(config.data, out)
    config = folder.check(out, config)
    if config.transfer and folder.is_new(out) and not _holds_run(config.transfer):
        library.find(config.transfer)
    return config


def _check_apart(data: str, out: Path) -> None:
    """Refuse a run's folder that is, or is in, the folder of the data. Raises TrainingError."""
    if data == PORTRAITS:
        return
    inside, root = (Path(os.path.realpath(path)) for path in (out, Path(os.path.expanduser(data))))
    if inside.is_relative_to(root):
        what = f"the run {clipped(out, 60)} would lie in its data set {clipped(data, 60)}, which its samples would join"
        raise TrainingError(what, folder.ELSEWHERE)


def _holds_run(name: str) -> bool:
    """Whether there is a run's folder of this name; not where no path can be called so, as library.find then says."""
    try:
        return (Path(os.path.expanduser(name)) / "config.json").exists()
    except OSError:
        return False


def check_networks(config: TrainConfig) -> None:
    """Refuse settings of networks that make none, or that do not fit each other. Raises TrainingError."""
    family = families.family(config.family)
    for letter, settings, describe in (
        ("G", config.generator, family.describe),
        ("D", config.trained_discriminator, family.discriminator_tensors),
    ):
        try:
            describe(settings)
        except StylescopeError as error:
            known = _known(config.family, letter)
            unknown = next((key for key in settings if known and key not in known), None)
            if unknown is None:
                raise TrainingError(f"--set {letter}: {error.what}", "give another value") from None
            raise TrainingError(f"there is no setting {letter}.{unknown}", f"known are {', '.join(known)}") from None
    check_width(config.w_parts, family.describe(config.generator).w_dim)
    for key in ("resolution", "channels", "classes"):
        values = [config.generator.get(key), config.discriminator.get(key)]
        values += [config.resolution] if key == "resolution" else []
        if len(set(values)) > 1:
            what = f"the networks differ in their {key} ({', '.join(map(str, values))})"
            raise TrainingError(what, f"--set G.{key} and D.{key} to the same value")


def check_noise(config: TrainConfig) -> None:
    """Refuse late noise for a generator that has none. Raises TrainingError."""
    tensors = families.family(config.family).describe(config.generator).tensors
    if config.noise_kimg and not any(name.endswith("noise_strength") for name in tensors):
        raise TrainingError("noise_kimg is set for a generator without noise", "leave it out")


def check_scales(config: TrainConfig) -> None:
    """Refuse multi-scale gradients (MSG-GAN) where G has no picture at each resolution to show, or where pictures are
    augmented: how the resolutions of one would be augmented alike is not known. Raises TrainingError."""
    settings = _settings_of(config.family).discriminator_settings(config.discriminator)
    if getattr(settings, "architecture", "") != "msg":
        return
    judged = "D.architecture=msg judges the pictures of all resolutions"
    if not families.family(config.family).describe(config.generator).features.preview:
        raise TrainingError(f"{judged}, and this generator has that of the highest", "--set G.architecture=skip")
    if config.augment != "none":
        raise TrainingError(f"{judged}, and augmentation knows one", "--set augment=none or another D.architecture")


def check_labels(classes: int, found: int) -> None:
    """Refuse networks of other classes than the data set has; found: 0 where it has none. Raises TrainingError."""
    if classes and not found:
        raise TrainingError(f"the network has {classes} classes, but the data set has no labels", LABELS)
    if classes and classes != found:
        what = f"the network has {classes} classes, the data set {found}"
        raise TrainingError(what, f"--set G.classes={found} --set D.classes={found}")


def division_of(config: TrainConfig, *, rank: int = 0, ranks: int = 1, batch_gpu: int | None = None) -> Division:
    """How a run divides its batch; batch_gpu None: as it is configured. Raises TrainingError."""
    group = group_of(_settings_of(config.family).discriminator_settings(config.discriminator))
    size = config.batch_gpu if batch_gpu is None else batch_gpu
    return divided(config.batch, group, rank=rank, ranks=ranks, batch_gpu=size)


def _settings_of(family: str) -> Any:
    """The module in which a family has its settings."""
    return import_module(f"engine.families.{family}.settings")


def _known(family: str, letter: str) -> list[str]:
    """The names of a family's settings of G or D, to list on a mistake."""
    kind = getattr(_settings_of(family), "GeneratorSettings" if letter == "G" else "DiscriminatorSettings")
    return sorted(f.name for f in dataclasses.fields(kind))
