"""`info MODEL`: open a model file completely, as the window does, and say what is in it. Does not import torch."""

from __future__ import annotations

import argparse
import json
from typing import Any

from engine import library
from engine.commands import options
from engine.errors import ModelFileError, clipped
from engine.family import ModelInfo
from engine.files import opening


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `info`."""
    parser.add_argument("model", metavar="MODEL", help="a model file, a training run, or the name of a bundled model")
    options.add_device(parser)  # as every command takes them; nothing is drawn here
    options.add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the description; 0."""
    path = library.find(args.model)
    info = opening.read(path, None if args.network == "D" else args.network).info
    if args.network == "D":
        if "D" not in info.networks:
            raise ModelFileError(f"{clipped(path.name)} has no network D", f"it has {', '.join(info.networks)}")
        opening.read_discriminator(path)
    if args.json:
        print(json.dumps(as_json(info), indent=2))
    elif not args.quiet:
        print(as_text(info))
    return 0


def as_json(info: ModelInfo) -> dict[str, Any]:
    """What other programs read: counts and names."""
    return {
        "name": info.name,
        "family": info.family,
        "config": info.config,
        "resolution": info.resolution,
        "channels": info.channels,
        "z_dim": info.z_dim,
        "w_dim": info.w_dim,
        "layers": len(info.layers),
        "noise": len(info.noise),
        "noise_resolutions": list(info.noise_resolutions),
        "classes": info.classes,
        "class_names": list(info.class_names),
        "parameters": info.parameters,
        "networks": list(info.networks),
        "content_id": info.content_id,
        "sha256": info.sha256,
        "licence": info.licence,
        "origin": info.origin,
        "training": dict(info.training),
        "settings": dict(info.settings),
    }


def as_text(info: ModelInfo) -> str:
    """What a person reads: one fact a line."""
    config = f", {info.config}" if info.config else ""
    colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(info.channels, f"{info.channels} channels")
    noise = ", ".join(map(str, info.noise_resolutions))
    lines = {
        "model": f"{info.name} ({info.family}{config})",
        "picture": f"{info.resolution} x {info.resolution}, {colours}",
        "shown": "" if info.size == (info.resolution,) * 2 else "{} x {}, letterbox bars cropped".format(*info.size),
        "latents": f"z {info.z_dim}, w {info.w_dim}, {len(info.layers)} layers",
        "noise": f"{len(info.noise)} inputs at {noise}" if info.noise else "none",
        "classes": str(info.classes or "none"),
        "parameters": f"{info.parameters:,}",
        "networks": ", ".join(info.networks),
        "licence": info.licence or "not in the file; docs/models.md says where authors state them",
        "origin": info.origin,
        "content id": info.content_id,
        "sha256": info.sha256,
    }
    return "\n".join(f"{name:<11} {clipped(value, 400)}" for name, value in lines.items() if value)
