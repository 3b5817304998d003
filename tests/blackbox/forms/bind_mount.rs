//! Steps 11 to 14: a directory of the host.

use super::{Table, asked, fails, go_through, right, wrong};

#[test]
fn a_directory_of_the_host() {
    go_through(&[MOUNT, WRITE, READ, REMOVE]);
}

const MOUNT: Table = Table {
    step: "bind-mount",
    is_evidence: false,
    restore: "",
    rows: &[
        right(
            "--mount",
            "mkdir /tmp/dind; docker run -dit --name bind-test --mount type=bind,src=/tmp/dind,dst=/dind busybox",
        ),
        right("relative", "mkdir /tmp/dind; cd /tmp && docker run -dit --name bind-test -v ./@me-dind:/dind busybox"),
        right(
            "relative, from within",
            "mkdir -p /tmp/dind && cd /tmp/dind && docker run -dit --name bind-test -v .:/dind busybox",
        ),
        right("slashes and dots", "mkdir /tmp/dind; docker run -dit --name bind-test -v /tmp/dind/.//:/dind/ busybox"),
        right("made by the engine", "docker run -dit --name bind-test -v /tmp/dind:/dind busybox"),
        right(
            "create and start",
            "mkdir /tmp/dind; docker create -it --name bind-test -v /tmp/dind:/dind busybox; docker start bind-test",
        ),
        right(
            "through a link",
            "mkdir /tmp/dind; ln -s /tmp/dind /tmp/@me-link; docker run -dit --name bind-test -v /tmp/@me-link:/dind busybox",
        ),
        right(
            "through a link above it",
            "mkdir /tmp/dind; ln -s /tmp /tmp/@me-link; docker run -dit --name bind-test -v /tmp/@me-link/@me-dind:/dind busybox",
        ),
        right(
            "a link to the directory",
            "mkdir /tmp/@me-real; ln -s /tmp/@me-real /tmp/dind; docker run -dit --name bind-test -v /tmp/dind:/dind busybox",
        ),
        right(
            "where the link leads",
            "mkdir /tmp/@me-real; ln -s /tmp/@me-real /tmp/dind; docker run -dit --name bind-test -v /tmp/@me-real:/dind busybox",
        ),
        right(
            "a volume below it",
            "mkdir /tmp/dind; docker run -dit --name bind-test -v /tmp/dind:/dind -v @me-x:/dind/x busybox",
        ),
        right("a tag", "mkdir /tmp/dind; docker run -dit --name bind-test -v /tmp/dind:/dind:rw busybox:latest"),
        wrong(
            "a volume",
            "mkdir /tmp/dind; docker run -dit --name bind-test -v app-data:/dind busybox",
            "volume-instead-of-bind",
        ),
        wrong(
            "a volume of the directory's name",
            "mkdir /tmp/dind; cd /tmp; docker run -dit --name bind-test -v @me-dind:/dind busybox",
            "volume-instead-of-bind",
        ),
        wrong(
            "in another directory",
            "mkdir -p /tmp/dind /tmp/@me-x; cd /tmp/@me-x; docker run -dit --name bind-test -v ./@me-dind:/dind busybox",
            "other-directory",
        ),
        wrong(
            "another destination",
            "mkdir /tmp/dind; docker run -dit --name bind-test -v /tmp/dind:/mnt busybox",
            "wrong-destination",
        ),
        wrong(
            "without a source",
            "mkdir /tmp/dind; docker run -dit --name bind-test -v /dind busybox",
            "anonymous-volume",
        ),
        fails("the directory above", "mkdir /tmp/dind; docker run -dit --name bind-test -v /tmp:/dind busybox"),
        fails(
            "a directory below",
            "mkdir -p /tmp/dind/x; docker run -dit --name bind-test -v /tmp/dind/x:/dind busybox",
        ),
        fails(
            "another case",
            "mkdir /tmp/dind /tmp/@me-Dind; docker run -dit --name bind-test -v /tmp/@me-Dind:/dind busybox",
        ),
        fails(
            "a link to another directory",
            "mkdir /tmp/dind /tmp/@me-x; ln -s /tmp/@me-x /tmp/@me-link; docker run -dit --name bind-test -v /tmp/@me-link:/dind busybox",
        ),
        fails("a file", "touch /tmp/dind; docker run -dit --name bind-test -v /tmp/dind:/dind busybox"),
        fails("removed on the host", "docker run -dit --name bind-test -v /tmp/dind:/dind busybox; rmdir /tmp/dind"),
        wrong(
            "it ended at once",
            "mkdir /tmp/dind; docker run -d --name bind-test -v /tmp/dind:/dind busybox",
            "exited-at-once",
        ),
        fails(
            "no source",
            "mkdir /tmp/dind; docker run -dit --name bind-test --mount type=bind,src=/tmp/@me-none,dst=/dind busybox",
        ),
        fails("only the directory", "mkdir /tmp/dind"),
    ],
};

const WRITE: Table = Table {
    step: "write-through-bind",
    is_evidence: false,
    restore: "docker inspect -f '{{.HostConfig.Binds}}' bind-test | grep -q '/dind:/dind.$' || {
        docker rm -f bind-test; docker run -dit --name bind-test -v /tmp/dind:/dind busybox; }
        docker exec bind-test sh -c 'rm -rf /dind/* /test.txt'",
    rows: &[
        right("tee", "echo bind_test_data | docker exec -i bind-test tee /dind/test.txt"),
        right("a document", "docker exec -i bind-test sh -c 'cat > /dind/test.txt' <<'END'\nbind_test_data\nEND"),
        right("in a shell inside", "docker exec -i bind-test sh <<< 'echo bind_test_data > /dind/test.txt'"),
        right("no end of line", "docker exec bind-test sh -c 'printf bind_test_data > /dind/test.txt'"),
        right("Windows line ends", r"docker exec bind-test sh -c 'printf bind_test_data\\r\\n > /dind/test.txt'"),
        right("from its directory", "docker exec -w /dind bind-test sh -c 'echo bind_test_data >> test.txt'"),
        right("for its owner alone", "docker exec bind-test sh -c 'umask 077; echo bind_test_data > /dind/test.txt'"),
        right(
            "and stopped then",
            "docker exec bind-test sh -c 'echo bind_test_data > /dind/test.txt'; docker stop -t 0 bind-test; docker start bind-test",
        ),
        wrong("other text", "docker exec bind-test sh -c 'echo bind-test-data > /dind/test.txt'", "other-content"),
        wrong("an empty file", "docker exec bind-test touch /dind/test.txt", "empty-file"),
        wrong("a directory", "docker exec bind-test mkdir /dind/test.txt", "file-or-directory"),
        fails("another name", "docker exec bind-test sh -c 'echo bind_test_data > /dind/Test.txt'"),
        fails("beside the mount", "docker exec bind-test sh -c 'echo bind_test_data > /test.txt'"),
        fails("all in quotes", "docker exec bind-test echo 'bind_test_data > /dind/test.txt'"),
        fails("on the host, elsewhere", "docker exec bind-test echo bind_test_data > /tmp/@me-test.txt"),
        fails(
            "in the container's own layer",
            "docker rm -f bind-test; docker run -dit --name bind-test busybox; \
            docker exec bind-test sh -c 'mkdir /dind; echo bind_test_data > /dind/test.txt'",
        ),
        fails(
            "in a volume",
            "docker rm -f bind-test; docker run -dit --name bind-test -v @me-x:/dind busybox; \
            docker exec bind-test sh -c 'echo bind_test_data > /dind/test.txt'",
        ),
        fails(
            "a link beside the mount",
            "docker exec bind-test sh -c 'echo bind_test_data > /test.txt; ln -s /test.txt /dind/test.txt'",
        ),
    ],
};

const READ: Table = Table {
    step: "read-on-host",
    is_evidence: false,
    restore: "",
    rows: &[
        right("head", "head -n 1 /tmp/dind/test.txt"),
        right("from its directory", "cd /tmp/dind\ncat test.txt"),
        right("on one line", "cd /tmp/dind && cat ./test.txt"),
        right("from beside it", "mkdir -p /tmp/@me-x && cd /tmp/@me-x && cat ../@me-dind/test.txt"),
        right("a redirection", "cat < /tmp/dind/test.txt"),
        right("a pattern", "cat /tmp/dind/*"),
        right("grep", "grep -r bind /tmp/dind"),
        right("a script", "bash -c 'cat /tmp/dind/test.txt'"),
        right("handed on", "cat /tmp/dind/test.txt | tr a-z A-Z"),
        asked("a substitution", "echo \"$(< /tmp/dind/test.txt)\""),
        right("after a failed one", "cat /tmp/dind/tst.txt\ncat /tmp/dind/test.txt"),
        asked("several commands", "ls -l /tmp/dind; cat /tmp/dind/test.txt; echo done"),
        right("the answer", "true").answered("bind_test_data"),
        asked("a name in a variable", "f=/tmp/dind/test.txt; cat $f"),
        asked("its directory in a variable", "cd /tmp/dind\ncat \"$PWD/test.txt\""),
        asked("found", "find /tmp/dind -type f -exec cat {} \\;"),
        asked("reached only if the first fails", "ls /tmp/dind || cat /tmp/dind/test.txt"),
        asked("not shown", "cat /tmp/dind/test.txt > /dev/null"),
        asked("none of it shown", "cat /tmp/dind/test.txt | head -n 0"),
        asked("its failure hidden", "cat /tmp/dind/tst.txt /tmp/dind/test.txt || true"),
        fails("no line of it", "head -n 0 /tmp/dind/test.txt"),
        fails("in a branch that is never taken", "if false; then cat /tmp/dind/test.txt; fi"),
        fails("listed", "ls -l /tmp/dind/test.txt"),
        fails("only named", "echo cat /tmp/dind/test.txt"),
        fails("a comment", "ls # cat /tmp/dind/test.txt"),
        fails("in the container", "docker exec bind-test cat /dind/test.txt"),
        fails("in a container, by that path", "docker run --rm -v /tmp/dind:/tmp/dind busybox cat /tmp/dind/test.txt"),
        fails("another file", "cat /tmp/dind/Test.txt"),
        fails(
            "another file of that name",
            "mkdir /tmp/@me-x; echo x > /tmp/@me-x/test.txt\ncd /tmp/@me-x\ncat test.txt",
        ),
        fails("touched", "touch /tmp/dind/test.txt"),
        fails("counted", "wc /tmp/dind/test.txt"),
        fails("copied", "cp /tmp/dind/test.txt /tmp/@me-copy"),
        fails("no such program", "batt /tmp/dind/test.txt"),
        fails("never reached", "false && cat /tmp/dind/test.txt; true"),
        fails("another answer", "true").answered("bind_test_dat"),
    ],
};

const REMOVE: Table = Table {
    step: "remove-bind-test",
    is_evidence: false,
    restore: "mkdir -p /tmp/dind; docker start bind-test || docker run -dit --name bind-test -v /tmp/dind:/dind busybox
        echo bind_test_data > /tmp/dind/test.txt",
    rows: &[
        right("stopped first", "docker stop -t 0 bind-test && docker container rm bind-test"),
        right("with its anonymous volumes", "docker rm -vf bind-test"),
        right("by id", "docker rm -f $(docker ps -q --no-trunc --filter name=bind-test)"),
        right("killed first", "docker kill bind-test; docker rm bind-test"),
        right("renamed first", "docker rename bind-test @me-old && docker rm -f @me-old"),
        right(
            "with the directory moved and back",
            "docker rm -f bind-test; mv /tmp/dind /tmp/@me-x; mv /tmp/@me-x /tmp/dind",
        ),
        wrong("stopped", "docker stop -t 0 bind-test", "stopped-not-removed"),
        wrong("renamed", "docker rename bind-test @me-old", "renamed-not-removed"),
        fails("not stopped", "docker rm bind-test"),
        fails("paused", "docker pause bind-test"),
        fails("with the file", "docker rm -f bind-test; rm /tmp/dind/test.txt"),
        fails("with the directory", "docker rm -f bind-test; rm -r /tmp/dind"),
        fails("with what was in the file", "docker rm -f bind-test; : > /tmp/dind/test.txt"),
        fails("made again", "docker rm -f bind-test; docker create --name bind-test busybox"),
        fails("another one", "docker create --name bind-test2 busybox; docker rm bind-test2"),
    ],
};
