//! `same_since: start | STEP`: a container or volume is the one that was there at that moment, and not another one that was
//! made under its name.

use super::target::fact_target;
use crate::decode::Fields;
use crate::evidence::Journal;
use crate::fact::{self, Ask, Facts, Moment, Nanos, Reached};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::shape::{Field, Form};
use crate::verdict::{CannotLook, Feedback, Obstacle};

/// Of a file.
pub(super) const UNWRITTEN_SINCE: Field = Field::optional(
    "same_since",
    Form::Id,
    "`start`, or the id of an earlier step: the file must not have been written to since then, by the time that it bears. \
     A file of the host has no such time: the engine's clock may be another one.",
);

pub(super) const SAME_SINCE: Field = Field::optional(
    "same_since",
    Form::Id,
    "`start`, or the id of an earlier step: it must be the same one as then, not removed and made again under its name.",
);

/// The word for the beginning of the session.
const START: &str = "start";

/// The engine dates volumes in whole seconds.
const SECOND: Nanos = 1_000_000_000;

/// A moment since which something must be the same.
#[derive(Debug)]
pub(super) struct SameSince {
    moment: Moment,
    id: Text,
}

impl SameSince {
    /// Reads the key, if it is there.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let id = fields.optional::<Text>("same_since")?;
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !id.text.split('-').all(is_word) {
            let help = "write `start`, or the id of an earlier step";
            fields.faults.add_with_help("wrong-value", id.span, format!("no step is called `{id}`"), help);
        }
        let moment = if id.text == START { Moment::Start } else { Moment::Step(id.text.clone()) };
        Some(Self { moment, id })
    }

    /// What must be known of this object beside that it is there.
    pub(super) fn asks(&self, object: &Name) -> [Ask; 3] {
        [Ask::Reached(self.moment.clone()), Ask::Lifetime(fact_target(object)), Ask::Journal]
    }

    /// What must be known of a file beside the file.
    pub(super) fn asks_of_file(&self) -> Ask {
        Ask::Reached(self.moment.clone())
    }

    /// Why a file, called `at`, is not as it was at that moment; `None` if nothing was written to it since.
    ///
    /// # Errors
    /// When the moment or the file's time is not known.
    pub(super) fn written(
        &self,
        modified: Option<Nanos>,
        at: &str,
        wants: &str,
        facts: &Facts,
    ) -> Result<Option<Feedback>, CannotLook> {
        let (Some(reached), Some(modified)) = (facts.reached(&self.moment)?.copied(), modified) else {
            let what = format!("whether {at} was written to since cannot be known");
            return Err(CannotLook::new(Obstacle::Gap, what, "pass over this step: labrun skip"));
        };
        Ok((modified > reached.at).then(|| {
            let seen = format!("{at} was written to {}", after(reached));
            let sentence = "It was to stay as it is: what it holds now is not what it was kept for. Which of your commands \
                            wrote to it?";
            Feedback::wrong(wants, seen, sentence).diagnosed("written-since")
        }))
    }

    /// Why a container is another one than at that moment; `None` if it is the same.
    ///
    /// # Errors
    /// When neither its date nor the engine's events tell.
    pub(super) fn other_container(
        &self,
        name: &Name,
        container: &fact::Container,
        wants: &str,
        facts: &Facts,
    ) -> Result<Option<Feedback>, CannotLook> {
        let (reached, removed, journal) = self.told(name, facts)?;
        let nothing = Journal::default();
        let journal = journal.unwrap_or(&nothing);
        let sentence = "The name is the same, the container is not: what the old one wrote in its own layer went with \
                        it. Which of your commands replaced it?";
        let replaced = |seen| Ok(Some(Feedback::wrong(wants, seen, sentence).diagnosed("made-again")));
        if let Some(old) = journal.name_at(&container.id, reached.at).filter(|old| *old != name.text) {
            return replaced(format!("{name} is another container, which was called {old} {}", before(reached)));
        }
        if container.created <= reached.at {
            return Ok(None);
        }
        if !reached.skipped || removed.is_some_and(|removed| removed > reached.at) {
            return replaced(format!("{name} is a new container, made {}", after(reached)));
        }
        // Nobody knows whether there was one when the step was skipped.
        if journal.has_gap_after(reached.at) { Err(unknown(name)) } else { Ok(None) }
    }

    /// Why a volume is another one than at that moment; `None` if it is the same.
    ///
    /// # Errors
    /// When neither its date nor the engine's events tell.
    pub(super) fn other_volume(
        &self,
        name: &Name,
        volume: &fact::Volume,
        wants: &str,
        facts: &Facts,
    ) -> Result<Option<Feedback>, CannotLook> {
        let (reached, removed, journal) = self.told(name, facts)?;
        if removed.is_some_and(|removed| removed > reached.at) {
            let seen = format!("{name} was removed {}, and made again", after(reached));
            let sentence = "A new volume of the same name begins empty: the data went with the old one. Which of your \
                            commands removed it?";
            return Ok(Some(Feedback::wrong(wants, seen, sentence).diagnosed("made-again")));
        }
        // Its date moves when its root directory changes, and never back.
        let is_older = volume.created.is_some_and(|created| created.saturating_add(SECOND) <= reached.at);
        let is_told = journal.is_some_and(|journal| !journal.has_gap_after(reached.at));
        if is_older || is_told { Ok(None) } else { Err(unknown(name)) }
    }

    fn told<'a>(
        &self,
        name: &Name,
        facts: &'a Facts,
    ) -> Result<(Reached, Option<Nanos>, Option<&'a Journal>), CannotLook> {
        let reached = facts.reached(&self.moment)?.copied();
        let removed = facts.lifetime(&fact_target(name))?.and_then(|lifetime| lifetime.removed);
        let journal = facts.journal()?;
        let reached = reached.ok_or_else(|| unknown(name))?;
        Ok((reached, removed, journal))
    }

    /// Shows the step that it names.
    pub(super) fn visit(&self, visitor: &mut dyn Visitor) {
        if let Moment::Step(_) = self.moment {
            visitor.step(&self.id);
        }
    }
}

/// What is added to what a check wants.
pub(super) fn wants(same: Option<&SameSince>) -> &'static str {
    if same.is_some() { ", still the same one" } else { "" }
}

fn before(reached: Reached) -> String {
    reached.step.map_or_else(|| "when the lab began".to_owned(), |step| format!("when step {step} was done"))
}

fn after(reached: Reached) -> String {
    reached.step.map_or_else(|| "since the lab began".to_owned(), |step| format!("after step {step}"))
}

fn unknown(name: &Name) -> CannotLook {
    let kind = match name.kind {
        NameKind::Volume => "volume",
        _ => "container",
    };
    CannotLook::new(
        Obstacle::Gap,
        format!(
            "whether {name} is still the same {kind} cannot be known: the engine no longer tells all that happened"
        ),
        "pass over this step: labrun skip; or begin it again: labrun catchup",
    )
}
