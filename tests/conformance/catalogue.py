"""All cases, which reference files they must cover, and what of these is not covered and why."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import import_module

from tests import reference
from tests.conformance import Case

MODULES = ("operators", "stylegan2_torch", "stylegan2_tf", "stylegan", "progan")

TRAINING = "of the trainer: losses, schedules, augmentation and measures have their tests in tests/train"
NO_ACTIVATION = "no network of these papers has this activation: ours are lrelu, relu and swish with their own slopes"

# Reference file and name (with * and ?, as file names are matched) -> why there is no case for it here.
NOT_COVERED = {
    "ops_misc:bias_act/y[0-2]": "linear: a bias and a clamp without activation are written where they are needed",
    "ops_misc:bias_act/y9": NO_ACTIVATION,
    "ops_misc:bias_act/y1[0-9]": NO_ACTIVATION,
    "ops_misc:bias_act/y2[0-3]": NO_ACTIVATION,
    "ops_misc:bias_act/y30": "linear: a bias and a clamp without activation are written where they are needed",
    "ops_misc:bias_act/y27": "a bias of axis 0: ours belong to features, axis 1",
    "ops_misc:bias_act/y2[89]": "leaky ReLU of another slope than 0.2, which no network has",
    "sg2_loss:*": TRAINING,
    "sg2_train_steps:*": TRAINING,
    "ada_augment:*": TRAINING,
    "metrics:*": TRAINING,
    "tf/*_losses:*": TRAINING,
    "tf/schedules_1024:*": TRAINING,
    "tf/metrics_numbers:*": TRAINING,
    "tf/progan_small:loss_*": TRAINING,
    "pickles_expected:*": "whole files, opened in tests/engine/files",
    "tf/pickles/*:*": "whole files, opened in tests/engine/files",
    "sg3_*:*": "StyleGAN3, which is not built",
    "ops_filtered_lrelu:*": "an operator of StyleGAN3, which is not built",
    "ops_sg3_modulated_conv2d:*": "an operator of StyleGAN3, which is not built",
}


def all_cases() -> list[Case]:
    """The cases of every module."""
    return [case for name in MODULES for case in import_module(f"tests.conformance.{name}").CASES]


def reference_files() -> list[str]:
    """Names of the reference files, as `Case.file` has them."""
    return sorted(str(path.relative_to(reference.FOLDER).with_suffix("")) for path in reference.FOLDER.rglob("*.json"))


def reference_names() -> Iterator[str]:
    """ "file:name" of all that the files hold; "file:*" for a file that is left out as a whole."""
    for file in reference_files():
        if any(pattern.endswith(":*") and fnmatchcase(f"{file}:", pattern[:-1]) for pattern in NOT_COVERED):
            yield f"{file}:*"
        else:
            yield from (f"{file}:{name}" for name in reference.entries(file))


def reason(name: str) -> str | None:
    """Why "file:name" has no case; None where it must have one."""
    return next((why for pattern, why in NOT_COVERED.items() if fnmatchcase(name, pattern)), None)
