use super::{Running, runs};

const LS: &str = "docker volume ls";
const INSPECT: &str = "docker volume inspect app-data";

#[test]
fn these_lines_run_the_command() {
    for (line, wanted) in [
        ("docker volume ls", LS),
        ("docker volume list", LS),
        ("docker volume ls -q", LS),
        ("docker volume ls -qf dangling=true", LS),
        ("docker volume ls -qf dangling=true", "docker volume ls --filter dangling=true"),
        ("docker volume ls --filter=label=x -f dangling=true", "docker volume ls -f dangling=true -f label=x"),
        ("docker --context x volume ls -q", LS),
        ("docker -H tcp://h:1 volume ls", LS),
        ("docker -D volume ls", LS),
        ("docker --log-level=debug volume ls", LS),
        ("sudo docker volume ls", LS),
        ("sudo -E docker volume ls", LS),
        ("sudo -u root docker volume ls", LS),
        ("env X=1 docker volume ls", LS),
        ("DOCKER_HOST=x docker volume ls", LS),
        ("command docker volume ls", LS),
        ("time docker volume ls", LS),
        ("/usr/bin/docker volume ls", LS),
        ("docker.exe volume ls", LS),
        ("winpty docker volume ls", LS),
        ("podman volume ls", LS),
        ("cd x && docker volume ls | grep app", LS),
        ("docker volume inspect $(docker volume ls -q)", LS),
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
        assert_eq!(runs(line, wanted), Running::Runs, "{line} is {wanted}");
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
        ("docker $what ls", LS),
        ("$docker volume ls", LS),
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
        assert_eq!(runs(line, wanted), Running::DoesNot, "{line} is not {wanted}");
    }
}

#[test]
fn of_these_lines_it_cannot_be_told() {
    for (line, wanted) in [
        ("docker rm x || docker volume ls", LS),
        ("docker volume ls || docker volume inspect app-data", INSPECT),
        ("docker rm x || sh -c 'docker volume ls'", LS),
        ("sudo -i", LS),
        ("bash", INSPECT),
        ("docker volume inspect \"$v\"", INSPECT),
        ("docker volume inspect app-$x", INSPECT),
        ("docker volume inspect $(docker volume ls -q)", INSPECT),
        ("docker volume ls -q | xargs docker volume inspect", INSPECT),
    ] {
        assert_eq!(runs(line, wanted), Running::May, "{line} may be {wanted}");
    }
    let after = runs("docker rm x || echo; docker volume ls", LS);
    assert_eq!(after, Running::Runs, "what comes after both is run");
}
