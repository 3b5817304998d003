//! `labrun watch`: the same session, live, in a second terminal.
//!
//! It wakes when the engine reports something, when a file changes (what the lab owns on the host, and progress, where it
//! says something new), and when the terminal's size changes; never by a clock that ticks faster than once a second. Where nobody else records
//! the session it records and grades itself; beside a practice shell it only looks, since that one tells the learner.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use labrun_graders::evidence::Entry;
use labrun_graders::name::NameKind;
use labrun_graders::{CannotLook, Nanos};
use notify::{RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::LocalSet;

use crate::context::{App, cannot_lock};
use crate::error::Error;
use labrun_docker::{AGAIN, Engine, Keeper, follow};
use labrun_engine::{Activity, Grader, Novelty, RecorderLock, Session, StepReport, by_id, is_deed, record};
use labrun_journal::Share;
use labrun_store::Store;

/// Several things that happen together are shown together.
const TOGETHER: Duration = Duration::from_millis(50);

/// Changed files are looked at no more often than this.
const FILES: Duration = Duration::from_secs(1);

/// At least so often, in case that something changed of which nobody tells.
const TICK: Duration = Duration::from_secs(30);

/// Shows a session until it ends, or the watcher does.
///
/// # Errors
/// When progress can't be read.
pub fn watch(app: &App, session: &Session, engine: Result<Engine, CannotLook>) -> Result<(), Error> {
    let watching = Rc::new(Watching {
        deed: Notify::new(),
        file: Arc::default(),
        progress: Arc::default(),
        activity: Activity::default(),
    });
    let _files = watch_files(app.folder()?, session, &watching);
    let screen = LiveScreen::begin(app);
    let local = LocalSet::new();
    app.block_on(local.run_until(async {
        if let Ok(engine) = &engine {
            tokio::task::spawn_local(listen(engine.clone(), watching.clone()));
        }
        show(app, session, &engine, &watching, &screen).await
    }))?
}

struct Watching {
    /// Somebody did something on the engine.
    deed: Notify,
    /// A file changed; told from the file watcher's own thread.
    file: Arc<Notify>,
    /// Something was written to the folder of the progress.
    progress: Arc<Notify>,
    activity: Activity,
}

/// Looks, shows, and waits for a reason to look again.
async fn show(
    app: &App,
    session: &Session,
    engine: &Result<Engine, CannotLook>,
    watching: &Rc<Watching>,
    screen: &LiveScreen<'_>,
) -> Result<(), Error> {
    let mut resized = signal(SignalKind::window_change()).map_err(no_signals)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut store = app.store()?;
    let mut lock = None;
    loop {
        let Some(mut session) = by_id(&store, session.row.id)? else { return Ok(()) };
        if lock.is_none() {
            // The practice shell that recorded so far may have been left.
            lock = take_over(app, &session, engine, watching)?;
        }
        let followed = watching.activity.followed().load(Ordering::Relaxed);
        let report = look(&mut store, &mut session, engine, lock.is_some(), followed).await?;
        screen.show(app, &session, report.as_ref());
        tokio::select! {
            () = watching.deed.notified() => tokio::time::sleep(TOGETHER).await,
            () = changed(&watching.file) => {}
            () = moved_on(&store, &session, watching) => {}
            _ = resized.recv() => {}
            () = tokio::time::sleep(TICK) => {}
            _ = interrupted.recv() => return Ok(()),
            _ = terminated.recv() => return Ok(()),
        }
    }
}

/// Records from now on, if nobody else does.
fn take_over(
    app: &App,
    session: &Session,
    engine: &Result<Engine, CannotLook>,
    watching: &Rc<Watching>,
) -> Result<Option<RecorderLock>, Error> {
    let lock = RecorderLock::take(app.folder()?, session.row.id).map_err(|error| cannot_lock(&error))?;
    if let (Some(_), Ok(engine)) = (&lock, engine) {
        let owned = session.names_of_events();
        tokio::task::spawn_local(keep(app.store()?, session.row.id, owned, engine.clone(), watching.clone()));
    }
    Ok(lock)
}

pub(super) fn no_signals(error: std::io::Error) -> Error {
    Error::environment(format!("labrun cannot be told of signals: {error}"), "free some memory or open files")
}

/// A file has changed, and the last look is long enough ago.
async fn changed(file: &Notify) {
    tokio::time::sleep(FILES).await;
    file.notified().await;
}

/// The progress says something else than what is shown. The journal is written beside it, also when labrun has only
/// looked: that alone must not lead to another look.
async fn moved_on(store: &Store, session: &Session, watching: &Watching) {
    loop {
        changed(&watching.progress).await;
        match by_id(store, session.row.id) {
            Ok(Some(now)) if now.progress == session.progress && now.row.pause == session.row.pause => {}
            _ => return,
        }
    }
}

/// The current step as it stands; where this is the one who grades, what passes is recorded.
async fn look(
    store: &mut Store,
    session: &mut Session,
    engine: &Result<Engine, CannotLook>,
    grades: bool,
    followed: bool,
) -> Result<Option<StepReport>, Error> {
    let Some(index) = session.current() else { return Ok(None) };
    let mut grader = Grader { followed, ..Grader::new(store, engine, None) };
    if grades {
        return Ok(grader.check(session).await?.steps.pop());
    }
    Ok(grader.look(session, index).await?.map(|(report, _)| report))
}

/// Wakes the watcher at every event of the engine's; connects again when it stops telling them.
async fn listen(engine: Engine, watching: Rc<Watching>) {
    struct Waker<'a>(&'a Notify, &'a mut Novelty);
    impl Keeper for Waker<'_> {
        fn heard(&mut self, _: Nanos) {}
        fn keep(&mut self, entry: Entry, _: Share) {
            // Looking reports events too, and must not lead to another look.
            if is_deed(&entry) && self.1.is_news(&entry) {
                self.0.notify_one();
            }
        }
        fn waiting(&mut self, _: usize, _: Option<Nanos>) {}
    }
    let mut novelty = Novelty::default();
    loop {
        let _ = follow(&engine, engine.clock.now(), HashSet::new(), &mut Waker(&watching.deed, &mut novelty)).await;
        tokio::time::sleep(AGAIN).await;
    }
}

async fn keep(mut store: Store, session: i64, owned: Vec<String>, engine: Engine, watching: Rc<Watching>) {
    let _ = record(&mut store, session, &owned, &engine, &watching.activity).await;
}

/// Wakes the watcher when progress or an owned path changes.
fn watch_files(folder: &Path, session: &Session, watching: &Watching) -> Option<notify::RecommendedWatcher> {
    let (file, progress, kept) = (watching.file.clone(), watching.progress.clone(), folder.to_owned());
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_progress = event.is_ok_and(|event| event.paths.iter().all(|path| path.starts_with(&kept)));
        if is_progress { progress.notify_one() } else { file.notify_one() }
    });
    let mut watcher = watcher.ok()?;
    watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    for name in session.loaded.lab.owns.names.iter().filter(|name| name.kind == NameKind::Path) {
        // One that is not there yet is found by the tick.
        let _ = watcher.watch(Path::new(&name.text), RecursiveMode::Recursive);
    }
    Some(watcher)
}

/// The whole screen, drawn anew when something changes; blocks of text where there is no terminal.
struct LiveScreen<'a> {
    app: &'a App,
    live: bool,
    shown: RefCell<String>,
}

impl<'a> LiveScreen<'a> {
    fn begin(app: &'a App) -> Self {
        let live = app.ui.is_terminal();
        if live {
            // The alternate screen, without a cursor: what was on the terminal comes back afterwards.
            app.ui.say("\u{1b}[?1049h\u{1b}[?25l");
        }
        Self { app, live, shown: RefCell::default() }
    }

    fn show(&self, app: &App, session: &Session, report: Option<&StepReport>) {
        let page = app.ui.page_now();
        let text = page.watched(session, report);
        if *self.shown.borrow() == text {
            return;
        }
        let whole = if self.live { format!("\u{1b}[H\u{1b}[2J{text}") } else { format!("{text}\n") };
        app.ui.say(&whole);
        *self.shown.borrow_mut() = text;
    }
}

impl Drop for LiveScreen<'_> {
    fn drop(&mut self) {
        if self.live {
            self.app.ui.say("\u{1b}[?25h\u{1b}[?1049l");
        }
    }
}
