//! No false verdicts: for each step of each lab, right answers in other forms and wrong states that look right.
//!
//! The rows are in `tests/forms`, a file a lab. Learners go through them side by side, each with a share of a lab's steps.

mod engine_care;
mod judgement;
mod pupil;
mod report;
mod share;
mod state;
mod strict;
mod table;
mod things;
mod trial;
mod typing;

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use engine_care::generation;
use report::Report;
use share::Share;
use table::{Table, folder, read, read_all};

/// How many rows one learner goes through at most, roughly: reaching a step takes time, and so does waiting for the last.
const ROWS_OF_A_SHARE: usize = 60;

/// How many learners are at work at once.
const JOBS: usize = 3;

/// How many rows are drawn for a quick look.
const QUICK: usize = 40;

/// Shows how far it is, where it is asked to.
fn say(line: &str) {
    if shows() {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

fn shows() -> bool {
    std::env::var_os("FORMS_PROGRESS").is_some()
}

/// The tables of these labs, steps and rows: of all, where the environment names none.
fn chosen() -> Vec<Table> {
    let wanted = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let read = read_all(&folder(), wanted("FORMS_LAB").as_deref());
    let mut tables = read.unwrap_or_else(|faults| panic!("faulty tables:\n{}", faults.join("\n")));
    for table in &mut tables {
        if let Some(step) = wanted("FORMS_STEP") {
            table.steps.retain(|table| table.step == step);
        }
        if let Some(what) = wanted("FORMS_ROW") {
            table.steps.iter_mut().for_each(|step| step.rows.retain(|row| row.what.contains(&what)));
            table.steps.retain(|step| !step.rows.is_empty());
        }
    }
    tables.retain(|table| !table.steps.is_empty());
    assert!(!tables.is_empty(), "no table has what FORMS_LAB, FORMS_STEP and FORMS_ROW name");
    tables
}

/// Goes through every row that the environment asks for.
pub fn every_row() {
    let shares = chosen().into_iter().flat_map(split).collect();
    go_through(shares, "");
}

/// A lab's steps, in shares of about equal size.
fn split(table: Table) -> Vec<Share> {
    let rows: usize = table.steps.iter().map(|step| step.rows.len()).sum();
    let size = rows.div_ceil(rows.div_ceil(ROWS_OF_A_SHARE).max(1));
    let mut shares: Vec<Share> = Vec::new();
    for step in table.steps {
        match shares.last_mut().filter(|share| share.rows() + step.rows.len() / 2 < size) {
            Some(share) => share.steps.push(step),
            None => shares.push(Share { lab: table.lab.clone(), steps: vec![step] }),
        }
    }
    shares
}

/// Goes through shares side by side, by so many learners at once.
fn side_by_side(mut shares: Vec<Share>, jobs: usize) -> Report {
    // The largest first, so that none is waited for alone at the end.
    shares.sort_by_key(|share| std::cmp::Reverse(share.rows()));
    let (queue, report) = (Mutex::new(VecDeque::from(shares)), Mutex::new(Report::default()));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    std::thread::scope(|threads| {
        for _ in 0..jobs {
            threads.spawn(|| {
                while let Some(share) = next() {
                    share.go(&report);
                }
            });
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn go_through(shares: Vec<Share>, note: &str) {
    let (began, engine) = (Instant::now(), generation());
    let jobs = std::env::var("FORMS_JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(JOBS);
    let mut report = side_by_side(shares.clone(), jobs);
    let again = report.to_try_again(&shares);
    if !again.is_empty() {
        say("\nonce more, one after the other:");
        report.settle(side_by_side(again, 1));
    }
    report.revived = generation() - engine;
    let shown = report.show(began.elapsed()) + note;
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(place.join("forms.txt"), &shown).expect("written");
    std::fs::write(place.join("forms.tsv"), report.lines()).expect("written");
    say(&format!("\n{}", shown.trim_end()));
    let said = if shows() { "see above" } else { &shown };
    assert!(report.is_faultless(), "false verdicts:\n{said}");
}

/// Rows drawn by a seed, from all labs alike.
#[test]
fn a_few_rows_of_every_table() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| u64::from(since.subsec_nanos()))
    });
    let _ = writeln!(std::io::stderr(), "forms: rows drawn by SEED={seed}");
    let shares = draw(chosen(), seed, QUICK).into_iter();
    let shares = shares.map(|table| Share { lab: table.lab, steps: table.steps }).collect();
    go_through(shares, &format!("drawn by SEED={seed}\n"));
}

/// So many rows of these tables, by a seed.
fn draw(mut tables: Vec<Table>, seed: u64, count: usize) -> Vec<Table> {
    let mut places = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        for (step, rows) in table.steps.iter().enumerate() {
            places.extend((0..rows.rows.len()).map(|row| (at, step, row)));
        }
    }
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut drawn = std::collections::BTreeSet::new();
    while drawn.len() < count.min(places.len()) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let at = usize::try_from(random % places.len() as u64).unwrap_or_default();
        drawn.insert(places[at]);
    }
    for (at, table) in tables.iter_mut().enumerate() {
        for (step, rows) in table.steps.iter_mut().enumerate() {
            let mut row = 0..;
            rows.rows.retain(|_| drawn.contains(&(at, step, row.next().unwrap_or_default())));
        }
        table.steps.retain(|step| !step.rows.is_empty());
    }
    tables.retain(|table| !table.steps.is_empty());
    tables
}

#[test]
fn the_tables_have_no_faults() {
    let tables = read_all(&folder(), None).unwrap_or_else(|faults| panic!("faulty tables:\n{}", faults.join("\n")));
    assert!(!tables.is_empty());
}

#[test]
fn a_faulty_table_is_pointed_at() {
    let table = "lab: docker-volumes
steps:
  - step: create-volume
    right:
      - { what: a, run: 'docker volume create @{app-data}' }
      - { what: a, run: 'docker volume create @{app-date}' }
    wrong:
      - { what: b, run: docker volume create app-data, says: no-such-thing }
      - { what: c, run: docker run --name x busybox, by_events: right }
      - { what: d }
  - step: no-such-step
  - step: inspect-volume
    unclear:
      - { what: e, run: ' ', says: wrong-image }
  - step: create-volume
";
    let faults = read("docker-volumes", "t.yaml", table).expect_err("it is faulty");
    let expected = [
        "t.yaml:6: `a` is also the row in line 5",
        "t.yaml:6: docker-volumes does not own `app-date`",
        "t.yaml:8: `app-data` is the lab's: write @{app-data}, or it is another learner's",
        "t.yaml:8: there is no diagnosis called no-such-thing",
        "t.yaml:9: what is called `x` would stay: a name begins with @me- or is @{owned}",
        "t.yaml:9: the step has no `evidence: true`, so it is not graded by events alone",
        "t.yaml:10: it neither runs nor answers anything",
        "t.yaml:11: docker-volumes has no step no-such-step",
        "t.yaml:14: nothing is run",
        "t.yaml:14: only a wrong row says what is wrong",
        "t.yaml:15: step create-volume comes earlier in the lab, or is here twice",
    ];
    assert_eq!(faults, expected);
    let unknown =
        read("docker-volumes", "t.yaml", "lab: docker-volumes\nsteps:\n  - step: create-volume\n    rigth: []\n");
    let faults = unknown.expect_err("a key is unknown");
    assert!(faults.len() == 1 && faults[0].starts_with("t.yaml:4: ") && faults[0].contains("rigth"), "{faults:?}");
}

#[test]
fn a_seed_draws_the_same_rows_again() {
    let tables = || read_all(&folder(), None).expect("no faults");
    let names = |tables: Vec<Table>| {
        let steps = tables.into_iter().flat_map(|table| table.steps);
        steps.flat_map(|step| step.rows).map(|row| row.what).collect::<Vec<_>>()
    };
    let drawn = names(draw(tables(), 7, QUICK));
    assert_eq!(drawn.len(), QUICK);
    assert_eq!(names(draw(tables(), 7, QUICK)), drawn);
    assert_ne!(names(draw(tables(), 8, QUICK)), drawn);
}
