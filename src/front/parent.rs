//! The parent of a practice shell: it runs the learner's shell, listens to its hook, records, and grades.

mod prompted;

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use labrun_graders::{CannotLook, Nanos};
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::process::{Child, Command};
use tokio::signal::unix::Signal;
use tokio::task::LocalSet;

use super::entered::Entered;
use super::folder::{Folder, SOCKET};
use super::narrator::Narrator;
use super::shells::{self, Shell};
use super::suspend::{self, Suspended};
use super::wire::{self, Request, Run};
use crate::context::{App, Practice, Program, session_value};
use crate::error::Error;
use crate::plugin::OF_DOCKER;
use crate::ui::streams::{Streams, To};
use labrun_docker::{Clock, Endpoint, Engine};
use labrun_engine::{Activity, RecorderLock, Session, record};
use labrun_process::sudo::{Invoker, OF_SUDO};
use labrun_store::{SignRow, Store};
use prompted::{Lasts, Looking, News};

/// How long the hook's question may take to answer; it waits a little longer than that.
pub(super) const ANSWER: Duration = Duration::from_millis(120);

/// How long a client may take to send its request.
const RECEIVE_TIMEOUT: Duration = Duration::from_millis(1_000);

/// How many clients may be sending a request at the same time.
const MAX_RECEIVING: usize = 64;

/// How many forwarded commands may run at the same time.
const MAX_RUNNING: usize = 16;

/// The notice for a shell that can't be suspended.
const NOT_SUSPENDED: &str =
    "labrun: no shell above this one could resume it, so it was not suspended. To leave it: exit\r\n";

/// How often a shell that does not record looks whether it should.
const TAKE_OVER: Duration = Duration::from_secs(2);

/// How often it is noted that somebody is at work: each note is a change on the disk.
const SIGN_EVERY: Nanos = 30_000_000_000;

/// How long a grading that hangs is waited for on leaving.
const LEAVING: Duration = Duration::from_secs(1);

/// Runs the learner's shell, and grades along until they leave it.
///
/// # Errors
/// When the folder for the socket can't be made, or the shell can't be started.
pub fn practise(app: &App, session: Session, engine: Result<Engine, CannotLook>) -> Result<(), Error> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: io::Error| {
            Error::environment(format!("{what}: {error}"), "labrun start LAB --no-shell works without it")
        }
    };
    let folder = Folder::make().map_err(failed("there is no place for the practice shell's socket"))?;
    let owner = app.invoker();
    let shell = Shell::of_learner(owner.map(|owner| owner.shell.clone()).or_else(|| std::env::var_os("SHELL")));
    if let Some(own) = &shell.instead_of {
        app.ui.warn(&format!("labrun knows bash, zsh and fish, but not {own}: this is bash"));
    }
    shell.write_hook(&folder.0).map_err(failed("the shell's hook can't be written"))?;
    folder.write_lab().map_err(failed("the command lab can't be written"))?;
    let activity = Activity::default();
    let practice = Practice { followed: activity.followed(), ..Practice::of(&session) };
    let finished = app.block_on(async {
        let listener = UnixListener::from_std(folder.listen()?)?;
        folder.close()?;
        let parent = Rc::new(Parent::new(app, session, engine, practice, activity)?);
        let local = LocalSet::new();
        local.run_until(parent.run(&shell, &folder.0, listener)).await
    })?;
    finished.map_err(failed("the practice shell can't be run"))
}

pub(super) struct Parent {
    pub(super) engine: Result<Engine, CannotLook>,
    pub(super) clock: Clock,
    pub(super) folder: PathBuf,
    /// Who typed sudo: the shell is theirs.
    pub(super) owner: Option<Invoker>,
    program: Program,
    pub(super) practice: Practice,
    pub(super) activity: Activity,
    /// The names of the lab.
    pub(super) owned: Vec<String>,
    /// Held by the one who grades.
    pub(super) state: tokio::sync::Mutex<State>,
    /// What could not be said in time.
    pub(super) late: RefCell<Vec<News>>,
    /// What is being looked at.
    pub(super) looking: RefCell<Option<Looking>>,
    /// This parent records the session, and nobody else does.
    pub(super) recording: Cell<bool>,
    pub(super) lock: RefCell<Option<RecorderLock>>,
    /// What was entered at the prompt.
    pub(super) entered: Entered,
    /// How many clients are sending a request.
    receiving: Cell<usize>,
    /// How many forwarded commands run.
    running: Cell<usize>,
}

pub(super) struct State {
    pub(super) store: Store,
    pub(super) session: Session,
    pub(super) narrator: Narrator,
    /// When the last grading began, by the engine's clock.
    pub(super) graded: Nanos,
    /// Nothing has been graded yet.
    pub(super) first: bool,
    /// When it was last noted that somebody is at work.
    pub(super) signed: Nanos,
}

impl Parent {
    fn new(
        app: &App,
        session: Session,
        engine: Result<Engine, CannotLook>,
        practice: Practice,
        activity: Activity,
    ) -> io::Result<Self> {
        let folder = app.folder().map_err(io::Error::other)?.clone();
        let owner = app.invoker().cloned();
        let store = Store::open(&folder, owner.as_ref()).map_err(io::Error::other)?;
        let lock = RecorderLock::take(&folder, session.row.id)?;
        let clock = Clock { skew: session.row.begin.skew };
        let owned = session.names_of_events();
        // Under sudo the learner's shell has an environment of its own.
        let of_lab = app.with_ambient(Endpoint::resolve).ok().map(|endpoint| endpoint.transport);
        let entered = Entered::new(of_lab.filter(|_| owner.is_none()), session.progress.cursor);
        let state = State { store, session, narrator: Narrator::default(), graded: 0, first: true, signed: 0 };
        Ok(Self {
            engine,
            clock,
            folder,
            owner,
            program: app.program,
            practice,
            activity,
            owned,
            state: tokio::sync::Mutex::new(state),
            late: RefCell::default(),
            looking: RefCell::default(),
            recording: Cell::new(lock.is_some()),
            lock: RefCell::new(lock),
            entered,
            receiving: Cell::default(),
            running: Cell::default(),
        })
    }

    async fn run(self: Rc<Self>, shell: &Shell, folder: &Path, listener: UnixListener) -> io::Result<()> {
        // Caught and not ignored: what is ignored, the shell would inherit.
        let mut interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        let mut terms = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut children = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?;
        let (words, mut env) = shell.command(folder);
        if let Some(owner) = &self.owner {
            env.extend(owner.environment());
        }
        let _terminal = self.owner.as_ref().and_then(Invoker::lend_terminal);
        let mut command: Command = shells::command(&words).ok_or(io::ErrorKind::NotFound)?.into();
        command
            .envs(env)
            .env("PATH", with_lab(folder))
            .env(super::SOCKET, folder.join(SOCKET))
            .env("LABRUN_BIN", std::env::current_exe()?)
            .env(super::SESSION, session_value(&self.state.lock().await.session.row));
        for name in OF_DOCKER {
            command.env_remove(name);
        }
        if self.owner.is_some() {
            for name in OF_SUDO {
                command.env_remove(name);
            }
        }
        let mut child = command.spawn()?;
        let recorder = self.clone();
        tokio::task::spawn_local(async move { recorder.record().await });
        self.sign(false).await;
        let signals = (&mut interrupts, &mut hangups, &mut terms, &mut children);
        let left = self.clone().listen(&mut child, &listener, signals).await;
        let _ = tokio::time::timeout(LEAVING, self.sign(true)).await;
        left
    }

    /// Serves the hook until the shell has ended, or this is told to end.
    async fn listen(
        self: Rc<Self>,
        child: &mut Child,
        listener: &UnixListener,
        (interrupts, hangups, terms, children): (&mut Signal, &mut Signal, &mut Signal, &mut Signal),
    ) -> io::Result<()> {
        loop {
            tokio::select! {
                ended = child.wait() => return ended.map(drop),
                Ok((stream, _)) = listener.accept() => {
                    let parent = self.clone();
                    tokio::task::spawn_local(parent.serve(stream));
                }
                _ = interrupts.recv() => {}
                _ = children.recv() => {
                    if let Some(shell) = child.id()
                        && matches!(suspend::follow(shell).await, Ok(Suspended::Refused))
                    {
                        Streams::Own.write(To::Err, NOT_SUSPENDED);
                    }
                }
                _ = hangups.recv() => return Ok(()),
                _ = terms.recv() => return Ok(()),
            }
        }
    }

    /// Notes that somebody is at work, or that they leave. What can't be noted costs some time in a report, nothing else.
    async fn sign(&self, leaves: bool) {
        let mut state = self.state.lock().await;
        let at = self.clock.now();
        if leaves || at - state.signed >= SIGN_EVERY {
            state.signed = at;
            let _ = state.store.note_sign(self.practice.session, SignRow { at, leaves });
        }
    }

    async fn record(&self) {
        let Ok(engine) = &self.engine else { return };
        // The practice shell that records now may be left before this one.
        while self.lock.borrow().is_none() {
            tokio::time::sleep(TAKE_OVER).await;
            let taken = RecorderLock::take(&self.folder, self.practice.session);
            *self.lock.borrow_mut() = taken.ok().flatten();
        }
        self.recording.set(true);
        if let Ok(mut store) = Store::open(&self.folder, self.owner.as_ref()) {
            let _ = record(&mut store, self.practice.session, &self.owned, engine, &self.activity).await;
        }
    }

    /// Serves one client. A client that stalls is cut off, and the others do not wait for it.
    async fn serve(self: Rc<Self>, mut stream: UnixStream) {
        let received = {
            let Some(_place) = Place::take(&self.receiving, MAX_RECEIVING) else { return };
            tokio::time::timeout(RECEIVE_TIMEOUT, wire::receive(&mut stream)).await
        };
        let Ok(Ok(request)) = received else { return };
        match request {
            Request::Prompt(prompt) => {
                let news = self.clone().prompt(prompt).await;
                let text: String = news.iter().map(|news| news.text.as_str()).collect();
                if !text.is_empty() && !wire::deliver(&mut stream, &text).await {
                    // The prompt did not wait for it: it is said at the next one.
                    let unsaid = news.into_iter().filter(|news| news.lasts != Lasts::Now);
                    self.late.borrow_mut().splice(0..0, unsaid);
                }
                // The prompt must not wait for it.
                drop(stream);
                self.sign(false).await;
            }
            Request::Run(run) => {
                let Some(_place) = Place::take(&self.running, MAX_RUNNING) else { return };
                // A client that has given up sends no streams: its command must not run twice.
                let accepting = async {
                    stream.write_u8(wire::ACCEPTED).await?;
                    wire::receive_streams(&stream).await
                };
                let Ok(Ok(streams)) = tokio::time::timeout(RECEIVE_TIMEOUT, accepting).await else { return };
                let Ok(stream) = stream.into_std() else { return };
                let ready =
                    stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(RECEIVE_TIMEOUT)));
                if ready.is_err() {
                    return;
                }
                if let Some(why) = run.env.get(super::LOST) {
                    self.entered.note_lost(why, self.clock.now(), &self.practice.typed);
                }
                let code = self.run_command(run, streams, &stream).await.to_string();
                let _ = io::Write::write_all(&mut &stream, code.as_bytes());
            }
        }
    }

    /// Runs a forwarded command on its own thread: it may ask questions and take its time.
    async fn run_command(
        &self,
        run: Run,
        streams: Vec<std::os::fd::OwnedFd>,
        client: &std::os::unix::net::UnixStream,
    ) -> u8 {
        let Ok([input, out, err]) = <[_; 3]>::try_from(streams) else { return crate::exit::Exit::Bug.code() };
        let Ok(owner) = client.try_clone() else { return crate::exit::Exit::Bug.code() };
        let streams = Streams::lent(input, out, err, owner);
        let practice = self.practice.clone();
        let Program { run_forwarded, .. } = self.program;
        let (sender, mut receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = sender.send(run_forwarded(&run.arguments, streams, &run.env, practice));
        });
        let exit = loop {
            match tokio::time::timeout(wire::HEARTBEAT_INTERVAL, &mut receiver).await {
                Ok(exit) => break exit.unwrap_or(crate::exit::Exit::Bug),
                Err(_) => wire::beat(client),
            }
        };
        // What it showed is known; the next prompt need not say it again, nor what it had said before.
        let mut state = self.state.lock().await;
        let State { store, session, narrator, graded, .. } = &mut *state;
        let _ = session.refresh(store);
        self.withdraw(narrator);
        *graded = self.clock.now();
        exit.code()
    }
}

/// The search path, with the command `lab` at its end, for the shells within the shell.
fn with_lab(folder: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([folder.to_owned()]);
    std::env::join_paths(folders).unwrap_or(path)
}

/// One of a limited number of places, given back when dropped.
struct Place<'a>(&'a Cell<usize>);

impl<'a> Place<'a> {
    fn take(taken: &'a Cell<usize>, most: usize) -> Option<Self> {
        let count = taken.get();
        (count < most).then(|| {
            taken.set(count + 1);
            Self(taken)
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
