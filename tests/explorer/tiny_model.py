"""Networks of every family with random weights in files of our own format: small enough to make in every test run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

OPENING = {"stylescope": 1, "psi": 0.7, "a": {"seed": 1234}, "b": {"seed": 98}}
SIZES: dict[str, dict[str, Any]] = {
    "stylegan2": {"resolution": 64, "z_dim": 32, "w_dim": 32, "channel_base": 512, "channel_max": 32},
    "stylegan": {"resolution": 64, "z_dim": 32, "w_dim": 32, "channel_base": 512, "channel_max": 32},
    "progan": {"resolution": 64, "z_dim": 32, "channel_base": 512, "channel_max": 32},
}
PLAIN = {
    "mapping_layers": 0, "truncation": False, "use_styles": False, "const_input": False, "use_noise": False,
    "use_instance_norm": False, "use_pixel_norm": True, "blur_filter": [],
}  # fmt: skip
# One of every kind that the window treats in its own way: family and settings.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "stylegan2": ("stylegan2", {}),
    "progan": ("progan", {}),
    "progan-labels": ("progan", {"classes": 3}),
    "stylegan-f": ("stylegan", {}),
    "stylegan-a": ("stylegan", PLAIN),
    "stylegan-lod": ("stylegan", {"lod": 1.5}),
    "growing-lod": ("stylegan2", {"architecture": "growing", "lod": 2.0}),
    "classes": ("stylegan2", {"classes": 5}),
    "thousand": ("stylegan2", {"classes": 1000}),
    "no-noise": ("stylegan2", {"use_noise": False}),
    "grey": ("stylegan2", {"channels": 1}),
    "rgba": ("stylegan2", {"channels": 4}),
}


def write(
    path: Path,
    name: str = "tiny-64",
    seed: int = 0,
    family: str = "stylegan2",
    class_names: Sequence[str] = (),
    **settings: Any,
) -> str:
    """Write it; its content id."""
    import torch

    from engine import families
    from engine.files import native

    settings = {**SIZES[family], **settings}
    tensors = {}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
        for key, value in families.family(family).build_generator(made).state_dict().items():
            if key.endswith("noise_strength"):  # 0 until it is trained
                value = torch.full_like(value, 0.3)
            elif key.endswith(("bias", "w_avg")):
                value = value + 0.1 * torch.randn_like(value)
            tensors[f"G_ema.{key}"] = value.numpy()
    return native.write(
        path,
        family=family,
        settings=settings,
        tensors=tensors,
        name=name,
        licence="CC0",
        opening=OPENING,
        class_names=class_names,
    )


def write_kind(folder: Path, kind: str) -> Path:
    """A file of one of KINDS."""
    family, settings = KINDS[kind]
    path = folder / f"{kind}.safetensors"
    animals = ("cat", "dog", "an animal whose name is longer than any panel is wide", "fox", "owl")
    names = animals[: settings.get("classes", 0)] if settings.get("classes", 0) <= 5 else ()
    write(path, kind, seed=1, family=family, class_names=names, **settings)
    return path
