"""A child process that opens files through the engine's doors, one a line of JSON on stdin, and tells what came of it.

Its memory is limited before each file to what it has then plus what the file may take, so that a bomb ends as an error
message or as a crash of this process, never of the machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy  # noqa: F401  # its memory is not a file's

import main
from engine import library, picture
from engine.errors import StylescopeError
from engine.files import opening

HEADROOM = 16 << 20  # bytes: what Python keeps for itself while it collects a message


def command(*words: str) -> str:
    """The error line of a command; "" when it was well. Anything but status 0 and 2 is a fault."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main.main(list(words))
    if status not in (0, 2) or (status == 2) != bool(err.getvalue()):
        return f"FAULT {status} {out.getvalue()} {err.getvalue()}"
    return err.getvalue()


def error_of(call: object) -> str:
    """The sentence that a call of the engine ends with; "" when it was well."""
    try:
        call()  # type: ignore[operator]
    except StylescopeError as error:
        return f"error: {error}\n"
    return ""


def model(path: str, out: str, thorough: bool) -> dict[str, str]:
    """What each way to open a model said."""
    said = {"info": command("info", path, "--quiet")}
    said["read_info"] = error_of(lambda: opening.read_info(library.find(path)))
    if thorough:
        said["convert"] = command("convert", path, out, "--quiet")
        said["by content id"] = error_of(lambda: library.find_content_id("0" * 32, recent=[Path(path)]))
        error_of(lambda: opening.read_discriminator(path))  # good models may have none
        error_of(lambda: opening.read(path, "G"))
    return said


def image(path: str, out: str, thorough: bool) -> dict[str, str]:
    """What reading the recipe in a picture said."""
    return {"recipe": error_of(lambda: picture.read_recipe(Path(path)))}


def limited(megabytes: int) -> None:
    """Allow this process so much more than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (megabytes << 20) + HEADROOM, hard))


def unlimited() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def serve() -> None:
    """Answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        job = json.loads(line)
        began = time.process_time()
        limited(job["max_mb"])
        try:
            said = (image if job["kind"] == "image with a recipe" else model)(job["path"], job["out"], job["thorough"])
        except BaseException as error:
            unlimited()
            said = {"fault": f"FAULT {type(error).__name__}: {error}"[:500]}
        unlimited()
        seconds = time.process_time() - began
        answers.write(json.dumps({"said": said, "seconds": seconds, "torch": "torch" in sys.modules}) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
