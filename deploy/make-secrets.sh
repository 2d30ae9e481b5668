#!/bin/sh
# Makes the secrets that the compositions mount, in deploy/secrets/ or in the folder that is named, readable by the image's user (10001) alone
# or, where another image needs one too, by its group. Run it as root.
#
#   deploy/make-secrets.sh [FOLDER]
#
# What is there already stays: a new key-encryption key could open nothing that the old one sealed, and the databases know their passwords.
set -eu
umask 077
[ "$(id -u)" -eq 0 ] || { echo "run it as root, so that the files can be given to user 10001" >&2; exit 2; }
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
cd "$folder"

# A file from standard input, whole or not at all: `made NAME MODE`.
made() {
    cat >"$1.new"
    chown 10001:10001 "$1.new"
    chmod "$2" "$1.new"
    mv "$1.new" "$1"
    echo "$1 made" >&2
}

random() {
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

secret() {
    if [ -e "$1" ]; then
        echo "$1 is there already" >&2
    else
        random | made "$1" "$2"
    fi
}

secret key-encryption-key 400
# Members of the group read these too: the database servers the passwords of their owners, a monitor the access key and its own password.
for name in access-key database-together database-keeper grafana-admin; do secret "$name" 440; done
for service in intake directory matcher coordinator followup learning; do secret "database-together_$service" 400; done
# Where mail goes (smtps://user:password@mail.example:465); empty as long as there is no mail server.
[ -e smtp-url ] || made smtp-url 400 </dev/null
