# shellcheck shell=bash
# For scripts that test on an engine: survives one that locks up. To be sourced.
#
#   watch_engine     looks in the background whether the engine answers, and brings it back; `unwatch_engine` ends that
#   engine_came_back true where that has happened since it was last asked
#   run_tests WORDS  cargo's tests; those that failed while the engine was brought back are run once more

watch_engine() {
    came_back=$(mktemp)
    (
        while sleep 20; do
            # Both hang when the network part has locked up; `docker ps` does not.
            if timeout -k 5 60 docker info >/dev/null 2>&1 && timeout -k 5 60 docker network ls -q >/dev/null 2>&1; then
                continue
            fi
            ended=0
            scripts/engine.sh revive || ended=$?
            case $ended in
                3) echo "the engine had locked up, and was brought back" | tee -a "$came_back" >&2 ;;
                1) echo "the engine has locked up, and could not be brought back" >&2 ;;
            esac
        done
    ) &
    watching=$!
    # The shell says nothing of its end.
    disown "$watching"
}

unwatch_engine() {
    if [ -n "${watching-}" ]; then
        # Itself first, or it would say that its command was ended.
        local commands
        commands=$(pgrep -P "$watching" || true)
        kill "$watching" 2>/dev/null || true
        for command in $commands; do kill "$command" 2>/dev/null || true; done
        rm -f "$came_back"
    fi
    watching=
}

engine_came_back() {
    [ -s "$came_back" ] || return 1
    : >"$came_back"
}

# The tests that cargo's output names as failed, each once.
failed_tests() { sed -n '/^failures:$/,/^test result:/s/^    \([a-z][A-Za-z0-9_:]*\)$/\1/p' "$1" | sort -u; }

run_tests() {
    local log names ended=0
    log=$(mktemp)
    "${CARGO:-cargo}" test "$@" 2>&1 | tee "$log" || ended=$?
    mapfile -t names < <(failed_tests "$log")
    rm -f "$log"
    if [ "$ended" != 0 ] && [ "${#names[@]}" -gt 0 ] && engine_came_back; then
        echo "Once more, on the engine that was brought back: ${#names[@]} tests"
        ended=0
        "${CARGO:-cargo}" test --workspace --locked --no-fail-fast -- --exact "${names[@]}" || ended=$?
    fi
    return "$ended"
}
