//! Which request an engine leaves without an answer. An engine can hang in some of its requests and answer the others, so a
//! timeout names the request, and the docker command that sends the same one.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use labrun_graders::{CannotLook, Obstacle};

/// How long the engine may take to tell its events, or of one thing that they name.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// The requests of the question that is being asked.
    static PENDING: Pending;
}

/// The requests of one question, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
struct Pending(Arc<Mutex<Vec<(Request, bool)>>>);

/// A request to an engine: `GET /info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    /// The path without the API's version and without options.
    path: String,
}

/// A question that stayed without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// How long the answer was waited for.
    pub waited: Duration,
    /// The request that has no answer, where it is known.
    pub request: Option<Request>,
}

/// The newest request to an engine that was given up before the head of its answer came.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenUp(Arc<Mutex<Option<Request>>>);

impl GivenUp {
    /// Notes the request, should the future that it is held in be dropped before [`Held::answered`].
    pub(super) fn unless_answered(&self, method: &str, path: &str) -> Held {
        Held(Some((self.clone(), Request::new(method, path))))
    }

    /// The request, once.
    pub(super) fn take(&self) -> Option<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request that is waited for.
pub(super) struct Held(Option<(GivenUp, Request)>);

impl Held {
    /// Notes that its answer came, or that it failed.
    pub(super) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((given_up, request)) = self.0.take() {
            *given_up.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        }
    }
}

/// A request that was sent.
pub(super) struct Sent(Option<(Pending, usize)>);

/// Notes that a request is sent. Where it is dropped before the answer's head comes, the request stays unanswered.
pub(super) fn sent(method: &str, path: &str) -> Sent {
    let noted = PENDING.try_with(|pending| {
        let mut requests = pending.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push((Request::new(method, path), false));
        (pending.clone(), requests.len() - 1)
    });
    Sent(noted.ok())
}

impl Sent {
    /// Notes that the engine has answered, or that the request failed.
    pub(super) fn answered(self) {
        if let Some((pending, place)) = self.0
            && let Some((_, answered)) = pending.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place)
        {
            *answered = true;
        }
    }
}

/// Asks a question, and waits so long for its answer.
///
/// # Errors
/// The request that stays without an answer.
pub async fn ask_within<T>(limit: Duration, question: impl Future<Output = T>) -> Result<T, Silence> {
    let pending = Pending::default();
    let asked = tokio::time::timeout(limit, PENDING.scope(pending.clone(), question)).await;
    asked.map_err(|_| Silence { waited: limit, request: pending.unanswered() })
}

/// Asks a question without a limit; gives the means to learn which request hangs.
pub(super) fn watched<T>(question: impl Future<Output = T>) -> (impl Future<Output = T>, impl Fn() -> Option<Request>) {
    let pending = Pending::default();
    (PENDING.scope(pending.clone(), question), move || pending.unanswered())
}

impl Pending {
    /// The first request without an answer; where each has the head of one, the last: the rest of its answer is missing.
    fn unanswered(&self) -> Option<Request> {
        let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = requests.iter().find(|(_, answered)| !answered);
        first.or(requests.last()).map(|(request, _)| request.clone())
    }
}

impl Request {
    fn new(method: &str, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        let is_version =
            |word: &str| word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|ch: char| ch.is_ascii_digit()));
        let without = path.strip_prefix('/').and_then(|rest| rest.split_once('/')).filter(|(word, _)| is_version(word));
        let path = without.map_or_else(|| path.to_owned(), |(_, rest)| format!("/{rest}"));
        Self { method: method.to_owned(), path }
    }

    /// The docker command that sends the same request, or one that hangs with it.
    fn command(&self) -> String {
        let words: Vec<&str> = self.path.split('/').filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["info"] => "docker info".to_owned(),
            ["version" | "_ping"] => "docker version".to_owned(),
            ["networks"] => "docker network ls".to_owned(),
            ["networks", name, ..] => format!("docker network inspect {name}"),
            ["volumes"] => "docker volume ls".to_owned(),
            ["volumes", name, ..] => format!("docker volume inspect {name}"),
            ["images", name @ .., "json"] if !name.is_empty() => format!("docker image inspect {}", name.join("/")),
            ["images", ..] => "docker images".to_owned(),
            ["events"] => "docker events --until 0s".to_owned(),
            ["system", "df"] => "docker system df".to_owned(),
            ["containers", "json" | "create"] => "docker ps -a".to_owned(),
            ["containers", name, "logs"] => format!("docker logs {name}"),
            ["containers", name, "changes"] => format!("docker diff {name}"),
            ["containers", name, ..] => format!("docker inspect {name}"),
            _ => "docker ps".to_owned(),
        }
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Silence {
    /// Without a request to name.
    #[must_use]
    pub fn of(waited: Duration) -> Self {
        Self { waited, request: None }
    }

    /// Why the world could not be looked at; `what` was asked.
    #[must_use]
    pub fn cannot_look(&self, what: &str) -> CannotLook {
        let seconds = self.waited.as_secs_f32();
        let request = self.request.as_ref().map(|request| format!(": {request}")).unwrap_or_default();
        let what = format!("{what} did not answer within {seconds} seconds{request}");
        let remedy = match &self.request {
            Some(request) => hangs(&request.command()),
            None => "see whether `docker ps` answers; a busy or paused engine may need a restart".to_owned(),
        };
        CannotLook::new(Obstacle::Timeout, what, remedy)
    }
}

/// What to do where a request hangs, which this command sends, too.
fn hangs(command: &str) -> String {
    let restart =
        if cfg!(target_os = "linux") { "sudo systemctl restart docker" } else { "restart Docker Desktop or Colima" };
    format!(
        "see whether `{command}` answers; if it hangs too, restart the engine, which ends its containers: {restart}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn a_timeout_names_the_request_without_an_answer() {
        let question = async {
            sent("GET", "/v1.41/version").answered();
            let _hangs = sent("GET", "/v1.41/networks?filters=x");
            sent("GET", "/containers/json").answered();
            std::future::pending::<()>().await;
        };
        let silence = ask_within(SHORT, question).await.expect_err("it hangs");
        assert_eq!(silence.request.as_ref().map(ToString::to_string).as_deref(), Some("GET /networks"));
        let reason = silence.cannot_look("the engine");
        assert_eq!(reason.what, "the engine did not answer within 0.01 seconds: GET /networks");
        assert!(reason.remedy.starts_with("see whether `docker network ls` answers"), "{}", reason.remedy);
    }

    #[tokio::test]
    async fn an_answer_that_stops_in_the_middle_is_named() {
        let question = async {
            sent("GET", "/info").answered();
            sent("GET", "/events").answered();
            std::future::pending::<()>().await;
        };
        let silence = ask_within(SHORT, question).await.expect_err("it hangs");
        assert_eq!(silence.request.map(|request| request.to_string()).as_deref(), Some("GET /events"));
        let nothing = ask_within(SHORT, std::future::pending::<()>()).await.expect_err("it hangs");
        assert_eq!(nothing.request, None);
        assert!(nothing.cannot_look("it").remedy.contains("`docker ps`"));
    }

    #[tokio::test]
    async fn questions_side_by_side_do_not_mix_their_requests() {
        let question = |path: &'static str| async move {
            let _hangs = sent("GET", path);
            std::future::pending::<()>().await;
        };
        let (one, other) =
            tokio::join!(ask_within(SHORT, question("/info")), ask_within(SHORT, question("/volumes/v")));
        let named = |asked: Result<(), Silence>| asked.expect_err("it hangs").request.map(|request| request.command());
        assert_eq!(named(one).as_deref(), Some("docker info"));
        assert_eq!(named(other).as_deref(), Some("docker volume inspect v"));
    }

    #[test]
    fn a_request_that_is_given_up_is_known_once() {
        let given_up = GivenUp::default();
        given_up.unless_answered("GET", "/info").answered();
        assert_eq!(given_up.take(), None);
        drop(given_up.unless_answered("GET", "/v1.41/volumes"));
        assert_eq!(given_up.take().map(|request| request.to_string()).as_deref(), Some("GET /volumes"));
        assert_eq!(given_up.take(), None);
    }

    #[test]
    fn each_request_has_a_command_to_try() {
        for (path, command) in [
            ("/_ping", "docker version"),
            ("/v1.41/images/localhost:5000/a/b:1/json", "docker image inspect localhost:5000/a/b:1"),
            ("/images/json", "docker images"),
            ("/containers/json?all=true", "docker ps -a"),
            ("/containers/web/json", "docker inspect web"),
            ("/containers/web/archive", "docker inspect web"),
            ("/containers/web/logs", "docker logs web"),
            ("/networks/lab", "docker network inspect lab"),
            ("/system/df", "docker system df"),
            ("/events?since=1", "docker events --until 0s"),
            ("/exec/1f/start", "docker ps"),
        ] {
            assert_eq!(Request::new("GET", path).command(), command, "{path}");
        }
        assert_eq!(Request::new("GET", "/volumes").path, "/volumes");
        assert_eq!(Request::new("GET", "/volumes/v2").path, "/volumes/v2");
    }
}
