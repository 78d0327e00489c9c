"""The panels of the window. Each shows the document's recipe and sends edits to it; no panel knows another."""
