"""`convert MODEL OUT.safetensors`: a model of any program as a file of ours. Does not import torch."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine import library
from engine.commands import options
from engine.errors import UsageError, clipped
from engine.files import native, opening


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `convert`."""
    parser.add_argument("model", metavar="MODEL", help="a model file, a training run, or the name of a bundled model")
    parser.add_argument("out", metavar="OUT.safetensors", help="the file to write; pictures of it are the same")
    parser.add_argument("--name", help="what the model is called (default: as in MODEL)")
    parser.add_argument("--licence", metavar="TEXT", help="the licence that its author gave it")
    options.add_device(parser)  # as every command takes them; nothing is drawn here
    options.add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Write the network that MODEL shows, or that of --network; 0."""
    out = Path(args.out)
    if out.suffix.lower() != library.SUFFIX:
        raise UsageError(f"{clipped(out.name)} is no name for a model of ours", f"give one that ends {library.SUFFIX}")
    if args.network == "D":
        raise UsageError("the network D cannot be converted alone", "give --network G or G_ema")
    model = opening.read(library.find(args.model), args.network)
    network, info = args.network or model.info.networks[0], model.info
    content_id = native.write(
        out,
        family=info.family,
        settings=info.settings,
        tensors={f"{network}.{name}": array for name, array in model.networks[network].items()},
        name=info.name if args.name is None else args.name,
        licence=info.licence if args.licence is None else args.licence,
        origin=info.origin,
        training=info.training,
        opening=info.opening,
        class_names=info.class_names,
    )
    if args.json:
        print(json.dumps({"file": str(out), "network": network, "content_id": content_id}, indent=2))
    elif not args.quiet:
        print(out)
    return 0
