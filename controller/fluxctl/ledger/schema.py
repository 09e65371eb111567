"""The ledger's tables, and the way from each version of them to the next."""

import sqlite3

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE jobs (
            id TEXT PRIMARY KEY, provider TEXT NOT NULL, pod_id TEXT NOT NULL, model TEXT NOT NULL, "order" TEXT NOT NULL,
            state TEXT NOT NULL, created_at REAL NOT NULL, ended_at REAL, picture_count INTEGER NOT NULL
        )""",
        "CREATE INDEX jobs_newest ON jobs (created_at)",
        "CREATE INDEX jobs_open ON jobs (created_at) WHERE state = 'open'",
        """CREATE TABLE pictures (
            job_id TEXT NOT NULL, "index" INTEGER NOT NULL, searchable TEXT NOT NULL, path NOT NULL, seed INTEGER NOT NULL,
            width INTEGER NOT NULL, height INTEGER NOT NULL, steps INTEGER NOT NULL,
            sha256 TEXT NOT NULL, prompt_typed TEXT NOT NULL, prompt_used TEXT,
            model TEXT NOT NULL, duration_seconds REAL NOT NULL, created_at REAL NOT NULL, cost_usd REAL,
            UNIQUE (job_id, "index")
        )""",
        "CREATE INDEX pictures_newest ON pictures (created_at)",
    ),
    (
        "ALTER TABLE pictures ADD COLUMN identity TEXT",
        "CREATE INDEX pictures_by_identity ON pictures (identity) WHERE identity IS NOT NULL",
        "CREATE TABLE prompt_runs (key TEXT PRIMARY KEY, id TEXT NOT NULL, seed INTEGER NOT NULL)",
    ),
    (
        """CREATE TABLE intents (
            name TEXT PRIMARY KEY, provider TEXT NOT NULL, account_id TEXT NOT NULL, state TEXT NOT NULL, created_at REAL NOT NULL,
            gpu_type TEXT NOT NULL, price_per_hour_usd REAL NOT NULL, volume_id TEXT, pod_id TEXT, settled_at REAL
        )""",
        "CREATE INDEX intents_open ON intents (created_at) WHERE state IN ('open', 'absent')",
        """CREATE TABLE pods (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, provider TEXT NOT NULL, account_id TEXT NOT NULL, state TEXT NOT NULL,
            gpu_type TEXT, price_per_hour_usd REAL, volume_id TEXT, created_at REAL NOT NULL, started_at REAL NOT NULL,
            lifetime_seconds REAL NOT NULL, ended_at REAL, earlier_cost_usd REAL NOT NULL, cost_usd REAL, cost_basis TEXT NOT NULL,
            adopted INTEGER NOT NULL
        )""",
        "CREATE INDEX pods_open ON pods (created_at) WHERE state != 'gone'",
        "CREATE INDEX pods_newest ON pods (created_at)",
    ),
)
"""Place n holds what leads from version n to n + 1. `prompt_used` is NULL where it is the prompt as typed.
`searchable` stands before the long texts, so that a search reads no more of a row than it must."""
VERSION = len(MIGRATIONS)
"""`user_version` of a ledger that this fluxctl writes."""


def version_of(connection: sqlite3.Connection) -> int:
    """Given an open ledger, return the version of its tables; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Given a ledger of this version or an older one, bring it to this version, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version_of(connection), VERSION):
            for statement in MIGRATIONS[step]:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        # Ctrl-C too: all or nothing.
        connection.execute("ROLLBACK")
        raise
