//! Steps 5 to 8: a second container on the same volume; what it reads and writes.

use super::{Table, asked, fails, go_through, right, wrong};

#[test]
fn two_containers_on_one_volume() {
    go_through(&[MOUNT, READ, APPEND, READ_BACK]);
}

const MOUNT: Table = Table {
    step: "mount-in-writer-2",
    is_evidence: false,
    restore: "",
    rows: &[
        right("--mount", "docker run -dit --name writer-2 --mount src=app-data,dst=/mnt busybox"),
        right(
            "create and start",
            "docker create -it --name writer-2 -v app-data:/mnt busybox && docker start writer-2",
        ),
        right(
            "where the first one has it, too",
            "docker run -dit --name writer-2 --volumes-from writer-1 -v app-data:/mnt busybox",
        ),
        right(
            "the first one's image",
            "docker run -dit --name writer-2 -v app-data:/mnt $(docker inspect -f '{{.Image}}' writer-1)",
        ),
        right(
            "taken in two tries",
            "docker run -dit --name writer-1 -v app-data:/mnt busybox; docker run -dit --name writer-2 -v app-data:/mnt busybox",
        ),
        wrong(
            "where the first one has it",
            "docker run -dit --name writer-2 -v app-data:/data busybox",
            "wrong-destination",
        ),
        wrong(
            "all of the first one's",
            "docker run -dit --name writer-2 --volumes-from writer-1 busybox",
            "wrong-destination",
        ),
        wrong(
            "a directory of that name",
            "cd /tmp && docker run -dit --name writer-2 -v ./app-data:/mnt busybox",
            "bind-instead-of-volume",
        ),
        fails("a volume of its own", "docker run -dit --name writer-2 -v @me-writer-2:/mnt busybox"),
        wrong("it ended at once", "docker run -d --name writer-2 -v app-data:/mnt busybox", "exited-at-once"),
        wrong(
            "created, never started",
            "docker create --name writer-2 -v app-data:/mnt busybox sleep 600",
            "never-started",
        ),
        fails(
            "the first one, renamed",
            "docker rename writer-1 writer-2; docker inspect -f '{{.State.Status}}' writer-2; docker rename writer-2 writer-1",
        ),
        fails("another name", "docker run -dit --name writer-3 -v app-data:/mnt busybox"),
    ],
};

const READ: Table = Table {
    step: "read-from-writer-2",
    is_evidence: true,
    restore: "docker start writer-1 writer-2",
    rows: &[
        right("cat", "docker container exec writer-2 cat /mnt/file.txt"),
        right("with a terminal", "script -qec 'docker exec -it writer-2 cat /mnt/file.txt' /dev/null"),
        right("by the container's id", "docker exec $(docker inspect -f '{{.Id}}' writer-2) cat /mnt/file.txt"),
        right("a whole path", "docker exec writer-2 /bin/busybox cat /mnt/../mnt//file.txt"),
        right("from its directory", "docker exec -w /mnt writer-2 cat ./file.txt"),
        right("a script", "docker exec writer-2 sh -c 'cd /mnt && cat file.txt'"),
        right("a redirection", "docker exec writer-2 sh -c 'cat < /mnt/file.txt'"),
        right(
            "a loop over its lines",
            "docker exec writer-2 sh -c 'while read -r line; do echo \"$line\"; done < /mnt/file.txt'",
        ),
        right("a pattern", "docker exec writer-2 sh -c 'cat /mnt/*.txt'"),
        right("sed", "docker exec writer-2 sed -n 1p /mnt/file.txt"),
        right("among other files", "docker exec writer-2 cat /etc/passwd /mnt/file.txt"),
        right("after a failed one", "docker exec writer-2 cat /data/file.txt; docker exec writer-2 cat /mnt/file.txt"),
        asked("before something else", "docker exec writer-2 sh -c 'ls /mnt; cat /mnt/file.txt; true'"),
        right("after something else", "docker exec writer-2 sh -c 'ls /mnt; cat /mnt/file.txt'"),
        asked("its failure hidden", "docker exec writer-2 sh -c 'cat /mnt/file.txt /mnt/nothing || true'"),
        asked("not shown", "docker exec writer-2 sh -c 'cat /mnt/file.txt > /dev/null'"),
        fails("in a branch that is never taken", "docker exec writer-2 sh -c 'if false; then cat /mnt/file.txt; fi'"),
        right("stopped and started before", "docker restart -t 0 writer-2 && docker exec writer-2 cat /mnt/file.txt"),
        asked("a shell inside", "echo 'cat /mnt/file.txt' | docker exec -i writer-2 sh"),
        asked("a document for a shell inside", "docker exec -i writer-2 sh <<'END'\ncat /mnt/file.txt\nexit\nEND"),
        asked(
            "at its main process",
            "(sleep 0.3; echo 'cat /mnt/file.txt'; sleep 0.3) | \
                timeout 2 script -qec 'docker attach --sig-proxy=false writer-2' /dev/null",
        ),
        asked("a name in a variable", "docker exec writer-2 sh -c 'for f in /mnt/*; do cat \"$f\"; done'"),
        asked("found", "docker exec writer-2 find /mnt -name file.txt -exec cat {} +"),
        asked("handed on", "docker exec writer-2 sh -c 'ls /mnt/* | xargs cat'"),
        asked("one or the other", "docker exec writer-2 sh -c 'cat /data/file.txt || cat /mnt/file.txt'"),
        right("the answer", "true").answered("one_from_writer1"),
        right("the answer, quoted", "true").answered(" 'one_from_writer1' "),
        right("a shell inside, and the answer", "echo 'cat /mnt/file.txt' | docker exec -i writer-2 sh")
            .answered("one_from_writer1"),
        fails("another answer", "true").answered("two_from_writer2"),
        fails("another case", "true").answered("One_from_writer1"),
        wrong("in the other container", "docker exec writer-1 cat /data/file.txt", "wrong-container"),
        fails("in the other container, by its path there", "docker exec writer-1 cat /mnt/file.txt"),
        fails("by the other one's path", "docker exec writer-2 cat /data/file.txt"),
        fails("in a third container", "docker run --rm -v app-data:/mnt busybox cat /mnt/file.txt"),
        fails("listed", "docker exec writer-2 ls -l /mnt/file.txt"),
        fails("touched", "docker exec writer-2 touch /mnt/file.txt"),
        fails("counted", "docker exec writer-2 wc -l /mnt/file.txt"),
        fails("asked whether it is there", "docker exec writer-2 test -f /mnt/file.txt"),
        fails("only named", "docker exec writer-2 echo cat /mnt/file.txt"),
        fails("only named in a script", "docker exec writer-2 sh -c '# cat /mnt/file.txt'"),
        fails("written over", "docker exec -i writer-2 sh -c 'cat > /mnt/new.txt; rm /mnt/new.txt' < /dev/null"),
        wrong("one word", "docker exec writer-2 'cat /mnt/file.txt'", "quoted-as-one-word"),
        fails("another case", "docker exec writer-2 cat /mnt/File.txt"),
        fails("another file", "docker exec writer-2 cat /mnt/file.txt.bak"),
        fails("never reached", "docker exec writer-2 sh -c 'false && cat /mnt/file.txt; true'"),
        fails("nobody to see it", "docker exec -d writer-2 cat /mnt/file.txt; sleep 0.2"),
        fails("copied out", "docker cp writer-2:/mnt/file.txt - | tar -xO"),
        fails("read on the host", "cat $(docker volume inspect -f '{{.Mountpoint}}' app-data)/file.txt"),
        fails(
            "a stopped container",
            "docker stop -t 0 writer-2; docker exec writer-2 cat /mnt/file.txt; docker start writer-2",
        ),
    ],
};

const APPEND: Table = Table {
    step: "append-from-writer-2",
    is_evidence: false,
    restore: "docker exec writer-2 sh -c 'rm -rf /mnt/* /file.txt; echo one_from_writer1 > /mnt/file.txt'",
    rows: &[
        right("tee -a", "echo two_from_writer2 | docker exec -i writer-2 tee -a /mnt/file.txt"),
        right("a document", "docker exec -i writer-2 sh -c 'cat >> /mnt/file.txt' <<'END'\ntwo_from_writer2\nEND"),
        right(
            "in a shell inside",
            "docker exec -i writer-2 sh <<'END'\ncat >> /mnt/file.txt <<IN\ntwo_from_writer2\nIN\nEND",
        ),
        right("no end of line", "docker exec writer-2 sh -c 'printf two_from_writer2 >> /mnt/file.txt'"),
        right("Windows line ends", r"docker exec writer-2 sh -c 'printf two_from_writer2\\r\\n >> /mnt/file.txt'"),
        right("after a blank line", r"docker exec writer-2 sh -c 'printf \\n\\ntwo_from_writer2\\n >> /mnt/file.txt'"),
        right("sed", "docker exec writer-2 sed -i '$a two_from_writer2' /mnt/file.txt"),
        right(
            "both lines written anew",
            r"docker exec writer-2 sh -c 'printf one_from_writer1\\ntwo_from_writer2\\n > /mnt/file.txt'",
        ),
        right("twice", "docker exec writer-2 sh -c 'for i in 1 2; do echo two_from_writer2 >> /mnt/file.txt; done'"),
        right(
            "the wrong line before",
            "docker exec writer-2 sh -c 'echo two >> /mnt/file.txt; echo two_from_writer2 >> /mnt/file.txt'",
        ),
        wrong("overwritten", "docker exec writer-2 sh -c 'echo two_from_writer2 > /mnt/file.txt'", "overwritten"),
        wrong("overwritten by tee", "echo two_from_writer2 | docker exec -i writer-2 tee /mnt/file.txt", "overwritten"),
        wrong(
            "overwritten with the end of it",
            "docker exec writer-2 sh -c 'echo two_from_writer2 > /mnt/file.txt; echo >> /mnt/file.txt'",
            "overwritten",
        ),
        wrong("put first", "docker exec writer-2 sed -i '1i two_from_writer2' /mnt/file.txt", "wrong-order"),
        wrong(
            "in one line",
            "docker exec writer-2 sh -c 'printf one_from_writer1 > /mnt/file.txt; echo two_from_writer2 >> /mnt/file.txt'",
            "lines-joined",
        ),
        wrong("other text", "docker exec writer-2 sh -c 'echo two_from_writer_2 >> /mnt/file.txt'", "other-content"),
        wrong("emptied", "docker exec writer-2 sh -c '> /mnt/file.txt'", "empty-file"),
        fails("to the other one's path", "docker exec writer-2 sh -c 'echo two_from_writer2 >> /data/file.txt'"),
        fails("to the container's own layer", "docker exec writer-2 sh -c 'echo two_from_writer2 >> /file.txt'"),
        fails("to another case of it", "docker exec writer-2 sh -c 'echo two_from_writer2 >> /mnt/File.txt'"),
        fails("on the host", "cd /tmp && docker exec writer-2 echo two_from_writer2 >> app-data.txt"),
        fails("all in quotes", "docker exec writer-2 echo 'two_from_writer2 >> /mnt/file.txt'"),
        fails("removed", "docker exec writer-2 rm /mnt/file.txt"),
        wrong(
            "a link to the container's own layer",
            r"docker exec writer-2 sh -c 'printf one_from_writer1\\ntwo_from_writer2\\n > /file.txt; ln -sf /file.txt /mnt/file.txt'",
            "file-or-directory",
        ),
    ],
};

const READ_BACK: Table = Table {
    step: "read-from-writer-1",
    is_evidence: true,
    restore: "",
    rows: &[
        right("tail", "docker exec writer-1 tail -n 2 /data/file.txt"),
        right("more", "docker exec writer-1 more /data/file.txt"),
        right("awk", "docker exec writer-1 awk '{print}' /data/file.txt"),
        right("od", "docker exec writer-1 od -c /data/file.txt"),
        right("within a pipe", "docker exec writer-1 sh -c 'cat /data/file.txt | grep two'"),
        right(
            "from a script in a document",
            "docker exec writer-1 sh -c \"$(printf 'cd /data\\nls\\ncat file.txt\\n')\"",
        ),
        right("both containers", "docker exec writer-2 cat /mnt/file.txt && docker exec writer-1 cat /data/file.txt"),
        right(
            "in a session of tries",
            "docker exec writer-1 cat /mnt/file.txt; docker exec writer-1 ls /data; docker exec writer-1 cat /data/file.txt",
        ),
        right("an answer", "true").answered("two_from_writer2"),
        asked("a shell inside", "docker exec -i writer-1 sh <<< 'cat /data/file.txt'"),
        fails("an answer to another question", "true").answered("one_from_writer1"),
        fails("both lines for an answer", "true").answered("one_from_writer1 two_from_writer2"),
        wrong("in the other container", "docker exec writer-2 cat /mnt/file.txt", "wrong-container"),
        fails("by the other one's path", "docker exec writer-1 cat /mnt/file.txt"),
        fails("the directory", "docker exec writer-1 cat /data"),
        fails("a link to nothing", "docker exec writer-1 cat /data/file"),
        fails("a sum", "docker exec writer-1 md5sum /data/file.txt"),
        fails("quietly", "docker exec writer-1 grep -q two /data/file.txt"),
        fails("nothing found", "docker exec writer-1 grep three /data/file.txt"),
        fails("no such program", "docker exec writer-1 bat /data/file.txt"),
        fails("help", "docker exec writer-1 cat --help /data/file.txt"),
        fails(
            "another container of a like name",
            "docker run -d --name writer-10 -v app-data:/data busybox sleep 60; docker exec writer-10 cat /data/file.txt",
        ),
        fails(
            "a paused container",
            "docker pause writer-1; docker exec writer-1 cat /data/file.txt; docker unpause writer-1",
        ),
        fails("nobody to see it", "docker exec --detach writer-1 cat /data/file.txt; sleep 0.2"),
    ],
};
