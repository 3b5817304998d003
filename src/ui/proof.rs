//! A verification as it goes.

mod junit;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Ui;
use crate::engine::{Event, Listener};
pub use junit::{Verified, junit};

/// Lines: one when something is known.
pub(super) struct Lines {
    ui: Ui,
}

impl Lines {
    pub(super) fn new(ui: Ui) -> Self {
        Self { ui }
    }

    fn text(&self, event: &Event) -> Option<String> {
        match event {
            Event::VerifyBegins { lab, .. } => Some(self.ui.page().title(lab)),
            Event::StepBegins { .. } | Event::RoundEnds { .. } => None,
            Event::StepProved { proof } => Some(self.ui.page().proof(proof)),
            Event::VerifyEnds { report } => Some(self.ui.page().lab_report(report)),
        }
    }
}

impl Listener for Lines {
    fn hear(&mut self, event: &Event) {
        if let Some(text) = self.text(event) {
            self.ui.say(&text);
        }
    }
}

/// The same lines above a bar that says what is under way.
pub(super) struct Bar {
    lines: Lines,
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(ui: Ui) -> Self {
        let bar = ProgressBar::new(0);
        // The words say what the moving part says.
        let style = ProgressStyle::with_template("{spinner} {wide_msg}: {pos} of {len} ways through it are done");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { lines: Lines::new(ui), bar }
    }
}

impl Listener for Bar {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::VerifyBegins { lab, rounds } => {
                self.bar.set_length(*rounds as u64);
                self.bar.set_message((*lab).to_owned());
                self.bar.enable_steady_tick(Duration::from_millis(100));
            }
            Event::RoundEnds { done } => self.bar.set_position(*done as u64),
            Event::VerifyEnds { .. } => self.bar.finish_and_clear(),
            Event::StepBegins { .. } | Event::StepProved { .. } => {}
        }
        if let Some(text) = self.lines.text(event) {
            self.bar.suspend(|| self.lines.ui.say(&text));
        }
    }
}

/// Nothing.
pub(super) struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _: &Event) {}
}

/// What is being made, a line each.
pub(super) struct Making {
    ui: Ui,
}

impl Making {
    pub(super) fn new(ui: Ui) -> Self {
        Self { ui }
    }
}

impl Listener for Making {
    fn hear(&mut self, event: &Event) {
        if let Event::StepBegins { index, title } = event {
            self.ui.say(&self.ui.page().making(*index, title));
        }
    }
}
