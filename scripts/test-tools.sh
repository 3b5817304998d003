#!/usr/bin/env bash
# Brings the tools that the tests use and that are missing, on Debian and Ubuntu.
set -euo pipefail

# The shells that are tested in, what looks at their scripts, what `sudo labrun` is tested with, a registry to pull from,
# clocks that are off, compose for the steps that need it, and certificates.
missing=()
for tool in shellcheck zsh fish direnv podman sudo docker-registry faketime docker-compose openssl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then
    echo "tools: ${missing[*]}"
    command -v apt-get >/dev/null || { echo "test: install ${missing[*]}" >&2; exit 1; }
    if [ "$(id -u)" = 0 ]; then root=(env); else root=(sudo env); fi
    install=("${root[@]}" DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get)
    log=$(mktemp)
    "${install[@]}" install -y -qq "${missing[@]}" >"$log" 2>&1 ||
        { "${install[@]}" update -qq && "${install[@]}" install -y -qq "${missing[@]}"; } >"$log" 2>&1 ||
        { tail -n 15 "$log" >&2; exit 1; }
    # Debian starts a registry of its own with the package, on port 5000 of every address; the tests start theirs.
    if [[ " ${missing[*]} " == *" docker-registry "* && -d /run/systemd/system ]]; then
        "${root[@]}" systemctl disable --now --quiet docker-registry
    fi
    echo installed
fi

