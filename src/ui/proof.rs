//! A verification as it goes.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Ui;
use crate::engine::{Event, Listener};

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
            Event::StepBegins { .. } => None,
            Event::StepProved { index, proof } => Some(self.ui.page().proof(*index, proof)),
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
        let style = ProgressStyle::with_template("{spinner} step {pos} of {len}: {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { lines: Lines::new(ui), bar }
    }
}

impl Listener for Bar {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::VerifyBegins { steps, .. } => {
                self.bar.set_length(*steps as u64);
                self.bar.enable_steady_tick(Duration::from_millis(100));
            }
            Event::StepBegins { index, title } => {
                self.bar.set_position(*index as u64 + 1);
                self.bar.set_message((*title).to_owned());
            }
            Event::VerifyEnds { .. } => self.bar.finish_and_clear(),
            Event::StepProved { .. } => {}
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
