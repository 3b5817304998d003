//! The recorder: while somebody practises, every event of the engine goes into the journal.
//!
//! One a session, by a lock. It outlives a restart of the engine: it connects again, and where the engine has forgotten
//! what happened meanwhile the journal gets a gap.

use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use labrun_graders::Nanos;
use labrun_graders::evidence::{Entry, Gap};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::news::{Novelty, is_deed};
use super::session::Session;
use labrun_docker::{AGAIN, Engine, Keeper, fill, follow};
use labrun_journal::{Concern, Fill, Known, Share};
use labrun_lab::{AsName, load};
use labrun_store::{SessionRow, Store, StoreError};

/// What the recorder tells those who grade.
#[derive(Debug, Default)]
pub struct Activity {
    /// When the newest event happened that somebody's deed caused: on a shared engine, anybody's.
    newest_deed: AtomicI64,
    /// When the newest of these happened to something that the lab owns.
    newest_own: AtomicI64,
    /// What was heard and is not in the journal yet: look-ups under way, and entries to be written.
    waiting: AtomicUsize,
    /// Every event is heard at this moment.
    followed: Arc<AtomicBool>,
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

    /// Whether every event is heard: read as the recorder goes on.
    pub fn followed(&self) -> Arc<AtomicBool> {
        self.followed.clone()
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
    record_events(store, session, owned, engine, activity, false).await
}

/// How long is waited for look-ups that are under way when the work has ended.
const SETTLED: Duration = Duration::from_millis(500);

/// Does some work while a session's events are recorded: labrun then knows what a container ran that is gone afterwards.
/// Where the journal can't be written, the work goes on unrecorded.
pub async fn recorded<T>(store: &mut Store, session: &Session, engine: &Engine, work: impl Future<Output = T>) -> T {
    let activity = Activity::default();
    let owned = session.names_of_events();
    let working = async {
        let done = work.await;
        activity.settled(SETTLED).await;
        done
    };
    let recording = async {
        let _ = record_events(store, session.row.id, &owned, engine, &activity, session.keeps_everything).await;
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        never = recording => match never {},
        done = working => done,
    }
}

async fn record_events(
    store: &mut Store,
    session: i64,
    owned: &[String],
    engine: &Engine,
    activity: &Activity,
    everything: bool,
) -> Result<(), StoreError> {
    let mut novelty = Novelty::default();
    // What was done before the first connection is no news; what was done while one was cut is.
    let mut connected = false;
    // Where the journal has come to, with what is kept in it.
    let known = |store: &Store, row: &SessionRow| -> Result<Known, StoreError> {
        let mut known = store.known(row)?;
        known.concern = concern(store, row, owned, &store.open_beside(row)?)?.with_everything(everything);
        Ok(known)
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
                let beside = (store.open_beside(&row)?.iter().map(|row| row.id).collect(), Instant::now());
                let mut journal = Journal {
                    store,
                    session,
                    engine: row.begin.engine,
                    newest: known.anchor.unwrap_or(known.reached),
                    undecided: None,
                    dropped: None,
                    beside,
                    known,
                    owned,
                    activity,
                    novelty: &mut novelty,
                    held: Fill::default(),
                    unsure: None,
                    lookups: 0,
                    written: None,
                    failed: None,
                };
                if std::mem::replace(&mut connected, true) {
                    filled.kept().for_each(|(entry, _)| journal.tell(entry));
                }
                activity.followed.store(true, Ordering::Relaxed);
                let followed = follow(engine, since, execs, &mut journal).await;
                journal.activity.followed.store(false, Ordering::Relaxed);
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

/// Decides which events are kept for a session, whose lab has the names `own`, and for the sessions `beside` it.
pub(super) fn concern(
    store: &Store,
    row: &SessionRow,
    own: &[String],
    beside: &[SessionRow],
) -> Result<Concern, StoreError> {
    let rest: Vec<String> = beside.iter().flat_map(names_of).collect();
    let mut concern = Concern::new(row.begin.learner.as_deref(), own, &rest);
    concern.add_containers(store.known_containers(row)?);
    Ok(concern)
}

/// The names of a session's lab; none where the lab can't be loaded any more.
fn names_of(row: &SessionRow) -> Vec<String> {
    let learner = row.begin.learner.as_deref().and_then(|name| name.parse::<AsName>().ok());
    load(&row.begin.address, learner).map(|loaded| loaded.lab.names_of_events()).unwrap_or_default()
}

/// How long entries are gathered at most before they are written, on an engine that has much to tell. Each change of the
/// journal waits for the disk; written one by one, a hundred commands a second would fall behind, and the engine drops
/// what nobody takes from it.
const GATHERED: Duration = Duration::from_millis(10);

/// How often the recorder looks for other labs that the learner has begun.
const OTHERS: Duration = Duration::from_secs(2);

/// How far the journal may fall behind events that are not kept: its position is written down, too.
const BEHIND: Duration = Duration::from_millis(250);

/// The same in events. The engine keeps 256, and a grading asks it for those after the journal's newest.
const EVENTS_BEHIND: usize = 64;

struct Journal<'a> {
    store: &'a mut Store,
    session: i64,
    engine: String,
    /// The journal's content when this began, and which events are kept.
    known: Known,
    /// The newest event heard.
    newest: Nanos,
    /// Events after this one may wait for a look-up.
    undecided: Option<Nanos>,
    /// When the first event was dropped of those that came since the journal was written to, and how many were.
    dropped: Option<(Instant, usize)>,
    /// The learner's other open sessions on this engine, and when that was seen.
    beside: (Vec<i64>, Instant),
    owned: &'a [String],
    activity: &'a Activity,
    novelty: &'a mut Novelty,
    /// Not in the journal yet.
    held: Fill,
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

    fn concern(&mut self) -> Option<&mut Concern> {
        Some(&mut self.known.concern)
    }

    fn dropped(&mut self) {
        let (_, count) = self.dropped.get_or_insert_with(|| (Instant::now(), 0));
        *count += 1;
    }

    fn keep(&mut self, entry: Entry, share: Share) {
        match share {
            Share::Own => self.held.entries.push(entry),
            Share::Shared => self.held.shared.push(entry),
            Share::Stranger => self.held.strangers.push(entry),
        }
        self.tell_waiting();
    }

    fn unsure(&mut self, gap: Gap) {
        self.unsure = Some(self.unsure.map_or(gap, |other| gap.and(other)));
    }

    fn waiting(&mut self, lookups: usize, undecided: Option<Nanos>) {
        self.lookups = lookups;
        self.undecided = undecided;
        self.tell_waiting();
    }

    fn due(&self) -> Option<Instant> {
        // The first change does not wait: counted from now, each event that comes meanwhile would put it off.
        let next = self.written.map_or_else(Instant::now, |written| written + GATHERED);
        if self.held.is_empty() {
            let (at, count) = self.dropped?;
            return Some(if count < EVENTS_BEHIND { at + BEHIND } else { next });
        }
        Some(next)
    }

    /// Writes what is held in one change, and only then tells of it: who grades finds it there.
    fn write(&mut self) {
        if self.held.is_empty() && self.dropped.is_none() {
            return;
        }
        self.dropped = None;
        let come_to = self.undecided.map_or(self.newest, |undecided| undecided.min(self.newest));
        let held = std::mem::take(&mut self.held);
        let fill = Fill { anchor: Some(come_to), reached: come_to, gap: self.unsure.take(), ..held };
        if let Err(error) = self.store.add(self.session, &self.engine, &fill) {
            self.failed.get_or_insert(error);
        }
        self.written = Some(Instant::now());
        fill.kept().for_each(|(entry, _)| self.tell(entry));
        self.tell_waiting();
        if let Err(error) = self.see_other_sessions() {
            self.failed.get_or_insert(error);
        }
    }
}

impl Journal<'_> {
    /// Takes the names of labs over that were begun meanwhile.
    fn see_other_sessions(&mut self) -> Result<(), StoreError> {
        if self.beside.1.elapsed() < OTHERS {
            return Ok(());
        }
        let Some(row) = self.store.session(self.session)? else { return Ok(()) };
        let beside = self.store.open_beside(&row)?;
        let ids: Vec<i64> = beside.iter().map(|row| row.id).collect();
        if ids != self.beside.0 {
            let rest: Vec<String> = beside.iter().flat_map(names_of).collect();
            self.known.concern.set_others(&rest);
        }
        self.beside = (ids, Instant::now());
        Ok(())
    }

    fn tell(&mut self, entry: &Entry) {
        if !is_deed(entry) {
            return;
        }
        self.activity.newest_deed.fetch_max(entry.at, Ordering::Relaxed);
        let name = entry.attributes.get("name").unwrap_or(&entry.actor);
        if self.owned.contains(name) && self.novelty.is_news(entry) {
            self.activity.newest_own.fetch_max(entry.at, Ordering::Relaxed);
        }
        self.activity.heard.notify_waiters();
    }

    fn tell_waiting(&self) {
        self.activity.waiting.store(self.lookups + self.held.kept().count(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use labrun_graders::Nanos;
    use labrun_graders::evidence::Entry;
    use tokio::time::Instant;

    use super::{Activity, EVENTS_BEHIND, GATHERED, Journal, Novelty};
    use labrun_docker::Keeper;
    use labrun_journal::{Fill, Share};
    use labrun_store::testing::{ENGINE, with_session};

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
            undecided: None,
            dropped: None,
            beside: (Vec::new(), Instant::now()),
            owned: &[],
            activity: &activity,
            novelty: &mut novelty,
            held: Fill::default(),
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
            journal.keep(created(at), Share::Own);
        }
        let read = |store: &labrun_store::Store| {
            let journal = store.journal(session, ENGINE, 1, 1).expect("read");
            journal.entries.iter().map(|entry| entry.at).collect::<Vec<_>>()
        };
        assert!(
            journal.due().is_some_and(|due| due <= Instant::now()),
            "a stream without a pause puts the first write off for ever"
        );
        assert_eq!(read(journal.store), [9], "they are written together");
        assert!(!activity.is_newer_than(12), "who is told looks into the journal");
        journal.write();
        assert_eq!(read(journal.store), [8, 9, 13, 14, 15]);
        assert!(activity.is_newer_than(14));
        assert_eq!(journal.due(), None);
        let anchor =
            |store: &labrun_store::Store| store.session(session).expect("read").and_then(|row| row.begin.anchor);
        assert_eq!(anchor(journal.store), Some(15));
        // An event that is not kept moves the journal on all the same.
        journal.heard(20);
        journal.dropped();
        assert!(journal.due().is_some_and(|due| due > Instant::now()));
        (0..EVENTS_BEHIND).for_each(|_| journal.dropped());
        assert!(journal.due().is_some_and(|due| due <= Instant::now() + GATHERED), "many of them do so sooner");
        journal.write();
        assert_eq!((anchor(journal.store), journal.due()), (Some(20), None));
        assert_eq!(read(journal.store), [8, 9, 13, 14, 15]);
        assert!(!activity.is_newer_than(15));
        // An event that waits for a look-up would be lost with this process: the next one asks for it again.
        journal.heard(30);
        journal.waiting(1, Some(25));
        journal.dropped();
        journal.write();
        assert_eq!(anchor(journal.store), Some(25));
    }
}
