#!/usr/bin/env bash
# Fetches what a Kafka broker is made of (43 MB of jars, not kept in git) once, and prints the folder. Needs a JDK 17 or newer and Maven.
# A broker out of it:
#     jars="$(deploy/kafka/jars.sh)"
#     java -cp "$jars/*" kafka.tools.StorageTool format --standalone -t "$(java -cp "$jars/*" kafka.tools.StorageTool random-uuid)" -c server.properties
#     java -Xmx512M -cp "$jars/*" kafka.Kafka server.properties
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Named after the pom, so that another version never meets the jars of this one.
jars="$PWD/libs/$(sha256sum pom.xml | cut -c1-12)"
if [ ! -d "$jars" ]; then
    mkdir -p libs
    fetched="$(mktemp -d libs/fetching.XXXXXX)"
    trap 'rm -rf "$fetched"' EXIT
    mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/$fetched" >&2
    mv -T "$fetched" "$jars" 2>/dev/null || [ -d "$jars" ] # another fetch may have been first
fi
echo "$jars"
