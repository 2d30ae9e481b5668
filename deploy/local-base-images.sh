#!/usr/bin/env bash
# Makes the base image `python:3.11-slim` from Debian 12's own packages, for a machine that reaches a Debian mirror and no image registry.
#
#   deploy/local-base-images.sh [--replace]
#
# It needs root, debootstrap and a running Docker; SUITE and MIRROR name another suite or mirror. An image of that name that is here already
# stays, unless --replace is given. The label `local-base` tells it from the published one.
set -euo pipefail

IMAGE=python:3.11-slim
SUITE=${SUITE:-bookworm}

for program in debootstrap docker; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install debootstrap docker.io" >&2; exit 2; }
done
[ "$(id -u)" -eq 0 ] || { echo "debootstrap needs root" >&2; exit 2; }
if docker image inspect "$IMAGE" >/dev/null 2>&1 && [ "${1:-}" != --replace ]; then
    echo "$IMAGE is here already" >&2
    exit 0
fi

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv "$SUITE" "$root" ${MIRROR:+"$MIRROR"} >&2
# Where the published image keeps its Python.
for name in python python3 python3.11; do
    ln -s /usr/bin/python3.11 "$root/usr/local/bin/$name"
done
find "$root/var/cache/apt" "$root/var/lib/apt/lists" "$root/var/log" -type f -delete
find "$root/usr/share/man" "$root/usr/share/locale" -mindepth 1 -delete

tar --numeric-owner --one-file-system -C "$root" -c . |
    docker import --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'ENV LANG=C.UTF-8' \
        --change 'LABEL local-base=debootstrap' --change 'CMD ["python3"]' - "$IMAGE"
