//! What commands share: the options that hold for all of them, the screen, and what is opened when first needed.
//!
//! It knows no command. What only the whole program can do is handed to it as a [`Program`].

mod of_shell;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use etcetera::BaseStrategy;
use labrun_graders::evidence::TypedLine;
use labrun_graders::{CannotLook, Obstacle};

use crate::error::Error;
use crate::exit::Exit;
use crate::ui::streams::Streams;
use crate::ui::{Ui, When};
use crate::variables;
use labrun_docker::{Ambient, Endpoint, Engine, Marks};
use labrun_engine::{EngineError, MakerLock, Session, connect_for, connect_to_change, current, way_back};
use labrun_lab::AsName;
use labrun_process::sudo::Invoker;
use labrun_process::sudo::{self, as_root};
use labrun_store::{Rescued, Store, StoreLedger};

use of_shell::OfShell;
pub(crate) use of_shell::{is_named_by, value as session_value};

/// The options that hold for every command.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The learner's name.
    pub learner: Option<AsName>,
    /// The name is on the command line, and not only in the environment.
    pub named: bool,
    /// The engine's address.
    pub host: Option<String>,
    /// The docker context to use.
    pub context: Option<String>,
    /// Reports are in JSON.
    pub json: bool,
    /// When screens have colors.
    pub color: When,
}

/// What only the whole program can do.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The whole command line.
    pub command_line: fn() -> clap::Command,
    /// Runs a command line that was typed in a practice shell, in that shell's parent.
    pub run_forwarded: fn(&[String], Streams, &BTreeMap<String, String>, Practice) -> Exit,
}

/// What a command in a practice shell knows beyond its arguments.
#[derive(Clone, Debug)]
pub struct Practice {
    /// The session that is practised.
    pub session: i64,
    /// Its `--as` name.
    pub learner: Option<AsName>,
    /// The lines entered at its prompt, oldest first: in memory, and never stored.
    pub typed: Arc<Mutex<Vec<TypedLine>>>,
    /// Its recorder hears every event at this moment.
    pub followed: Arc<AtomicBool>,
}

impl Practice {
    /// Of this session, with no line entered yet.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        // A stored name was valid when it was stored.
        let learner = session.row.begin.learner.as_deref().and_then(|name| name.parse().ok());
        Self { session: session.row.id, learner, typed: Arc::default(), followed: Arc::default() }
    }
}

/// The folder where progress is kept: `LABRUN_HOME`, or the user's data folder; under sudo the invoking user's.
pub(crate) fn data_folder(invoker: Option<&Invoker>) -> Result<PathBuf, Error> {
    if let Some(home) = std::env::var_os("LABRUN_HOME").filter(|home| !home.is_empty()) {
        return Ok(PathBuf::from(home));
    }
    if let Some(invoker) = invoker {
        return Ok(invoker.data_folder());
    }
    etcetera::choose_base_strategy().map(|base| base.data_dir().join("labrun")).map_err(|_| {
        Error::environment("your home folder is not known, so progress has no place", "set LABRUN_HOME to a folder")
    })
}

/// What commands share: the options that hold for all, the screen, and what is opened when first needed.
pub struct App {
    /// The options that hold for every command.
    pub globals: Options,
    /// The program that it is a part of.
    pub program: Program,
    /// Where everything is shown.
    pub ui: Ui,
    /// The practice shell that it was typed in.
    practice: Option<Practice>,
    /// That shell's session, unless the command line names another learner.
    of_shell: Option<OfShell>,
    folder: OnceCell<PathBuf>,
    marks: OnceCell<Marks>,
}

impl App {
    pub(crate) fn new(
        mut globals: Options,
        program: Program,
        streams: Streams,
        env: &dyn Fn(&str) -> Option<String>,
        practice: Option<Practice>,
    ) -> Self {
        let ui = Ui::new(globals.color, globals.json, streams, env);
        // The learner's environment is as old as their login; the shell's session is what they see before them.
        let of_shell = OfShell::find(practice.as_ref(), env).filter(|_| !globals.named);
        if let Some(of_shell) = &of_shell {
            globals.learner.clone_from(&of_shell.learner);
        }
        Self { globals, program, ui, practice, of_shell, folder: OnceCell::new(), marks: OnceCell::new() }
    }

    /// Whether the recorder of the practice shell hears every event of this session at this moment.
    pub fn is_followed(&self, session: i64) -> bool {
        let practice = self.practice.as_ref().filter(|practice| practice.session == session);
        practice.is_some_and(|practice| practice.followed.load(Ordering::Relaxed))
    }

    /// Whether this was typed in a practice shell.
    #[must_use]
    pub fn is_in_shell(&self) -> bool {
        self.practice.is_some() || std::env::var_os(variables::SOCKET).is_some()
    }

    /// The lines entered at the learner's prompt; `None` where nobody listens to it.
    #[must_use]
    pub fn typed(&self) -> Option<Vec<TypedLine>> {
        let lines = self.practice.as_ref()?.typed.lock().unwrap_or_else(PoisonError::into_inner);
        Some(lines.clone())
    }

    /// Runs a future to its end.
    ///
    /// # Errors
    /// When the runtime can't start; the future's own errors are in its output.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Error::environment(format!("labrun cannot start: {error}"), "free some memory or open files")
        })?;
        let output = runtime.block_on(future);
        // A look-up of a name can hang for longer than anybody waits.
        runtime.shutdown_background();
        Ok(output)
    }

    /// Who typed `sudo labrun`, if somebody did.
    pub fn invoker(&self) -> Option<&'static Invoker> {
        sudo::invoker()
    }

    /// The right to make and to remove a session's things, after what an earlier command of labrun still does.
    ///
    /// # Errors
    /// When the folder where progress is kept can't be written.
    pub fn maker_lock(&self, session: i64) -> Result<MakerLock, Error> {
        self.block_on(MakerLock::wait(self.folder()?, session))?.map_err(|error| cannot_lock(&error))
    }

    /// The folder where progress is kept: `LABRUN_HOME`, or the user's data folder; under sudo the invoking user's.
    ///
    /// # Errors
    /// When neither is known.
    pub fn folder(&self) -> Result<&PathBuf, Error> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let folder = data_folder(self.invoker())?;
        Ok(self.folder.get_or_init(|| folder))
    }

    /// Opens the store; says so when it found a damaged one.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn store(&self) -> Result<Store, Error> {
        let store = Store::open(self.folder()?, self.invoker())?;
        if let Some((aside, rescued)) = &store.set_aside {
            self.warn_of_damage(aside, *rescued);
        }
        Ok(store)
    }

    /// The marks of what labrun makes for itself on an engine, as they are noted in the store.
    pub fn marks(&self) -> Marks {
        // Without a folder nothing can be noted, and then nothing is made.
        self.marks
            .get_or_init(|| match self.folder() {
                Ok(folder) => Marks::new(StoreLedger::new(folder, self.invoker())),
                Err(_) => Marks::default(),
            })
            .clone()
    }

    /// Damage that shows only while a command works is dealt with when it has ended.
    pub(crate) fn set_aside_if_damaged(&self, error: &Error) {
        if !matches!(error, Error::Engine(EngineError::Store(error)) if error.is_damage()) {
            return;
        }
        let aside = self.folder().map(|folder| Store::set_aside_if_damaged(folder, self.invoker()));
        if let Ok(Ok(Some((aside, rescued)))) = aside {
            self.warn_of_damage(&aside, rescued);
        }
    }

    fn warn_of_damage(&self, aside: &std::path::Path, rescued: Rescued) {
        let (kept, Rescued { closed, sessions }) = (aside.display(), rescued);
        let with = match sessions {
            0 => "; nothing in it could be read".to_owned(),
            _ => format!(", with what could be read of it: steps done: {closed}, labs begun: {sessions}"),
        };
        self.ui.warn(&format!("the progress file was damaged; it is kept as {kept}, and a new one was begun{with}"));
    }

    /// Where the `docker` command keeps its settings, if that is known.
    #[must_use]
    pub fn docker_config_dir(&self) -> Option<PathBuf> {
        self.with_ambient(|ambient| ambient.config_dir())
    }

    /// The engine that the `docker` command would talk to.
    ///
    /// # Errors
    /// When that can't be found out.
    pub fn endpoint(&self) -> Result<Endpoint, Error> {
        // Under sudo it is root's docker that is meant, with root's settings.
        let endpoint = self.with_ambient(|ambient| as_root(|| Endpoint::resolve(ambient)))?;
        for warning in &endpoint.warnings {
            self.ui.warn(warning);
        }
        Ok(endpoint)
    }

    /// Hands over all that the choice of engine depends on.
    pub fn with_ambient<T>(&self, find: impl FnOnce(&Ambient<'_>) -> T) -> T {
        find(&Ambient {
            host_flag: self.globals.host.clone(),
            context_flag: self.globals.context.clone(),
            env: &|name: &str| std::env::var_os(name),
            home: std::env::var_os("HOME").map(PathBuf::from),
        })
    }

    /// The current session.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn session(&self, store: &Store) -> Result<Session, Error> {
        self.session_if_any(store)?.ok_or_else(|| match &self.globals.learner {
            Some(name) => Error::usage(
                format!("no lab has been started as {name}"),
                "labrun list shows the labs; labrun start LAB --as NAME begins one",
            ),
            None => Error::usage("no lab has been started", "labrun list shows the labs; labrun start LAB begins one"),
        })
    }

    /// The current session, if there is one: in a practice shell the one that is practised.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn session_if_any(&self, store: &Store) -> Result<Option<Session>, Error> {
        if let Some(of_shell) = &self.of_shell {
            let session = of_shell.session(store)?;
            if session.is_some() || of_shell.is_of_parent() {
                return Ok(session);
            }
        }
        Ok(current(store, self.globals.learner.as_ref())?)
    }

    /// Whether a learner is named, on the command line or in the environment.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.of_shell.is_none() && self.globals.learner.is_some()
    }

    /// Whether it is known whom a command is about: a learner is named, or the practice shell is theirs. The name can be
    /// none.
    #[must_use]
    pub fn knows_learner(&self) -> bool {
        self.of_shell.is_some() || self.globals.learner.is_some()
    }

    /// The current session, whose learner is named on the screen where others have the same lab open: without `--as` it is
    /// the one that went on last.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn session_by_name(&self, store: &Store) -> Result<Session, Error> {
        let session = self.session(store)?;
        self.name_learner(store, &session)?;
        Ok(session)
    }

    /// Names the learner of a session where others have the same lab open.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn name_learner(&self, store: &Store, session: &Session) -> Result<(), Error> {
        if self.ui.json {
            return Ok(());
        }
        let mut rows = store.sessions()?;
        rows.retain(|row| {
            row.ended.is_none() && row.begin.address == session.row.begin.address && row.id != session.row.id
        });
        if !rows.is_empty() {
            let others: Vec<_> = rows.iter().map(|row| row.begin.learner.as_deref()).collect();
            let others = if self.knows_learner() { &[][..] } else { &others };
            self.ui.say(&self.ui.page().named(session.row.begin.learner.as_deref(), others));
        }
        Ok(())
    }

    /// Connects to a session's engine. Where docker talks to another one, the reason says which it was and the way back.
    ///
    /// # Errors
    /// When there is none, or it is another one than the session's.
    pub async fn connect(&self, session: &Session, endpoint: &Endpoint) -> Result<Engine, CannotLook> {
        connect_for(session, endpoint, self.marks())
            .await
            .map_err(|reason| way_back(reason, session, endpoint, &self.with_ambient(Endpoint::contexts)))
    }

    /// Connects to a session's engine to change something there or on this machine: the engine is asked who it is.
    ///
    /// # Errors
    /// When there is none, or it is another one than the session's.
    pub async fn connect_to_change(&self, session: &Session, endpoint: &Endpoint) -> Result<Engine, CannotLook> {
        connect_to_change(session, endpoint, self.marks())
            .await
            .map_err(|reason| way_back(reason, session, endpoint, &self.with_ambient(Endpoint::contexts)))
    }

    /// The engine of a session, or why it can't be asked: for a verdict that is nobody's fault, and no error.
    pub async fn engine_for(&self, session: &Session) -> Result<Engine, CannotLook> {
        match self.endpoint() {
            Ok(endpoint) => self.connect(session, &endpoint).await,
            Err(error) => {
                let hint = error.hint().unwrap_or_default();
                Err(CannotLook::new(Obstacle::NoEngine, error.to_string(), hint))
            }
        }
    }
}

/// Progress has locks, and its folder does not take them.
pub fn cannot_lock(error: &std::io::Error) -> Error {
    Error::environment(format!("progress can't be locked: {error}"), "see who may write LABRUN_HOME")
}
