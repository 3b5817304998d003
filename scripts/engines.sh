#!/usr/bin/env bash
# Proves every lab on engines other than this machine's own: Docker and Podman as Debian has them in other releases, this
# machine's Podman, and both without root. Each has a network, folders and a socket of its own, and is ended afterwards.
#
#   LABRUN=target/debug/labrun scripts/engines.sh [trixie] [sid] [podman-trixie] [podman] \
#       [podman-rootless] [docker-rootless]
#
# Needs root, Debian or Ubuntu, and some 600 MB below ENGINES (/var/tmp/labrun-engines) for each release of Docker, 400 for
# Podman's. What is there already is used again. Podman and what runs without root may leave steps unproved: the book's page on
# engines says which.
set -euo pipefail
cd "$(dirname "$0")/.."
LABRUN=$(realpath "${LABRUN:-target/debug/labrun}")
ENGINES=${ENGINES:-/var/tmp/labrun-engines}
# The place that this machine has its own packages from has the other releases, too.
# shellcheck disable=SC2016  # apt-get fills it in
MIRROR=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | awk 'NR == 1')}
[ "$(id -u)" = 0 ] || { echo "engines: this starts engines, and that needs root" >&2; exit 1; }
mkdir -p "$ENGINES"
# Root runs what is in there, and anybody may make a folder of that name in /var/tmp.
if [ -L "$ENGINES" ] || [ "$(stat -c %u "$ENGINES")" != 0 ]; then
    echo "engines: $ENGINES is somebody else's; name another folder: ENGINES=…" >&2
    exit 1
fi
chmod 755 "$ENGINES"
started=()
end_all() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
}
trap end_all EXIT

say() { printf '\n== %s\n' "$*"; }

needs() {
    for package in "$@"; do
        dpkg -s "$package" >/dev/null 2>&1 || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null
    done
}

# Waits for an engine, and gives it busybox: HOST, then the words that run a command where it can be reached.
ready() {
    local host=$1
    for _ in $(seq 120); do
        docker --host "$host" version >/dev/null 2>&1 && break
        sleep 0.5
    done
    docker save busybox | docker --host "$host" load >/dev/null
}

# Proves the labs: NAME, HOST, and the words before labrun, which has to be where the engine publishes its ports.
prove() {
    local name=$1 host=$2 home log
    shift 2
    home=$(mktemp -d)
    log=$ENGINES/$name.log
    say "$name: $(docker --host "$host" version -f '{{.Server.Version}}, API {{.Server.APIVersion}}')"
    LABRUN_HOME=$home "$@" "$LABRUN" verify --all --host "$host" --as "${NAME:-engines}" >"$log" 2>&1 || true
    grep -E '^[a-z-]+: (proved|NOT PROVED)|^  (FAIL|unclear)|^error' "$log" || true
    echo "all of it: $log"
    rm -rf "$home"
}

# Proves the labs on an engine of a Debian release, in a root of its own: NAME, RELEASE, its packages, and what starts it
# there. Its root must be a mount point, or Docker can't load an image.
in_a_root_of_its_own() {
    local name=$1 release=$2 packages=$3 root=$ENGINES/$1
    shift 3
    needs debootstrap
    [ -e "$root/engine/whole" ] ||
        debootstrap --variant=minbase --include="ca-certificates,iptables,$packages" "$release" "$root" "$MIRROR" >/dev/null
    mkdir -p "$root/engine" "$root/old"
    touch "$root/engine/whole"
    rm -f "$root/engine/pid" "$root/engine/engine.sock"
    podman_settings "$root/engine/containers.conf" /engine
    # shellcheck disable=SC2016  # its words are expanded within
    unshare --net --mount --propagation private bash -c '
        set -e
        ip link set lo up
        mount --bind "$1" "$1"
        for folder in proc sys dev; do mount --rbind "/$folder" "$1/$folder"; done
        mount --bind /tmp "$1/tmp"
        cd "$1"
        shift
        pivot_root . old
        umount -l /old
        exec env CONTAINERS_CONF=/engine/containers.conf "$@"
    ' bash "$root" "$@" >"$ENGINES/$name.engine.log" 2>&1 &
    started+=($!)
    ready "unix://$root/engine/engine.sock"
    prove "$name" "unix://$root/engine/engine.sock" nsenter --net --target "$!"
    kill "$!"
    wait "$!" || true
}

debian_docker() {
    in_a_root_of_its_own "$1" "$1" docker.io \
        dockerd --host unix:///engine/engine.sock --data-root /engine/data --exec-root /engine/run \
        --pidfile /engine/pid --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false
}

debian_podman() {
    in_a_root_of_its_own "podman-$1" "$1" podman,runc,netavark,aardvark-dns,nftables \
        podman --runtime runc --root /engine/data --runroot /engine/run system service --time 0 unix:///engine/engine.sock
}

# Podman's service takes the two numbers of a limit for each other (4.3): they must be the same.
# What it tells of is kept in a file: there is no journald here, and other Podmans write to the usual file.
podman_settings() {
    local file=$1 folder=${2:-$(dirname "$1")}
    printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n' >"$file"
    printf '[engine]\nevents_logger = "file"\nevents_logfile_path = "%s"\n' "$folder/podman.events" >>"$file"
}

podman() {
    local folder=$ENGINES/podman
    needs podman
    mkdir -p "$folder"
    podman_settings "$folder/containers.conf"
    CONTAINERS_CONF=$folder/containers.conf command podman --root "$folder/root" --runroot "$folder/run" \
        --storage-driver vfs system service --time 0 "unix://$folder/podman.sock" >"$ENGINES/podman.engine.log" 2>&1 &
    started+=($!)
    ready "unix://$folder/podman.sock"
    prove podman "unix://$folder/podman.sock"
    kill "$!"
    wait "$!" || true
}

HOME_OF=/home/labrun-engines
rootless() {
    local name=$1 socket runtime
    shift
    needs uidmap slirp4netns
    id labrun-engines >/dev/null 2>&1 || useradd --create-home --shell /bin/bash labrun-engines
    runtime=/run/user/$(id -u labrun-engines)
    mkdir -p "$runtime"
    chown labrun-engines "$runtime"
    chmod 700 "$runtime"
    # As a user without any rights, made for it, with nothing of root's around.
    local nobody=(setpriv --reuid labrun-engines --regid labrun-engines --init-groups --
        env -i "HOME=$HOME_OF" USER=labrun-engines "XDG_RUNTIME_DIR=$runtime" "CONTAINERS_CONF=$HOME_OF/containers.conf"
        PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin)
    podman_settings "$HOME_OF/containers.conf"
    install -m 755 "$LABRUN" "$HOME_OF/labrun"
    socket=$runtime/$name.sock
    rm -f "$socket"
    "${nobody[@]}" "$@" >"$ENGINES/$name.engine.log" 2>&1 &
    started+=($!)
    ready "unix://$socket"
    LABRUN=$HOME_OF/labrun prove "$name" "unix://$socket" "${nobody[@]}" LABRUN_HOME="$HOME_OF/progress-$name"
    kill "$!"
    wait "$!" || true
}

podman_rootless() {
    needs podman
    # shellcheck disable=SC2016  # its words are expanded within
    rootless podman-rootless sh -c 'exec podman --storage-driver vfs system service --time 0 \
        "unix://$XDG_RUNTIME_DIR/podman-rootless.sock"'
}

docker_rootless() {
    needs rootlesskit
    # shellcheck disable=SC2016  # its words are expanded within
    rootless docker-rootless rootlesskit --net=slirp4netns --mtu=65520 --disable-host-loopback --port-driver=builtin \
        --copy-up=/etc --copy-up=/run --propagation=rslave sh -c 'rm -f /run/docker /run/containerd
            exec dockerd --rootless --iptables=false --storage-driver vfs --data-root "$HOME/docker" \
            --exec-root "$XDG_RUNTIME_DIR/docker" --pidfile "$XDG_RUNTIME_DIR/docker.pid" \
            --host "unix://$XDG_RUNTIME_DIR/docker-rootless.sock"'
}

[ $# -gt 0 ] || set -- trixie sid podman-trixie podman podman-rootless docker-rootless
for engine in "$@"; do
    case $engine in
        podman) podman ;;
        podman-rootless) podman_rootless ;;
        docker-rootless) docker_rootless ;;
        podman-*) debian_podman "${engine#podman-}" ;;
        *) debian_docker "$engine" ;;
    esac
done
