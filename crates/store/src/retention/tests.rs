use labrun_graders::Nanos;
use labrun_graders::evidence::{Detail, Entry};
use rusqlite::Connection;

use super::{OLDEST, STRANGERS};
use crate::testing::{ENGINE, with_session};
use crate::{NewSession, Store};
use labrun_journal::Fill;

fn event(at: Nanos, action: &str, container: &str, exec: &str) -> Entry {
    let attributes = [("name", container), ("execID", exec), ("exitCode", "0")];
    let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty());
    Entry {
        at,
        kind: "container".to_owned(),
        action: action.to_owned(),
        actor: format!("id-{container}"),
        attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        detail: None,
    }
}

fn add(store: &mut Store, session: i64, own: Vec<Entry>, strangers: Vec<Entry>) {
    let fill = Fill { entries: own, strangers, ..Fill::default() };
    store.add(session, ENGINE, &fill).expect("added");
}

fn count(store: &Store) -> i64 {
    store.connection.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).expect("counted")
}

/// A command from its start to its end.
fn exec(at: Nanos, container: &str) -> [Entry; 2] {
    let id = format!("exec-{at}");
    [event(at, "exec_start", container, &id), event(at + 1, "exec_die", container, &id)]
}

#[test]
fn a_lab_keeps_its_commands_between_those_of_others() {
    let (mut store, session) = with_session(1);
    let flood = |from: Nanos| (from..from + 10_000).step_by(2).flat_map(|at| exec(at, "web")).collect::<Vec<_>>();
    add(&mut store, session, Vec::new(), flood(10));
    add(&mut store, session, exec(20_000, "app").to_vec(), Vec::new());
    // A mistake in another container survives what goes on in a third one.
    add(&mut store, session, Vec::new(), exec(20_010, "other").to_vec());
    for part in flood(30_000).chunks(100) {
        add(&mut store, session, Vec::new(), part.to_vec());
    }
    assert!(count(&store) <= STRANGERS + 101, "{} entries", count(&store));
    let journal = store.journal(session, ENGINE, 1, 1).expect("read");
    let in_app: Vec<_> = journal.execs().into_iter().filter(|exec| exec.container == "app").collect();
    assert!(matches!(in_app.as_slice(), [exec] if exec.exit_code == Some(0) && exec.ended == Some(20_001)));
    assert!(journal.execs().iter().any(|exec| exec.container == "other"));
    assert!(journal.has_dropped_after(30_000) && !journal.has_dropped_unknown_after(0));
}

#[test]
fn many_containers_of_others_leave_only_the_newest() {
    let (mut store, session) = with_session(1);
    for number in 0..1_000 {
        let (at, name) = (10 + 10 * number, format!("job-{number}"));
        let life = ["create", "start", "die", "destroy"];
        let mut life: Vec<Entry> = (at..).zip(life).map(|(at, action)| event(at, action, &name, "")).collect();
        // The first ones could be looked at.
        life[0].detail = (number < 500).then(|| Detail { image_id: "i".to_owned(), ..Detail::default() });
        add(&mut store, session, Vec::new(), life);
        assert!(count(&store) <= STRANGERS + 4);
        let dropped = store.dropped(ENGINE).expect("read").newest_unknown;
        assert!(dropped.is_none() || number > 500);
    }
    let journal = store.journal(session, ENGINE, 1, 1).expect("read");
    assert!(journal.has_dropped_unknown_after(10 + 10 * 900));
    assert!(journal.runs().iter().all(|run| run.created.is_some()), "what is kept is whole");
    assert_eq!(journal.runs().last().map(|run| run.name.as_str()), Some("job-999"));
}

#[test]
fn a_restarting_container_keeps_its_creation() {
    let (mut store, session) = with_session(1);
    let mut life = vec![event(10, "create", "web", "")];
    for at in (20..20_000).step_by(2) {
        life.extend([event(at, "start", "web", ""), event(at + 1, "die", "web", "")]);
    }
    add(&mut store, session, Vec::new(), life);
    assert!(count(&store) < 20);
    let [run] = store.journal(session, ENGINE, 1, 1).expect("read").runs().try_into().expect("one container");
    assert_eq!((run.created, run.died), (Some(10), Some((19_999, 0))));
}

#[test]
fn only_the_newest_outputs_are_kept() {
    let (mut store, session) = with_session(1);
    for number in 0..100 {
        let detail = Detail { output: "x".repeat(64 * 1024), image_id: "i".to_owned(), ..Detail::default() };
        let create = event(10 + number, "create", &format!("run-{number}"), "");
        add(&mut store, session, vec![Entry { detail: Some(detail), ..create }], Vec::new());
    }
    let journal = store.journal(session, ENGINE, 1, 1).expect("read");
    let details: Vec<&Detail> = journal.entries.iter().filter_map(|entry| entry.detail.as_ref()).collect();
    let with_output: Vec<bool> = details.iter().map(|detail| !detail.output.is_empty()).collect();
    assert_eq!(with_output, [vec![false; 84], vec![true; 16]].concat());
    assert!(details.iter().all(|detail| detail.image_id == "i"), "the rest stays");
}

/// A second session that began at this moment, on this engine.
fn beside(store: &mut Store, started: Nanos, engine: &str) -> i64 {
    let first = store.sessions().expect("read").remove(0).begin;
    let new = NewSession { address: "track/other".to_owned(), engine: engine.to_owned(), started, ..first };
    store.begin(new).expect("begun").id
}

#[test]
fn the_end_of_a_session_takes_its_events_beside_a_forgotten_one() {
    let (mut store, forgotten) = with_session(1);
    let session = beside(&mut store, 5, ENGINE);
    add(&mut store, forgotten, exec(3, "cup").to_vec(), Vec::new());
    add(&mut store, session, (10..1_000).step_by(2).flat_map(|at| exec(at, "app")).collect(), Vec::new());
    // Of the same lab twice: both need it.
    let both = exec(2_000, "cup");
    add(&mut store, session, both.to_vec(), Vec::new());
    add(&mut store, forgotten, both.to_vec(), Vec::new());
    let shared = Fill { shared: exec(2_010, "bowl").to_vec(), ..Fill::default() };
    store.add(session, ENGINE, &shared).expect("added");
    store.end(session, 3_000).expect("ended");
    let left = store.journal(forgotten, ENGINE, 1, 1).expect("read");
    assert_eq!(left.execs().iter().map(|exec| exec.started).collect::<Vec<_>>(), [3, 2_000, 2_010]);
    store.end(forgotten, 3_001).expect("ended");
    assert_eq!(count(&store), 0);
}

#[test]
fn a_session_on_another_engine_holds_nothing_back() {
    let (mut store, session) = with_session(1);
    beside(&mut store, 1, "another engine");
    add(&mut store, session, exec(10, "app").to_vec(), exec(20, "web").to_vec());
    store.end(session, 30).expect("ended");
    assert_eq!(count(&store), 0);
}

#[test]
fn very_old_entries_become_a_gap() {
    let (mut store, forgotten) = with_session(1);
    add(&mut store, forgotten, exec(10, "app").to_vec(), Vec::new());
    let now = OLDEST + 1_000;
    let fill = Fill { reached: now, ..Fill::default() };
    store.add(forgotten, ENGINE, &fill).expect("added");
    add(&mut store, forgotten, exec(now - 5, "app").to_vec(), Vec::new());
    beside(&mut store, now, ENGINE);
    let journal = store.journal(forgotten, ENGINE, 1, 1).expect("read");
    assert_eq!(journal.execs().iter().map(|exec| exec.started).collect::<Vec<_>>(), [now - 5]);
    assert!(journal.has_gap_after(10) && !journal.has_gap_after(1_000));
}

#[test]
fn the_file_gets_smaller_when_a_session_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(folder.path(), None).expect("opened");
    let (other, _) = with_session(1);
    let new = other.sessions().expect("read").remove(0).begin;
    let size = || std::fs::metadata(folder.path().join("progress.db")).expect("a file").len();
    for round in 0..2 {
        let session = store.begin(NewSession { started: 1 + 100_000 * round, ..new.clone() }).expect("begun").id;
        let from = 10 + 100_000 * round;
        add(&mut store, session, (from..from + 20_000).step_by(2).flat_map(|at| exec(at, "app")).collect(), Vec::new());
        assert!(size() > 2_000_000, "{} bytes", size());
        // A process that reads at the same moment delays the end.
        let reader = Connection::open(folder.path().join("progress.db")).expect("opened");
        let reads = (round == 0).then(|| {
            reader.execute_batch("BEGIN; SELECT * FROM session").expect("read");
        });
        if reads.is_some() {
            store.connection.busy_timeout(std::time::Duration::ZERO).expect("set");
            assert!(store.end(session, 99_999).is_err(), "a change waits for readers");
            reader.execute_batch("COMMIT").expect("read");
        }
        store.end(session, 99_999 + 100_000 * round).expect("ended");
        assert!(size() < 300_000, "{} bytes", size());
    }
}
