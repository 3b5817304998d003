//! The shells that solutions are typed into, each with settings that are nobody's.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The prompt, also of lines that go on.
pub(super) const PROMPT: &str = "typist> ";

/// A shell that learners practise in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU's.
    Bash,
    /// The Z shell.
    Zsh,
    /// The friendly one.
    Fish,
}

impl Shell {
    /// What they are called.
    pub const NAMES: [&str; 3] = ["bash", "zsh", "fish"];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Where it is, if it is there.
    #[must_use]
    pub fn program(self) -> Option<PathBuf> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| folder.join(self.name())).find(|path| path.is_file())
    }

    /// A word that it takes as it stands.
    pub(super) fn quoted(self, word: &str) -> String {
        let word = match self {
            Self::Bash | Self::Zsh => word.replace('\'', r"'\''"),
            Self::Fish => word.replace('\\', r"\\").replace('\'', r"\'"),
        };
        format!("'{word}'")
    }

    /// A home with settings that do nothing but show the prompt.
    pub(super) fn furnish(self, home: &Path) -> io::Result<()> {
        match self {
            Self::Bash => {
                fs_err::write(home.join(".bashrc"), format!("PS1='{PROMPT}' PS2='{PROMPT}'\nunset HISTFILE\n"))
            }
            Self::Zsh => fs_err::write(home.join(".zshrc"), format!("PS1='{PROMPT}' PS2='{PROMPT}'\nunset HISTFILE\n")),
            Self::Fish => {
                let settings = home.join(".config/fish");
                fs_err::create_dir_all(&settings)?;
                let prompt = format!("function fish_prompt\n    echo -n '{PROMPT}'\nend\nset -g fish_greeting\n");
                fs_err::write(settings.join("config.fish"), prompt)?;
                // In a new home fish reads every manual page on the machine, for minutes, unless this is there.
                let pages = home.join(".local/share/fish/generated_completions");
                fs_err::create_dir_all(&pages)?;
                fs_err::write(pages.join("none.fish"), "")
            }
        }
    }
}

impl FromStr for Shell {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = [Self::Bash, Self::Zsh, Self::Fish].into_iter().find(|shell| shell.name() == name);
        known.ok_or_else(|| format!("it is none of {}", Self::NAMES.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_as_each_shell_wants_it() {
        let word = r"it's a\b $HOME";
        assert_eq!(Shell::Bash.quoted(word), r"'it'\''s a\b $HOME'");
        assert_eq!(Shell::Zsh.quoted(word), r"'it'\''s a\b $HOME'");
        assert_eq!(Shell::Fish.quoted(word), r"'it\'s a\\b $HOME'");
        let parsed: Vec<_> = Shell::NAMES.iter().map(|name| name.parse::<Shell>().map(Shell::name)).collect();
        assert_eq!(parsed, [Ok("bash"), Ok("zsh"), Ok("fish")]);
        assert!("tcsh".parse::<Shell>().is_err());
    }
}
