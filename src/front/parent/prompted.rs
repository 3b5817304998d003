//! What a prompt is told: the parent grades, if anything may have changed, and says what is new as soon as it is known.

use std::rc::Rc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use labrun_graders::shell::commands;
use labrun_graders::{Ask, Nanos, Place, asks_labrun};

use super::{ANSWER, Parent, State};
use crate::front::entered::Noted;
use crate::front::narrator::{Narrator, Say};
use crate::front::wire::Prompt;
use crate::ui::Page;
use labrun_engine::{Grader, Progress, Session};

/// How long look-ups of what has just happened are waited for.
const SETTLED: Duration = Duration::from_millis(50);

/// Something to say at a prompt.
pub(in crate::front) struct News {
    pub(in crate::front) text: String,
    pub(in crate::front) lasts: Lasts,
}

/// How long something is worth saying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::front) enum Lasts {
    /// Until it was said.
    UntilSaid,
    /// It tells how a step stands, at length or in a line; what is told later of that step takes its place.
    UntilNewer { at_length: bool },
    /// At this prompt alone.
    Now,
}

/// A grading under way.
pub(in crate::front) struct Looking {
    /// What is said if the prompt does not wait for it.
    pub(in crate::front) text: String,
    /// When the grading before it began.
    pub(in crate::front) since: Nanos,
    /// The line before it may have changed something on the engine.
    pub(in crate::front) touches_engine: bool,
}

impl Parent {
    /// What is new, as far as it is known in time; the rest is said at the next prompt.
    pub(in crate::front) async fn prompt(self: Rc<Self>, prompt: Prompt) -> Vec<News> {
        let entered = self.entered.note(&prompt, self.clock.now(), &self.practice.typed);
        let page = Page::of_prompt(prompt.columns, &|name| prompt.env.get(name).cloned());
        let parent = self.clone();
        let mut grading = tokio::task::spawn_local(async move {
            let news = parent.grade(&entered, page).await;
            parent.looking.take();
            parent.late.borrow_mut().extend(news);
        });
        let is_graded = tokio::time::timeout(ANSWER, &mut grading).await.is_ok();
        let mut news = self.late.take();
        if !is_graded {
            // The grading under way looks at the open step again, so what an earlier one saw is stale.
            let stale = news.extract_if(.., |news| matches!(news.lasts, Lasts::UntilNewer { .. })).collect::<Vec<_>>();
            self.late.borrow_mut().extend(stale);
        }
        // Silence would read as success.
        if let Some(looking) = &*self.looking.borrow()
            && news.is_empty()
            && self.is_active_since(looking.since, looking.touches_engine)
        {
            news.push(News { text: looking.text.clone(), lasts: Lasts::Now });
        }
        news
    }

    /// Grades, if anything may have changed, and says what is new.
    async fn grade(&self, noted: &Noted, page: Page) -> Option<News> {
        let mut state = self.state.lock().await;
        let State { store, session, narrator, graded, first, .. } = &mut *state;
        let touches_engine = matches!(noted, Noted::Line(line) if speaks_to_engine(line));
        let known = session.progress.clone();
        let mut active = self.is_active_since(*graded, touches_engine);
        if session.refresh(store).is_err() {
            return None;
        }
        let elsewhere = if *first { None } else { passed_elsewhere(&known, session) };
        if let Some(index) = elsewhere {
            narrator.forget();
            return Some(News { text: page.passed_elsewhere(session, index), lasts: Lasts::UntilSaid });
        }
        // What labrun was asked, it has answered.
        let entered = match noted {
            Noted::Nothing => false,
            Noted::Unread => true,
            Noted::Line(line) => !asks_labrun(line),
        };
        // What others do is no reason to speak, but it may be the end of what the learner did.
        let by_events = watches(session, Watched::Journal);
        let newer = by_events && self.activity.is_newer_than(*graded);
        let shows = matches!(noted, Noted::Line(line) if shows_verdict(line));
        if !(active || newer || touches_engine || shows || *first || (entered && watches(session, Watched::Host))) {
            return None;
        }
        *first = false;
        let since = std::mem::replace(graded, self.clock.now());
        let text = session.current().map(|index| page.looking(index));
        self.looking.replace(text.map(|text| Looking { text, since, touches_engine }));
        if by_events {
            self.activity.settled(SETTLED).await;
        }
        let typed = self.practice.typed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Somebody may have ended it, or lifted its stop.
        session.row = store.session(session.row.id).ok().flatten()?;
        let before = session.current();
        let followed = self.practice.followed.load(Ordering::Relaxed);
        let grader = Grader::new(store, &self.engine, Some(&typed));
        let outcome = match (Grader { followed, ..grader }).check(session).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let text = page.labelled(crate::ui::Role::Bad, "labrun", &error.to_string());
                return Some(News { text, lasts: Lasts::UntilNewer { at_length: true } });
            }
        };
        let current = before?;
        if shows && outcome.passed().is_empty() {
            // The command has said it; a step without an attempt was shown by its task alone.
            let tried = session.progress.steps.get(current).is_some_and(|state| state.fails > 0);
            narrator.shown(&outcome, tried);
            return None;
        }
        // An event may come after the prompt; and what was not said yet is still owed an answer.
        active |= self.is_active_since(since, touches_engine);
        active |= self.withdraw(narrator);
        let say = narrator.decide(&outcome, active);
        let text = match say {
            Say::Nothing => return None,
            Say::Outcome => page.outcome(session, &outcome),
            Say::Still => page.still(session, outcome.steps.last()?),
        };
        let at_length = say == Say::Outcome;
        let lasts = if outcome.passed().is_empty() { Lasts::UntilNewer { at_length } } else { Lasts::UntilSaid };
        Some(News { text, lasts })
    }

    /// Takes back what was not yet said of how a step stands, since there is something newer to say; whether there was any.
    pub(in crate::front) fn withdraw(&self, narrator: &mut Narrator) -> bool {
        let mut late = self.late.borrow_mut();
        let is_open = |news: &News| matches!(news.lasts, Lasts::UntilNewer { .. });
        let withdrawn = late.iter().any(is_open);
        // What is to be told at length was not told yet.
        if late.iter().any(|news| news.lasts == Lasts::UntilNewer { at_length: true }) {
            narrator.forget();
        }
        late.retain(|news| !is_open(news));
        withdrawn
    }

    /// Whether the learner did something after this moment: something happened to what is the lab's; or they spoke to
    /// the engine, and then something happened there, or nobody here records whether it did.
    fn is_active_since(&self, moment: Nanos, touches_engine: bool) -> bool {
        let spoken = touches_engine && (self.activity.is_newer_than(moment) || !self.recording.get());
        spoken || self.activity.is_own_newer_than(moment)
    }
}

/// Whether a line may have changed something on the engine that no event tells.
fn speaks_to_engine(line: &str) -> bool {
    let is_client =
        |word: &str| matches!(word.rsplit('/').next(), Some("docker" | "podman" | "nerdctl" | "docker-compose"));
    commands(line).iter().any(|command| command.words.iter().take(4).any(|word| is_client(&word.text)))
}

/// Whether a line has labrun show how the step is.
fn shows_verdict(line: &str) -> bool {
    let shows = |word: &str| matches!(word, "answer" | "check" | "solution");
    asks_labrun(line) && commands(line).iter().any(|command| command.words.iter().any(|word| shows(&word.text)))
}

/// The last step that another terminal has closed meanwhile.
fn passed_elsewhere(known: &Progress, session: &Session) -> Option<usize> {
    let is_new = |index: &usize| {
        let closed = |progress: &Progress| progress.steps.get(*index).is_some_and(|step| step.closed.is_some());
        closed(&session.progress) && !closed(known)
    };
    (0..session.progress.steps.len()).rev().find(is_new)
}

/// What a step may be about.
#[derive(Clone, Copy)]
enum Watched {
    /// Something that no event of the engine's tells.
    Host,
    /// What the engine's events prove.
    Journal,
}

/// Whether the current step is about this.
fn watches(session: &Session, what: Watched) -> bool {
    let step = session.current().and_then(|index| session.loaded.lab.steps.get(index));
    let mut asks = step.into_iter().flat_map(|step| step.checks.iter().flat_map(|check| check.asks()));
    asks.any(|ask| match what {
        Watched::Host => matches!(
            ask,
            Ask::Typed
                | Ask::File { place: Place::Host, .. }
                | Ask::Access { place: Place::Host, .. }
                | Ask::Archive { place: Place::Host, .. }
                | Ask::Digest { place: Place::Host, .. }
        ),
        Watched::Journal => matches!(ask, Ask::Journal | Ask::Lifetime(_)),
    })
}
