//! A terminal with a practice shell on it, and somebody who types.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::harness::Learner;

/// The prompt of the learner's own settings.
pub const PROMPT: &str = "ready> ";

/// So tall that nothing scrolls away.
const ROWS: u16 = 1_500;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    parser: Arc<Mutex<vt100::Parser>>,
    master: Box<dyn MasterPty + Send>,
    _home: Option<TempDir>,
}

impl Terminal {
    /// `labrun start docker-volumes` in this shell, up to its first prompt. `rc` in the environment is added to the
    /// learner's own settings.
    pub fn practise(learner: &Learner, shell: &Path, columns: u16, env: &[(&str, &str)]) -> Self {
        Self::start(learner, shell, columns, env, &["start", "docker-volumes"])
    }

    /// `labrun watch`, as soon as it shows something.
    pub fn watch(learner: &Learner, columns: u16) -> Self {
        let terminal = Self::open(learner, Path::new("/bin/sh"), columns, &[], &["watch"]);
        terminal.wait_until("the first screen", |screen| screen.contains("Step"));
        terminal
    }

    /// Any other command, from its beginning.
    pub fn command(learner: &Learner, columns: u16, arguments: &[&str]) -> Self {
        Self::command_with(learner, columns, &[], arguments)
    }

    /// Any other command, with more in its environment, from its beginning.
    pub fn command_with(learner: &Learner, columns: u16, env: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::open(learner, Path::new("/bin/sh"), columns, env, arguments)
    }

    pub fn start(learner: &Learner, shell: &Path, columns: u16, env: &[(&str, &str)], arguments: &[&str]) -> Self {
        let terminal = Self::open(learner, shell, columns, env, arguments);
        terminal.wait_until("the first prompt", |screen| prompts(screen) == 1);
        terminal
    }

    fn open(learner: &Learner, shell: &Path, columns: u16, env: &[(&str, &str)], arguments: &[&str]) -> Self {
        let home = TempDir::new().expect("a home");
        let rc = env.iter().find(|(name, _)| *name == "rc").map(|(_, rc)| *rc).unwrap_or_default();
        write_settings(home.path(), rc);
        // As at a learner's terminal, labrun is not the first process there.
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", "\"$0\" \"$@\" || sleep 60", env!("CARGO_BIN_EXE_labrun")]);
        command.args(arguments);
        command.env("LABRUN_HOME", learner.home.path());
        command.env("LABRUN_AS", &learner.name);
        command.env("SHELL", shell);
        command.env("HOME", home.path());
        command.env("TERM", "xterm");
        command.env_remove("SUDO_UID");
        command.env_remove("XDG_CONFIG_HOME");
        command.env_remove("XDG_DATA_HOME");
        command.env_remove("NO_COLOR");
        for (name, value) in env.iter().filter(|(name, _)| *name != "rc") {
            command.env(name, value);
        }
        let mut terminal = Self::of(command, columns, None);
        terminal._home = Some(home);
        terminal
    }

    /// A command on a terminal that belongs to this user.
    fn of(command: CommandBuilder, columns: u16, owner: Option<u32>) -> Self {
        let size = PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        if let Some(owner) = owner {
            let path = pair.master.tty_name().expect("a terminal has a name");
            std::os::unix::fs::chown(path, Some(owner), None).expect("given");
        }
        let child = pair.slave.spawn_command(command).expect("labrun runs");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let parser = Arc::new(Mutex::new(vt100::Parser::new(ROWS, columns, 0)));
        let screen = parser.clone();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read) = reader.read(&mut chunk) {
                if read == 0 {
                    break;
                }
                screen.lock().expect("the screen").process(&chunk[..read]);
            }
        });
        Self { child, writer, parser, master: pair.master, _home: None }
    }

    /// A command on a terminal that belongs to this user, up to its first prompt.
    pub fn owned(command: CommandBuilder, columns: u16, owner: u32) -> Self {
        let terminal = Self::of(command, columns, Some(owner));
        terminal.wait_until("the first prompt", |screen| prompts(screen) == 1);
        terminal
    }

    /// Makes the terminal so wide.
    pub fn resize(&mut self, columns: u16) {
        let size = PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("resized");
        self.parser.lock().expect("the screen").screen_mut().set_size(ROWS, columns);
    }

    /// Waits until the program on the terminal has ended.
    pub fn wait_for_end(&mut self) {
        let began = Instant::now();
        while self.child.try_wait().expect("it can be asked").is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.parser.lock().expect("the screen").screen().contents()
    }

    /// Presses keys.
    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).and_then(|()| self.writer.flush()).expect("typed");
    }

    /// Enters a line, waits for the next prompt, and gives what came in between.
    pub fn run(&mut self, line: &str) -> String {
        let before = self.screen();
        let count = prompts(&before);
        self.send(&format!("{}\r", line.replace('\n', "\r")));
        self.wait_until(line, |screen| prompts(screen) > count && waits(screen));
        let screen = self.screen();
        // Everything after the line as it was echoed; a long one goes on in the next row.
        let from = screen.match_indices(PROMPT).nth(count.saturating_sub(1)).map_or(0, |(at, _)| at);
        let after = screen.get(from..).unwrap_or_default();
        let said = after.strip_prefix(PROMPT).unwrap_or(after);
        let last_line_typed = line.lines().last().unwrap_or_default();
        let joined = said.split_once(last_line_typed).map_or(said, |(_, said)| said);
        let said = joined.rsplit_once(PROMPT.trim_end()).map_or(joined, |(said, _)| said);
        said.trim_start_matches('\n').to_owned()
    }

    /// Enters a line, and then empty ones until this is said: on a busy machine a verdict may miss its prompt, and comes
    /// at the next one. Gives what came in between.
    pub fn run_until(&mut self, line: &str, text: &str) -> String {
        let mut said = self.run(line);
        let began = Instant::now();
        while !said.contains(text) {
            assert!(began.elapsed() < PATIENCE, "waited for {text:?} after {line:?}:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(100));
            said += &self.run("");
        }
        said
    }

    /// Enters a command that lasts, and waits until it runs: a key that comes before the shell has read the line would
    /// throw the line away.
    pub fn begin(&mut self, command: &str) {
        let runs = |screen: &str| screen.lines().filter(|line| line.trim_end() == "it runs").count();
        let before = runs(&self.screen());
        self.send(&format!("echo it' 'runs; {command}\r"));
        self.wait_until(command, |screen| runs(screen) > before);
        std::thread::sleep(Duration::from_millis(300));
    }

    /// Clears the screen, as learners do, and waits until that is done.
    pub fn clear(&mut self) {
        self.run("echo all of this goes");
        self.send("clear\r");
        self.wait_until("a clear screen", |screen| !screen.contains("all of this goes") && waits(screen));
    }

    /// Waits until the shell waits for a line.
    pub fn wait_for_prompt(&self) {
        std::thread::sleep(Duration::from_millis(200));
        self.wait_until("a prompt", waits);
    }

    /// Waits until this is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text));
    }

    pub fn wait_until(&self, what: &str, is_there: impl Fn(&str) -> bool) {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "waited for {what:?}:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills labrun, and leaves the shell.
    pub fn kill_parent(&mut self) {
        let first = self.child.process_id().expect("a process");
        let children =
            std::fs::read_to_string(format!("/proc/{first}/task/{first}/children")).expect("they are listed");
        let pid = children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("labrun");
        let pid = rustix::process::Pid::from_raw(pid).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
        std::thread::sleep(Duration::from_millis(200));
    }

    /// Leaves the shell; gives what was said then.
    pub fn leave(&mut self) -> String {
        let before = self.screen().len();
        self.send("exit\r");
        self.wait_for_end();
        std::thread::sleep(Duration::from_millis(100));
        self.screen().get(before..).unwrap_or_default().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Settings of a learner for each of the shells: the prompt that these tests wait for, and more for bash and zsh.
pub fn write_settings(home: &Path, rc: &str) {
    let write = |name: &str, text: String| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write(".bashrc", format!("PS1='{PROMPT}'\nPS2=\n{rc}"));
    write(".zshrc", format!("PROMPT='{PROMPT}'\nPROMPT2=\nunsetopt zle\n{rc}"));
    write(
        ".config/fish/config.fish",
        format!("function fish_prompt\n    echo -n '{PROMPT}'\nend\nset fish_greeting\n{rc}"),
    );
    // In a new home fish reads every manual page on the machine, for minutes, unless this is there.
    write(".local/share/fish/generated_completions/none.fish", String::new());
}

fn prompts(screen: &str) -> usize {
    screen.lines().filter(|line| line.starts_with(PROMPT.trim_end())).count()
}

fn waits(screen: &str) -> bool {
    screen.trim_end().ends_with(PROMPT.trim_end())
}
