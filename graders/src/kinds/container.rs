//! `container: { name, state?, image?, restarted?, mounts?, without?, same_since? }`: a container exists, in a state, from
//! an image.

mod restarted;

use super::image::is_from;
use super::mount::described_at;
use super::same_since::{self, SAME_SINCE, SameSince};
use super::target::fact_target;
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{self, Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// The states that a check can ask for, as the engine calls them.
const STATES: [&str; 4] = ["running", "exited", "created", "paused"];

/// Wants a container.
#[derive(Debug)]
pub struct Container {
    name: Name,
    state: Option<String>,
    image: Option<Name>,
    /// Whether it was stopped and started since the step began.
    restarted: Option<bool>,
    /// Nothing is mounted in it.
    bare: bool,
    /// A volume that is not mounted in it.
    without: Option<Name>,
    same_since: Option<SameSince>,
}

/// What can be asked of its mounts.
const MOUNTS: [&str; 1] = ["none"];

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `container` check",
    &[
        Field::required("name", Form::Name(NameKind::Container), "The container."),
        Field::optional("state", Form::Word(&STATES), "The state that it must be in."),
        Field::optional(
            "image",
            Form::Name(NameKind::Image),
            "The image that it is from. Without a tag, any tag will do; another name of the same image will do, too.",
        ),
        Field::optional(
            "restarted",
            Form::Truth,
            "`true`: it was stopped and started since the step began. `false`: it was not stopped, killed, restarted or replaced since then.",
        ),
        Field::optional(
            "mounts",
            Form::Word(&MOUNTS),
            "`none`: nothing is mounted in it, no volume, no path, no memory.",
        ),
        Field::optional("without", Form::Name(NameKind::Volume), "A volume that must not be mounted in it."),
        SAME_SINCE,
    ],
);

impl Described for Container {
    const ABOUT: &'static str = "A container exists.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Container {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let name = fields.name("name", NameKind::Container);
        let state = fields.optional::<Text>("state");
        if let Some(state) = &state
            && !STATES.contains(&state.text.as_str())
        {
            let message = format!("a container is never `{state}`");
            unknown(fields.faults, "unknown-value", state.span, message, &state.text, STATES);
        }
        let image = fields.optional_name("image", NameKind::Image);
        let restarted = fields.optional("restarted");
        let mounts = fields.optional::<Text>("mounts");
        if let Some(mounts) = mounts.as_ref().filter(|mounts| !MOUNTS.contains(&mounts.text.as_str())) {
            let message = format!("`mounts` is never `{mounts}`: a mount has a check of its own, `mount`");
            unknown(fields.faults, "unknown-value", mounts.span, message, &mounts.text, MOUNTS);
        }
        let without = fields.optional_name("without", NameKind::Volume);
        let same_since = SameSince::read(&mut fields);
        fields.end();
        let (state, bare) = (state.map(|state| state.text), mounts.is_some());
        Some(Self { name: name?, state, image, restarted, bare, without, same_since })
    }
}

impl Container {
    /// What is wanted beside its state and image, as a part of a sentence.
    fn wants_more(&self) -> String {
        let restarted = match self.restarted {
            Some(true) => ", restarted in this step",
            Some(false) => ", not stopped in this step",
            None => "",
        };
        let bare = match &self.without {
            _ if self.bare => ", without a mount".to_owned(),
            Some(volume) => format!(", without {volume}"),
            None => String::new(),
        };
        format!("{restarted}{bare}{}", same_since::wants(self.same_since.as_ref()))
    }

    /// Why it is another container than the one that was there; `None` if it is the same, or any will do.
    fn is_other(&self, container: &fact::Container, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        match &self.same_since {
            Some(same) => same.other_container(&self.name, container, &self.wants(), facts),
            None => Ok(None),
        }
    }

    /// Something is mounted where nothing is to be.
    fn unwanted_mount(&self, container: &fact::Container) -> Option<Feedback> {
        let is_unwanted = |mount: &&fact::Mount| {
            let is_it = |volume: &Name| mount.kind == "volume" && mount.name == volume.text;
            self.bare || self.without.as_ref().is_some_and(is_it)
        };
        let mount = container.mounts.iter().find(is_unwanted)?;
        let seen = format!("{} has {}", self.name, described_at(mount));
        let sentence = "In this step it is to do without. Mounts are given when a container is created, and stay.";
        Some(Feedback::wrong(self.wants(), seen, sentence).diagnosed("unwanted-mount"))
    }

    fn wrong_state(&self, container: &fact::Container, wanted: &str) -> Finding {
        let name = &self.name;
        let status = &container.status;
        let feedback = |seen: String, sentence: &str| Feedback::wrong(self.wants(), seen, sentence);
        Finding::Fail(match (wanted, status.as_str()) {
            ("running", "created") if !container.error.is_empty() || matches!(container.exit_code, 126 | 127) => {
                let error = match container.error.as_str() {
                    "" => "its command".to_owned(),
                    error => near::start_error::plain(error, &container.image),
                };
                feedback(
                    format!("{name} could not start: {error}"),
                    "Docker's message names the cause. Which part of the command has to change?",
                )
                .diagnosed("command-cannot-start")
            }
            ("running", "created") => feedback(
                format!("{name} was created, and never started"),
                "Creating a container and running it are two things. Which one is still to be done?",
            )
            .diagnosed("never-started"),
            ("running", "exited") if matches!(container.exit_code, 126 | 127) => feedback(
                format!("{name} ended with {}: its command could not start", container.exit_code),
                "Is there such a command in the image, and is it spelled as you meant it?",
            )
            .diagnosed("command-cannot-start"),
            ("running", "exited") if container.exit_code == 0 && !container.open_stdin && ran_briefly(container) => {
                feedback(
                    format!("{name} started, and ended at once with 0"),
                    "A container lives as long as its main process. What would keep that one waiting?\n\
                     It still holds its name; that has to be free before you try again.",
                )
                .diagnosed("exited-at-once")
            }
            ("running", "exited") => feedback(
                format!("{name} has ended, with {}", container.exit_code),
                "It is there, but it is not running any more.",
            )
            .diagnosed("not-running"),
            _ => feedback(format!("{name} is {status}"), "Which state does the task ask for?").diagnosed("other-state"),
        })
    }
}

/// Whether its main process ended within a second of its start, or only for want of processor time did not.
///
/// The engine notes the start after the fact: the end of a short process can stand before it.
fn ran_briefly(container: &fact::Container) -> bool {
    let within = |from: i64, to: i64| to.saturating_sub(from) < 1_000_000_000;
    container.is_shell_without_input()
        || matches!((container.started, container.finished), (Some(from), Some(to)) if within(from, to))
}

impl Grader for Container {
    fn wants(&self) -> String {
        let wants = match (self.state.as_deref(), &self.image) {
            (Some("running"), Some(image)) => format!("{} is running {image}", self.name),
            (Some(state), None) => format!("{} is {state}", self.name),
            (Some(state), Some(image)) => format!("{} is {state}, from {image}", self.name),
            (None, Some(image)) => format!("{} is there, from {image}", self.name),
            (None, None) => format!("container {} is there", self.name),
        };
        wants + &self.wants_more()
    }

    fn asks(&self) -> Vec<Ask> {
        let mut asks = vec![Ask::Container(self.name.text.clone())];
        asks.extend(self.image.iter().map(|image| Ask::Image(image.text.clone())));
        asks.extend(self.same_since.iter().flat_map(|same| same.asks(&self.name)));
        if self.restarted.is_some() {
            asks.extend([Ask::Lifetime(fact_target(&self.name)), Ask::Journal]);
        }
        asks
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(container) = facts.container(&self.name.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.name)));
        };
        // What it is comes first, and what cannot be known about that last: the rest may be wrong for sure.
        let other = self.is_other(container, facts);
        if let Ok(Some(other)) = other {
            return Ok(Finding::Fail(other));
        }
        if let Some(image) = &self.image
            && !is_from(&container.image, &container.image_id, &image.text, facts)?
        {
            let seen = format!("{} is from {}", self.name, container.image);
            let sentence = "Compare the image's name and tag with the task's.";
            return Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("wrong-image")));
        }
        if let Some(unwanted) = self.unwanted_mount(container) {
            return Ok(Finding::Fail(unwanted));
        }
        if let Some(wanted) = self.state.as_deref().filter(|wanted| *wanted != container.status) {
            return Ok(self.wrong_state(container, wanted));
        }
        let restarted = match self.restarted.map(|wanted| restarted::judge(wanted, self, container, facts)) {
            None => None,
            Some(judged) => match judged? {
                Ok(at) => at,
                Err(feedback) => return Ok(Finding::Fail(feedback)),
            },
        };
        other?;
        Ok(match self.state.as_deref() {
            _ if restarted.is_some() => pass(restarted),
            Some("running") => pass(container.started),
            Some("exited") => pass(container.finished),
            _ => pass(Some(container.created)),
        })
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        near::traces_asks(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let (name, wants) = (self.name.text.as_str(), self.wants());
        match facts.container(name) {
            // Which image a listed container is from is told by name only.
            Ok(None) => near::container::missing(name, &wants, facts, |made| {
                self.image.as_ref().is_none_or(|image| matches!(is_from(&made.image, "", &image.text, facts), Ok(true)))
            }),
            Ok(Some(_)) => {
                let taken = near::container::name_taken(name, &wants, facts);
                let another = (self.restarted == Some(true)).then(|| restarted::another(self, facts)).flatten();
                taken.into_iter().chain(another).chain(near::typed::no_such_container(&wants, facts)).collect()
            }
            Err(_) => Vec::new(),
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
        if let Some(image) = &mut self.image {
            visitor.name(image);
        }
        if let Some(volume) = &mut self.without {
            visitor.name(volume);
        }
        if let Some(same) = &self.same_since {
            same.visit(visitor);
        }
    }
}
