"""Stylescope's one door. Each sub-command is imported only when it is called; without one, the window opens."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it


def _leave(number: int, frame: object) -> None:
    """Ctrl-C while there is nothing to tidy up: no traceback through modules that are half imported."""
    os._exit(INTERRUPTED)


if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _leave)  # before anything else is imported

import contextlib  # noqa: E402
import ctypes  # noqa: E402
import traceback  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from importlib import import_module  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402

import engine  # noqa: E402
from engine.commands import options  # noqa: E402
from engine.errors import DeviceError, StylescopeError, clipped  # noqa: E402


@dataclass(frozen=True, slots=True)
class Command:
    """A module with `add_arguments(parser)` and `run(args) -> int`."""

    module: str
    help: str
    renders: bool = True  # works with big tensors: the allocator is tuned first


COMMANDS = {
    "image": Command("engine.commands.image", "pictures of seeds, a recipe or latents"),
    "grid": Command("engine.commands.grid", "many pictures on one page"),
    "video": Command("engine.commands.video", "films: MP4, WebM, GIF, WebP, frames"),
    "info": Command("engine.commands.info", "what a model file holds", renders=False),
    "convert": Command("engine.commands.convert", "a model of another program as a file of ours", renders=False),
    "train": Command("train.cli", "train a model"),
    "timelapse": Command("train.timelapse", "a film of a training run"),
    "dataset": Command("train.dataset_cli", "pack, describe and check data sets", renders=False),
    "bench": Command("engine.commands.bench", "measure speed"),
}
USAGE = """\
usage: python main.py [explore] [MODEL | PICTURE.png | SESSION] [--device D] [--dtype T]
       python main.py COMMAND --help

Explore the latent space of a StyleGAN model in a window, or work without one:
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit status: 0 well, 2 refused with one sentence, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    try:
        return _dispatch(words)
    except SystemExit as leaving:  # argparse leaves so after --help
        return leaving.code if isinstance(leaving.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `head` does; there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except StylescopeError as error:
        if debug:
            traceback.print_exc()
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except Exception as error:
        if debug:
            raise
        what = f"{type(error).__name__}: {clipped(error)}"
        print(f"error: {what} - a fault of the program; run again with --debug and report it", file=sys.stderr)
        return 1


def _dispatch(words: list[str]) -> int:
    if words[:1] in (["-h"], ["--help"], ["help"]):
        print(USAGE + "\n".join(f"  {name:<9} {command.help}" for name, command in COMMANDS.items()))
        return 0
    if words[:1] == ["--version"]:
        print(f"Stylescope {engine.__version__}")
        return 0
    if words and words[0] in COMMANDS:
        return _run(words[0], words[1:])
    return _explore(words[1:] if words[:1] == ["explore"] else words)


def _run(name: str, words: list[str]) -> int:
    command = COMMANDS[name]
    if signal.getsignal(signal.SIGINT) is _leave:  # from here on there may be half-written files
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if command.renders:
        from engine.device import tune_allocator

        tune_allocator()  # before torch allocates anything
    module = import_module(command.module)
    parser = options.Parser(prog=f"python main.py {name}", description=command.help, allow_abbrev=False)
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(words)))


def _explore(words: list[str]) -> int:
    parser = options.Parser(prog="python main.py explore", description="open the window", allow_abbrev=False)
    parser.add_argument("target", nargs="?", metavar="MODEL|PICTURE.png|SESSION", help="what to open")
    options.add_device(parser)
    options.add_debug(parser)
    args = parser.parse_args(words)
    from explorer.display import check_display  # before Qt is asked for a window: it would end the process

    check_display()
    _preload_torch_library()
    try:
        from explorer import app
    except ImportError as error:
        if not (error.name or "").startswith("PySide6") and "PySide6" not in str(error) and ".so" not in str(error):
            raise
        what = f"the window needs Qt, which cannot be loaded ({clipped(error, 100)})"
        raise DeviceError(what, "install what README.md lists; `image`, `info` and `train` need no window") from error
    return int(app.run(args.target, device=args.device, dtype=args.dtype, debug=args.debug))


def _preload_torch_library() -> None:
    """WORKAROUND: on Windows, torch imported after Qt can fail with WinError 1114 on c10.dll; loaded before Qt it
    does not. Can go when pytorch/pytorch#166628 is solved in the oldest torch that we take."""
    if sys.platform != "win32":
        return
    found = find_spec("torch")  # finds it without importing it
    for folder in (found.submodule_search_locations or []) if found else []:
        library = Path(folder) / "lib" / "c10.dll"
        if library.exists():
            with contextlib.suppress(OSError):  # importing torch will say what is wrong
                ctypes.CDLL(str(library))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that cannot show a character of a file's text gets its number
            reconfigure(errors="backslashreplace")
    sys.exit(main())
