#!/bin/bash
# Makes the cluster in an empty PGDATA as POSTGRES_… says, runs what lies in /docker-entrypoint-initdb.d, and becomes the server.
set -euo pipefail

# A setting, or the content of the file that NAME_FILE names, or what is said here.
setting() {
    local file="$1_FILE"
    if [ -n "${!1:-}" ]; then
        printf %s "${!1}"
    elif [ -n "${!file:-}" ]; then
        printf %s "$(<"${!file}")"
    else
        printf %s "${2:-}"
    fi
}

make_cluster() {
    local user password database method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} script
    user=$(setting POSTGRES_USER postgres)
    password=$(setting POSTGRES_PASSWORD)
    database=$(setting POSTGRES_DB "$user")
    if [ -z "$password" ] && [ "$method" != trust ]; then
        echo "entry point: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must be set for a new cluster" >&2
        exit 1
    fi
    # The settings for initdb are words of their own.
    # shellcheck disable=SC2046
    initdb --username="$user" --pwfile=<(printf '%s\n' "$password") $(setting POSTGRES_INITDB_ARGS)
    printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

    local psql=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$user")
    pg_ctl --wait --options "-c listen_addresses=''" start
    if [ "$database" != postgres ]; then
        "${psql[@]}" --dbname postgres --set name="$database" <<<'CREATE DATABASE :"name";'
    fi
    for script in /docker-entrypoint-initdb.d/*; do
        case "$script" in
        *.sh) bash "$script" ;;
        *.sql) "${psql[@]}" --dbname "$database" --file "$script" ;;
        esac
    done
    pg_ctl --wait --mode fast stop
}

case "${1:-}" in -*) set -- postgres "$@" ;; esac
if [ "${1:-}" = postgres ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" 2>/dev/null || true # a folder of another owner: initdb says so
    if [ "$(id -u)" -eq 0 ]; then
        chown -R postgres:postgres "$PGDATA"
        exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
    fi
    [ -s "$PGDATA/PG_VERSION" ] || make_cluster
fi
exec "$@"
