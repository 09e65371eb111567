"""Tells whether two keys are of one account (pure): by the account's id, or by the key itself where it may not say that.

The mark stands in the ledger. Of the key it holds a part of its hash: enough to know the key again, not to use it.
"""

import hashlib

_DIGITS = 12


def mark_of(key: str, account_id: str = "") -> str:
    """Given a key and the id of its account ("" where it is not told), return the mark."""
    return f"{account_id}/{hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]}"


def same_key(mark: str, key: str) -> bool:
    """Return whether a mark was made with this very key."""
    return mark.rpartition("/")[2] == mark_of(key).rpartition("/")[2]


def same_account(mark: str, account_id: str) -> bool:
    """Return whether a mark is of this account; False where either is not known."""
    return bool(account_id) and mark.rpartition("/")[0] == account_id
