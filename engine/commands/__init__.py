"""The sub-commands of the command line that need nothing but the engine."""
