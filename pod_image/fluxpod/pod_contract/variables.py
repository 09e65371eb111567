"""Names every environment variable that a pod is created with, and its default."""

POD_ID = "FLUXPOD_POD_ID"
"""Identity of the pod: job records belong to it, and the watchdog's deadline is kept under it."""
RUNPOD_POD_ID = "RUNPOD_POD_ID"
"""Stands in for `POD_ID` at RunPod, which names a pod only once it is created."""
OWNER_ID = "FLUXPOD_OWNER_ID"
"""Whose pod it is: `owner_id` of the creator's settings."""
WORKER_TOKEN = "FLUXPOD_WORKER_TOKEN"  # noqa: S105 - a variable's name
"""Bearer token that every request to the worker must carry. A secret."""
CREATED_AT = "FLUXPOD_CREATED_AT"
"""When the pod was created, in seconds since 1970 (UTC). The absolute lifetime counts from it."""
MODEL = "FLUXPOD_MODEL"
"""Name of the model card whose model is loaded at the start."""
MODEL_SOURCE = "FLUXPOD_MODEL_SOURCE"
"""Where that model comes from: `embedded`, a hub id such as `black-forest-labs/FLUX.1-dev`, or an absolute folder."""
END_ACTION = "FLUXPOD_END_ACTION"
"""How the watchdog ends the pod: one of the `END_…` below."""
END_WORKER = "worker"
"""End the worker process on this computer (local provider)."""
END_CONTAINER = "container"
"""End the entrypoint, and the container with it (docker provider)."""
END_TERMINATE = "terminate"
"""Terminate the pod at RunPod, through its API with the pod-scoped key."""
END_STOP = "stop"
"""Stop it there instead."""
END_ACTIONS = (END_WORKER, END_CONTAINER, END_TERMINATE, END_STOP)
ROOT = "FLUXPOD_ROOT"
"""Folder that prefixes every path that the pod writes; unset or `/` in a container."""
SOCKET = "FLUXPOD_SOCKET"
"""Unix socket on which the worker listens (local provider). Either this or `PORT` is set."""
PORT = "FLUXPOD_PORT"
"""TCP port on 127.0.0.1 on which the worker listens (in a pod)."""
PUBLIC_KEY = "PUBLIC_KEY"
"""Lines of authorized_keys: who may log in over SSH. RunPod's own name."""
HOST_KEY = "FLUXPOD_HOST_KEY"
"""Private ed25519 host key of sshd, as `ssh-keygen` writes it (several lines); unset: the pod makes one. A secret."""
SSHD_PORT = "SSHD_PORT"
"""TCP port of sshd."""
SSHD_ADDRESS = "SSHD_ADDRESS"
"""Address on which sshd listens: 0.0.0.0 in a pod, 127.0.0.1 under host networking."""
DEFAULT_PORT = 8000
DEFAULT_SSHD_PORT = 22
DEFAULT_SSHD_ADDRESS = "0.0.0.0"  # noqa: S104 - inside a container
SECRET_VARIABLES = ("FLUXPOD_WORKER_TOKEN", "FLUXPOD_HOST_KEY", "RUNPOD_API_KEY", "HF_TOKEN")
"""What no shell in the pod gets to see."""
QUEUE_LIMIT = "FLUXPOD_QUEUE_LIMIT"
"""Pictures that may wait in the worker's queue before it answers 429."""
KEEP_RESULTS_SECONDS = "FLUXPOD_KEEP_RESULTS_SECONDS"
"""How long results that nobody acknowledged stay on the volume, in seconds since the job ended."""

LIMIT_NAMES = {
    "idle_timeout_seconds": "FLUXPOD_IDLE_TIMEOUT_SECONDS",
    "boot_grace_seconds": "FLUXPOD_BOOT_GRACE_SECONDS",
    "lifetime_seconds": "FLUXPOD_LIFETIME_SECONDS",
    "drain_seconds": "FLUXPOD_DRAIN_SECONDS",
    "stall_timeout_seconds": "FLUXPOD_STALL_TIMEOUT_SECONDS",
    "silence_timeout_seconds": "FLUXPOD_SILENCE_TIMEOUT_SECONDS",
}
"""Field of `Limits` → environment variable. All in seconds."""
