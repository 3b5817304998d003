//! The tracks and their labs.

use serde_json::{Value, json};

use super::page::{Page, counted};
use super::theme::Role;

/// A lab in the catalogue.
#[derive(Clone, Debug)]
pub struct LabLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it usually takes.
    pub minutes: u32,
    /// How many steps it has.
    pub steps: usize,
    /// How many of them have passed.
    pub passed: usize,
    /// How many of them are closed, in whatever way.
    pub done: usize,
    /// All of them are closed.
    pub finished: bool,
    /// A session of it is open.
    pub open: bool,
    /// Who else has begun it, by name, and how many steps they have closed.
    pub others: Vec<(Option<String>, usize)>,
}

/// A track in the catalogue.
#[derive(Clone, Debug)]
pub struct TrackLines {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its labs.
    pub labs: Vec<LabLine>,
}

impl TrackLines {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let labs: Vec<_> = self
            .labs
            .iter()
            .map(|lab| {
                let others = lab.others.iter().map(|(learner, done)| json!({"as": learner, "done": done}));
                json!({
                    "lab": lab.id, "title": lab.title, "minutes": lab.minutes, "steps": lab.steps,
                    "passed": lab.passed, "done": lab.done, "finished": lab.finished, "open": lab.open,
                    "others": others.collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({"track": self.id, "title": self.title, "summary": self.summary, "labs": labs})
    }
}

impl Page {
    /// The tracks and their labs.
    #[must_use]
    pub fn catalogue(&self, tracks: &[TrackLines]) -> String {
        let mut screen = String::new();
        for track in tracks {
            screen += &self.heading_line(&track.title);
            screen += &self.wrap("", &track.summary);
            screen += "\n";
            for lab in &track.labs {
                let LabLine { passed, done, steps, .. } = lab;
                let state = match lab {
                    LabLine { finished: true, open: true, .. } => self.theme.paint(Role::Good, "finished"),
                    LabLine { finished: true, .. } => self.theme.paint(Role::Good, "finished, ended"),
                    LabLine { open: true, .. } => {
                        self.theme.paint(Role::Open, &format!("begun, {done} of {steps} done"))
                    }
                    LabLine { passed: 0, .. } => counted(*steps as u64, "step"),
                    _ => format!("{passed} of {steps} passed, ended"),
                };
                let others = lab.others.iter().map(|(learner, done)| {
                    let whose = learner.as_ref().map_or("without a name".to_owned(), |learner| format!("as {learner}"));
                    format!("{whose}: begun, {done} of {steps} done")
                });
                let others = others.collect::<Vec<_>>().join(" · ");
                screen += &self.wrap_under("  ", "      ", &format!("{}  {}", lab.id, lab.title));
                screen += &format!("      {} min · {state}\n", lab.minutes);
                screen += &self.wrap("      ", &others);
            }
        }
        screen + "\nBegin one: labrun start LAB\n"
    }
}
