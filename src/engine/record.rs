//! The recorder: while somebody practises, every event of the engine goes into the journal.
//!
//! One a session, by a lock. It outlives a restart of the engine: it connects again, and where the engine has forgotten
//! what happened meanwhile the journal gets a gap.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use labrun_graders::Nanos;
use labrun_graders::evidence::{Entry, Gap};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::news::{Novelty, is_deed};
use crate::probe::{AGAIN, Engine, Fill, Keeper, Known, Others, fill, follow};
use crate::store::{SessionRow, Store, StoreError};

/// What the recorder tells those who grade.
#[derive(Debug, Default)]
pub struct Activity {
    /// When the newest event happened that somebody's deed caused: on a shared engine, anybody's.
    newest_deed: AtomicI64,
    /// When the newest of these happened to something that the lab owns.
    newest_own: AtomicI64,
    /// What was heard and is not in the journal yet: look-ups under way, and entries to be written.
    waiting: AtomicUsize,
    /// Something was heard.
    heard: Notify,
    /// Why nothing is recorded at the moment.
    trouble: Mutex<Option<String>>,
}

impl Activity {
    /// Whether somebody did something after this moment.
    pub fn is_newer_than(&self, moment: Nanos) -> bool {
        self.newest_deed.load(Ordering::Relaxed) > moment
    }

    /// Whether something happened after this moment to what the lab owns.
    pub fn is_own_newer_than(&self, moment: Nanos) -> bool {
        self.newest_own.load(Ordering::Relaxed) > moment
    }

    /// Waits until something is heard.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Waits until everything that was heard is in the journal, but not for long.
    pub async fn settled(&self, at_most: Duration) {
        let settled = async {
            while self.waiting.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let _ = tokio::time::timeout(at_most, settled).await;
    }

    fn set_trouble(&self, trouble: Option<String>) {
        if let Ok(mut place) = self.trouble.lock() {
            *place = trouble;
        }
    }

    /// Why nothing is recorded at the moment, if so.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().ok().and_then(|trouble| trouble.clone())
    }
}

/// Records a session's events, for as long as it is polled; `owned` are the names of its lab.
///
/// # Errors
/// When the journal can't be written.
pub async fn record(
    store: &mut Store,
    session: i64,
    owned: &[String],
    engine: &Engine,
    activity: &Activity,
) -> Result<(), StoreError> {
    let mut novelty = Novelty::default();
    // What was done before the first connection is no news; what was done while one was cut is.
    let mut connected = false;
    // Where the journal has come to, with what is not kept in it.
    let known = |store: &Store, row: &SessionRow| -> Result<Known, StoreError> {
        let others = Others::of(row.begin.learner.as_deref(), owned);
        Ok(Known { others, ..store.known(row)? })
    };
    loop {
        // The session is gone when somebody has reset it.
        let Some(row) = store.session(session)? else { return Ok(()) };
        match fill(engine, &known(store, &row)?, Vec::new()).await {
            Ok(filled) => {
                activity.set_trouble(None);
                store.add(session, &row.begin.engine, &filled)?;
                let Some(row) = store.session(session)? else { return Ok(()) };
                let known = known(store, &row)?;
                let (since, execs) = (known.since(), known.execs.clone());
                let mut journal = Journal {
                    store,
                    session,
                    engine: row.begin.engine,
                    newest: known.anchor.unwrap_or(known.reached),
                    passed_over: None,
                    known,
                    owned,
                    activity,
                    novelty: &mut novelty,
                    held: Vec::new(),
                    unsure: None,
                    lookups: 0,
                    written: None,
                    failed: None,
                };
                if std::mem::replace(&mut connected, true) {
                    filled.entries.iter().for_each(|entry| journal.tell(entry));
                }
                let followed = follow(engine, since, execs, &mut journal).await;
                journal.write();
                activity.waiting.store(0, Ordering::Relaxed);
                if let Some(error) = journal.failed {
                    return Err(error);
                }
                activity.set_trouble(followed.err().map(|reason| reason.what));
            }
            Err(reason) => activity.set_trouble(Some(reason.what)),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// How long entries are gathered at most before they are written, on an engine that has much to tell. Each change of the
/// journal waits for the disk; written one by one, a hundred commands a second would fall behind, and the engine drops
/// what nobody takes from it.
const GATHERED: Duration = Duration::from_millis(10);

/// How far the journal may fall behind what others do: how far it has come is written down, too. The engine knows 256
/// events; with sixty learners at work these are those of about a second.
const BEHIND: Duration = Duration::from_millis(250);

struct Journal<'a> {
    store: &'a mut Store,
    session: i64,
    engine: String,
    /// What was in the journal when this began.
    known: Known,
    /// The newest event heard.
    newest: Nanos,
    /// When the first event was passed over of those that came since the journal was written to.
    passed_over: Option<Instant>,
    owned: &'a [String],
    activity: &'a Activity,
    novelty: &'a mut Novelty,
    /// Not in the journal yet.
    held: Vec<Entry>,
    /// Where more may have been done than can be told; not in the journal yet.
    unsure: Option<Gap>,
    lookups: usize,
    /// When it was last written to.
    written: Option<Instant>,
    failed: Option<StoreError>,
}

impl Keeper for Journal<'_> {
    fn heard(&mut self, at: Nanos) {
        self.newest = self.newest.max(at);
    }

    // Not by the newest one heard: on a busy engine an event may come after one that happened later.
    fn has(&self, entry: &Entry) -> bool {
        self.known.has(entry)
    }

    fn passes_over(&mut self, entry: &Entry) -> bool {
        let is_others = self.known.others.did(entry);
        if is_others {
            self.passed_over.get_or_insert_with(Instant::now);
        }
        is_others
    }

    fn ignores_output_of(&self, created: &Entry) -> bool {
        self.known.others.use_it(created)
    }

    fn keep(&mut self, entry: Entry) {
        self.held.push(entry);
        self.tell_waiting();
    }

    fn unsure(&mut self, gap: Gap) {
        self.unsure = Some(self.unsure.map_or(gap, |other| gap.and(other)));
    }

    fn waiting(&mut self, lookups: usize) {
        self.lookups = lookups;
        self.tell_waiting();
    }

    fn due(&self) -> Option<Instant> {
        if self.held.is_empty() {
            return self.passed_over.map(|at| at + BEHIND);
        }
        Some(self.written.map_or_else(Instant::now, |written| written + GATHERED))
    }

    /// Writes what is held in one change, and only then tells of it: who grades finds it there.
    fn write(&mut self) {
        if self.held.is_empty() && self.passed_over.take().is_none() {
            return;
        }
        self.passed_over = None;
        let fill = Fill {
            entries: std::mem::take(&mut self.held),
            anchor: Some(self.newest),
            reached: self.newest,
            gap: self.unsure.take(),
            tells_less: false,
        };
        if let Err(error) = self.store.add(self.session, &self.engine, &fill) {
            self.failed.get_or_insert(error);
        }
        self.written = Some(Instant::now());
        fill.entries.iter().for_each(|entry| self.tell(entry));
        self.tell_waiting();
    }
}

impl Journal<'_> {
    fn tell(&mut self, entry: &Entry) {
        if !is_deed(entry) {
            return;
        }
        self.activity.newest_deed.fetch_max(entry.at, Ordering::Relaxed);
        let name = entry.attributes.get("name").unwrap_or(&entry.actor);
        if self.novelty.is_news(entry) && self.owned.contains(name) {
            self.activity.newest_own.fetch_max(entry.at, Ordering::Relaxed);
        }
        self.activity.heard.notify_waiters();
    }

    fn tell_waiting(&self) {
        self.activity.waiting.store(self.lookups + self.held.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use labrun_graders::Nanos;
    use labrun_graders::evidence::Entry;

    use super::{Activity, Journal, Novelty};
    use crate::probe::{Fill, Keeper, Others};
    use crate::store::testing::{ENGINE, with_session};

    fn created(at: Nanos) -> Entry {
        let (kind, action) = ("volume".to_owned(), "create".to_owned());
        Entry { at, kind, action, actor: format!("v{at}"), ..Entry::default() }
    }

    #[test]
    fn an_event_that_comes_after_a_later_one_is_kept_and_told_of_once_it_is_written() {
        let ((mut store, session), activity, mut novelty) = (with_session(1), Activity::default(), Novelty::default());
        let earlier = Fill { entries: vec![created(9)], anchor: Some(9), ..Fill::default() };
        store.add(session, ENGINE, &earlier).expect("added");
        let row = store.session(session).expect("read").expect("a session");
        let known = store.known(&row).expect("read");
        assert_eq!((known.since(), known.anchor), (1, Some(9)));
        let mut journal = Journal {
            store: &mut store,
            session,
            engine: ENGINE.to_owned(),
            known,
            newest: 9,
            passed_over: None,
            owned: &[],
            activity: &activity,
            novelty: &mut novelty,
            held: Vec::new(),
            unsure: None,
            lookups: 0,
            written: None,
            failed: None,
        };
        assert_eq!(journal.due(), None, "there is nothing to write");
        // The engine tells of the newest one known again, and only now of one that happened before it.
        assert!(journal.has(&created(9)) && ![8, 13, 14, 15].iter().any(|at| journal.has(&created(*at))));
        for at in [8, 15, 13, 14] {
            journal.heard(at);
            journal.keep(created(at));
        }
        let read = |store: &crate::store::Store| {
            let journal = store.journal(session, ENGINE, 1, 1).expect("read");
            journal.entries.iter().map(|entry| entry.at).collect::<Vec<_>>()
        };
        assert!(journal.due().is_some());
        assert_eq!(read(journal.store), [9], "they are written together");
        assert!(!activity.is_newer_than(12), "who is told looks into the journal");
        journal.write();
        assert_eq!(read(journal.store), [8, 9, 13, 14, 15]);
        assert!(activity.is_newer_than(14));
        assert_eq!(journal.due(), None);
        let anchor =
            |store: &crate::store::Store| store.session(session).expect("read").and_then(|row| row.begin.anchor);
        assert_eq!(anchor(journal.store), Some(15));
        // What another learner does is not kept; but how far the journal has come is.
        journal.known.others = Others::of(Some("alice"), &["alice-app-data".to_owned()]);
        let others = Entry { actor: "bob-app-data".to_owned(), ..created(20) };
        journal.heard(20);
        assert!(journal.passes_over(&others) && journal.due().is_some());
        journal.write();
        assert_eq!((anchor(journal.store), journal.due()), (Some(20), None));
        assert_eq!(read(journal.store), [8, 9, 13, 14, 15]);
        assert!(!activity.is_newer_than(15));
    }
}
