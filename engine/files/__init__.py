"""Files in and out. numpy, safetensors and the standard library only: no torch, no Qt, nothing out of a file runs."""
