"""The strength p of augmentation, led by how much the discriminator overfits (ADA paper, section 3.1)."""

from __future__ import annotations

import torch
from torch import Tensor


class AdaptiveP:
    """Every `interval` steps p moves towards the target of r_t = E[sign D(real)], at a speed of 0..1 in `kimg`.

    Its tensors are the whole state, so that a resumed run goes on with the same p and the signs seen so far.
    """

    def __init__(
        self,
        p: float = 0.0,  # initial
        target: float = 0.6,  # of r_t: below, the discriminator overfits too little
        interval: int = 4,  # steps; 0: p stays
        kimg: float = 500.0,  # pictures / 1000 in which p may move by 1
        device: torch.device | None = None,
    ) -> None:
        self.target, self.interval, self.kimg = target, interval, kimg
        self.p = torch.tensor(p, dtype=torch.float32)  # on the CPU, where augmentations are drawn
        self.signs = torch.zeros(2, device=device)  # sum and number since p moved last

    def observe(self, real_scores: Tensor) -> None:
        """Count the signs of scores of reals; nothing is read from the device."""
        signs = real_scores.detach().sign().float()
        self.signs += torch.stack([signs.sum(), signs.new_tensor(float(signs.numel()))])

    def after_step(self, step: int, batch: int) -> None:
        """Move p if this was the last of `interval` steps; the published rule has no upper limit."""
        if not self.interval or (step + 1) % self.interval:
            return
        total, number = self.signs.tolist()
        self.signs.zero_()
        if number:
            self.p.copy_(moved(self.p, total / number, self.target, batch * self.interval, self.kimg))

    def tensors(self) -> dict[str, Tensor]:
        """The state, live."""
        return {"p": self.p, "signs": self.signs}


def moved(p: Tensor, sign_mean: float, target: float, pictures: int, kimg: float) -> Tensor:
    """p after a mean of signs over `pictures` pictures."""
    direction = (sign_mean > target) - (sign_mean < target)
    return (p + direction * pictures / (kimg * 1000)).clamp(min=0)
