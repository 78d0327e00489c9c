"""Five whole steps reproduce the log of the public StyleGAN2-ADA trainer: phases, optimisers, averages."""

import pytest
import torch

from tests import reference
from tests.train.reference_step import Recorder, StoredDraws, networks, reference_config
from tests.train.test_losses_pytorch import sg2_network
from train import step as module
from train.ema import ema_beta
from train.step import train_step

LOG, ARRAYS = reference.case("sg2_train_steps")
PHASES = LOG["phase_order"]
VALUES, IMAGES = 1e-4, 1e-4  # the limits that the reference suggests for training steps
REPORTS = {
    "Loss/scores/fake": "score_fake",
    "Loss/scores/real": "score_real",
    "Loss/signs/real": "sign_real",
    "Loss/G/loss": "loss_G",
    "Loss/D/loss": "loss_D",
    "Loss/pl_penalty": "pl_penalty",
    "Loss/r1_penalty": "r1",
}


def config():
    return reference_config(
        batch=LOG["batch"],
        lr=LOG["adam"]["lr"],
        beta2=LOG["adam"]["betas"][1],
        r1_gamma=LOG["r1_gamma"],
        r1_interval=LOG["D_reg_interval"],
        pl_weight=float(LOG["pl_weight"]),
        pl_decay=LOG["pl_decay"],
        pl_shrink=LOG["pl_batch_shrink"],
        pl_interval=LOG["G_reg_interval"],
        style_mixing=float(LOG["style_mixing_prob"]),
        ema_kimg=LOG["ema_kimg"],
        ema_rampup=LOG["ema_rampup"],
    )


def norm(tensors):
    return torch.stack([t.detach().double().square().sum() for t in tensors]).sum().sqrt().item()


@pytest.fixture(scope="module")
def run():
    """(networks after five steps, what happened in each update and at the end of each step)."""
    torch.set_num_threads(1)
    c = config()
    n = networks(sg2_network("generator", LOG["G"]), sg2_network("discriminator", LOG["D"]), c)
    events = []
    meter = Recorder()

    def watched(optimiser, world):
        network = n.G if optimiser is n.opt_G else n.D
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        means = {name: torch.cat([v.flatten() for v in values]).mean().item() for name, values in meter.values.items()}
        events.append({"norm": norm(gradients), "pl_mean": n.pl_mean.item(), **means})
        meter.values.clear()
        return update(optimiser, world)

    update, module.update = module.update, watched
    try:
        for number in range(LOG["steps"]):
            latents = dict(zip(PHASES, ARRAYS["z"][number], strict=True))
            draws = StoredDraws(latents, path_noise=ARRAYS["pl_noise"][number])
            reals = torch.from_numpy(ARRAYS["real"][number])
            train_step(n, reals, c, number, number * LOG["batch"], meter, draws=draws)
            norms = {"G_norm": n.G.parameters(), "D_norm": n.D.parameters(), "G_ema_norm": n.G_ema.parameters()}
            ends = {name: norm(parameters) for name, parameters in norms.items()}
            events.append({**ends, "w_avg_sum": n.G.w_avg.sum().item(), "step": number})
    finally:
        module.update = update
    return n, events


def test_every_phase_of_five_steps_has_the_published_losses_and_gradients(run):
    _, events = run
    assert len(events) == len(LOG["log"])
    for ours, stored in zip(events, LOG["log"], strict=True):
        if "phase" not in stored:
            continue
        assert ours["norm"] == pytest.approx(stored["gradient_norm"], rel=VALUES), stored["phase"]
        assert ours["pl_mean"] == pytest.approx(stored["pl_mean"], rel=VALUES)
        for what, name in REPORTS.items():
            if what in stored["reported"]:
                assert ours[name] == pytest.approx(stored["reported"][what][0], rel=VALUES, abs=1e-6), what


def test_five_steps_leave_the_published_weights_and_averages(run):
    _, events = run
    ends = [(ours, stored) for ours, stored in zip(events, LOG["log"], strict=True) if "phase" not in stored]
    assert len(ends) == LOG["steps"]
    for ours, stored in ends:
        assert ema_beta(config(), ours["step"] * LOG["batch"]) == pytest.approx(stored["ema_beta"], rel=1e-9)
        for name in ("G_norm", "D_norm", "G_ema_norm"):
            assert ours[name] == pytest.approx(stored[name], rel=1e-7), name  # their changes are some 1e-6
        assert ours["w_avg_sum"] == pytest.approx(stored["w_avg_sum"], abs=1e-4)


def test_the_averaged_generator_and_the_discriminator_see_what_the_published_ones_do(run):
    n, _ = run
    z = torch.from_numpy(ARRAYS["z"][0, 0])
    with torch.no_grad():
        images = n.G_ema.synthesize(n.G_ema.broadcast(n.G_ema.map(z)), "const")
        logits = n.D(torch.from_numpy(ARRAYS["real"][0]))
    assert reference.error(images, ARRAYS["final_ema_images"]) < IMAGES
    assert reference.error(logits, ARRAYS["final_logits_of_real0"]) < VALUES
