//! Whether a user's number in a container is the same on the engine's host.

use bollard::models::SystemInfo;
use labrun_graders::CannotLook;

use super::connect::Engine;

/// Whether it is not: the engine runs without root, gives containers numbers of their own, or has a machine of its own.
pub(super) async fn maps_users(engine: &Engine) -> Result<bool, CannotLook> {
    Ok(maps(&engine.info().await?.0))
}

fn maps(info: &SystemInfo) -> bool {
    let options = info.security_options.iter().flatten();
    let is_apart =
        options.flat_map(|option| option.split(',')).any(|part| matches!(part, "name=rootless" | "name=userns"));
    is_apart || info.operating_system.as_deref() == Some("Docker Desktop")
}

#[cfg(test)]
mod tests {
    use super::{SystemInfo, maps};

    #[test]
    fn numbers_are_the_hosts_only_where_nothing_maps_them() {
        let info = |option: &str, system: &str| SystemInfo {
            security_options: Some(vec!["name=seccomp,profile=default".to_owned(), option.to_owned()]),
            operating_system: Some(system.to_owned()),
            ..SystemInfo::default()
        };
        assert!(!maps(&info("name=cgroupns", "Debian")));
        assert!(maps(&info("name=rootless", "Debian")));
        assert!(maps(&info("name=userns", "Debian")));
        assert!(maps(&info("name=cgroupns", "Docker Desktop")));
        assert!(!maps(&SystemInfo::default()));
    }
}
