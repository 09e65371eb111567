"""Trains the embedded model from nothing: `python -m fluxpod.embedded.train`; a stopped run goes on where it was."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from fluxpod.embedded import train_autoencoder, train_texts, train_transformer, watching


def main() -> None:
    """Autoencoder, text encoders, then everything but the autoencoder together; each part's state lies in the folder."""
    parser = argparse.ArgumentParser(prog="python -m fluxpod.embedded.train", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("training"), help="where the checkpoints lie (default: training)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    device = torch.device(chosen.device)
    autoencoder = train_autoencoder.train(chosen.folder / "autoencoder.pt", chosen.seed, device)
    texts = train_texts.train(chosen.folder / "texts.pt", chosen.seed, device)
    watch = watching.watcher(autoencoder)
    train_transformer.train(chosen.folder / "transformer.pt", autoencoder, texts, chosen.seed, device, watch)


if __name__ == "__main__":
    main()
