//! Which tools are on this machine, told from where they would lie: nothing is run, since this is looked at each time that
//! progress is worked out.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use labrun_lab::Tool;
use labrun_process::sudo::as_root;

/// Where the docker command looks for plugins after its own folder and those of `cliPluginsExtraDirs`
/// (`defaultSystemPluginDirs` in docker/cli, `cli-plugins/manager`).
const PLUGINS: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
];

/// Compose's file, as a plugin and as a command of its own.
const COMPOSE: &str = "docker-compose";

/// The places in which tools are looked for.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// The folders of docker's plugins.
    plugins: Vec<PathBuf>,
    /// The folders of commands.
    path: OsString,
}

impl Tools {
    /// Those of this process: its `PATH`, and the settings of its `docker`.
    #[must_use]
    pub fn here() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = || set("HOME").map(|home| Path::new(&home).join(".docker"));
        let settings = set("DOCKER_CONFIG").map(PathBuf::from).or_else(home);
        Self::of(settings.as_deref(), &PLUGINS.map(PathBuf::from), set("PATH").unwrap_or_default())
    }

    /// Those of the docker whose settings are here.
    fn of(settings: Option<&Path>, plugins: &[PathBuf], path: OsString) -> Self {
        let own = settings.map(|settings| settings.join("cli-plugins"));
        let extra = settings.map(extra_folders).unwrap_or_default();
        Self { plugins: extra.into_iter().chain(own).chain(plugins.iter().cloned()).collect(), path }
    }

    /// Whether a tool is there.
    #[must_use]
    pub fn has(&self, tool: Tool) -> bool {
        match tool {
            Tool::Compose => {
                let commands = std::env::split_paths(&self.path);
                self.plugins.iter().cloned().chain(commands).any(|folder| is_program(&folder.join(COMPOSE)))
            }
        }
    }
}

/// The folders that docker's settings add to those in which it looks for plugins.
fn extra_folders(settings: &Path) -> Vec<PathBuf> {
    #[derive(Default, Deserialize)]
    struct Settings {
        #[serde(default, rename = "cliPluginsExtraDirs")]
        extra: Vec<PathBuf>,
    }
    let text = as_root(|| fs_err::read(settings.join("config.json"))).unwrap_or_default();
    serde_json::from_slice::<Settings>(&text).unwrap_or_default().extra
}

/// Whether something can be run from here: a file, or a link to one.
fn is_program(path: &Path) -> bool {
    as_root(|| std::fs::metadata(path)).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn program(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, "").expect("written");
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
    }

    #[test]
    fn compose_is_found_wherever_docker_or_the_shell_would_find_it() {
        for place in ["settings/cli-plugins", "extra", "system", "bin"] {
            let folder = tempfile::tempdir().expect("a folder");
            let of = |name: &str| folder.path().join(name);
            fs::create_dir(of("settings")).expect("made");
            let settings = serde_json::json!({"cliPluginsExtraDirs": [of("extra")]}).to_string();
            fs::write(of("settings/config.json"), settings).expect("written");
            let path = std::env::join_paths([of("other"), of("bin")]).expect("a path");
            let has = || Tools::of(Some(&of("settings")), &[of("system")], path.clone()).has(Tool::Compose);
            assert!(!has(), "{place}");
            program(&of(place).join(COMPOSE), 0o644);
            assert!(!has(), "{place}: what can't be run is no program");
            program(&of(place).join(COMPOSE), 0o755);
            assert!(has(), "{place}");
        }
    }

    #[test]
    fn without_settings_or_with_damaged_ones_the_other_places_are_looked_at() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("config.json"), "{").expect("written");
        let bin = folder.path().join("bin");
        program(&bin.join(COMPOSE), 0o755);
        assert!(Tools::of(Some(folder.path()), &[], bin.clone().into()).has(Tool::Compose));
        assert!(Tools::of(None, &[], bin.into()).has(Tool::Compose));
        assert!(!Tools::default().has(Tool::Compose));
    }
}
