"""Backends: one target, one file. Each turns a program into source, and source into a compiled rule."""
