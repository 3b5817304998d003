#!/usr/bin/env bash
# The checks that hold after step 8 of docker-volumes, as a shell grader has them: one docker command for what it must
# know of each.
#
# What leaves no state (steps 2, 6 and 8) it cannot know.
#
#     bench/grader.sh PREFIX    the learner's prefix
# shellcheck disable=SC2317 # check calls them
set -uo pipefail
prefix=$1
volume=$prefix-app-data one=$prefix-writer-1 two=$prefix-writer-2
failed=0

check() {
    if "${@:2}" >/dev/null 2>&1; then echo "ok       $1"; else echo "not yet  $1"; failed=1; fi
}
runs() { [ "$(docker inspect -f '{{.State.Status}} {{.Config.Image}}' "$1")" = "running $2" ]; }
mounts() {
    docker inspect -f '{{range .Mounts}}{{.Name}}:{{.Destination}}{{println}}{{end}}' "$1" | grep -qxF "$2:$3"
}
has_lines() {
    local content line
    content=$(docker exec "$1" cat "$2") || return 1
    for line in "${@:3}"; do grep -qxF "$line" <<<"$content" || return 1; done
}

check "volume $volume exists" docker volume inspect "$volume"
check "$one is running busybox" runs "$one" busybox
check "$one has $volume at /data" mounts "$one" "$volume" /data
check "$two is running busybox" runs "$two" busybox
check "$two has $volume at /mnt" mounts "$two" "$volume" /mnt
check "file.txt has both lines" has_lines "$one" /data/file.txt one_from_writer1 two_from_writer2
exit "$failed"
