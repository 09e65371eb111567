"""Names the codes with which a worker says why it cannot run: standard library only, for the entrypoint reads them."""

EXIT_CONTRACT = 64
"""A variable of the contract is missing or malformed."""
EXIT_SOCKET = 71
"""The socket or port cannot be opened safely."""
EXIT_VOLUME = 73
"""Jobs cannot be kept on the volume: it is read-only, full or missing."""
EXIT_ALREADY_RUNNING = 75
"""Another worker holds the lock."""
HOPELESS = (EXIT_CONTRACT, EXIT_SOCKET, EXIT_VOLUME, EXIT_ALREADY_RUNNING)
"""The next start ends the same way, unless somebody changes something."""
