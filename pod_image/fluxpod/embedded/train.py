"""Trains the embedded model from nothing: `python -m fluxpod.embedded.train`; a stopped run goes on where it was."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import torch

from fluxpod.embedded import train_autoencoder, train_guidance, train_texts, train_transformer, watching
from fluxpod.embedded.together import Together


def main() -> None:
    """Autoencoder, text encoders, the transformer between them, then its guidance; each part's state lies in the folder."""
    parser = argparse.ArgumentParser(prog="python -m fluxpod.embedded.train", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("training"), help="where the checkpoints lie (default: training)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--processes", type=int, default=1, help="train the transformer in so many processes side by side (default: 1)")
    parser.add_argument("--threads", type=int, default=None, help="threads a process (default: an equal share of the cores)")
    parser.add_argument("--number", type=int, default=0, help="which of the processes this is; the first starts the others")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads or max(1, (os.cpu_count() or 1) // chosen.processes))
    device = torch.device(chosen.device)
    autoencoder = train_autoencoder.train(chosen.folder / "autoencoder.pt", chosen.seed, device)
    texts = train_texts.train(chosen.folder / "texts.pt", chosen.seed, device)
    together = Together(chosen.number, chosen.processes)
    meeting = chosen.folder / "meeting"
    if chosen.number == 0:
        meeting.unlink(missing_ok=True)
        start = [sys.executable, "-m", "fluxpod.embedded.train", *sys.argv[1:]]
        others = [subprocess.Popen([*start, "--number", str(number)]) for number in range(1, chosen.processes)]
        pids = [os.getpid(), *(other.pid for other in others)]
        (chosen.folder / "train.pid").write_text(" ".join(map(str, pids)) + "\n")
    together.meet(meeting)
    watch = watching.watcher(autoencoder)
    trained = train_transformer.train(chosen.folder / "transformer.pt", autoencoder, texts, chosen.seed, device, watch, together)
    train_guidance.train(chosen.folder / "guidance.pt", autoencoder, trained, chosen.seed, watch, together)


if __name__ == "__main__":
    main()
