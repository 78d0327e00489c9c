"""The zip files of torch.save: one pickle, and a member for each storage. Own reader, far stricter than zip allows.

Layout: APPNOTE.TXT of PKWARE, sections 4.3.6-4.3.16, 4.5.3. torch stores without compression; a local header may leave
sizes and checksum to the directory (flag bit 3). Members may not overlap, and whatever is used has its CRC checked.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from engine.errors import clipped
from engine.files import vocabulary
from engine.files.source import Damage
from engine.files.unpickle import load

MAX_MEMBERS = 20_000  # a full checkpoint has some two thousand
END = struct.Struct("<4s4H2IH")  # end of the directory
END_64, LOCATOR_64 = struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")
ENTRY = struct.Struct("<4s6H3I5H2I")  # of the directory
LOCAL = struct.Struct("<4s5H3I2H")
SIZES_LATER, UTF8 = 0x0008, 0x0800  # flags


@dataclass(frozen=True, slots=True)
class Member:
    """Where the bytes of a member are."""

    start: int
    size: int
    crc: int
    header: int  # where its local header begins


def load_zip(data: memoryview) -> Any:
    """The object of a whole file. Raises Damage."""
    members = directory(data)
    pickles = [name for name in members if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        what = "has more than one data.pkl" if pickles else "has no data.pkl"
        raise Damage(f"it is a zip archive that {what}, so no model in a format known here", "give a model file")
    root = pickles[0].removesuffix("data.pkl")
    if root + "constants.pkl" in members or any(name.startswith(root + "code/") for name in members):
        raise Damage("it is a TorchScript archive (constants.pkl, code), which holds a program", "give a model file")
    order = root + "byteorder"
    if order in members and (members[order].size != 6 or bytes(_content(data, members, order)) != b"little"):
        raise Damage("it is of a big-endian machine (byteorder), or damaged", "convert it there")

    def bytes_of(key: str, size: int) -> memoryview:
        name = f"{root}data/{key}"
        if name not in members:
            raise Damage(f"the storage {clipped(key, 20)} of a tensor is missing")
        if members[name].size != size:
            raise Damage(f"the length of storage {clipped(key, 20)} is not what its tensor says")
        return _content(data, members, name)

    words = vocabulary.of_checkpoint(vocabulary.StorageTable(5, bytes_of))
    return load(_content(data, members, pickles[0]), words, whole=len(data))


def directory(data: memoryview) -> dict[str, Member]:
    """All members by name. Raises Damage."""
    begin, end, count = _place_of_directory(data)
    members: dict[str, Member] = {}
    at = begin
    for _ in range(count):
        name, member, at = _entry(data, at, end)
        if name in members:
            raise Damage(f"its zip directory has {clipped(name, 60)} twice")
        members[name] = member
    _check_overlap(members, begin)
    return members


def _place_of_directory(data: memoryview) -> tuple[int, int, int]:
    """Begin, end and number of entries of the directory."""
    last = len(data) - END.size
    if last < 0 or bytes(data[last : last + 4]) != b"PK\5\6":
        raise Damage("its zip directory is missing: it is truncated or damaged")
    _, disk, first_disk, here, count, size, begin, comment = END.unpack_from(data, last)
    if 0xFFFF in (here, count) or 0xFFFFFFFF in (size, begin):
        last, disk, first_disk, here, count, size, begin = _end_64(data, last)
    if disk or first_disk or comment or here != count or begin + size > last or size < count * ENTRY.size:
        raise Damage("its zip directory is damaged")
    if count > MAX_MEMBERS:
        raise Damage(f"it is a zip archive of {count} members, more than any model has")
    return begin, begin + size, count


def _end_64(data: memoryview, last: int) -> tuple[int, ...]:
    """The same for files over 4 GB: place, disk, first disk, entries here, entries, size, begin."""
    place = last - LOCATOR_64.size
    if place < END_64.size:
        raise Damage("its zip directory is damaged")
    signature, _, end, _ = LOCATOR_64.unpack_from(data, place)
    if signature != b"PK\6\7" or end > place - END_64.size:
        raise Damage("its zip directory is damaged")
    signature, _, _, _, disk, first_disk, here, count, size, begin = END_64.unpack_from(data, end)
    if signature != b"PK\6\6":
        raise Damage("its zip directory is damaged")
    return end, disk, first_disk, here, count, size, begin


def _entry(data: memoryview, at: int, end: int) -> tuple[str, Member, int]:
    """Name and place of the member whose entry in the directory is at `at`, and where the next entry is."""
    if at + ENTRY.size > end:
        raise Damage("its zip directory is damaged (it ends early)")
    fields = ENTRY.unpack_from(data, at)
    signature, flags, method, crc, packed, size = fields[0], fields[3], fields[4], fields[7], fields[8], fields[9]
    name_size, extra_size, comment_size, disk, header = *fields[10:13], fields[13], fields[16]
    at += ENTRY.size
    following = at + name_size + extra_size + comment_size
    if signature != b"PK\1\2" or following > end or disk:
        raise Damage("its zip directory is damaged")
    name = _name(data[at : at + name_size])
    if flags & ~(SIZES_LATER | UTF8):
        raise Damage(f"the zip member {clipped(name, 60)} is encrypted or damaged")
    if method != 0:
        raise Damage(f"the zip member {clipped(name, 60)} is compressed, as torch writes none")
    if 0xFFFFFFFF in (packed, size, header):
        extra = data[at + name_size : at + name_size + extra_size]
        size, packed, header = _wide(extra, size, packed, header)
    if packed != size:
        raise Damage("the sizes in its zip directory differ: it is damaged")
    return name, _located(data, name, flags, crc, size, header), following


def _wide(extra: memoryview, *values: int) -> list[int]:
    """The values, those that are 0xFFFFFFFF taken from the zip64 field instead."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1 and at + 4 + size <= len(extra):
            wide = [v for (v,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + size - size % 8])]
            if len(wide) >= values.count(0xFFFFFFFF):
                return [wide.pop(0) if value == 0xFFFFFFFF else value for value in values]
        at += 4 + size
    raise Damage("its zip directory is damaged (sizes)")


def _located(data: memoryview, name: str, flags: int, crc: int, size: int, header: int) -> Member:
    """The member, after its local header was compared with the directory."""
    if header + LOCAL.size > len(data):
        raise Damage("its zip directory is damaged: it leads outside the file")
    signature, _, local_flags, method, _, _, local_crc, packed, local_size, name_size, extra_size = LOCAL.unpack_from(
        data, header
    )
    begin = header + LOCAL.size
    told = (local_crc, packed, local_size) == (crc, size, size) or 0xFFFFFFFF in (packed, local_size)
    later = flags & SIZES_LATER and (local_crc, packed, local_size) == (0, 0, 0)
    same = signature == b"PK\3\4" and local_flags == flags and method == 0 and (told or later)
    if not same or bytes(data[begin : begin + name_size]) != name.encode():
        raise Damage(f"local header and directory of the zip member {clipped(name, 60)} differ: it is damaged")
    return Member(begin + name_size + extra_size, size, crc, header)


def _check_overlap(members: dict[str, Member], end: int) -> None:
    place = 0
    for member in sorted(members.values(), key=lambda m: m.header):
        if member.header < place or member.start + member.size > end:
            raise Damage("the members of the zip archive overlap: it is damaged")
        place = member.start + member.size


def _content(data: memoryview, members: dict[str, Member], name: str) -> memoryview:
    member = members[name]
    content = data[member.start : member.start + member.size]
    if zlib.crc32(content) != member.crc:
        raise Damage(f"the zip member {clipped(name, 60)} is damaged (its CRC does not fit)")
    return content


def _name(raw: memoryview) -> str:
    try:
        name = str(raw, "utf-8")
    except ValueError:
        name = ""
    if not name or not name.isprintable():
        raise Damage("a name in its zip directory is damaged")
    return name
