"""Whether `torchrun` started this process, and as which of how many: one rule for all who ask. No torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import TrainingError, clipped

OF_TORCHRUN = ("TORCHELASTIC_RUN_ID", "RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The place of a process among those of its run."""

    rank: int = 0
    local_rank: int = 0  # on its machine
    ranks: int = 1


def launch(environ: Mapping[str, str] = os.environ) -> Launch:
    """What torchrun set; without it, one process alone, whatever rank the environment names.

    Raises TrainingError where WORLD_SIZE asks for others: nobody started them, or each would train for itself.
    """
    if all(name in environ for name in OF_TORCHRUN):
        rank, local_rank, ranks = (int(environ[name]) for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"))
        return Launch(rank=rank, local_rank=local_rank, ranks=ranks)
    size = environ.get("WORLD_SIZE") or "1"
    if size != "1":
        what = f"WORLD_SIZE is {clipped(size, 20)} in the environment, but torchrun did not start this process"
        raise TrainingError(what, "start it with torchrun, or unset WORLD_SIZE to train in one process")
    return Launch()
