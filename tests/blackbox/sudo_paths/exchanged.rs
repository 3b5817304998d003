//! Folders and links that a second user exchanges in a loop, while `sudo labrun` works there.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Try;

/// A process of the user's that exchanges folders and links until it is dropped.
struct Swapper(Child);

impl Swapper {
    /// Renames what is at `path` and puts a link to root's folder in its place, over and over.
    fn of(tried: &Try, path: &str) -> Self {
        let script = format!(
            "my ($p, $r) = (glob('{path}'), '{}'); my $end = time + 120; \
             while (time < $end) {{ rename $p, \"$p.mine\"; symlink $r, $p; select undef, undef, undef, rand 0.002; \
             unlink $p; rename \"$p.mine\", $p; select undef, undef, undef, rand 0.002; }}",
            tried.canaries.path().display()
        );
        Self::runs(tried, &script)
    }

    /// Puts links to root's folder in place of every folder of a practice shell that appears in `folder`.
    fn of_runtime(tried: &Try, folder: &str) -> Self {
        let script = format!(
            "my ($d, $r, $n) = (glob('{folder}'), '{}', 0); my $end = time + 120; \
             while (time < $end) {{ for my $p (glob \"$d/labrun-*\") {{ next if -l $p; $n++; \
             rename $p, \"$d/mine-$n\" and symlink $r, $p; }} }}",
            tried.canaries.path().display()
        );
        Self::runs(tried, &script)
    }

    fn runs(tried: &Try, script: &str) -> Self {
        let mut command = tried.user.command(&["perl", "-e", script]);
        Self(command.stdin(Stdio::null()).spawn().expect("perl runs"))
    }
}

impl Drop for Swapper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn folders_exchanged_in_a_loop_do_no_harm() {
    let tried = Try::new();
    for (at, line) in [
        (
            "~/.local",
            "rm -rf ~/.local/share; sudo LABRUN start docker-volumes --no-shell; sudo LABRUN check; sudo LABRUN hint",
        ),
        (
            "~/.local/share/labrun",
            "sudo LABRUN start docker-volumes --no-shell; sudo LABRUN catchup 2 --yes; sudo LABRUN reset --yes",
        ),
        (
            "~/out",
            "sudo LABRUN report --force -o ~/out/report.html; sudo labrun new ~/out/labs/mine; sudo labrun man --all ~/out/man",
        ),
        (
            "~/out/cli-plugins",
            "sudo DOCKER_CONFIG=$HOME/out labrun plugin install; sudo DOCKER_CONFIG=$HOME/out labrun plugin remove",
        ),
    ] {
        tried.run("rm -rf ~/out* ~/.local*; mkdir -p $DATA ~/out/cli-plugins ~/tmp");
        let swapper = match at.strip_suffix("/labrun-*") {
            Some(above) => Swapper::of_runtime(&tried, above),
            None => Swapper::of(&tried, at),
        };
        let begun = Instant::now();
        for _ in 0..12 {
            tried.run(line);
            if begun.elapsed() > Duration::from_secs(8) {
                break;
            }
        }
        drop(swapper);
    }
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{PathBuf, PermissionsExt, Swapper, Try};

    #[test]
    fn a_runtime_folder_exchanged_in_time_does_no_harm() {
        let tried = Try::new();
        tried.begin();
        tried.run("mkdir ~/run");
        let swapper = Swapper::of_runtime(&tried, "~/run");
        for _ in 0..4 {
            tried.run("timeout 3 sudo XDG_RUNTIME_DIR=$HOME/run LABRUN start docker-volumes </dev/null");
            tried.run(
                "timeout 3 script -qec 'sudo XDG_RUNTIME_DIR=$HOME/run LABRUN start docker-volumes' /dev/null </dev/null",
            );
        }
        drop(swapper);
    }

    #[test]
    fn a_removal_follows_no_folder_exchanged_under_it() {
        let tried = Try::new();
        let owned = PathBuf::from(format!("/tmp/{}-dind", tried.user.learner.name));
        for _ in 0..3 {
            tried.begin();
            let caught_up = tried.run("sudo LABRUN catchup write-through-bind --yes");
            assert_eq!(caught_up.code, 0, "{caught_up:?}");
            // As a container leaves them: root's, and closed to the user, who may only rename them.
            for number in 0..200 {
                let folder = owned.join(format!("sub-{number}"));
                std::fs::create_dir(&folder).expect("made");
                std::fs::write(folder.join("kept"), "of a container").expect("written");
                std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).expect("closed");
            }
            let swappers =
                [0, 66, 133, 199].map(|number| Swapper::of(&tried, &format!("{}/sub-{number}", owned.display())));
            let reset = tried.run("sudo LABRUN reset --yes");
            drop(swappers);
            tried.canaries.assert_unchanged("the end of the exchange");
            // What was exchanged in the middle may stay, and is removed by another removal.
            assert!(reset.code == 0 || reset.err.contains("dind") || reset.out.contains("dind"), "{reset:?}");
            let again = tried.run("sudo LABRUN reset --yes");
            assert!(!owned.exists(), "{reset:?} {again:?}");
        }
    }
}
