"""Arrays from outside: numbers or a refusal."""

import numpy as np
import pytest

from engine.errors import UsageError
from engine.files import npy


def save(path, array, **kwargs):
    np.save(path, array, **kwargs)
    return path


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", ">f4", "int64", "uint8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_plain_numbers_are_read(tmp_path, dtype, order):
    array = np.arange(6).reshape(2, 3).astype(dtype, order=order)
    found = npy.read(save(tmp_path / "a.npy", array), (None, 3), "latents")
    assert found.dtype == np.float32
    assert (found == array).all()


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((2, 4)), r"give latents of shape \[N, 3\]"),
        (np.zeros(3), "shape"),
        (np.full((1, 3), np.nan), "NaN"),
        (np.full((1, 3), 1e300), "too large"),
        (np.array([["a", "b", "c"]]), "plain numbers"),
        (np.zeros((1, 3), complex), "plain numbers"),
        (np.array([[None, None, None]]), "plain numbers"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, says):
    with pytest.raises(UsageError, match=says):
        npy.read(save(tmp_path / "a.npy", array), (None, 3), "latents")


def test_files_that_lie_are_refused(tmp_path):
    path = save(tmp_path / "a.npy", np.zeros((2, 3), np.float32))
    good = path.read_bytes()
    headers = [b"(2, 4), }  ", b"(-2, -3), }", b"(2**9, 3),}", b"'x', }     ", b"((((((((((("]
    cases = [good[:n] for n in range(0, len(good), 5)] + [good + b"x", b"PK\x03\x04", b"\x80\x04."]
    cases += [good.replace(b"(2, 3), }  ", header) for header in headers]
    huge = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 3), }\n"
    cases.append(b"\x93NUMPY\x01\0" + len(huge).to_bytes(2, "little") + huge)
    for data in cases:
        path.write_bytes(data)
        with pytest.raises(UsageError) as refusal:
            npy.read(path, (None, 3), "latents")
        assert len(str(refusal.value)) < 300
    with pytest.raises(UsageError, match="no file"):
        npy.read(tmp_path / "none", (None, 3), "latents")
    with pytest.raises(UsageError, match="ordinary"):
        npy.read(tmp_path, (None, 3), "latents")


def test_pictures_are_written_one_after_the_other(tmp_path):
    pictures = np.random.RandomState(0).randn(3, 1, 4, 4).astype(np.float32)
    npy.write(tmp_path / "p.npy", iter(pictures), pictures.shape)
    assert (np.load(tmp_path / "p.npy") == pictures).all()
    with pytest.raises(ValueError, match="announced"):
        npy.write(tmp_path / "q.npy", iter(pictures[:2]), pictures.shape)
    with pytest.raises(ValueError, match="shape"):
        npy.write(tmp_path / "q.npy", iter(pictures[:, :, 1:]), pictures.shape)
    assert [p.name for p in tmp_path.iterdir()] == ["p.npy"]
