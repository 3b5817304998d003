//! The tracks and their labs.

use serde_json::{Value, json};

use super::page::Page;
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
    /// All of them are closed.
    pub finished: bool,
    /// A session of it is open.
    pub open: bool,
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
                json!({
                    "lab": lab.id, "title": lab.title, "minutes": lab.minutes, "steps": lab.steps,
                    "passed": lab.passed, "finished": lab.finished, "open": lab.open,
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
            screen += &self.theme.paint(Role::Title, &track.title);
            screen += "\n";
            screen += &self.wrap("", &track.summary);
            screen += "\n";
            for lab in &track.labs {
                let state = match lab {
                    LabLine { finished: true, .. } => self.theme.paint(Role::Good, "finished"),
                    LabLine { open: true, passed, steps, .. } => {
                        self.theme.paint(Role::Open, &format!("{passed} of {steps} done"))
                    }
                    LabLine { passed: 0, steps, .. } => format!("{steps} steps"),
                    LabLine { passed, steps, .. } => format!("{passed} of {steps} done, ended"),
                };
                screen += &self.wrap("  ", &format!("{}  {}", lab.id, lab.title));
                screen += &format!("      {} min · {state}\n", lab.minutes);
            }
        }
        screen + "\nBegin one: labrun start LAB\n"
    }
}
