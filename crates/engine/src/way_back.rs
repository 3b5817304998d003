//! The way back to the engine that a session was begun on, where docker talks to another one now.

use labrun_graders::{CannotLook, Obstacle};

use super::session::{ANOTHER, Session};
use labrun_docker::{ChosenBy, Endpoint, Transport};

/// Says of a session's engine that can't be asked which engine that was, and how docker comes back to it; unchanged where
/// docker still talks to it. `contexts` are those of this machine.
#[must_use]
pub fn way_back(reason: CannotLook, session: &Session, now: &Endpoint, contexts: &[Endpoint]) -> CannotLook {
    let began = &session.row.begin.endpoint;
    // An engine that is there, and denies or hangs, may be the lab's own by another way; and ssh says itself what it lacks.
    let is_there = reason.obstacle != Obstacle::NoEngine || matches!(now.transport, Transport::Ssh(_));
    let is_another = reason.remedy == ANOTHER;
    let forget = "or end the lab here and leave what it made: labrun reset --forget";
    if now.url() == *began && is_another {
        let what = format!("{}; this lab was begun on another one at the same address", reason.what);
        return CannotLook::new(reason.obstacle, what, format!("start that engine again; {forget}"));
    }
    if now.url() == *began || (is_there && !is_another) {
        return reason;
    }
    let context = contexts.iter().find(|context| context.url() == *began).map(|context| context.context.as_str());
    let begun = context.map_or_else(|| format!("the engine at {began}"), |name| format!("context {name}"));
    let what = format!("{}; this lab was begun on {begun}", reason.what);
    let back = back(now.chosen_by, context, began);
    CannotLook::new(reason.obstacle, what, format!("go back to that engine: {back}; {forget}"))
}

/// The command that makes docker talk to it again.
fn back(by: ChosenBy, context: Option<&str>, address: &str) -> String {
    let turn = match context {
        Some(name) => format!("docker context use {name}"),
        None => format!("export DOCKER_HOST={address}"),
    };
    match by {
        ChosenBy::HostFlag | ChosenBy::ContextFlag => format!("leave {by} out"),
        ChosenBy::DockerHost if context.is_none() => turn,
        ChosenBy::DockerHost | ChosenBy::DockerContext => format!("unset {by}; {turn}"),
        ChosenBy::ConfigFile | ChosenBy::Default => turn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_undoes_what_decided() {
        use ChosenBy::{ConfigFile, ContextFlag, Default, DockerContext, DockerHost, HostFlag};
        for (by, context, expected) in [
            (ConfigFile, Some("default"), "docker context use default"),
            (ConfigFile, Some("colima"), "docker context use colima"),
            (Default, Some("colima"), "docker context use colima"),
            (DockerContext, Some("default"), "unset DOCKER_CONTEXT; docker context use default"),
            (DockerHost, Some("default"), "unset DOCKER_HOST; docker context use default"),
            (DockerHost, None, "export DOCKER_HOST=tcp://box:2375"),
            (ConfigFile, None, "export DOCKER_HOST=tcp://box:2375"),
            (DockerContext, None, "unset DOCKER_CONTEXT; export DOCKER_HOST=tcp://box:2375"),
            (HostFlag, Some("default"), "leave --host out"),
            (ContextFlag, Some("default"), "leave --context out"),
        ] {
            assert_eq!(back(by, context, "tcp://box:2375"), expected);
        }
    }
}
