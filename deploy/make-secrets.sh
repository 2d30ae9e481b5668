#!/bin/sh
# Makes the two secrets that docker-compose.yml mounts, in deploy/secrets/, each readable by the image's user (10001) alone. Run it as root.
# What is there already stays: a new key-encryption key could open nothing that the old one sealed.
set -eu
umask 077
cd "$(dirname "$0")"
[ "$(id -u)" -eq 0 ] || { echo "run it as root, so that the files can be given to user 10001" >&2; exit 2; }

mkdir -p secrets
for name in access-key key-encryption-key; do
    if [ -e "secrets/$name" ]; then
        echo "secrets/$name is there already" >&2
    else
        head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"secrets/$name.new"
        chown 10001:10001 "secrets/$name.new"
        chmod 400 "secrets/$name.new"
        mv "secrets/$name.new" "secrets/$name"
        echo "secrets/$name made" >&2
    fi
done
