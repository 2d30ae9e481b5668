#!/bin/sh
# What the image runs, once it has made sure that the secrets can be read and the folders be written:
#
#   start-together                  every service in one process, on port 8080
#   start-together service NAME     one service of the distributed run, on port 8080
#   start-together COMMAND…         any other command of `together`
#
# What serves may print an address with a one-time sign-in key. A container's standard output is kept by Docker as a log, and a key must never
# reach one, so that goes to a file in memory that only this user can read. Warnings and faults go to standard error and are logged.
set -eu
umask 077

secrets=${TOGETHER_SECRETS:-/run/secrets}
ready=${TOGETHER_READY:-/tmp/ready}

refuse() {
    echo "start: $1" >&2
    exit 1
}

for secret in "$secrets"/* "${TOGETHER_KEY_FILE:-}"; do
    if [ -e "$secret" ] && [ ! -r "$secret" ]; then
        refuse "$secret cannot be read by user $(id -u): give that user the file on the host, mode 0400 (deploy/make-secrets.sh does)"
    fi
done
if [ -n "${TOGETHER_KEY_FILE:-}" ] && [ "${1:-}" = service ] && [ ! -e "$TOGETHER_KEY_FILE" ]; then
    refuse "$TOGETHER_KEY_FILE is missing: deploy/make-secrets.sh makes it, and a backup alone can bring it back"
fi

# Settings that are secrets: a file each, never a line of a composition. An empty one is as good as none.
for setting in access-key:TOGETHER_API_TOKEN smtp-url:TOGETHER_SMTP_URL; do
    file=$secrets/${setting%%:*}
    [ ! -s "$file" ] || export "${setting#*:}=$(cat "$file")"
done

case "${1:-}" in
"")
    for folder in "$TOGETHER_DATA" "$TOGETHER_DATA/keys"; do
        [ -w "$folder" ] || refuse "$folder cannot be written by user $(id -u): mount a volume there that is that user's"
    done
    echo "start: every service on port 8080; sign in with the access key" >&2
    exec together up --host 0.0.0.0 --port 8080 >"$ready"
    ;;
service)
    [ -n "${2:-}" ] || refuse "which service? start-together service NAME"
    case "$2 ${TOGETHER_SMTP_URL:+sent} $TOGETHER_DATA" in
    "followup  /tmp/"*)
        refuse "no mail server is set, and messages as files in $TOGETHER_DATA would be lost with it: fill the secret smtp-url, or mount a volume there"
        ;;
    esac
    echo "start: $2 on port 8080" >&2
    exec together service "$2" --host 0.0.0.0 --port 8080 >"$ready"
    ;;
*)
    exec together "$@"
    ;;
esac
