//! The journal: which commands ran where, and how they ended.

use labrun_graders::evidence::{Argv, Entry, Exec, Gap, Journal, OWN_LABEL, Run};

use crate::story::{self, event, exec, mounted, ran, seen};

fn journal(entries: Vec<Entry>) -> Journal {
    Journal { entries, ..Journal::default() }
}

fn known(argv: &[&str]) -> Argv {
    Argv::Known(argv.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn an_exec_is_put_together_from_its_start_and_its_end() {
    let argv = ["sh", "-c", "cat /x"];
    let whole = Exec {
        container: "c".to_owned(),
        argv: known(&argv),
        started: 1_500,
        ended: Some(1_501),
        exit_code: Some(3),
        detached: false,
        health_check: false,
    };
    let told = |exec: story::Exec<'_>| journal(exec.entries()).execs();
    let failed = || story::Exec { code: Some(3), ..exec("c", &argv) };
    assert_eq!(told(failed()), std::slice::from_ref(&whole));
    let joined = Argv::Joined("sh -c cat /x".to_owned());
    assert_eq!(told(story::Exec { forgotten: true, ..failed() }), [Exec { argv: joined, ..whole.clone() }]);
    let running = Exec { ended: None, exit_code: None, ..whole.clone() };
    assert_eq!(told(story::Exec { code: None, ..failed() }), [running]);
    // The inspection told the code, and no end was reported.
    let unstarted = Exec { ended: None, ..whole };
    assert_eq!(told(story::Exec { unstarted: true, ..failed() }), [unstarted]);
}

#[test]
fn execs_at_the_same_time_are_told_apart() {
    let first = story::Exec { at: 10, ..exec("a", &["one"]) }.entries();
    let second = story::Exec { at: 11, code: Some(1), ..exec("b", &["two"]) }.entries();
    let mut entries: Vec<Entry> = first.into_iter().chain(second).collect();
    entries.sort_by_key(|entry| entry.at);
    let told: Vec<_> =
        journal(entries).execs().into_iter().map(|exec| (exec.container, exec.exit_code, exec.ended)).collect();
    assert_eq!(told, [("a".to_owned(), Some(0), Some(11)), ("b".to_owned(), Some(1), Some(12))]);
}

#[test]
fn an_exec_counts_by_its_end_or_else_its_start() {
    let execs = journal(exec("c", &["ls"]).entries()).execs();
    assert_eq!(execs.iter().map(Exec::at).collect::<Vec<_>>(), [1_501]);
    let open = story::Exec { code: None, ..exec("c", &["ls"]) };
    assert_eq!(journal(open.entries()).execs().iter().map(Exec::at).collect::<Vec<_>>(), [1_500]);
}

#[test]
fn an_end_without_its_start_is_no_exec() {
    let die = event(5, "exec_die", "c", &[("execID", "e"), ("exitCode", "0")]);
    let nameless = event(5, "exec_start", "c", &[("command", "cat /x")]);
    let create = event(5, "exec_create", "c", &[("execID", "e"), ("command", "cat /x")]);
    assert_eq!(journal(vec![die, nameless, create]).execs(), []);
}

#[test]
fn an_exit_code_that_is_no_number_is_unknown() {
    let mut entries = story::Exec { forgotten: true, ..exec("c", &["ls"]) }.entries();
    for entry in entries.iter_mut().filter(|entry| entry.action == "exec_die") {
        entry.attributes.insert("exitCode".to_owned(), "soon".to_owned());
    }
    let told: Vec<_> = journal(entries).execs().into_iter().map(|exec| (exec.exit_code, exec.ended)).collect();
    assert_eq!(told, [(None, Some(1_501))]);
}

#[test]
fn a_run_is_put_together_from_its_events() {
    let run = ran(&["cat", "/check/file.txt"]);
    let create = run.entries().into_iter().next().expect("a create event");
    let whole = Run {
        id: "id-of-brave_hare".to_owned(),
        name: "brave_hare".to_owned(),
        image: "busybox".to_owned(),
        created: Some(1_500),
        attached: Some(1_501),
        started: Some(1_503),
        died: Some((1_504, 0)),
        removed: Some(1_505),
        mounts: vec![seen(("volume", "app-data", "/check"))],
        detail: create.detail,
    };
    assert_eq!(journal(run.entries()).runs(), std::slice::from_ref(&whole));
    let unasked = story::Run { unasked: true, ..run };
    assert_eq!(journal(unasked.entries()).runs(), [Run { detail: None, ..whole }], "the mount event tells the volume");
}

#[test]
fn a_container_started_again_has_not_ended() {
    let mut entries = story::Run { removed: false, ..ran(&["cat"]) }.entries();
    entries.push(event(1_600, "start", "brave_hare", &[]));
    let told: Vec<_> = journal(entries.clone()).runs().into_iter().map(|run| (run.started, run.died)).collect();
    assert_eq!(told, [(Some(1_600), None)]);
    entries.push(event(1_700, "die", "brave_hare", &[]));
    let told: Vec<_> = journal(entries).runs().into_iter().map(|run| (run.started, run.died)).collect();
    assert_eq!(told, [(Some(1_600), Some((1_700, -1)))], "an end without a code is no good one");
}

#[test]
fn a_renamed_container_has_its_latest_name() {
    let mut rename = event(1_600, "rename", "new-name", &[("oldName", "/brave_hare")]);
    rename.actor = "id-of-brave_hare".to_owned();
    let mut entries = story::Run { removed: false, ..ran(&["cat"]) }.entries();
    entries.push(rename);
    let journal = journal(entries);
    assert_eq!(journal.runs().into_iter().map(|run| run.name).collect::<Vec<_>>(), ["new-name"]);
    assert_eq!(journal.new_name("brave_hare", 0), Some("new-name"));
    assert_eq!(journal.new_name("new-name", 0), None);
}

#[test]
fn a_mount_for_a_container_that_nobody_reported_is_no_run() {
    assert_eq!(journal(vec![mounted(5, "app-data", "/x", "unknown")]).runs(), []);
    let network = Entry { kind: "network".to_owned(), ..event(5, "connect", "c", &[]) };
    assert_eq!(journal(vec![network]).runs(), []);
}

#[test]
fn nothing_that_labrun_does_is_evidence() {
    let mut entries = exec("c", &["cat", "/x"]).entries();
    entries.extend(ran(&["cat", "/check/file.txt"]).entries());
    for entry in entries.iter_mut().filter(|entry| entry.kind == "container") {
        assert!(!entry.is_our_own());
        let mark = "0123456789abcdef0123456789abcdef";
        entry.attributes.insert(OWN_LABEL.to_owned(), mark.to_owned());
        entry.attributes.insert("name".to_owned(), format!("labrun-probe-{mark}-0"));
        assert!(entry.is_our_own());
    }
    let journal = journal(entries);
    assert_eq!((journal.execs(), journal.runs()), (Vec::new(), Vec::new()));
}

#[test]
fn a_label_alone_does_not_hide_what_a_learner_did() {
    let mark = "0123456789abcdef0123456789abcdef";
    let own = |name: &str, label: &str| {
        let labels = [(OWN_LABEL, label), ("name", name)].map(|(key, value)| (key.to_owned(), value.to_owned()));
        Entry { attributes: labels.into_iter().collect(), ..Entry::default() }.is_our_own()
    };
    assert!(own(&format!("labrun-doctor-{mark}-12"), mark));
    for (name, label) in [
        ("writer-1", mark),
        ("writer-1", "1"),
        ("labrun-probe-4711-0", "1"),
        ("labrun-probe-4711-0", ""),
        (&format!("labrun-probe-{mark}-0"), "other"),
        (&format!("labrun-probe-{mark}-"), mark),
        (&format!("labrun-probe-{mark}"), mark),
        (&format!("my-labrun-probe-{mark}-0"), mark),
    ] {
        assert!(!own(name, label), "{name} {label}");
    }
    let mut entries = exec("c", &["cat", "/x"]).entries();
    for entry in &mut entries {
        entry.attributes.insert(OWN_LABEL.to_owned(), mark.to_owned());
    }
    assert_eq!(journal(entries).execs().len(), 1, "a container inherits labels from its image");
}

#[test]
fn a_gap_matters_while_it_reaches_past_the_moment() {
    let gaps = |gaps: &[(i64, i64)]| Journal {
        gaps: gaps.iter().map(|(from, to)| Gap { from: *from, to: *to }).collect(),
        ..Journal::default()
    };
    for (known, matters) in [
        (gaps(&[]), false),
        (gaps(&[(10, 20)]), false),
        (gaps(&[(10, 21)]), true),
        (gaps(&[(30, 40)]), true),
        (gaps(&[(1, 2), (30, 40), (3, 4)]), true),
    ] {
        assert_eq!(known.has_gap_after(20), matters, "{known:?}");
    }
}

#[test]
fn arguments_are_shown_as_they_were_given() {
    assert_eq!(known(&["sh", "-c", "a b"]).to_string(), "sh -c a b");
    assert_eq!(Argv::Joined("sh -c a b".to_owned()).to_string(), "sh -c a b");
}
