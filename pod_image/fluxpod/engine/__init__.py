"""The engine: loads a FLUX pipeline and makes the pictures of jobs with it, in one thread."""
