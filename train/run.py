"""The folder of a run: config.json, stats.jsonl, samples/, state-*.safetensors, model-*.safetensors."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from engine.edits import with_psi
from engine.errors import TrainingError
from engine.files import native
from engine.files.atomic import write_bytes
from engine.recipe import Recipe
from engine.recipe_json import to_dict as recipe_dict
from train import checkpoint
from train import config as c
from train.config import TrainConfig
from train.samples import fake_grid, tiled, write_png
from train.step import Networks


def prepare(run: Path, config: TrainConfig) -> None:
    """Make the folder, or check that it holds a run with the same settings. Raises TrainingError."""
    path = run / "config.json"
    if path.exists():
        try:
            old = c.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            raise TrainingError(f"{path} cannot be read", "mend it or choose another --out") from None
        differing = c.changed(old, config)
        if differing:
            raise TrainingError(
                f"{run} holds a run with another {', '.join(differing)}", "use its settings or another --out"
            )
    elif run.exists() and any(run.iterdir()):
        raise TrainingError(f"{run} is not empty and holds no run", "choose another --out")
    (run / "samples").mkdir(parents=True, exist_ok=True)
    write_bytes(path, json.dumps(c.to_dict(config), indent=2).encode())


def snapshot(run: Path, n: Networks, config: TrainConfig, counters: dict[str, int], summary: dict[str, Any]) -> Path:
    """State, model and sample grid of this moment; returns the model's path."""
    checkpoint.save(run, n, counters)
    seen = counters["seen"]
    model = run / f"model-{seen // 1000:06d}.safetensors"
    write_model(model, n, config, {**summary, "kimg": seen / 1000})
    write_png(run / "samples" / f"{seen // 1000:06d}.png", fake_grid(n.G_ema, config.seed))
    return model


def write_model(path: Path, n: Networks, config: TrainConfig, training: dict[str, Any]) -> str:
    """The averaged generator as a model file; returns its content id."""
    tensors = {f"G_ema.{name}": t.detach().cpu().numpy() for name, t in n.G_ema.state_dict().items()}
    name = config.preset.partition("-")[2] or config.preset
    return native.write(
        path,
        family=config.family,
        settings=config.generator,
        tensors=tensors,
        name=name,
        licence="MIT",
        origin=f"trained with Stylescope, preset {config.preset}, {training['kimg']:g} kimg of {config.data}",
        training={**training, "config": c.to_dict(config), "date": time.strftime("%Y-%m-%d")},
        opening=recipe_dict(with_psi(Recipe(), 0.7)),
    )


def write_reals(run: Path, images: Any) -> None:
    """What the discriminator is shown, for comparison with the samples."""
    write_png(run / "samples" / "reals.png", tiled(images[:64], 8))
