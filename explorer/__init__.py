"""The Qt window. It knows recipes and ModelInfo; torch stays on the worker's side until the window stands."""
