//! What needs no engine and no disk but the lab's files: reading a lab, judging facts, telling which mistake it was, and
//! laying a screen out. Each at several sizes, so that growth shows. `make benches` runs them.

// A bench that cannot be set up has failed.
#![allow(clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use labrun::ui::{Page, Theme};
use labrun_engine::{CheckReport, Outcome, Progress, Session, StepReport};
use labrun_graders::evidence::{Detail, Entry, Journal};
use labrun_graders::fact::{Everything, Scope, Volume};
use labrun_graders::{Ask, Check, Fact, Facts, Nanos, Verdict, all, diagnose};
use labrun_lab::{Loaded, load, load_dir};
use labrun_store::{NewSession, Store};
use tempfile::TempDir;

const LAB: &str = "docker-volumes";

/// A lab of so many steps, each about a volume of its own.
fn long_lab(folder: &TempDir, steps: usize) -> PathBuf {
    let place = folder.path().join(steps.to_string());
    let names: Vec<String> = (1..=steps).map(|number| format!("v{number}")).collect();
    let mut lab = format!(
        "title: Long\nsummary: For measuring.\nlevel: beginner\nminutes: 1\nrequires: {{ images: [busybox] }}\n\
         owns: {{ volumes: [{}] }}\nbriefing: briefing.md\nsteps:\n",
        names.join(", ")
    );
    for name in names {
        let _ = write!(
            lab,
            "  - id: {name}\n    title: One more\n    task: Make **@{{{name}}}**.\n    solution: docker volume create \
             @{{{name}}}\n    checks: [volume: {{ name: {name} }}]\n"
        );
    }
    std::fs::create_dir(&place).expect("a folder");
    std::fs::write(place.join("briefing.md"), "Nobody reads this.\n").expect("a briefing");
    std::fs::write(place.join("lab.yaml"), lab).expect("a lab");
    place
}

fn parse(criterion: &mut Criterion) {
    labrun::builtin::provide();
    let mut group = criterion.benchmark_group("parse");
    group.bench_function(LAB, |bencher| bencher.iter(|| load(black_box(LAB), None).expect("a lab")));
    let folder = TempDir::new().expect("a folder");
    for steps in [10, 100, 300, 1_000] {
        let lab = long_lab(&folder, steps);
        group.throughput(Throughput::Elements(steps as u64));
        group.bench_with_input(BenchmarkId::new("steps", steps), &lab, |bencher, lab| {
            bencher.iter(|| load_dir(black_box(lab), None).expect("a lab"));
        });
    }
}

fn lab() -> Loaded {
    labrun::builtin::provide();
    load(LAB, None).expect("a lab")
}

/// A step's checks.
fn checks<'a>(loaded: &'a Loaded, step: &str) -> &'a [Check] {
    &loaded.lab.steps.iter().find(|known| known.id == step).expect("a step").checks
}

fn event(at: Nanos, action: &str, exec: usize) -> Entry {
    let detail = Detail { argv: vec!["cat".to_owned(), "/etc/hostname".to_owned()], ..Detail::default() };
    let attributes =
        [("name", "writer-2".to_owned()), ("execID", format!("{exec:064x}")), ("exitCode", "0".to_owned())];
    Entry {
        at,
        kind: "container".to_owned(),
        action: action.to_owned(),
        actor: "c0ffee".to_owned(),
        attributes: attributes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        detail: (action == "exec_start").then_some(detail),
    }
}

/// Commands in a container, two events each: all begin before the first of them ends.
fn busy_journal(events: usize) -> Facts {
    let execs = events / 2;
    let order = (0..execs).map(|exec| ("exec_start", exec)).chain((0..execs).map(|exec| ("exec_die", exec)));
    let entries = (1..).zip(order).map(|(at, (action, exec))| event(at, action, exec)).collect();
    let mut facts = Facts::since(0);
    facts.insert(Ask::Journal, Ok(Fact::Journal(Journal { entries, ..Journal::default() })));
    facts.insert(Ask::Answer, Ok(Fact::Absent));
    facts
}

fn judge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judge");
    let loaded = lab();
    let checks = checks(&loaded, "read-from-writer-2");
    for events in [100, 1_000, 10_000, 100_000] {
        let facts = busy_journal(events);
        group.throughput(Throughput::Elements(events as u64));
        group.bench_with_input(BenchmarkId::new("events", events), &facts, |bencher, facts| {
            bencher.iter(|| all(checks.iter().map(|check| check.judge(facts)).collect::<Vec<_>>().iter()));
        });
    }
}

/// A volume that is wanted is not there, and so many others are.
fn other_volumes(count: usize) -> Facts {
    let volume = |number| Volume { name: format!("app-dat{number}"), created: Some(2), ..Volume::default() };
    let everything = Everything { containers: Vec::new(), volumes: (0..count).map(volume).collect() };
    let mut facts = Facts::since(1).within(Scope { began: 1, ..Scope::default() });
    facts.insert(Ask::Volume("app-data".to_owned()), Ok(Fact::Absent));
    facts.insert(Ask::Everything, Ok(Fact::Everything(everything)));
    facts.insert(Ask::Typed, Ok(Fact::Typed(Vec::new())));
    facts
}

fn diagnosis(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diagnose");
    let loaded = lab();
    let checks = checks(&loaded, "create-volume");
    for volumes in [10, 100, 1_000, 10_000] {
        let facts = other_volumes(volumes);
        let verdicts: Vec<Verdict> = checks.iter().map(|check| check.judge(&facts)).collect();
        assert!(matches!(verdicts.as_slice(), [Verdict::Fail(_)]), "{verdicts:?}");
        group.throughput(Throughput::Elements(volumes as u64));
        group.bench_with_input(BenchmarkId::new("volumes", volumes), &facts, |bencher, facts| {
            bencher.iter(|| diagnose(checks, &[], black_box(verdicts.clone()), facts));
        });
    }
}

/// The session of somebody who has just begun.
fn session() -> Session {
    let loaded = lab();
    let new = NewSession {
        lab: LAB.to_owned(),
        address: loaded.source.address(),
        hash: loaded.hash.clone(),
        learner: None,
        engine: "engine".to_owned(),
        endpoint: "unix:///var/run/docker.sock".to_owned(),
        skew: 0,
        started: 1,
        baseline: "{}".to_owned(),
        anchor: None,
    };
    let mut store = Store::in_memory().expect("a store");
    let row = store.begin(new).expect("a session");
    let progress = Progress::derive(&store, row.id, 1, &loaded.lab).expect("its progress");
    Session { row, loaded, progress, changed: false, keeps_everything: false }
}

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    let (session, facts) = (session(), other_volumes(1));
    let page = |width| Page { width, theme: Theme { colour: true }, in_shell: true, by_sudo: false };
    let step = session.loaded.lab.steps.first().expect("a step");
    let report = |check: &Check| CheckReport { kind: check.kind, wants: check.wants(), verdict: check.judge(&facts) };
    for count in [1, 10, 100, 1_000] {
        let checks: Vec<CheckReport> = step.checks.iter().map(report).cycle().take(count).collect();
        let verdict = all(checks.iter().map(|check| &check.verdict));
        let report = StepReport {
            index: 0,
            step: step.id.clone(),
            asks_outright: false,
            verdict,
            checks,
            predictions: Vec::new(),
        };
        let outcome = Outcome { steps: vec![report], finished: false };
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("checks", count), &outcome, |bencher, outcome| {
            bencher.iter(|| page(80).outcome(&session, outcome));
        });
    }
    group.bench_function("briefing", |bencher| bencher.iter(|| page(80).markdown(&session.loaded.lab.briefing.text)));
}

criterion_group!(benches, parse, judge, diagnosis, render);
criterion_main!(benches);
