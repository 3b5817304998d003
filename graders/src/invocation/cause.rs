//! What of a line may have started, stopped or changed a container, so that what comes after it in the line comes after
//! the engine's event, too.

use super::call::call;
use crate::readers::Reading;
use crate::shell::{Command, Exit, Fate, Joint, Reach};
use crate::trace::{Doubt, Trace};

/// The last command of a line that is about a container's state.
pub(crate) struct Cause {
    /// Its place in the line; `None` where there is none.
    at: Option<usize>,
    /// It surely ran, and was over before the next one began.
    is_certain: bool,
}

/// The last one of these commands that may have caused an event of the container's.
pub(crate) fn of(course: &[(Command, Fate)], container: &str) -> Cause {
    let is_cause = |(command, fate): &(Command, Fate)| fate.reach != Reach::No && causes(command, container);
    let at = course.iter().rposition(is_cause);
    let is_certain = at.is_some_and(|at| {
        let in_background = course.get(at + 1).is_some_and(|(next, _)| next.joined_by == Joint::Background);
        let failed = |fate: &Fate| matches!(fate.exit, Exit::Failed | Exit::NotSucceeded);
        !in_background && course.get(at).is_some_and(|(_, fate)| fate.reach == Reach::Yes && !failed(fate))
    });
    Cause { at, is_certain }
}

/// Where a command stands to the event.
enum Order {
    Before,
    After,
    Unknown,
}

impl Cause {
    fn order(&self, index: usize) -> Order {
        match self.at {
            Some(at) if self.is_certain && index > at => Order::After,
            Some(at) if self.is_certain && index < at => Order::Before,
            _ => Order::Unknown,
        }
    }

    /// What a command at this place proves, if it must come after the event.
    pub(super) fn bounds(&self, index: usize, trace: Trace) -> Trace {
        match (trace, self.order(index)) {
            (Trace::Absent | Trace::Unclear(_), _) | (_, Order::After) => trace,
            (_, Order::Before) => Trace::Otherwise,
            (_, Order::Unknown) => Trace::Unclear(Doubt::Order),
        }
    }

    /// The same of a reading.
    pub(crate) fn bounds_reading(&self, index: usize, read: Reading) -> Reading {
        match (read, self.order(index)) {
            (Reading::DoesNot | Reading::May(_) | Reading::Shell, _) | (_, Order::After) => read,
            (_, Order::Before) => Reading::NotRead,
            (_, Order::Unknown) => Reading::May(Doubt::Order),
        }
    }
}

/// Whether a command may start, stop or change the container.
fn causes(command: &Command, container: &str) -> bool {
    let Some(call) = call(command) else { return false };
    let is_named = || call.operands.iter().any(|word| word.known().is_none_or(|text| text == container));
    match call.command.as_str() {
        "container start" | "container stop" | "container restart" | "container kill" | "container pause"
        | "container unpause" | "container rename" | "container update" | "container rm" => is_named(),
        "container run" | "container create" => call.name.as_deref().is_none_or(|name| name == container),
        command => command.starts_with("compose"),
    }
}
