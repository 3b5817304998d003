//! Steps 1 to 4: a volume, found, mounted and written to.

use super::{Table, asked, fails, go_through, right, wrong};

#[test]
fn a_volume_and_its_first_container() {
    go_through(&[CREATE, INSPECT, MOUNT, WRITE]);
}

const CREATE: Table = Table {
    step: "create-volume",
    is_evidence: false,
    restore: "",
    rows: &[
        right("the old flag", "docker volume create --name app-data"),
        right("a driver, options after the name", "docker volume create app-data -d local --label course=1"),
        right("made by the container that mounts it", "docker create -v app-data:/x busybox true"),
        right("made by --mount", "docker run --rm --mount type=volume,src=app-data,dst=/x busybox true"),
        right(
            "with compose's labels, under a name of one's own",
            "docker volume create app-data \
            --label com.docker.compose.project=@me --label com.docker.compose.volume=app-data",
        ),
        right("twice", "docker volume create app-data && docker volume create app-data"),
        right("after a failed command", "docker volume creat app-data; docker volume create app-data"),
        right("made again", "docker volume create app-data; docker volume rm app-data; docker volume create app-data"),
        fails("another letter", "docker volume create app_data-@me"),
        fails("another case", "docker volume create @me-App-Data"),
        fails("a longer name", "docker volume create app-data2"),
        fails(
            "compose's own name for it",
            "docker volume create @me_app-data \
            --label com.docker.compose.project=@me --label com.docker.compose.volume=app-data",
        ),
        fails("a container of that name", "docker create --name app-data busybox true"),
        fails("an anonymous volume", "docker create --name @me-x -v /app-data busybox true"),
        fails("a directory of that name", "mkdir /tmp/app-data && docker create -v /tmp/app-data:/x busybox true"),
        fails("a driver that is not there", "docker volume create -d nosuchdriver app-data"),
        fails("only mentioned", "echo docker volume create app-data; docker volume create --help app-data"),
    ],
};

const INSPECT: Table = Table {
    step: "inspect-volume",
    is_evidence: false,
    restore: "",
    rows: &[
        right("on one line", "docker volume ls && docker volume inspect app-data"),
        right("on two, the other way round", "docker volume inspect app-data\ndocker volume ls"),
        right("by their other names", "docker volume list -q\ndocker inspect app-data"),
        right("with a type", "docker volume ls\ndocker inspect --type volume app-data"),
        right("only the field", "docker volume ls\ndocker volume inspect -f '{{.Mountpoint}}' app-data"),
        right("through a filter", "docker volume ls | grep app-data\ndocker volume inspect app-data | grep Mountpoint"),
        right("a failed one first", "docker volume inspect app-dat\ndocker volume inspect app-data\ndocker volume ls"),
        right("several volumes", "docker volume ls\ndocker volume inspect app-data app-data"),
        asked("in a variable", "docker volume ls; point=$(docker volume inspect -f '{{.Mountpoint}}' app-data)"),
        asked("the name in a variable", "docker volume ls; v=app-data; docker volume inspect $v"),
        asked("whatever is listed", "docker volume inspect $(docker volume ls -q --filter name=app-data)"),
        right("the answer", "true").answered("@mountpoint"),
        right("the answer with its key", "true").answered("\"Mountpoint\": \"@mountpoint\","),
        right("the answer with a slash", "true").answered(" @mountpoint/ "),
        fails("only the list", "docker volume ls"),
        fails("only the description", "docker volume inspect app-data"),
        fails("another volume", "docker volume ls; docker volume inspect app-dat"),
        fails("another volume, its failure hidden", "docker volume ls; docker volume inspect app-dat || true"),
        fails("only mentioned", "echo 'docker volume ls; docker volume inspect app-data'"),
        fails("a comment", "docker volume ls # docker volume inspect app-data"),
        fails("help", "docker volume ls\ndocker volume inspect --help app-data"),
        fails("it failed", "docker volume ls\ndocker volume inspect app-data app-dat"),
        fails("another list", "docker ps\ndocker volume inspect app-data"),
        fails("of another kind", "docker volume ls\ndocker inspect --type container app-data"),
        fails("never reached", "docker volume ls\nfalse && docker volume inspect app-data; true"),
        asked("reached only if the first fails", "docker volume ls\ndocker ps || docker volume inspect app-data"),
        asked("the code of another command", "docker volume ls\ndocker volume inspect app-data; true"),
        asked("its failure hidden", "docker volume ls\ndocker volume inspect -f '{{.Nope}}' app-data || true"),
        asked("in the background", "docker volume ls\ndocker volume inspect app-data & wait"),
        asked("not shown", "docker volume ls\ndocker volume inspect app-data > /dev/null"),
        asked("shown to a program that shows nothing", "docker volume ls\ndocker volume inspect app-data | grep -q x"),
        asked(
            "of another engine",
            "docker volume ls\nDOCKER_HOST=unix:///nowhere docker volume inspect app-data; true",
        ),
        fails("its failure in a pipe", "docker volume ls\ndocker volume inspect -f '{{.Nope}}' app-data | cat"),
        fails("in a branch that is never taken", "docker volume ls\nif false; then docker volume inspect app-data; fi"),
        fails("in a function that is never called", "docker volume ls\nf() { docker volume inspect app-data; }"),
        fails("another answer", "true").answered("/var/lib/docker/volumes"),
        fails("the name for an answer", "true").answered("app-data"),
        fails("another case", "true").answered("@mountpoint/_DATA"),
    ],
};

const MOUNT: Table = Table {
    step: "mount-in-writer-1",
    is_evidence: false,
    restore: "",
    rows: &[
        right("--mount", "docker run -dit --name writer-1 --mount type=volume,src=app-data,dst=/data busybox sh"),
        right(
            "--mount without its type",
            "docker run -dit --name writer-1 --mount source=app-data,target=/data/ busybox",
        ),
        right(
            "create and start",
            "docker create -it --name writer-1 -v app-data:/data busybox && docker start writer-1",
        ),
        right(
            "something else that waits",
            "docker container run -d --name writer-1 -v app-data:/data:rw busybox sleep 600",
        ),
        right("a tag", "docker run -dit --name writer-1 -v app-data:/data busybox:latest"),
        right("the image's id", "docker run -dit --name writer-1 -v app-data:/data $(docker images -q busybox:latest)"),
        right(
            "a tag of one's own",
            "docker tag busybox busybox:@me && \
            docker run -dit --name writer-1 -v app-data:/data busybox:@me",
        ),
        right(
            "a name of one's own for the image",
            "docker tag busybox @me-box && \
            docker run -dit --name writer-1 -v app-data:/data @me-box",
        ),
        right("the volume twice", "docker run -dit --name writer-1 -v app-data:/mnt -v app-data:/data busybox"),
        right("another volume below it", "docker run -dit --name writer-1 -v app-data:/data -v @me-x:/data/x busybox"),
        right(
            "with compose's labels",
            "docker run -dit --name writer-1 -v app-data:/data \
            --label com.docker.compose.project=@me --label com.docker.compose.service=writer busybox",
        ),
        right(
            "borrowed from another container",
            "docker create --name @me-x -v app-data:/data busybox && \
            docker run -dit --name writer-1 --volumes-from @me-x busybox",
        ),
        right(
            "renamed to it",
            "docker run -dit --name @me-x -v app-data:/data busybox && docker rename @me-x writer-1",
        ),
        right(
            "stopped and started",
            "docker run -dit --name writer-1 -v app-data:/data busybox && \
            docker stop -t 0 writer-1 && docker start writer-1",
        ),
        right(
            "paused and unpaused",
            "docker run -dit --name writer-1 -v app-data:/data busybox && \
            docker pause writer-1 && docker unpause writer-1",
        ),
        wrong("another destination", "docker run -dit --name writer-1 -v app-data:/mnt busybox", "wrong-destination"),
        wrong("another case of it", "docker run -dit --name writer-1 -v app-data:/Data busybox", "wrong-destination"),
        wrong(
            "below it",
            "docker run -dit --name writer-1 -v @me-x:/data -v app-data:/data/x busybox",
            "wrong-destination",
        ),
        wrong(
            "a bind of that name",
            "docker run -dit --name writer-1 -v /tmp/app-data:/data busybox",
            "bind-instead-of-volume",
        ),
        wrong(
            "a bind of the volume's directory",
            "docker run -dit --name writer-1 \
            -v $(docker volume inspect -f '{{.Mountpoint}}' app-data):/data busybox",
            "bind-instead-of-volume",
        ),
        wrong("without a source", "docker run -dit --name writer-1 -v /data busybox", "anonymous-volume"),
        wrong(
            "without a destination",
            "docker run -dit --name writer-1 -v /app-data busybox; docker rm -fv writer-1; \
            docker run -dit --name writer-1 -v /$(echo app-data) busybox",
            "source-taken-for-destination",
        ),
        wrong("a tmpfs", "docker run -dit --name writer-1 --tmpfs /data busybox", "wrong-mount-type"),
        fails("another volume", "docker run -dit --name writer-1 -v app-data2:/data busybox"),
        fails("compose's volume", "docker run -dit --name writer-1 -v @me_app-data:/data busybox"),
        fails("another case of the volume", "docker run -dit --name writer-1 -v @me-App-Data:/data busybox"),
        wrong("it ended at once", "docker run -d --name writer-1 -v app-data:/data busybox sh", "exited-at-once"),
        wrong("only created", "docker create -it --name writer-1 -v app-data:/data busybox", "never-started"),
        wrong(
            "no such command",
            "docker run -dit --name writer-1 -v app-data:/data busybox bash",
            "command-cannot-start",
        ),
        fails(
            "it starts and ends all the time",
            "docker run -d --restart always --name writer-1 -v app-data:/data busybox true",
        ),
        fails(
            "it ends after a while, all the time",
            "docker run -d --restart always --name writer-1 -v app-data:/data busybox sleep 0.2; sleep 0.8",
        ),
        fails("stopped", "docker run -dit --name writer-1 -v app-data:/data busybox && docker stop -t 0 writer-1"),
        fails("paused", "docker run -dit --name writer-1 -v app-data:/data busybox && docker pause writer-1"),
        fails("removed", "docker run -dit --name writer-1 -v app-data:/data busybox && docker rm -f writer-1"),
        wrong(
            "another image",
            "docker commit $(docker create --name @me-x busybox) @me-other && \
            docker run -dit --name writer-1 -v app-data:/data @me-other sh",
            "wrong-image",
        ),
        wrong(
            "another image of a like name",
            "docker commit $(docker create --name @me-x busybox) @me/busybox && \
            docker run -dit --name writer-1 -v app-data:/data @me/busybox sh",
            "wrong-image",
        ),
        fails("another name", "docker run -dit --name writer-2 -v app-data:/data busybox"),
        fails("another case of the name", "docker run -dit --name @me-Writer-1 -v app-data:/data busybox"),
        fails("a longer name", "docker run -dit --name writer-10 -v app-data:/data busybox"),
        fails("compose's name for it", "docker run -dit --name @me_writer-1_1 -v app-data:/data busybox"),
        fails("no name", "docker run -dit -v app-data:/data busybox"),
        fails("no mount", "docker run -dit --name writer-1 busybox"),
    ],
};

const WRITE: Table = Table {
    step: "write-from-writer-1",
    is_evidence: false,
    restore: "docker exec writer-1 sh -c 'rm -rf /data/* /file.txt' 2>/dev/null && docker inspect -f '{{.HostConfig.Binds}}' writer-1 | grep -q '^.[^ ]*:/data.$' || {
        docker rm -f writer-1; docker run -dit --name writer-1 -v app-data:/data busybox && docker exec writer-1 sh -c 'rm -rf /data/*'; }",
    rows: &[
        right("tee", "echo one_from_writer1 | docker exec -i writer-1 tee /data/file.txt"),
        right("tee -a", "echo one_from_writer1 | docker exec -i writer-1 tee -a /data/file.txt"),
        right("a document", "docker exec -i writer-1 sh -c 'cat > /data/file.txt' <<'END'\none_from_writer1\nEND"),
        right("in a shell inside", "docker exec -i writer-1 sh <<'END'\ncd /data\ncat > file.txt <<IN\none_from_writer1\nIN\nexit\nEND"),
        right("no end of line", "docker exec writer-1 sh -c 'printf one_from_writer1 > /data/file.txt'"),
        right("Windows line ends", r"docker exec writer-1 printf 'one_from_writer1\r\n' | docker exec -i writer-1 tee /data/file.txt"),
        right("blanks and blank lines", r#"docker exec writer-1 sh -c 'printf "\n\none_from_writer1  \n\n" > /data/file.txt'"#),
        right("other lines around it", r#"docker exec writer-1 sh -c 'printf "hello\none_from_writer1\nbye\n" > /data/file.txt'"#),
        right("with -w", "docker exec -w /data writer-1 sh -c 'echo one_from_writer1 > file.txt'"),
        right("copied into it", "echo one_from_writer1 > @me.txt; docker cp @me.txt writer-1:/data/file.txt"),
        right("and the container stopped then", "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt'; docker stop -t 0 writer-1"),
        right("and the container paused then", "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt'; docker pause writer-1"),
        right("the wrong text first", "docker exec writer-1 sh -c 'echo one > /data/file.txt; echo one_from_writer1 >/data/file.txt'"),
        right("moved there", "docker exec writer-1 sh -c 'cd /data; echo one_from_writer1 > f; mv f file.txt'"),
        right("through a link in the volume", "docker exec writer-1 sh -c 'cd /data; echo one_from_writer1 > f; ln -s f file.txt'"),
        right("hidden from one container by a mount over it", "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt'; \
            echo other > /tmp/app-data.txt; docker run -dit --name @me-x -v app-data:/data -v /tmp/app-data.txt:/data/file.txt busybox"),
        wrong("other text", "docker exec writer-1 sh -c 'echo one_from_writer-1 > /data/file.txt'", "other-content"),
        wrong("another case", "docker exec writer-1 sh -c 'echo One_from_writer1 > /data/file.txt'", "other-content"),
        wrong("more in the line", "docker exec writer-1 sh -c 'echo echo one_from_writer1 > /data/file.txt'", "other-content"),
        wrong("cut in two", r"docker exec writer-1 sh -c 'printf one_from_\\nwriter1 > /data/file.txt'", "other-content"),
        wrong("an empty file", "docker exec writer-1 touch /data/file.txt", "empty-file"),
        wrong("swallowed by cd", "docker exec writer-1 sh -c '> /data/file.txt echo'", "empty-file"),
        wrong("a directory of that name", "docker exec writer-1 mkdir -p /data/file.txt/one_from_writer1", "file-or-directory"),
        fails("another case of the file", "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/File.txt'"),
        fails("in the container's own layer", "docker exec writer-1 sh -c 'echo one_from_writer1 > /file.txt'"),
        fails("below the volume", "docker exec writer-1 sh -c 'mkdir /data/data; echo one_from_writer1 > /data/data/file.txt'"),
        fails("on the host", "docker exec writer-1 echo one_from_writer1 > /tmp/app-data.txt"),
        fails("all in quotes", "docker exec writer-1 echo 'one_from_writer1 > /data/file.txt'"),
        fails("one word", "docker exec writer-1 'echo one_from_writer1 > /data/file.txt'"),
        fails("no shell", "docker exec writer-1 echo one_from_writer1 '>' /data/file.txt"),
        fails("in the directory's place on the host", "mkdir /tmp/app-data; echo one_from_writer1 > /tmp/app-data/file.txt"),
        fails("in another volume", "docker run --rm -v @me-x:/data busybox sh -c 'echo one_from_writer1 > /data/file.txt'"),
        fails("removed again", "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt; rm /data/file.txt'"),
        wrong("a link out of the volume", "docker exec writer-1 sh -c 'echo one_from_writer1 > /file.txt; ln -s /file.txt /data/file.txt'",
            "file-or-directory"),
        fails("a mount over the file", "docker rm -f writer-1; echo one_from_writer1 > /tmp/app-data.txt; \
            docker run -dit --name writer-1 -v app-data:/data -v /tmp/app-data.txt:/data/file.txt busybox"),
        fails("a volume over the directory", "docker rm -f writer-1; \
            docker run -dit --name writer-1 -v app-data:/data --tmpfs /data/x busybox; \
            docker exec writer-1 sh -c 'echo one_from_writer1 > /data/x/file.txt'"),
    ],
};
