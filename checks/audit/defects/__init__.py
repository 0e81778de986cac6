"""Defects of published optimizers, one script each: `got` beside `right`, with the package and torch alone."""
