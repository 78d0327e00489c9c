"""What kind of file something is, told by its first bytes and never by its name. Standard library only."""

from __future__ import annotations

from typing import BinaryIO, Literal

from engine.files.source import MAX_FILE, Damage

HEAD = 512  # bytes that are looked at
TAIL = 4_000_000  # bytes at the end of a zip archive that hold its directory
LARGE = 1 << 26  # bytes; reading so many takes a while
Kind = Literal["native", "pickle", "torch stream", "zip"]

TORCH_STREAM = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # the magic number of torch.save before its zip files
OLD_PICKLES = b"(]}cVIP."  # what pickles without a protocol begin with: no model is one, the machine says what it wants
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
OTHERS = {  # beginning -> what it is
    b"\x1f\x8b": ("it is compressed (gzip), not a model", "unpack it first"),
    b"\xfd7zXZ": ("it is compressed (xz), not a model", "unpack it first"),
    b"Rar!": ("it is a RAR archive, not a model", "unpack it first"),
    b"7z\xbc\xaf": ("it is a 7z archive, not a model", "unpack it first"),
    b"\x89HDF": ("it is an HDF5 file, not a model in a format known here", "give a model that docs/models.md names"),
    b"version https://git-lfs": (
        "it is a pointer of Git LFS, not a model",
        "fetch the file itself with `git lfs pull`",
    ),
}


def kind_of_file(head: bytes, size: int) -> Kind:
    """The kind of a file of which `head` are the first bytes. Raises Damage for what is no model."""
    if not size:
        raise Damage("it is empty", "get it again: the download failed")
    for begin, (what, remedy) in OTHERS.items():
        if head.startswith(begin):
            raise Damage(what, remedy)
    if head.startswith(PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise Damage("it is a picture, not a model", "give a model file")
    if head[257:262] == b"ustar":
        raise Damage("it is a tar archive, the oldest format of torch, which is not read", "save it with a newer torch")
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise Damage("it is a web page (HTML), not a model", "download the model itself: this is a page about it")
    if _is_native(head):
        return "native"
    if head.startswith(TORCH_STREAM):
        return "torch stream"
    if head.startswith(b"PK"):
        return "zip"
    if head[0] == 0x80 or head[0] in OLD_PICKLES:
        return "pickle"
    what = "it is not a model in a format known here: no pickle, no torch file, no header of safetensors"
    raise Damage(what, "give a model that docs/models.md names")


def check_zip(file: BinaryIO, size: int) -> None:
    """Raise Damage for a zip archive that cannot be of torch, before all of it is read: photos may be large."""
    file.seek(max(size - TAIL, 0))
    if b"data.pkl" not in file.read(TAIL):
        raise Damage("it is a zip archive without data.pkl, so no model in a format known here", "give a model file")


def check_end(file: BinaryIO, size: int) -> None:
    """Raise Damage for a large pickle that does not end as pickles do, before all of it is read."""
    file.seek(max(size - 1, 0))
    if LARGE < size <= MAX_FILE and file.read(1) != b".":
        raise Damage("it is truncated (it does not end as pickles do)")


def _is_native(head: bytes) -> bool:
    """A length of 8 bytes, then JSON. A pickle of protocol 2 and up begins with 0x80 and the protocol."""
    could_be_pickle = head[0] == 0x80 and head[1:2] <= b"\x05" and any(head[4:8])
    return head[8:9] == b"{" and not could_be_pickle
