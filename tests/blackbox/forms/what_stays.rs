//! Steps 9 and 10: what is left when containers go, and the container that comes to look.

use super::{Right, Table, asked, fails, go_through, right, wrong};

#[test]
fn the_volume_outlives_its_containers() {
    go_through(&[REMOVE, LOOK]);
}

const REMOVE: Table = Table {
    step: "remove-both",
    is_evidence: false,
    restore: r"docker volume create app-data; docker unpause writer-1 writer-2
        docker start writer-1 || docker run -dit --name writer-1 -v app-data:/data busybox &
        docker start writer-2 || docker run -dit --name writer-2 -v app-data:/mnt busybox &
        wait; docker exec writer-1 sh -c 'printf one_from_writer1\\ntwo_from_writer2\\n > /data/file.txt'",
    rows: &[
        right("one after the other", "docker rm -f writer-2; docker container rm --force writer-1"),
        right("with their anonymous volumes", "docker rm -fv writer-1 writer-2"),
        right("stopped first", "docker stop -t 0 writer-1 writer-2 && docker rm writer-1 writer-2"),
        right("killed first", "docker kill writer-1 writer-2; docker container remove writer-1 writer-2"),
        right("handed on", "docker ps -a --format '{{.Names}}' | grep -E '^@me-writer' | xargs docker rm -f"),
        right("a failed try first", "docker rm writer-1 writer-2; docker rm -f writer-1 writer-2"),
        right("one paused", "docker pause writer-1; docker rm -f writer-1 writer-2"),
        right("renamed, and then removed", "docker rename writer-1 @me-old; docker rm -f @me-old writer-2"),
        right(
            "the volume in use by another one",
            "docker rm -f writer-1 writer-2; docker create --name @me-x -v app-data:/x busybox",
        ),
        wrong("stopped", "docker stop -t 0 writer-1 writer-2", "stopped-not-removed"),
        wrong("killed", "docker kill writer-1 writer-2", "stopped-not-removed"),
        fails("only the first", "docker rm -f writer-1"),
        fails("only the second", "docker rm -f writer-2"),
        fails("not stopped", "docker rm writer-1 writer-2"),
        fails("paused", "docker pause writer-1 writer-2"),
        wrong("renamed", "docker rm -f writer-2; docker rename writer-1 @me-old", "renamed-not-removed"),
        wrong(
            "made again, and renamed",
            "docker rm -f writer-2 writer-1; docker run -dit --name writer-1 -v app-data:/data busybox; \
            docker rename writer-1 @me-old",
            "renamed-not-removed",
        ),
        fails(
            "made again",
            "docker rm -f writer-1 writer-2; docker run -dit --name writer-1 -v app-data:/data busybox",
        ),
        fails("with the volume", "docker rm -f writer-1 writer-2; docker volume rm app-data"),
        fails(
            "with the volume, which was made again",
            "docker rm -f writer-1 writer-2; docker volume rm app-data; docker volume create app-data",
        ),
        fails("with the file", "docker exec writer-1 rm /data/file.txt; docker rm -f writer-1 writer-2"),
        fails("with a line of it", "docker exec writer-1 sed -i 2d /data/file.txt; docker rm -f writer-1 writer-2"),
        fails("others of a like name", "docker create --name writer-10 busybox; docker rm -f writer-10"),
    ],
};

const LOOK: Table = Table {
    step: "temporary-container",
    is_evidence: true,
    restore: "",
    rows: &[
        right("--mount", "docker run --rm --mount type=volume,src=app-data,dst=/check busybox cat /check/file.txt"),
        right("read-only", "docker run --rm -v app-data:/check:ro busybox cat /check/file.txt"),
        right("with a name and a terminal", "script -qec 'docker run -it --rm --name @me-x -v app-data:/check \
                busybox cat /check/file.txt' /dev/null"),
        right("a script", "docker run --rm -v app-data:/check busybox sh -c 'ls /check; cat /check/file.txt'"),
        right("from its directory", "docker run --rm -w /check -v app-data:/check/ busybox tail file.txt"),
        right("an entrypoint", "docker run --rm --entrypoint cat -v app-data:/check busybox /check/file.txt"),
        right("the image's id", "docker run --rm -v app-data:/check $(docker images -q busybox:latest) cat /check/file.txt"),
        right("the volume twice", "docker run --rm -v app-data:/data -v app-data:/check busybox cat /check/file.txt"),
        right("another volume below it", "docker run --rm -v app-data:/check -v @me-x:/check/x busybox cat /check/file.txt"),
        right("removed by hand", "docker run --name @me-x -v app-data:/check busybox cat /check/file.txt; docker rm @me-x"),
        right("created, started, removed", "docker create --name @me-x -v app-data:/check busybox cat /check/file.txt; \
            docker start -a @me-x; docker rm -f @me-x"),
        right("the answer", "true").answered("two_from_writer2"),
        // Gone before it could be asked, a container's command is not known: the pass says so.
        asked("a shell inside", "echo 'cat /check/file.txt' | docker run -i --rm -v app-data:/check busybox sh").by_events(Right),
        asked("in the background, its output looked at", "docker run -d --name @me-x -v app-data:/check busybox cat /check/file.txt; \
            docker wait @me-x; docker logs @me-x; docker rm @me-x"),
        asked("in the background, its output gone", "docker run -d --rm --name @me-x -v app-data:/check busybox cat /check/file.txt; sleep 0.5"),
        asked("a name in a variable", "docker run --rm -v app-data:/check busybox sh -c 'for f in /check/*.txt; do cat $f; done'").by_events(Right),
        wrong("left behind", "docker run --name @me-x -v app-data:/check busybox cat /check/file.txt", "left-behind"),
        wrong("another destination", "docker run --rm -v app-data:/data busybox cat /data/file.txt", "wrong-destination"),
        wrong("another case of it", "docker run --rm -v app-data:/Check busybox cat /Check/file.txt", "wrong-destination"),
        fails("a bind of that name", "mkdir /tmp/app-data; echo x > /tmp/app-data/file.txt; \
                docker run --rm -v /tmp/app-data:/check busybox cat /check/file.txt"),
        fails("another volume", "docker run --rm -v @me-App-Data:/check busybox touch /check/file.txt; \
                docker run --rm -v @me-App-Data:/check busybox cat /check/file.txt"),
        fails("without the volume", "docker run --rm busybox cat /check/file.txt"),
        fails("listed", "docker run --rm -v app-data:/check busybox ls -l /check/file.txt").by_events(Right),
        fails("only named", "docker run --rm -v app-data:/check busybox echo cat /check/file.txt").by_events(Right),
        fails("another file", "docker run --rm -v app-data:/check busybox cat /etc/passwd").by_events(Right),
        fails("another volume over it", "docker run --rm -v app-data:/x -v @me-x:/check busybox cat /check/file.txt"),
        fails("a mount over the file", "echo other > /tmp/app-data.txt; docker run --rm -v app-data:/check -v /tmp/app-data.txt:/check/file.txt busybox \
            cat /check/file.txt").by_events(Right),
        fails("no such file", "docker run --rm -v app-data:/check busybox cat /check/File.txt"),
        wrong("no such command", "docker run --rm -v app-data:/check busybox bat /check/file.txt", "command-cannot-start"),
        wrong("never started", "docker create --name @me-x -v app-data:/check busybox cat /check/file.txt", "never-started"),
        fails("paused", "docker run -dit --rm --name @me-x -v app-data:/check busybox; docker pause @me-x"),
        wrong("another image", "docker commit $(docker create --name @me-x busybox) @me-other; docker rm @me-x; \
            docker run --rm -v app-data:/check @me-other cat /check/file.txt", "wrong-image"),
        fails("copied out", "docker create --name @me-x -v app-data:/check busybox; \
                docker cp @me-x:/check/file.txt - | tar -xO; docker rm @me-x"),
        fails("the other line for an answer", "true").answered("one_from_writer1"),
    ],
};
