//! What the engine reports of commands, event by event, as measured on engine 20.10.

use std::collections::BTreeMap;

use labrun_graders::Nanos;
use labrun_graders::evidence::{Detail, Entry, MountSeen, TypedLine};

/// An event of a container's.
pub fn event(at: Nanos, action: &str, container: &str, attributes: &[(&str, &str)]) -> Entry {
    let named = [("name", container), ("image", "busybox")];
    let attributes: BTreeMap<String, String> =
        named.iter().chain(attributes).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let (kind, actor) = ("container".to_owned(), format!("id-of-{container}"));
    Entry { at, kind, action: action.to_owned(), actor, attributes, detail: None }
}

/// A `docker exec`: when it starts, where, and its arguments. It ends a nanosecond later.
pub struct Exec<'a> {
    pub at: Nanos,
    pub container: &'a str,
    pub argv: &'a [&'a str],
    /// Its exit code; `None` while it runs.
    pub code: Option<i64>,
    /// The engine has forgotten its arguments: only the event's text is left.
    pub forgotten: bool,
    /// It could not start: the engine then reports no end.
    pub unstarted: bool,
    /// `docker exec -d`.
    pub detached: bool,
}

/// An exec at 1,500 that ended well.
pub fn exec<'a>(container: &'a str, argv: &'a [&'a str]) -> Exec<'a> {
    Exec { at: 1_500, container, argv, code: Some(0), forgotten: false, unstarted: false, detached: false }
}

impl Exec<'_> {
    pub fn entries(&self) -> Vec<Entry> {
        let id = format!("exec-{}-{}", self.container, self.at);
        let joined = self.argv.join(" ");
        let attributes = [("execID", id.as_str()), ("command", joined.as_str())];
        let mut start = event(self.at, "exec_start", self.container, &attributes);
        if !self.forgotten {
            let argv = self.argv.iter().map(|word| (*word).to_owned()).collect();
            let exit_code = self.code;
            let detached = self.detached;
            start.detail = Some(Detail { argv, exit_code, detached, ..Detail::default() });
        }
        let mut entries = vec![event(self.at, "exec_create", self.container, &attributes), start];
        if let Some(code) = self.code.filter(|_| !self.unstarted) {
            let code = code.to_string();
            let attributes = [("execID", id.as_str()), ("exitCode", code.as_str())];
            entries.push(event(self.at + 1, "exec_die", self.container, &attributes));
        }
        entries
    }
}

/// A `docker run`; each event a nanosecond after the one before: create, attach, mount, start, die, destroy.
#[derive(Clone)]
pub struct Run<'a> {
    pub at: Nanos,
    pub name: &'a str,
    pub image: &'a str,
    pub image_id: &'a str,
    /// Kind, source and destination.
    pub mounts: &'a [(&'a str, &'a str, &'a str)],
    pub argv: &'a [&'a str],
    pub working_dir: &'a str,
    pub attached: bool,
    /// Its exit code; `None` while it runs.
    pub code: Option<i64>,
    pub started: bool,
    pub removed: bool,
    /// It was gone before it could be inspected.
    pub unasked: bool,
}

/// `docker run --rm -v app-data:/check busybox ARGV` at 1,500.
pub fn ran<'a>(argv: &'a [&'a str]) -> Run<'a> {
    Run {
        at: 1_500,
        name: "brave_hare",
        image: "busybox",
        image_id: "sha256:b0b0b0b0b0b0b0b0",
        mounts: &[("volume", "app-data", "/check")],
        argv,
        working_dir: "",
        attached: true,
        code: Some(0),
        started: true,
        removed: true,
        unasked: false,
    }
}

impl Run<'_> {
    pub fn entries(&self) -> Vec<Entry> {
        let image = [("image", self.image)];
        let own = |after: Nanos, action: &str| event(self.at + after, action, self.name, &image);
        let mut create = own(0, "create");
        if !self.unasked {
            create.detail = Some(Detail {
                argv: self.argv.iter().map(|word| (*word).to_owned()).collect(),
                mounts: self.mounts.iter().map(|mount| seen(*mount)).collect(),
                image_id: self.image_id.to_owned(),
                working_dir: self.working_dir.to_owned(),
                ..Detail::default()
            });
        }
        let mut entries = vec![create];
        if self.attached {
            entries.push(own(1, "attach"));
        }
        // The engine reports the mounting of volumes, and of nothing else.
        for (_, source, destination) in self.mounts.iter().filter(|(kind, ..)| *kind == "volume" && self.started) {
            entries.push(mounted(self.at + 2, source, destination, self.name));
        }
        if self.started {
            entries.push(own(3, "start"));
        }
        if let Some(code) = self.code.filter(|_| self.started) {
            let code = code.to_string();
            entries.push(event(self.at + 4, "die", self.name, &[image[0], ("exitCode", code.as_str())]));
        }
        if self.removed {
            entries.push(own(5, "destroy"));
        }
        entries
    }
}

/// A volume is mounted for a container; archive reads report it too.
pub fn mounted(at: Nanos, volume: &str, destination: &str, container: &str) -> Entry {
    let id = format!("id-of-{container}");
    let attributes = [("container", id.as_str()), ("destination", destination), ("driver", "local")];
    Entry {
        at,
        kind: "volume".to_owned(),
        action: "mount".to_owned(),
        actor: volume.to_owned(),
        attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        detail: None,
    }
}

pub fn seen((kind, source, destination): (&str, &str, &str)) -> MountSeen {
    let (kind, source, destination) = (kind.to_owned(), source.to_owned(), destination.to_owned());
    MountSeen { kind, source, destination, ..MountSeen::default() }
}

/// A line entered at the prompt, in `/home/ada`.
pub fn line(at: Nanos, line: &str, exit_code: i64) -> TypedLine {
    TypedLine { line: line.to_owned(), exit_code, cwd: Some("/home/ada".to_owned()), at, ..TypedLine::default() }
}
