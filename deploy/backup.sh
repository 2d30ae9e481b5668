#!/bin/sh
# A copy of the running installation's database, of its key store or of its learned models, on standard output; nothing has to be stopped for it.
#
#   deploy/backup.sh data > together.dump                       the tables, for pg_restore
#   deploy/backup.sh keys > keys.dump
#   deploy/backup.sh models > models.tar                        what was learned; without it the matcher ranks by the prior and says so
#   deploy/backup.sh --embedded data > together.sqlite3         of deploy/compose.embedded.yml
#   deploy/backup.sh --embedded keys > keys.sqlite3
#
# Keep database and keys apart: together with the key-encryption key they can be read.
set -eu
cd "$(dirname "$0")/.."

embedded=
[ "${1:-}" != --embedded ] || { embedded=yes && shift; }
case "${1:-}" in
data | keys | models) ;;
*)
    echo "usage: deploy/backup.sh [--embedded] data|keys|models > FILE" >&2
    exit 2
    ;;
esac
[ ! -t 1 ] || { echo "write it to a file: deploy/backup.sh $1 > FILE" >&2; exit 2; }

case "$embedded$1" in
data) exec docker compose exec -T database pg_dump --username=together --format=custom together ;;
keys) exec docker compose exec -T keys pg_dump --username=keeper --format=custom together_keys ;;
models) exec docker compose exec -T learning tar --create --directory /var/lib/together models ;;
yesmodels) exec docker compose --file deploy/compose.embedded.yml exec -T together tar --create --directory /var/lib/together models ;;
yesdata) file=/var/lib/together/together.sqlite3 ;;
yeskeys) file=/var/lib/together/keys/keys.sqlite3 ;;
esac

# One program, so that the copy, which is made beside the original, goes whatever happens to the reader.
docker compose --file deploy/compose.embedded.yml exec -T together python -c '
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
