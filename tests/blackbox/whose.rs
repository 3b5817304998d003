//! Whose something is: what another person made under a name of the lab's, or made in place of what was listed, is not
//! removed without a question of its own.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::harness::{Learner, Made, Said};
use crate::liar::Liar;

/// What is there: the labels of a volume or container, or nothing.
fn there(learner: &Learner, kind: &str, name: &str) -> bool {
    learner.tries(&format!("docker {kind} inspect {name}")).code == 0
}

#[test]
fn reset_and_catchup_leave_what_carries_foreign_labels() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("mount-in-writer-1");
    // Another person's things under the lab's names, made after the start.
    let _made = [Made("container", learner.named("writer-1")), Made("container", learner.named("writer-2"))];
    learner.types("docker run -d --name writer-1 --label team=blue busybox sleep 600");
    let compose = "--label com.docker.compose.project=bobs --label com.docker.compose.project.working_dir=/home/bob";
    learner.types(&format!("docker create --name writer-2 {compose} busybox true"));
    for arguments in [&["catchup", "3", "--yes"][..], &["reset", "--yes"]] {
        let said = learner.labrun(arguments);
        assert_eq!(said.code, 4, "{arguments:?} {said:?}");
        // Lines are broken where the terminal ends.
        let told = (said.out + &said.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("it has the label team=blue, which this lab does not set"), "{told}");
        assert!(there(&learner, "container", "writer-1") && there(&learner, "container", "writer-2"), "{told}");
    }
    // What is the lab's beyond doubt is gone, and what was left is listed again.
    assert!(!there(&learner, "volume", "app-data"));
    let (code, report) = learner.json(&["reset", "--yes"]);
    assert_eq!((code, &report["ended"]), (4, &false.into()), "{report}");
    let failed = report["failed"].as_array().expect("a list");
    assert_eq!(failed.len(), 2, "{report}");
    assert!(report.to_string().contains("it belongs to the compose project bobs in /home/bob"), "{report}");
    learner.types("docker rm -f writer-1 writer-2");
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
}

#[test]
fn a_folder_that_another_user_made_is_left() {
    let learner = Learner::in_lab("docker-volumes");
    let path = format!("/tmp/{}-dind", learner.name);
    fs::create_dir(&path).expect("made");
    fs::write(Path::new(&path).join("file"), "another user's").expect("written");
    std::os::unix::fs::chown(&path, Some(65_534), None).expect("only root can give it away: run this as root");
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains("it belongs to the user nobody"), "{}", said.out);
    assert!(Path::new(&path).join("file").exists());
    std::os::unix::fs::chown(&path, Some(0), None).expect("given back");
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
}

#[test]
fn labels_of_an_image_and_of_the_lab_raise_no_doubt() {
    let learner = Learner::in_lab("production-practice");
    let n = &learner.name;
    let image = Made("image", format!("{n}-labeled"));
    let temporary = Made("container", format!("{n}-temporary"));
    learner.types(&format!("docker create --name {} busybox true", temporary.1));
    learner.types(&format!("docker commit --change 'LABEL team=blue' {} {}", temporary.1, image.1));
    learner.types(&format!("docker create --name {n}-ledger-app {} true", image.1));
    learner.types(&format!("docker volume create --label owner=bob --label backup=never {n}-ledger-data"));
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!there(&learner, "container", &format!("{n}-ledger-app")));
    assert!(!there(&learner, "volume", &format!("{n}-ledger-data")));
}

/// An engine that does something when the list of what `reset` would remove has been made and is about to be worked off.
fn meanwhile(learner: &Learner, act: impl Fn() + Send + Sync + 'static) -> Liar {
    let once = std::sync::Once::new();
    // The holders are asked for after the list.
    Liar::start(learner.home.path(), move |path, _| {
        if path.contains("/containers/json") {
            once.call_once(&act);
        }
        None
    })
}

fn reset_through(learner: &Learner, liar: &Liar) -> Said {
    learner.command(&["reset", "--yes"]).env("DOCKER_HOST", liar.host()).output().expect("labrun runs").into()
}

#[test]
fn a_volume_replaced_after_it_was_listed_stays() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let volume = learner.named("app-data");
    let liar = meanwhile(&learner, move || {
        for arguments in [
            &["volume", "rm", &volume][..],
            &["volume", "create", &volume],
            &["run", "--rm", "-v", &format!("{volume}:/d"), "busybox", "sh", "-c", "echo precious > /d/file"],
        ] {
            let done = std::process::Command::new("docker").args(arguments).output();
            assert!(done.is_ok_and(|done| done.status.success()), "{arguments:?}");
        }
    });
    let said = reset_through(&learner, &liar);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains("it was replaced after it was listed"), "{}", said.out);
    assert_eq!(learner.types("docker run --rm -v app-data:/d busybox cat /d/file"), "precious\n");
}

#[test]
fn a_folder_replaced_after_it_was_listed_stays() {
    for replace in [
        // Mostly the same inode number again.
        |path: &Path| fs::remove_dir_all(path).and_then(|()| fs::create_dir(path)),
        |path: &Path| fs::rename(path, path.with_extension("old")).and_then(|()| fs::create_dir(path)),
        |path: &Path| fs::remove_dir_all(path).and_then(|()| fs::write(path, "a file now")),
    ] {
        let learner = Learner::in_lab("docker-volumes");
        let path = format!("/tmp/{}-dind", learner.name);
        fs::create_dir(&path).expect("made");
        let replaced = path.clone();
        let liar = meanwhile(&learner, move || replace(Path::new(&replaced)).expect("replaced"));
        let said = reset_through(&learner, &liar);
        assert_eq!(said.code, 4, "{said:?}");
        assert!(said.out.contains("it was replaced after it was listed"), "{}", said.out);
        assert!(Path::new(&path).exists());
        let _ = fs::remove_dir_all(Path::new(&path).with_extension("old"));
        assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0, "a new list has it");
        assert!(!Path::new(&path).exists());
    }
}

#[test]
fn a_path_stays_while_something_made_from_it_is_there() {
    let learner = Learner::in_lab("docker-volumes");
    let n = &learner.name;
    let path = format!("/tmp/{n}-dind");
    fs::create_dir(&path).expect("made");
    fs::write(Path::new(&path).join("compose.yaml"), "services: {}\n").expect("written");
    // A compose stack as people write it, without names; and a container that mounts what is in the folder.
    let project = format!("{n}-dind");
    let labels =
        format!("--label com.docker.compose.project={project} --label com.docker.compose.project.working_dir={path}");
    let made = [
        Made("container", format!("{project}_web_1")),
        Made("volume", format!("{project}_data")),
        Made("container", format!("{n}-reader")),
    ];
    learner.types(&format!("docker create --name {project}_web_1 {labels} busybox true"));
    learner.types(&format!("docker volume create --label com.docker.compose.project={project} {project}_data"));
    learner.types(&format!("docker create --name {n}-reader -v {path}/compose.yaml:/c:ro busybox true"));
    for left in [3, 2, 1] {
        let said = learner.labrun(&["reset", "--yes"]);
        assert_eq!(said.code, 4, "{said:?}");
        for (number, Made(_, name)) in made.iter().enumerate() {
            let is_left = number >= 3 - left;
            assert_eq!(said.out.matches(name.as_str()).count() > 0, is_left, "{name}: {}", said.out);
        }
        assert!(Path::new(&path).join("compose.yaml").exists(), "compose needs it to remove the rest");
        let Made(kind, name) = &made[3 - left];
        learner.types(&format!("docker {kind} rm {name}"));
    }
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!Path::new(&path).exists());
}

#[test]
fn a_person_at_a_terminal_is_asked_about_each_doubt() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let learner = Learner::in_lab("docker-volumes");
    let _made = Made("container", learner.named("writer-1"));
    learner.types("docker create --name writer-1 --label team=blue busybox true");
    learner.types("docker volume create app-data");
    for (answers, stays) in [("y\nn\n", true), ("y\n", false)] {
        let pty =
            native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_labrun"));
        command.args(if stays { &["reset"][..] } else { &["reset", "--yes"] });
        command.env("LABRUN_HOME", learner.home.path());
        command.env("LABRUN_AS", &learner.name);
        let mut child = pty.slave.spawn_command(command).expect("it runs");
        pty.master.take_writer().expect("a keyboard").write_all(answers.as_bytes()).expect("typed");
        assert!(child.wait().expect("it ends").success());
        assert_eq!(there(&learner, "container", "writer-1"), stays);
        if stays {
            assert!(!there(&learner, "volume", "app-data"));
            let said: Said = learner
                .command(&["start", "docker-volumes", "--no-shell"])
                .stderr(Stdio::piped())
                .output()
                .expect("labrun runs")
                .into();
            assert_eq!(said.code, 4, "the lab has ended, and the name is another person's: {said:?}");
            learner.types("docker rm writer-1");
            assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
            learner.types("docker create --name writer-1 --label team=blue busybox true");
        }
    }
}

#[test]
fn a_path_stays_while_a_renamed_compose_project_needs_it() {
    // The stack is down, and its volume has only the project's name.
    for (file, text, project) in [
        ("compose.yaml", "name: %-stock\nservices: {}\n", "%-stock"),
        ("other.yml", "services: {}\n", "%-dind"),
        ("%-till/docker-compose.yml", "services: {}\n", "%-till"),
        (".env", "COMPOSE_PROJECT_NAME=%-env\n", "%-env"),
    ] {
        let learner = Learner::in_lab("docker-volumes");
        let mine = |text: &str| text.replace('%', &learner.name);
        let file = Path::new(&mine("/tmp/%-dind")).join(mine(file));
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(&file, mine(text)).expect("written");
        let (volume, project) = (Made("volume", mine(&format!("{project}_data"))), mine(project));
        learner.types(&format!("docker volume create --label com.docker.compose.project={project} {}", volume.1));
        let said = learner.labrun(&["reset", "--yes"]);
        assert_eq!(said.code, 4, "{project}: {said:?}");
        assert!(said.out.contains(&volume.1) && file.exists(), "{}", said.out);
        drop(volume);
        assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
    }
}
