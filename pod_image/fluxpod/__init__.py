"""fluxpod: the half that runs where the GPU is."""
