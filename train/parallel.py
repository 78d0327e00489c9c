"""Several processes on one run, as `torchrun` starts them. What is summed is summed by us, in one flat tensor.

Not DistributedDataParallel: with R1 and path lengths some weights get no gradient in a phase, and their derivatives of
second order pass its hooks by.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from engine.errors import StylescopeError, UsageError
from train.launch import launch

Result = TypeVar("Result")
PATIENCE = timedelta(minutes=30)  # one process measures or draws while the others wait


@dataclass(frozen=True, slots=True)
class World:
    """The processes of a run; alone, nothing here does anything."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Rank 0 writes and speaks."""
        return self.rank == 0

    def sum_(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            dist.all_reduce(tensor)
        return tensor

    def largest(self, number: int, device: torch.device) -> int:
        """The largest of the processes' numbers."""
        if self.size == 1:
            return number
        told = torch.tensor(number, device=device)
        dist.all_reduce(told, op=dist.ReduceOp.MAX)
        return int(told)

    def sum_gradients(self, parameters: list[Tensor]) -> None:
        """Every gradient becomes its sum over all processes: one message for a whole network."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = self.sum_(torch.cat([g.flatten() for g in gradients]))
        for gradient, total in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(total.view_as(gradient))

    def copy_from_first(self, tensors: Iterable[Tensor], device: torch.device) -> None:
        """Rank 0's values for all, in place."""
        if self.size == 1:
            return
        for tensor in tensors:
            sent = tensor.to(device).contiguous()
            dist.broadcast(sent, 0)
            tensor.copy_(sent)

    def first(self, work: Callable[[], Result]) -> Result:
        """What rank 0 makes of some work, for all. Its refusal ends the others without a word."""
        if self.size == 1:
            return work()
        told: list[Any] = [None, False]
        refusal: BaseException | None = None
        if self.leads:
            try:
                told = [work(), True]
            except StylescopeError as error:
                refusal = error
        dist.broadcast_object_list(told, 0)  # from our own process, of our own making
        if refusal is not None:
            raise refusal
        if not told[1]:
            raise SystemExit(2)
        result: Result = told[0]
        return result

    def same(self, tensors: Iterable[Tensor], device: torch.device) -> bool:
        """Whether the processes hold the same values, to all digits of their sums."""
        if self.size == 1:
            return True
        total = torch.stack([t.detach().double().sum().to(device) for t in tensors])
        others = total.clone()
        dist.broadcast(others, 0)
        return self.largest(int(not torch.equal(total, others)), device) == 0


ALONE = World()


@contextlib.contextmanager
def joined(device: str) -> Iterator[tuple[World, torch.device]]:
    """The processes that `torchrun` started and this one's device; without it, this process alone.

    Raises TrainingError, UsageError, DeviceError.
    """
    from engine.device import choose

    this = launch()
    if this.ranks == 1:
        yield ALONE, choose(device)
        return
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"--device {device} is one device for several processes", "give auto, cpu or cuda")
    chosen = choose(device)
    if chosen.type == "cuda":
        chosen = choose(f"cuda:{this.local_rank}")
        torch.cuda.set_device(chosen)
    if chosen.type == "mps":
        chosen = torch.device("cpu")
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield World(dist.get_rank(), dist.get_world_size()), chosen
    finally:
        if sys.exc_info()[0] is None:  # after an error the others may be waiting for us elsewhere
            dist.destroy_process_group()


def left(status: int, world: World) -> int:
    """The exit status of a run whose work is done; one process of several ends here and now.

    Threads of gloo that still let go of a tensor while the interpreter is taken down abort the process
    (github.com/pytorch/pytorch/pull/179291), and torchrun then calls a run failed that was complete.
    """
    if world.size > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status
