//! The line that came nearest to a part of what is to be entered.

use super::part::{Manner, Part};
use crate::evidence::TypedLine;
use crate::fact::Nanos;
use crate::trace::{Doubt, Trace};

/// What came nearest to a part.
pub(super) enum Nearest<'l> {
    Done(&'l TypedLine),
    Unclear(&'l TypedLine, Doubt),
    /// It was done, before what it was to follow.
    Early(&'l TypedLine),
    Otherwise(&'l TypedLine),
    Nothing,
}

/// A line, and when the one before it had ended.
#[derive(Clone, Copy)]
pub(super) struct Recent<'l> {
    pub(super) line: &'l TypedLine,
    pub(super) before: Nanos,
}

/// What the lines must come after.
#[derive(Clone, Copy)]
pub(super) enum Begin<'a> {
    Step,
    /// This event of a container.
    Event(Nanos, &'a str),
    /// What must come before has not happened.
    Never,
}

/// What one line proves, and whether it came too early.
enum Proof {
    Trace(Trace),
    Early,
}

fn proof(part: &Part<'_>, Recent { line, before }: Recent<'_>, manner: Manner<'_>, begin: Begin<'_>) -> Proof {
    let trace = part.done_by(line, manner);
    match begin {
        Begin::Never if trace == Trace::Done => Proof::Early,
        Begin::Event(at, _) if trace == Trace::Done && line.at < at => Proof::Early,
        // It was entered before the event, whatever it did.
        Begin::Event(at, _) if line.at < at => Proof::Trace(Trace::Absent),
        Begin::Never => Proof::Trace(Trace::Absent),
        // The event may be of this line: then the order of its commands decides.
        Begin::Event(at, container) if before < at => {
            match part.done_by(line, Manner { after: Some(container), ..manner }) {
                Trace::Otherwise if trace == Trace::Done => Proof::Early,
                ordered => Proof::Trace(ordered),
            }
        }
        Begin::Event(..) | Begin::Step => Proof::Trace(trace),
    }
}

impl Part<'_> {
    /// What came nearest to it: a line that did it and ended as wanted, one that may have, one that did it and ended
    /// otherwise or too early.
    pub(super) fn nearest<'l>(&self, lines: &[Recent<'l>], manner: Manner<'_>, begin: Begin<'_>) -> Nearest<'l> {
        let mut nearest = Nearest::Nothing;
        for recent in lines.iter().copied().rev() {
            let line = recent.line;
            match (proof(self, recent, manner, begin), &nearest) {
                // The first that did it, since what came after it is of the next step.
                (Proof::Trace(Trace::Done), _) => nearest = Nearest::Done(line),
                (Proof::Trace(Trace::Unclear(doubt)), Nearest::Nothing | Nearest::Otherwise(_) | Nearest::Early(_)) => {
                    nearest = Nearest::Unclear(line, doubt);
                }
                (Proof::Trace(Trace::Otherwise), Nearest::Nothing) => nearest = Nearest::Otherwise(line),
                (Proof::Early, Nearest::Nothing) => nearest = Nearest::Early(line),
                _ => {}
            }
        }
        nearest
    }
}
