#!/usr/bin/env bash
# Makes the images that Better Together's own image and compositions start from, for a machine that reaches Debian's packages and Maven
# Central, and no image registry: `python:3.11-slim`, `apache/kafka` and `postgres:15`, each from deploy/local-base/.
#
#   deploy/local-base-images.sh [--replace] [python] [kafka] [postgres]        (all three where none is named)
#
# It needs root, debootstrap and a running Docker, for Kafka also Maven and a JDK; SUITE and MIRROR name another Debian. An image of that name
# that is here already stays, unless --replace is given. The label `local-base` tells it from the published one.
set -euo pipefail
cd "$(dirname "$0")"

SUITE=${SUITE:-bookworm}
DEBIAN=better-together/local-base:$SUITE
KAFKA_VERSION=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' kafka/pom.xml)
export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0} # the classic builder needs nothing that is not here

tag_of() {
    case "$1" in
    python) echo python:3.11-slim ;;
    kafka) echo "apache/kafka:$KAFKA_VERSION" ;;
    postgres) echo postgres:15 ;;
    *) echo "there is no image $1: name python, kafka or postgres" >&2 && exit 2 ;;
    esac
}

is_here() { docker image inspect "$1" >/dev/null 2>&1; }

needs() {
    for program in "$@"; do
        command -v "$program" >/dev/null || { echo "$program is missing" >&2; exit 2; }
    done
}

# Debian alone, of which the three are made.
make_debian() {
    is_here "$DEBIAN" && return
    needs debootstrap
    [ "$(id -u)" -eq 0 ] || { echo "debootstrap needs root" >&2; exit 2; }
    debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$work/root" ${MIRROR:+"$MIRROR"} >&2
    rm -rf "$work/root"/var/cache/apt/archives/*.deb "$work/root"/var/lib/apt/lists/*
    tar --numeric-owner --one-file-system -C "$work/root" -c . | docker import --change 'LABEL local-base=debootstrap' - "$DEBIAN" >&2
    rm -rf --one-file-system "$work/root"
}

make_image() {
    local tag
    tag=$(tag_of "$1")
    if is_here "$tag" && [ -z "$replace" ]; then
        echo "$tag is here already" >&2
        return
    fi
    make_debian
    cp -r "local-base/$1" "$work/"
    if [ "$1" = kafka ]; then
        needs mvn java
        cp -r "$(kafka/jars.sh)" "$work/kafka/libs"
    fi
    docker build --network host --build-arg DEBIAN="$DEBIAN" --tag "$tag" "$work/$1" >&2
    echo "$tag"
}

replace=
[ "${1:-}" = --replace ] && replace=yes && shift
[ $# -gt 0 ] || set -- python kafka postgres
for name in "$@"; do tag_of "$name" >/dev/null; done
needs docker
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
for name in "$@"; do make_image "$name"; done
