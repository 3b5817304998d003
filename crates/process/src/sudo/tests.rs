#![cfg(target_os = "linux")]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use super::*;

/// A user whom no system has.
const UID: u32 = 64_001;

fn user() -> User {
    let invoker = Invoker::of_passwd(UID, "lrsudo:x:64001:64002::/nonexistent:/bin/sh\n", "64002 64003\n");
    let invoker = invoker.expect("a user");
    let roots = ids::Ids::of_this_thread().expect("groups");
    User { theirs: ids::Ids::of(&invoker), roots, invoker }
}

/// Works on a thread of its own: the ids that it leaves behind end with it.
fn apart<T: Send>(work: impl FnOnce(&User) -> T + Send) -> T {
    assert!(geteuid().is_root(), "these tests become another user: sudo make test, or run them as root");
    let user = user();
    std::thread::scope(|threads| threads.spawn(|| work(&user)).join().expect("it ends"))
}

fn said(program: &str, arguments: &[&str]) -> String {
    let said = Command::new(program).args(arguments).output().expect("it runs");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

#[test]
fn files_are_the_users_and_roots_are_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).expect("opened");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("secret"), "root's").expect("written");
    std::fs::set_permissions(at("secret"), PermissionsExt::from_mode(0o600)).expect("closed");
    apart(|user| {
        user.step_down().expect("it is them");
        std::fs::write(at("theirs"), "").expect("written");
        assert!(std::fs::read(at("secret")).is_err() && std::fs::write(at("secret"), "").is_err());
        assert!(user.step_up());
        assert_eq!(std::fs::read_to_string(at("secret")).expect("read"), "root's");
        std::fs::write(at("roots"), "").expect("written");
        user.step_down().expect("it is them again");
        assert!(std::fs::read(at("secret")).is_err());
    });
    let owner = |name: &str| std::fs::metadata(at(name)).map(|of| (of.uid(), of.gid())).expect("there");
    assert_eq!((owner("theirs"), owner("roots").0), ((UID, 64_002), 0));
    assert!(geteuid().is_root(), "the other threads are as they were");
}

#[test]
fn programs_get_no_way_back_to_root() {
    apart(|user| {
        user.step_down().expect("it is them");
        assert_eq!(said("id", &["-u"]), UID.to_string());
        assert_eq!(said("id", &["-ru"]), UID.to_string());
        assert_eq!(said("id", &["-G"]), "64002 64003");
        let ids = said("sh", &["-c", "grep -E '^(Uid|Gid|CapEff|CapPrm):' /proc/self/status"]);
        let fields: Vec<&str> = ids.split_whitespace().filter(|field| !field.ends_with(':')).collect();
        let (uids, gids, none) = (["64001"; 4], ["64002"; 4], ["0000000000000000"; 2]);
        assert_eq!(fields, [&uids[..], &gids[..], &none[..]].concat(), "{ids}");
        let back = Command::new("setpriv").args(["--reuid=0", "--", "true"]).output().expect("it runs");
        assert!(!back.status.success());
        assert!(user.step_up());
        assert_eq!(said("id", &["-u"]), "0");
        assert_eq!(said("id", &["-ru"]), "0");
    });
}

#[test]
fn a_new_thread_is_the_users_and_can_become_root() {
    apart(|user| {
        user.step_down().expect("it is them");
        std::thread::scope(|threads| {
            let ids = threads.spawn(|| (geteuid().as_raw(), user.step_up(), geteuid().as_raw()));
            assert_eq!(ids.join().expect("it ends"), (UID, true, 0));
        });
        assert_eq!(geteuid().as_raw(), UID, "a thread's ids are its own");
    });
}
