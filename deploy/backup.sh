#!/bin/sh
# A copy of the running installation's database, or of its key store, on standard output; nothing has to be stopped for it.
#
#   deploy/backup.sh data > together.sqlite3
#   deploy/backup.sh keys > keys.sqlite3
#
# Keep the two apart: together with the key-encryption key they can be read. The copy is made beside the original and removed again.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
data) file=/var/lib/together/together.sqlite3 ;;
keys) file=/var/lib/together/keys/keys.sqlite3 ;;
*)
    echo "usage: deploy/backup.sh data|keys > FILE" >&2
    exit 2
    ;;
esac
[ ! -t 1 ] || { echo "write it to a file: deploy/backup.sh $1 > FILE" >&2; exit 2; }

# One program, so that the copy goes whatever happens to the reader.
docker compose exec -T together python -c '
import os, shutil, sqlite3, sys
from contextlib import closing
original, copy = sys.argv[1], sys.argv[1] + f".copy-{os.getpid()}"
try:
    with closing(sqlite3.connect(f"file:{original}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    with open(copy, "rb") as read:
        shutil.copyfileobj(read, sys.stdout.buffer)
finally:
    for leftover in (copy, copy + "-wal", copy + "-shm"):
        if os.path.exists(leftover):
            os.remove(leftover)
' "$file"
