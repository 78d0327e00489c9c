"""Small pictures on disk."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image


def random_pixels(seed, size=16, channels=3):
    shape = (size, size) if channels == 1 else (size, size, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def encoded(pixels, kind="PNG", **options):
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Writes a folder of files; pictures of 16x16 for names that are given without content."""

    def write(files, where="set"):
        root = tmp_path / where
        contents = files if isinstance(files, dict) else dict.fromkeys(files)
        for i, (name, data) in enumerate(contents.items()):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(random_pixels(i)) if data is None else data)
        return root

    return write


@pytest.fixture
def zipped(tmp_path):
    """Writes a zip of files."""

    def write(files, where="set.zip", method=zipfile.ZIP_STORED):
        with zipfile.ZipFile(tmp_path / where, "w", method) as archive:
            for i, (name, data) in enumerate(files.items()):
                archive.writestr(name, encoded(random_pixels(i)) if data is None else data)
        return tmp_path / where

    return write
