//! What the graders are shown, and what they are expected to say of it.

use labrun_graders::decode::{Decode, Faults};
use labrun_graders::evidence::{Dropped, Entry, Gap, Journal, TypedLine};
use labrun_graders::fact::{
    Answered, Container, Everything, File, FileKind, Image, Lifetime, Listed, Mount, Scope, Volume,
};
use labrun_graders::name::NameKind;
use labrun_graders::{
    Ask, CannotLook, Check, Fact, Facts, Feedback, Nanos, Obstacle, Own, Pass, Place, Target, Verdict, diagnose,
};
use serde_json::Value;

use crate::node::Written;

/// The moment after which evidence counts.
pub const SINCE: Nanos = 1_000;

/// The name that an engine makes up for an anonymous volume.
pub const MADE_UP: &str = "4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a";

/// The check that a lab writes so.
pub fn check(json: Value) -> Check {
    let written = Written::value(json);
    let mut faults = Faults::default();
    let check = Check::decode(&written.node, &mut faults);
    let told: Vec<String> = faults.0.iter().map(|fault| written.told(fault)).collect();
    assert_eq!(told, Vec::<String>::new(), "the test's check has faults");
    check.expect("a check without faults")
}

/// What of the world was looked at.
#[derive(Clone)]
pub struct World(Facts);

impl World {
    /// A world of which nobody has looked at anything.
    pub fn new() -> Self {
        Self(Facts::since(SINCE))
    }

    /// The verdict of a check on it.
    pub fn judge(&self, json: Value) -> Verdict {
        check(json).judge(&self.0)
    }

    pub fn facts(&self) -> &Facts {
        &self.0
    }

    pub fn saw(mut self, ask: Ask, fact: Fact) -> Self {
        self.0.insert(ask, Ok(fact));
        self
    }

    /// Nothing is there where it was looked for.
    pub fn no(self, ask: Ask) -> Self {
        self.saw(ask, Fact::Absent)
    }

    /// It could not be looked at.
    pub fn unseen(mut self, ask: Ask, reason: CannotLook) -> Self {
        self.0.insert(ask, Err(reason));
        self
    }

    pub fn container(self, container: Container) -> Self {
        self.saw(Ask::Container(container.name.clone()), Fact::Container(Box::new(container)))
    }

    pub fn volume(self, volume: Volume) -> Self {
        self.saw(Ask::Volume(volume.name.clone()), Fact::Volume(volume))
    }

    /// An image of this name and id; the engine's `latest`.
    pub fn image(self, name: &str, id: &str) -> Self {
        let image = Image { id: id.to_owned(), tags: vec![format!("{name}:latest")], created: Some(7) };
        self.saw(Ask::Image(name.to_owned()), Fact::Image(image))
    }

    /// A regular file with this text, modified at 1,200.
    pub fn text(self, place: Place, path: &str, text: &str) -> Self {
        self.file(place, path, file(FileKind::Regular, Some(text)))
    }

    pub fn file(self, place: Place, path: &str, file: File) -> Self {
        self.saw(Ask::File { place, path: path.to_owned() }, Fact::File(file))
    }

    pub fn described(self, kind: NameKind, name: &str, json: Value) -> Self {
        self.saw(Ask::Inspect(target(kind, name)), Fact::Json(json))
    }

    /// The learner's answer, given after everything else.
    pub fn answer(self, answer: &str) -> Self {
        self.answered(9_000, answer)
    }

    pub fn answered(self, at: Nanos, answer: &str) -> Self {
        self.saw(Ask::Answer, Fact::Answer(Answered { text: answer.to_owned(), at }))
    }

    /// The learner has just given this answer.
    pub fn just_answered(mut self, answer: &str) -> Self {
        self.0.answering = true;
        self.answer(answer)
    }

    pub fn typed(self, lines: Vec<TypedLine>) -> Self {
        self.saw(Ask::Typed, Fact::Typed(lines))
    }

    pub fn lifetime(self, kind: NameKind, name: &str, seen: bool, removed: Option<Nanos>) -> Self {
        self.saw(Ask::Lifetime(target(kind, name)), Fact::Lifetime(Lifetime { seen, removed, ..Lifetime::default() }))
    }

    /// The engine reported this, and nothing is missing.
    pub fn reported(self, entries: Vec<Entry>) -> Self {
        self.saw(Ask::Journal, Fact::Journal(Journal { entries, ..Journal::default() }))
    }

    /// The engine reported this, and the journal dropped something of others.
    pub fn reported_and_dropped(self, entries: Vec<Entry>, dropped: Dropped) -> Self {
        self.saw(Ask::Journal, Fact::Journal(Journal { entries, dropped, ..Journal::default() }))
    }

    /// The engine reported this; what happened between these moments is lost.
    pub fn reported_with_gap(self, entries: Vec<Entry>, from: Nanos, to: Nanos) -> Self {
        self.saw(Ask::Journal, Fact::Journal(Journal { entries, gaps: vec![Gap { from, to }], ..Journal::default() }))
    }
}

pub fn target(kind: NameKind, name: &str) -> Target {
    Target { kind, name: name.to_owned() }
}

pub fn file(kind: FileKind, text: Option<&str>) -> File {
    let size = text.map_or(4096, |text| text.len() as u64);
    File { kind, size, mode: 0o644, modified: Some(1_200), content: text.map(str::to_owned) }
}

/// A container that runs `sh` from busybox with its input kept open; created at 1,100, started at 1,101.
pub fn container(name: &str) -> Container {
    Container {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        image_id: "sha256:b0b0b0b0b0b0b0b0".to_owned(),
        status: "running".to_owned(),
        created: 1_100,
        started: Some(1_101),
        argv: vec!["sh".to_owned()],
        open_stdin: true,
        ..Container::default()
    }
}

/// A container that ended with this code, so many nanoseconds after its start.
pub fn ended(name: &str, exit_code: i64, after: Nanos) -> Container {
    let finished = Some(1_101 + after);
    Container { status: "exited".to_owned(), exit_code, finished, open_stdin: false, ..container(name) }
}

pub fn with(name: &str, mounts: &[Mount]) -> Container {
    Container { mounts: mounts.to_vec(), ..container(name) }
}

pub fn volume_mount(name: &str, destination: &str) -> Mount {
    Mount {
        kind: "volume".to_owned(),
        name: name.to_owned(),
        source: format!("/var/lib/docker/volumes/{name}/_data"),
        destination: destination.to_owned(),
        writable: true,
        ..Mount::default()
    }
}

pub fn bind_mount(source: &str, destination: &str) -> Mount {
    let (kind, source, destination) = ("bind".to_owned(), source.to_owned(), destination.to_owned());
    Mount { kind, source, destination, writable: true, ..Mount::default() }
}

pub fn tmpfs_mount(destination: &str) -> Mount {
    let (kind, destination) = ("tmpfs".to_owned(), destination.to_owned());
    Mount { kind, destination, writable: true, ..Mount::default() }
}

pub fn in_container(name: &str) -> Place {
    Place::Container(name.to_owned())
}

pub fn in_volume(name: &str) -> Place {
    Place::Volume(name.to_owned())
}

pub fn engine_down() -> CannotLook {
    CannotLook::new(Obstacle::NoEngine, "no engine answers", "start it")
}

/// It holds since this moment.
pub fn passes(at: Nanos) -> Verdict {
    Verdict::Pass(Pass::since(Some(at)))
}

/// It holds, nobody knows since when.
pub fn passes_undated() -> Verdict {
    Verdict::Pass(Pass::since(None))
}

/// It is wrong, without a named mistake.
pub fn wrong(expected: &str, seen: &str, sentence: &str) -> Verdict {
    Verdict::Fail(Feedback::wrong(expected, seen, sentence))
}

/// It is wrong by this mistake.
pub fn mistake(diagnosis: &'static str, expected: &str, seen: &str, sentence: &str) -> Verdict {
    Verdict::Fail(Feedback::wrong(expected, seen, sentence).diagnosed(diagnosis))
}

pub fn not_begun(expected: &str, seen: &str) -> Verdict {
    Verdict::Fail(Feedback::not_begun(expected, seen))
}

pub fn cannot(obstacle: Obstacle, what: &str, remedy: &str) -> Verdict {
    Verdict::CannotCheck(CannotLook::new(obstacle, what, remedy))
}

/// When the session began to which the facts of [`World::of_session`] belong.
pub const BEGAN: Nanos = 0;

/// A container as the engine lists it: new in this step, from busybox.
pub fn listed(name: &str, mounts: &[Mount]) -> Listed {
    Listed {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        status: "running".to_owned(),
        created: 2_000,
        mounts: mounts.to_vec(),
        ..Listed::default()
    }
}

impl World {
    /// What else is on the engine: these containers, and volumes of these names, all new.
    pub fn everything(self, containers: &[Listed], volumes: &[&str]) -> Self {
        let new = |name: &&str| Volume { name: (*name).to_owned(), created: Some(2_000), ..Volume::default() };
        let (containers, volumes) = (containers.to_vec(), volumes.iter().map(new).collect());
        self.saw(Ask::Everything, Fact::Everything(Everything { containers, volumes }))
    }

    /// A session of a lab that owns two containers, a volume and a path; `--as` put this in front of their names.
    pub fn of_session(self, prefix: &str) -> Self {
        let owned = [
            (NameKind::Container, "writer-1"),
            (NameKind::Container, "writer-2"),
            (NameKind::Volume, "app-data"),
            (NameKind::Path, "/tmp/dind"),
        ];
        let owned = owned.map(|(kind, name)| target(kind, &format!("{prefix}{name}"))).to_vec();
        Self(self.0.within(Scope { began: BEGAN, prefix: prefix.to_owned(), owned }))
    }

    /// What is said of a check that failed, in the light of the wider facts.
    pub fn diagnose(&self, json: Value) -> Verdict {
        self.diagnose_all(&[json], &[]).remove(0)
    }

    /// What is said of a step with these checks and diagnoses of its own.
    pub fn diagnose_all(&self, checks: &[Value], own: &[Own]) -> Vec<Verdict> {
        let checks: Vec<Check> = checks.iter().cloned().map(check).collect();
        let judged = checks.iter().map(|check| check.judge(&self.0)).collect();
        diagnose(&checks, own, judged, &self.0)
    }
}
