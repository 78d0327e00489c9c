"""Typed errors. Each says what happened and what the user can do, in one plain sentence."""

from __future__ import annotations


class StylescopeError(Exception):
    """Base of every error that is meant for a user's eyes.

    `what` says what is wrong, `remedy` what can be done; `str()` joins them as the command line prints them.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} - {self.remedy}" if self.remedy else self.what


class UsageError(StylescopeError):
    """The command line or a request is not of the form that is asked for."""


class RecipeError(StylescopeError):
    """A recipe, or text that claims to be one, is not valid."""


class PictureError(StylescopeError):
    """A picture cannot be read or written, or holds no recipe."""


class ModelFileError(StylescopeError):
    """A model file is damaged, lies about itself, or is not a model."""


class ModelNotFoundError(StylescopeError):
    """No model of that name, path or content id is at hand."""


class DeviceError(StylescopeError):
    """The device or precision asked for is not to be had here."""


class RenderError(StylescopeError):
    """A recipe does not fit its model, or the device failed while rendering."""


class TrainingError(StylescopeError):
    """A training run cannot start, continue or be read."""


def clipped(text: object, limit: int = 120) -> str:
    """At most `limit` characters of something that came from outside, without line breaks or control characters."""
    plain = "".join(c if c.isprintable() else "?" for c in str(text)[: limit + 1])
    return plain if len(plain) <= limit else plain[: limit - 3] + "..."


class Stopped(Exception):
    """Work was given up because its asker said so. No fault, so no StylescopeError."""
