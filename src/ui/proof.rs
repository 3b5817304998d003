//! Verifications as they go.

mod junit;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Ui;
pub use junit::{Verified, junit};
use labrun_engine::{Event, Listener};

impl Ui {
    /// Shows what a catch-up makes as it goes; nothing beside JSON.
    #[must_use]
    pub fn catchup_listener(&self) -> Box<dyn Listener> {
        if self.json { Box::new(Silent) } else { Box::new(Making::new(self.clone())) }
    }

    /// Shows a verification as it goes: a bar on a terminal, lines elsewhere, nothing beside JSON.
    #[must_use]
    pub fn verify_stage(&self) -> Stage {
        Stage::new(self.clone())
    }
}

/// Verifications side by side, and each told as a block of its own, in the labs' order: the first that has not ended as it
/// goes, the others when it is their turn. On a terminal with a bar below that says what is under way; in JSON nothing.
#[derive(Clone)]
pub struct Stage {
    ui: Ui,
    bar: Option<ProgressBar>,
    told: Rc<RefCell<Told>>,
}

/// What has been told, and what waits.
#[derive(Default)]
struct Told {
    /// The lab whose turn it is.
    turn: usize,
    /// What is known of later ones.
    waiting: BTreeMap<usize, String>,
    under_way: BTreeMap<usize, Ways>,
}

/// How many ways through a lab are done.
struct Ways {
    lab: String,
    done: usize,
    of: usize,
}

impl Stage {
    fn new(ui: Ui) -> Self {
        let bar = (ui.is_terminal() && !ui.json).then(|| {
            // The words say what the moving part says.
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        Self { ui, bar, told: Rc::default() }
    }

    /// Who listens to the lab of this number, from 0.
    #[must_use]
    pub fn listener(&self, number: usize) -> Box<dyn Listener> {
        Box::new(OfLab { stage: self.clone(), number })
    }

    /// The lab whose turn it was has ended well.
    pub fn next(&self) {
        let mut told = self.told.borrow_mut();
        told.turn += 1;
        let turn = told.turn;
        if let Some(text) = told.waiting.remove(&turn) {
            self.say(&text);
        }
    }

    /// Takes the bar away: what is said next begins on a line of its own.
    pub fn close(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn hear(&self, number: usize, event: &Event) {
        let mut told = self.told.borrow_mut();
        match event {
            Event::VerifyBegins { lab, rounds } => {
                told.under_way.insert(number, Ways { lab: (*lab).to_owned(), done: 0, of: *rounds });
                self.bar.iter().for_each(|bar| bar.enable_steady_tick(Duration::from_millis(100)));
            }
            Event::RoundEnds { done } => {
                if let Some(ways) = told.under_way.get_mut(&number) {
                    ways.done = *done;
                }
            }
            Event::VerifyEnds { .. } => drop(told.under_way.remove(&number)),
            Event::StepBegins { .. } | Event::StepProved { .. } => {}
        }
        self.bar.iter().for_each(|bar| bar.set_message(told.in_words()));
        let Some(text) = self.text(event) else { return };
        if number == told.turn {
            self.say(&text);
        } else {
            told.waiting.entry(number).or_default().push_str(&text);
        }
    }

    /// What an event says: a line when something is known.
    fn text(&self, event: &Event) -> Option<String> {
        match event {
            _ if self.ui.json => None,
            Event::VerifyBegins { lab, .. } => Some(self.ui.page().title(lab)),
            Event::StepBegins { .. } | Event::RoundEnds { .. } => None,
            Event::StepProved { proof } => Some(self.ui.page().proof(proof)),
            Event::VerifyEnds { report } => Some(self.ui.page().lab_report(report)),
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.ui.say(text)),
            None => self.ui.say(text),
        }
    }
}

impl Told {
    /// What is under way.
    fn in_words(&self) -> String {
        let ways: Vec<_> = self.under_way.values().collect();
        match ways.as_slice() {
            [Ways { lab, done, of }] => format!("{lab}: {done} of {of} ways through it are done"),
            ways => {
                let sum = |of: fn(&Ways) -> usize| ways.iter().map(|ways| of(ways)).sum::<usize>();
                let (labs, done, of) = (ways.len(), sum(|ways| ways.done), sum(|ways| ways.of));
                format!("{labs} labs: {done} of {of} ways through them are done")
            }
        }
    }
}

/// Listens to one of the labs.
struct OfLab {
    stage: Stage,
    number: usize,
}

impl Listener for OfLab {
    fn hear(&mut self, event: &Event) {
        self.stage.hear(self.number, event);
    }
}

/// Nothing.
struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _: &Event) {}
}

/// What is being made, a line each.
struct Making {
    ui: Ui,
}

impl Making {
    fn new(ui: Ui) -> Self {
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
