"""Reusable controls. They know no document: a value goes in by `set_...` without a sound, comes out by `edited`.

`edited` carries a gesture number: one drag, one burst of keys or wheel turns, one typed value is one gesture, and
so one step of the history.
"""
