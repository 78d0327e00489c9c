"""What a network family is, and what is known of a model before any tensor is loaded. Standard library only.

Every number a panel needs (layers, noise inputs, classes, what has an effect) is read from the model, never
guessed from the name of its family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # the engine's files and the window read ModelInfo long before torch is imported
    from torch import nn

    from engine.families.foreign import Converted, Foreign, Role

Group = Literal["coarse", "middle", "fine"]
GROUPS: tuple[Group, ...] = ("coarse", "middle", "fine")
Box = tuple[int, int, int, int]  # x, y, width, height in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """One slot of the style input `ws` [N, L, W]."""

    index: int  # 0 .. L-1
    resolution: int  # of the convolution that the slot drives, in pixels
    label: str  # what a fader shows: "4", "8", ... or "rgb"

    @property
    def group(self) -> Group:
        """Coarse 0-3 (4x4, 8x8), middle 4-7 (16x16, 32x32), fine from 8 on: the StyleGAN paper, section 3.1."""
        return "coarse" if self.index < 4 else "middle" if self.index < 8 else "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseInfo:
    """One noise input: a map [1, 1, resolution, resolution] that is added to a layer's activations."""

    index: int  # place among all noise inputs: a map is a function of (seed, index)
    resolution: int
    name: str  # of the layer, e.g. "b32.conv0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What has an effect in this model. A control whose feature is missing stays, greyed, and says why."""

    mapping: bool  # has a mapping network: space W exists
    truncation: bool  # has w_avg: psi and cutoff mean something
    layer_styles: bool  # the layers may be fed different styles: the mixing desk has faders
    stored_noise: bool  # the model carries noise maps of its own
    preview: bool  # a picture exists at every resolution on the way (output skips)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """All that a model's header tells."""

    name: str
    family: str
    config: str  # e.g. "config-e", or "" when no published name fits
    resolution: int
    channels: int  # of the picture: 1 grey, 3 RGB, 4 RGBA
    z_dim: int
    w_dim: int
    layers: tuple[LayerInfo, ...]
    noise: tuple[NoiseInfo, ...]
    classes: int  # 0: not conditional
    class_names: tuple[str, ...] = ()
    features: Features
    parameters: int  # trainable, of the network that is shown
    networks: tuple[str, ...]  # e.g. ("G_ema",)
    content_id: str  # hash over the converted tensors: the same for a file and its conversion
    sha256: str = ""  # of the file
    licence: str = ""
    origin: str = ""  # one line: where the file came from
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)  # the family's own constructor settings
    training: Mapping[str, Any] = field(default_factory=dict, hash=False)  # summary of the run that made it
    opening: Mapping[str, Any] | None = field(default=None, hash=False)  # opening recipe, as JSON

    @property
    def crop(self) -> Box:
        """What of the network's output is shown and exported: all but the letterbox bars of the data that it learned.

        Noted in the training summary, which comes from a file: a note that fits no picture is none.
        """
        note, whole = self.training.get("crop_note"), (0, 0, self.resolution, self.resolution)
        if not isinstance(note, (list, tuple)) or len(note) != 4 or any(type(value) is not int for value in note):
            return whole
        x, y, width, height = note
        inside = 0 <= x < x + width <= self.resolution and 0 <= y < y + height <= self.resolution
        return (x, y, width, height) if inside else whole

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of a picture in pixels."""
        return self.crop[2:]

    @property
    def noise_resolutions(self) -> tuple[int, ...]:
        """The resolutions that have noise inputs, ascending, each once."""
        return tuple(sorted({n.resolution for n in self.noise}))

    def layers_of(self, group: Group) -> tuple[int, ...]:
        """Slots of a group, ascending."""
        return tuple(layer.index for layer in self.layers if layer.group == group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a family tells about a network from its settings alone."""

    config: str
    resolution: int
    channels: int
    z_dim: int
    w_dim: int
    classes: int
    layers: tuple[LayerInfo, ...]
    noise: tuple[NoiseInfo, ...]
    features: Features
    tensors: Mapping[str, tuple[int, ...]]  # every tensor of the generator: name -> shape
    parameters: int


class Family(Protocol):
    """What `engine/families/NAME/__init__.py` offers. Only the two builders import torch."""

    name: str

    def describe(self, settings: Mapping[str, Any]) -> Description:
        """Check settings that came from a file and say what network they make. Raises ModelFileError."""

    def discriminator_tensors(self, settings: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
        """Check a discriminator's settings and give every tensor of it: name -> shape. Raises ModelFileError."""

    def recognise(self, foreign: Foreign) -> Role | None:
        """Whether a foreign network is of this family, from its kind and names; never raises."""

    def convert(self, foreign: Foreign) -> Converted:
        """Our settings and tensors of a network that was recognised. Raises ModelFileError where they do not fit:
        settings are checked against the shapes of the arrays, and every array is used or known to be left out."""

    def build_generator(self, settings: Mapping[str, Any]) -> nn.Module:
        """The generator with its initial weights, in float32 on the CPU."""

    def build_discriminator(self, settings: Mapping[str, Any]) -> nn.Module:
        """The discriminator with its initial weights, in float32 on the CPU."""
