"""A network of another program with one thing wrong with one of its arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import strategies as st

from engine.families.foreign import Foreign

NEEDLESS = ("resample_filter", "kernel", "lod", "latent_avg", "w_avg", "dlatent_avg")  # conversion can do without


def bent(data: st.DataObject, whole: Foreign) -> Foreign:
    """Draw what is wrong: an array is missing, surplus, of another shape or of another type."""
    arrays = dict(whole.arrays)
    name = data.draw(st.sampled_from(sorted(n for n in arrays if not n.endswith(NEEDLESS))))
    what = data.draw(st.sampled_from(["missing", "surplus", "longer", "deeper", "integers"]))
    if what == "missing":
        del arrays[name]
    elif what == "surplus":
        arrays[name + "x"] = arrays[name]
    elif what == "integers":
        arrays[name] = np.asarray(arrays[name]).astype(np.int32)
    else:
        array = np.atleast_1d(arrays[name])
        arrays[name] = np.concatenate([array, array]) if what == "longer" else np.stack([array, array])
    return dataclasses.replace(whole, arrays=arrays)
