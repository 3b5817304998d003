//! Containers as an engine tells of them, also where it has other words for their states than Docker: bollard's list of
//! those is closed, and what is not on it fails the whole answer; and where it stumbles over one that is just being removed.

use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::ListContainersOptions;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connect::Engine;

/// The states that Docker knows.
const STATES: [&str; 8] = ["created", "running", "paused", "restarting", "exited", "removing", "dead", "stopping"];

/// How often a list is asked for at most, and how long it is waited between.
const TRIES: usize = 5;
const AGAIN: Duration = Duration::from_millis(50);

impl Engine {
    /// A container, by its name or id.
    ///
    /// # Errors
    /// The client's.
    pub async fn inspect_container(&self, name: &str) -> Result<ContainerInspectResponse, Error> {
        understood(self.docker.inspect_container(name, None).await)
    }

    /// Those containers that the options ask for.
    ///
    /// # Errors
    /// The client's.
    pub async fn list_containers(&self, options: ListContainersOptions) -> Result<Vec<ContainerSummary>, Error> {
        for _ in 1..TRIES {
            match self.docker.list_containers(Some(options.clone())).await {
                // Podman (5.4) writes its list from one that it has made before, and fails where one of those is gone.
                Err(Error::DockerResponseServerError { message, .. }) if message.contains("no such container") => {}
                answer => return understood(answer),
            }
            tokio::time::sleep(AGAIN).await;
        }
        understood(self.docker.list_containers(Some(options)).await)
    }
}

fn understood<T: DeserializeOwned>(answer: Result<T, Error>) -> Result<T, Error> {
    let Err(Error::JsonDataError { contents, .. }) = &answer else { return answer };
    translated(contents).map_or(answer, Ok)
}

fn translated<T: DeserializeOwned>(contents: &str) -> Option<T> {
    let mut told: Value = serde_json::from_str(contents).ok()?;
    match &mut told {
        Value::Array(all) => all.iter_mut().for_each(translate),
        one => translate(one),
    }
    // Again from text: to read it from a `Value` would be a second copy of all that reads it, and a large one.
    serde_json::from_slice(&serde_json::to_vec(&told).ok()?).ok()
}

fn translate(container: &mut Value) {
    let state = match container.get_mut("State") {
        Some(Value::Object(state)) => state.get_mut("Status"),
        state => state,
    };
    if let Some(Value::String(word)) = state
        && !STATES.contains(&word.as_str())
    {
        // Podman's, from `libpod/define/containerstate.go`; what nobody knows is no state that anything asks for.
        match word.as_str() {
            "stopped" => "exited",
            "configured" | "initialized" => "created",
            _ => "",
        }
        .clone_into(word);
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{ContainerInspectResponse, ContainerSummary};

    use super::translated;

    #[test]
    fn podmans_states_are_dockers() {
        let seen: ContainerInspectResponse =
            translated(r#"{"Id":"a","State":{"Status":"stopped","ExitCode":3}}"#).expect("it is understood");
        let state = seen.state.expect("a state");
        assert_eq!((state.status.map(|word| word.to_string()), state.exit_code), (Some("exited".to_owned()), Some(3)));
        let words = r#"[{"Id":"a","State":"configured"},{"Id":"b","State":"running"},{"Id":"c","State":"improper"}]"#;
        let all: Vec<ContainerSummary> = translated(words).expect("they are understood");
        let states: Vec<_> = all.into_iter().map(|one| one.state.map(|word| word.to_string())).collect();
        assert_eq!(states, ["created", "running", ""].map(|word| Some(word.to_owned())));
    }

    #[test]
    fn what_is_wrong_otherwise_stays_wrong() {
        assert!(translated::<ContainerInspectResponse>(r#"{"Id":7,"State":{"Status":"stopped"}}"#).is_none());
    }
}
