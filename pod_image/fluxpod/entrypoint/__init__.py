"""The container's main process: watchdog first, then keys, sshd and worker, and again whatever dies. Standard library only."""
