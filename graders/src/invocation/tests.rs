use super::runs;
use crate::shell::Ended;
use crate::trace::Doubt::{Function, Hidden, OtherEngine, Perhaps, Shell, Unknowable, Unseen};
use crate::trace::Trace::{Absent, Done, Otherwise, Unclear};
use crate::trace::{Aim, Trace};

const LS: &str = "docker volume ls";
const INSPECT: &str = "docker volume inspect app-data";

/// What a line proves that ended with this code, where the output is to be seen.
fn ended_with(code: i64, line: &str, wanted: &str) -> Trace {
    runs(line, wanted, &Ended::with(code), Aim { refusal: false, shown: true, content: false })
}

#[test]
fn these_lines_run_the_command() {
    for (line, wanted) in [
        ("docker volume ls", LS),
        ("docker volume list", LS),
        ("docker volume ls -q", LS),
        ("docker volume ls -qf dangling=true", LS),
        ("docker volume ls -qf dangling=true", "docker volume ls --filter dangling=true"),
        ("docker volume ls -f dangling=1", "docker volume ls --filter dangling=true"),
        ("docker volume ls -q --filter dangling=0", "docker volume ls --filter dangling=false"),
        ("docker volume ls --filter=label=x -f dangling=true", "docker volume ls -f dangling=true -f label=x"),
        ("docker -D volume ls", LS),
        ("docker --log-level=debug volume ls", LS),
        ("sudo docker volume ls", LS),
        ("sudo -E docker volume ls", LS),
        ("sudo -u root docker volume ls", LS),
        ("env X=1 docker volume ls", LS),
        ("command docker volume ls", LS),
        ("time docker volume ls", LS),
        ("/usr/bin/docker volume ls", LS),
        ("docker.exe volume ls", LS),
        ("winpty docker volume ls", LS),
        ("podman volume ls", LS),
        ("sh -c 'docker volume ls'", LS),
        ("docker volume inspect app-data", INSPECT),
        ("docker volume inspect 'app-data'", INSPECT),
        ("docker volume inspect -f '{{.Mountpoint}}' app-data", INSPECT),
        ("docker volume inspect app-data --format '{{.Name}}'", INSPECT),
        ("docker volume inspect a app-data b", INSPECT),
        ("docker volume inspect -- app-data", INSPECT),
        ("docker inspect app-data", INSPECT),
        ("docker inspect --type volume app-data", INSPECT),
        ("docker inspect --type=volume -f '{{.Name}}' app-data", INSPECT),
        ("docker volume inspect app-data", "docker inspect app-data"),
        ("docker ps -a", "docker container ls"),
        ("docker container list", "docker ps"),
        ("docker container ps -n 3", "docker ps"),
        ("docker rm -f web", "docker container rm web"),
        ("docker container remove web", "docker rm web"),
        ("docker rm -fv web", "docker rm web"),
        ("docker images -a alpine", "docker image ls alpine"),
        ("docker image list", "docker images"),
        ("docker image rm -f alpine", "docker rmi alpine"),
        ("docker volume rm -f app-data", "docker volume remove app-data"),
        ("docker exec -it web sh", "docker container exec web sh"),
        ("docker exec -u 0 -w /x -it web ls --help", "docker exec web ls"),
        ("docker run --rm -it -v a:/b --name c alpine cat /b/f", "docker container run alpine cat"),
        ("docker run -h name alpine", "docker run alpine"),
        ("docker logs -f --tail 5 web", "docker container logs web"),
        ("docker stop -t 1 web", "docker stop web"),
        ("docker compose -f x.yml up -d web", "docker compose up web"),
        ("docker-compose up -d", "docker compose up"),
        ("docker compose up --build -d web", "docker compose up web"),
        ("docker system prune -af --volumes", "docker system prune"),
        ("docker start -ai web", "docker start web"),
        ("docker network create -d bridge --internal net", "docker network create net"),
        ("docker build -t x .", "docker image build ."),
        ("docker run -d nginx", "docker run -d nginx"),
        ("docker info", "docker system info"),
        ("cat -n a b", "cat b"),
    ] {
        assert_eq!(ended_with(0, line, wanted), Done, "{line} is {wanted}");
    }
}

#[test]
fn these_lines_do_not_run_it() {
    for (line, wanted) in [
        ("", LS),
        ("docker", LS),
        ("docker volume", LS),
        ("docker volume lsx", LS),
        ("docker volumes ls", LS),
        ("docker network ls", LS),
        ("docker ls", LS),
        ("docker list", LS),
        ("docker volume ls --help", LS),
        ("docker --help volume ls", LS),
        ("docker volume ls -h", LS),
        ("docker help volume ls", LS),
        ("docker --version volume ls", LS),
        ("docker --context volume ls", LS),
        ("echo docker volume ls", LS),
        ("echo 'docker volume ls'", LS),
        ("# docker volume ls", LS),
        ("ls # docker volume ls", LS),
        ("true || docker volume ls", LS),
        ("false && docker volume ls", LS),
        ("man docker volume ls", LS),
        ("docker exec web docker volume ls", LS),
        ("command -v docker volume ls", LS),
        ("cat <<E\ndocker volume ls\nE", LS),
        ("dockerd volume ls", LS),
        ("docker volume inspect", INSPECT),
        ("docker volume inspect app-data2", INSPECT),
        ("docker volume inspect app", INSPECT),
        ("docker volume inspect -f app-data other", INSPECT),
        ("docker volume inspect --format app-data other", INSPECT),
        ("docker inspect --type container app-data", INSPECT),
        ("docker container inspect app-data", INSPECT),
        ("docker volume rm app-data", INSPECT),
        ("docker volume ls app-data", INSPECT),
        ("docker run --name alpine busybox", "docker run alpine"),
        ("docker run nginx", "docker run -d nginx"),
        ("docker volume ls -f dangling=false", "docker volume ls -f dangling=true"),
        ("docker rm web", "docker rmi web"),
        ("docker image ls", "docker ps"),
        ("docker cp b a", "docker cp a b"),
        ("docker stop -t web 1", "docker stop web"),
        ("docker volume ls", ""),
        ("docker volume ls", "docker volume ls \"$x\""),
    ] {
        assert_eq!(ended_with(0, line, wanted), Absent, "{line} is not {wanted}");
    }
}

#[test]
fn these_lines_prove_nothing() {
    for (doubt, line, wanted) in [
        (Perhaps, "docker rm x || docker volume ls", LS),
        (Perhaps, "docker volume ls || docker volume inspect app-data", INSPECT),
        (Hidden, "docker rm x || sh -c 'docker volume ls'", LS),
        (Perhaps, "if docker ps; then docker volume ls; fi", LS),
        (Perhaps, "while docker ps; do docker volume ls; done", LS),
        (Perhaps, "for i in $list; do docker volume ls; done", LS),
        (Perhaps, "case $x in a) docker volume ls;; esac", LS),
        (Perhaps, "f() { docker volume ls; }; f", LS),
        (Perhaps, "exit 0; docker volume ls", LS),
        (Perhaps, "sh -c 'exit 0; docker volume ls'", LS),
        (Perhaps, "[ -n \"$x\" ] && exit; docker volume ls", LS),
        (Perhaps, "return && docker volume ls", LS),
        (Shell, "sudo -i", LS),
        (Shell, "bash", INSPECT),
        (Shell, "sudo su", INSPECT),
        (Unknowable, "docker volume inspect \"$v\"", INSPECT),
        (Unknowable, "docker volume inspect app-$x", INSPECT),
        (Unknowable, "docker volume inspect $(docker volume ls -q)", INSPECT),
        (Unknowable, "docker volume ls -q | xargs docker volume inspect", INSPECT),
        (Unknowable, "docker $what ls", LS),
        (Unknowable, "$docker volume ls", LS),
        (Unknowable, "$command", LS),
        (Unknowable, "eval \"$command\"", LS),
        (Hidden, "docker volume ls || true", LS),
        (Hidden, "docker volume ls; true", LS),
        (Hidden, "docker volume ls\ntrue", LS),
        (Hidden, "docker volume ls & wait", LS),
        (Hidden, "docker volume ls &", LS),
        (Hidden, "docker volume ls | cat", LS),
        (Hidden, "cd x && docker volume ls | grep app", LS),
        (Hidden, "docker volume inspect $(docker volume ls -q)", LS),
        (Hidden, "echo \"$(docker volume ls)\"", LS),
        (Hidden, "if docker volume ls; then :; fi", LS),
        (Hidden, "until docker volume ls; do sleep 1; done; true", LS),
        (Hidden, "(docker volume ls); true", LS),
        (Hidden, "{ docker volume ls; true; }", LS),
        (Hidden, "{ docker volume ls || true; } && docker ps", LS),
        (Hidden, "sh -c 'docker volume ls; true'", LS),
        (Hidden, "sh -c 'docker volume ls || :'", LS),
        (Hidden, "sudo bash -c \"docker volume ls | cat\"", LS),
        (Unseen, "docker volume ls > /dev/null", LS),
        (Unseen, "docker volume ls >list.txt", LS),
        (Unseen, "docker volume ls &> /dev/null", LS),
        (Unseen, "docker volume ls 2>&1 >/dev/null", LS),
        (Unseen, "docker volume ls >&-", LS),
        (Unseen, "{ docker volume ls; } > /dev/null", LS),
        (Unseen, "(docker ps; docker volume ls) >> log", LS),
        (Unseen, "sh -c 'docker volume ls' > /dev/null", LS),
        (Unseen, "sh -c 'docker volume ls > /dev/null'", LS),
        (OtherEngine, "docker --context x volume ls -q", LS),
        (OtherEngine, "docker -c x volume ls", LS),
        (OtherEngine, "docker -H tcp://h:1 volume ls", LS),
        (OtherEngine, "docker --host=tcp://h:1 volume ls", LS),
        (OtherEngine, "DOCKER_HOST=x docker volume ls", LS),
        (OtherEngine, "DOCKER_CONTEXT=x docker volume ls", LS),
        (OtherEngine, "env DOCKER_HOST=x docker volume ls", LS),
        (OtherEngine, "sudo DOCKER_HOST=x docker volume ls", LS),
        (OtherEngine, "export DOCKER_HOST=x && docker volume ls", LS),
        (OtherEngine, "unset DOCKER_HOST; docker volume ls", LS),
        (OtherEngine, "set -gx DOCKER_HOST x; docker volume ls", LS),
        (OtherEngine, "docker context use x && docker volume ls", LS),
        (OtherEngine, "DOCKER_HOST=x sh -c 'docker volume ls'", LS),
        (OtherEngine, "sh -c 'export DOCKER_HOST=x; docker volume ls'", LS),
        (OtherEngine, "eval $(minikube docker-env); docker volume ls", LS),
    ] {
        assert_eq!(ended_with(0, line, wanted), Unclear(doubt), "{line} may be {wanted}");
    }
    assert!(Unclear(Function) > Otherwise, "a doubt is better than a failure");
}

#[test]
fn these_compound_lines_prove_it() {
    for line in [
        "docker ps && docker volume ls",
        "docker volume ls && docker ps && true",
        "docker ps; docker volume ls",
        "docker rm x || echo; docker volume ls",
        "docker ps | cat; docker volume ls",
        "docker volume ls || false",
        "false || docker volume ls",
        "true && docker volume ls",
        "(docker ps; docker volume ls)",
        "{ docker volume ls; } && docker ps",
        "if true; then docker volume ls; fi",
        "if false; then :; elif true; then docker volume ls; fi",
        "for i in 1 2; do docker volume ls; done",
        "! ! docker volume ls",
        "docker ps; and docker volume ls",
        "docker ps & docker volume ls",
        "begin; docker ps; docker volume ls; end",
        "test -f x || exit 1; docker volume ls",
        "docker volume ls 2> /dev/null",
        "docker volume ls > /dev/stdout",
        "docker volume ls >&2",
        "docker volume ls > /dev/tty",
        "docker ps >/dev/null && docker volume ls",
        "eval docker volume ls",
        "eval 'docker volume ls'",
        "export EDITOR=vi; docker volume ls",
        "docker context ls && docker volume ls",
    ] {
        assert_eq!(ended_with(0, line, LS), Done, "{line}");
    }
    for line in [
        "if false; then docker volume ls; fi",
        "if true; then :; else docker volume ls; fi",
        "while false; do docker volume ls; done",
        "until true; do docker volume ls; done",
        "f() { docker volume ls; }",
        "f() ( docker volume ls )",
        "function f { docker volume ls; }",
        "function f() {\n docker volume ls\n}",
        "function f\n docker volume ls\nend",
        "sh -c 'if false; then docker volume ls; fi'",
        "sh -c 'f() { docker volume ls; }'",
        "true; or docker volume ls",
    ] {
        assert_eq!(ended_with(0, line, LS), Absent, "{line}");
    }
}

#[test]
fn a_pipelines_own_codes_prove_its_parts() {
    let ended = |codes: &[i64], line: &str| {
        let code = codes.last().copied().unwrap_or_default();
        runs(line, LS, &Ended::with(code).of_pipeline(codes), Aim { refusal: false, shown: true, content: false })
    };
    assert_eq!(ended(&[0, 0], "docker volume ls | grep app"), Done);
    assert_eq!(ended(&[0, 0], "cd x && docker volume ls | grep app"), Done);
    assert_eq!(ended(&[0, 0, 0], "docker volume ls | sort | head -n 2"), Done);
    assert_eq!(ended(&[0, 0], "docker volume ls | tee list.txt"), Done);
    assert_eq!(ended(&[1, 0], "docker volume ls | cat"), Otherwise);
    assert_eq!(ended(&[141, 0], "docker volume ls | head -n 1"), Unclear(Hidden));
    // Nothing of it was shown.
    for line in ["docker volume ls | true", "docker volume ls | grep -q app", "docker volume ls | wc -l"] {
        assert_eq!(ended(&[0, 0], line), Unclear(Unseen), "{line}");
    }
    for line in ["docker volume ls | head -n 0", "docker volume ls | cat > list.txt", "docker volume ls | cat other"] {
        assert_eq!(ended(&[0, 0], line), Unclear(Unseen), "{line}");
    }
    assert_eq!(ended(&[0, 1], "docker volume ls | grep nothing"), Unclear(Unseen));
    // They are those of another pipeline.
    assert_eq!(ended(&[0, 0], "docker volume ls | cat; true"), Unclear(Hidden));
    assert_eq!(ended(&[0, 0], "docker volume ls | cat || true"), Unclear(Hidden));
    assert_eq!(ended(&[0, 0, 0], "docker volume ls | cat"), Unclear(Hidden));
}

#[test]
fn what_failed_is_known_only_where_its_code_is() {
    for line in [
        "docker volume ls",
        "docker ps; docker volume ls",
        "docker ps && docker volume ls",
        "docker volume ls || docker ps",
        "docker volume ls && true",
        "sh -c 'docker volume ls'",
        "docker ps || docker volume ls",
    ] {
        assert_eq!(ended_with(1, line, LS), Otherwise, "{line}");
    }
    for (doubt, line) in [
        (Hidden, "docker volume ls; docker ps"),
        (Hidden, "docker volume ls && docker ps"),
        (Hidden, "docker volume ls | grep x"),
        (Hidden, "docker volume ls; false"),
        (Hidden, "sh -c 'docker volume ls; exit 1'"),
    ] {
        assert_eq!(ended_with(1, line, LS), Unclear(doubt), "{line}");
    }
    assert_eq!(ended_with(0, "! docker volume ls", LS), Otherwise);
    assert_eq!(ended_with(0, "not docker volume ls", LS), Otherwise);
}

#[test]
fn a_refusal_is_proved_by_its_own_code() {
    const RM: &str = "docker volume rm app-data";
    let refused =
        |code: i64, line: &str| runs(line, RM, &Ended::with(code), Aim { refusal: true, shown: true, content: false });
    for line in [
        "docker volume rm app-data",
        "docker ps; docker volume rm app-data",
        "docker volume rm app-data || docker volume rm -f app-data",
        "sudo docker volume rm app-data",
    ] {
        assert_eq!(refused(1, line), Done, "{line}");
    }
    assert_eq!(refused(0, "! docker volume rm app-data"), Done);
    assert_eq!(refused(0, "docker volume rm app-data"), Otherwise);
    assert_eq!(refused(0, "docker ps && docker volume rm app-data"), Otherwise);
    for (code, doubt, line) in [
        (0, Hidden, "docker volume rm app-data; docker ps -a"),
        (0, Hidden, "docker volume rm app-data || true"),
        (0, Hidden, "docker volume rm app-data || echo refused"),
        (0, Hidden, "docker volume rm app-data | cat"),
        (1, Hidden, "docker volume rm app-data; false"),
        (1, Hidden, "docker volume rm app-data && docker ps"),
        (1, Perhaps, "docker ps && docker volume rm app-data"),
        (1, Unseen, "docker volume rm app-data 2> /dev/null"),
        (1, Unseen, "docker volume rm app-data &> log"),
    ] {
        assert_eq!(refused(code, line), Unclear(doubt), "{line}");
    }
}
