"""Two connections in one process and another process: nobody's locks are dropped, and the log of what is written stays."""

import subprocess
import sys
from pathlib import Path

from fluxctl.ledger import Ledger

ANOTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("UPDATE jobs SET state = 'open'")
connection.close()
"""


def test_a_second_ledger_of_the_same_process_does_not_drop_the_locks_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with Ledger(file, lambda: 1.0) as first:
        first.unfinished_jobs()
        with Ledger(file, lambda: 1.0) as second:
            second.unfinished_jobs()
        # The last process to leave a database removes its log; it may only where nobody else holds the lock.
        subprocess.run([sys.executable, "-c", ANOTHER, str(file)], check=True)
        assert (tmp_path / "ledger.db-wal").exists()
        first.end_job("0" * 32, "done", 2.0)
        assert first.unfinished_jobs() == []
    assert sorted(path.name for path in tmp_path.iterdir() if "damaged" in path.name) == []
