#!/bin/sh
# What the image runs: every service on port 8080, signed in to with the access key.
#
# `together up` prints an address with a one-time sign-in key. A container's standard output is kept by Docker as a log, and a key must never
# reach one, so that line goes to a file in memory that only this user can read. Warnings and faults go to standard error and are logged.
set -eu
umask 077

access_key=/run/secrets/access-key

refuse() {
    echo "start: $1" >&2
    exit 1
}

for secret in "$access_key" "${TOGETHER_KEY_FILE:-}"; do
    if [ -e "$secret" ] && [ ! -r "$secret" ]; then
        refuse "$secret cannot be read by user $(id -u): give that user the file on the host, mode 0400"
    fi
done
for folder in "$TOGETHER_DATA" "$TOGETHER_DATA/keys"; do
    [ -w "$folder" ] || refuse "$folder cannot be written by user $(id -u): mount a volume there that is that user's"
done
if [ -e "$access_key" ]; then
    TOGETHER_API_TOKEN=$(cat "$access_key")
    export TOGETHER_API_TOKEN
fi

echo "start: every service on port 8080; sign in with the access key" >&2
exec together up --host 0.0.0.0 --port 8080 >/tmp/ready
