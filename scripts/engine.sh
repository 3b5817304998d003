#!/bin/sh
# Finds a Docker engine that answers, or brings one, and makes sure that the image `busybox` is there.
#
# Safe to run again: with an engine and the image present it asks two questions and ends.
# Where nothing can be brought (no Debian or Ubuntu, no root, no sudo) it says what to install and ends with 1.
# A `dockerd` that it starts without systemd stays up after it, and writes to $ENGINE_LOG; its process is noted in
# $ENGINE_PID.
#
# `engine.sh revive` looks whether containers still run, and brings the engine back where they do not: Docker 20.10 can
# lock itself up when many containers leave one bridge at once. It ends only a `dockerd` that this script has started.
# Exit codes: 0 all is well, 3 it was brought back and its containers have ended, 1 it is lost.
set -eu

ENGINE_LOG=${ENGINE_LOG:-/var/log/labrun-dockerd.log}
ENGINE_PID=${ENGINE_PID:-/var/run/labrun-dockerd.pid}
# How long it may take to tell its version.
ENGINE_ANSWER=${ENGINE_ANSWER:-20}
# Where dockerd itself notes its process.
DOCKER_PID=${DOCKER_PID:-/var/run/docker.pid}
# How long a container may take to run on a busy machine before the engine counts as locked up; and how long the engine
# may take to end; both in seconds.
ENGINE_PATIENCE=${ENGINE_PATIENCE:-90}
ENGINE_END=${ENGINE_END:-30}

say() { printf 'engine: %s\n' "$*" >&2; }
give_up() {
    say "$1"
    shift
    for line in "$@"; do printf '        %s\n' "$line" >&2; done
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
# Runs a command for at most so many seconds, where that can be had: an engine that has locked up never answers.
within() { if have timeout; then timeout -k 5 "$@"; else shift && "$@"; fi; }
answers() { have docker && within "$ENGINE_ANSWER" docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

if [ "$(id -u)" = 0 ]; then
    as_root() { "$@"; }
elif have sudo; then
    as_root() { sudo "$@"; }
else
    as_root() { give_up "this needs root, and there is no sudo" "run it again as root: $*"; }
fi

install_debian() {
    have apt-get || give_up "no docker here, and this script can only install it on Debian and Ubuntu" \
        "macOS and Windows: Docker Desktop or Colima; other Linux: the package docker or moby-engine" \
        "then run this again"
    say "installing $*"
    as_root apt-get update -qq || say "apt-get update had trouble; going on with the lists that are here"
    log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        give_up "apt-get could not install $*" "its last words are above"
    fi
    rm -f "$log"
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        say "starting the docker service"
        as_root systemctl start docker || give_up "the docker service does not start" "journalctl -u docker says why"
        wait_for_engine
    else
        start_dockerd
    fi
}

start_dockerd() {
    say "starting dockerd (there is no systemd here); it writes to $ENGINE_LOG"
    # A pid file from before a reboot would stop a new engine, and no engine answers now.
    as_root sh -c "kill -0 \"\$(cat '$DOCKER_PID' 2>/dev/null)\" 2>/dev/null || rm -f '$DOCKER_PID'"
    as_root sh -c "setsid dockerd >>'$ENGINE_LOG' 2>&1 </dev/null 9>&- & echo \$! >'$ENGINE_PID'"
    wait_for_engine
}

wait_for_engine() {
    tries=0
    until answers; do
        tries=$((tries + 1))
        if [ "$tries" -ge 120 ]; then
            say "the engine did not answer within a minute; its last words:"
            as_root tail -n 15 "$ENGINE_LOG" >&2 2>/dev/null || true
            exit 1
        fi
        if within "$ENGINE_ANSWER" docker version 2>&1 | grep -q 'permission denied'; then no_permission; fi
        sleep 0.5
    done
}

no_permission() {
    give_up "an engine is running, and you ($(id -un)) may not use its socket" \
        "either join its group:  sudo usermod -aG docker $(id -un)   and log in again" \
        "or run this with sudo"
}

bring_engine() {
    if have docker && within "$ENGINE_ANSWER" docker version 2>&1 | grep -q 'permission denied'; then no_permission; fi
    if [ -n "${DOCKER_HOST:-}" ]; then
        give_up "DOCKER_HOST is $DOCKER_HOST, and no engine answers there" "start that engine, or unset DOCKER_HOST"
    fi
    case $(uname -s) in
        Linux) ;;
        *) give_up "no engine answers" "start Docker Desktop, Colima or OrbStack, then run this again" ;;
    esac
    # The engine can be there without its client, and the other way round.
    have dockerd || [ -x /usr/sbin/dockerd ] || install_debian docker.io ca-certificates iptables
    have docker || install_debian docker-cli
    PATH=$PATH:/usr/sbin:/sbin
    start_engine
}

# Without a registry, the image is made from Debian's static busybox: one binary and a link for each of its tools.
build_busybox() {
    say "building busybox from Debian's busybox-static"
    { have busybox && busybox --list >/dev/null 2>&1 && is_static "$(command -v busybox)"; } || install_debian busybox-static
    root=$(mktemp -d)
    mkdir -p "$root/bin" "$root/tmp" "$root/etc" "$root/root"
    chmod 1777 "$root/tmp"
    cp "$(command -v busybox)" "$root/bin/busybox"
    # The list names busybox itself: a link to itself would leave an image without any tool.
    busybox --list | while read -r tool; do
        [ "$tool" = busybox ] || ln -s busybox "$root/bin/$tool"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
    if tar --owner=0 --group=0 --numeric-owner -C "$root" -c . |
        docker import -c 'CMD ["sh"]' -c 'ENV PATH=/bin:/usr/bin:/sbin:/usr/sbin' - busybox:latest >/dev/null; then
        rm -rf "$root"
    else
        rm -rf "$root"
        give_up "the image busybox could not be made" "docker import failed; its words are above"
    fi
}

is_static() { ! ldd "$1" >/dev/null 2>&1; }

bring_busybox() {
    docker image inspect busybox >/dev/null 2>&1 && return
    say "pulling busybox"
    # A registry that cannot be reached may keep a pull waiting for minutes.
    if timeout 60 docker pull -q busybox >/dev/null 2>&1; then return; fi
    have apt-get || give_up "busybox can't be pulled" "docker pull busybox says why; behind a proxy, set the engine's"
    build_busybox
    docker run --rm busybox true || give_up "the image busybox was made, but does not run"
}

# A container that runs and ends, on the engine's bridge: the rest of it may answer while its network part does not.
runs_containers() { within "$ENGINE_PATIENCE" docker run --rm busybox true >/dev/null 2>&1; }

# The process that this script noted, if it is still an engine.
started_here() {
    pid=$(cat "$ENGINE_PID" 2>/dev/null) || return 1
    case $(cat "/proc/$pid/comm" 2>/dev/null) in dockerd) ;; *) return 1 ;; esac
}

end_engine() {
    as_root kill -TERM "$pid"
    tries=0
    while [ -d "/proc/$pid" ] && [ "$tries" -lt $((ENGINE_END * 2)) ]; do
        tries=$((tries + 1))
        sleep 0.5
    done
    # One that is locked up does not end when it is asked to.
    if [ -d "/proc/$pid" ]; then as_root kill -KILL "$pid"; fi
}

revive() {
    # One at a time: whoever comes second finds it well.
    if have flock; then
        exec 9>"$ENGINE_PID.lock"
        flock 9
    fi
    if runs_containers || runs_containers; then exit 0; fi
    say "no container runs: the engine has locked up, or has ended"
    started_here || give_up "this script did not start it, and so does not end it" "restart the Docker engine by hand"
    end_engine
    start_dockerd
    runs_containers || give_up "the engine was started again, and still runs no container" "$ENGINE_LOG says why"
    say "it was started again"
    exit 3
}

if [ "${1-}" = revive ]; then revive; fi
answers || bring_engine
bring_busybox
say "Docker $(docker version --format '{{.Server.Version}}') answers, busybox is here"
