"""The engine: loads a FluxPipeline once and makes pictures with it."""
