"""Builds, measures and pushes the pod image: `make image`, `make push`. Standard library only; no part of the image."""
