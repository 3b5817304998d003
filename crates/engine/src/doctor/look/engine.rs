//! What the engine is asked.

use std::future::Future;

use bollard::errors::Error;
use bollard::models::{ContainerSummary, Network, SystemInfo, SystemVersion};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptions};
use futures_util::future::{join_all, try_join_all};
use http::header;
use labrun_graders::Nanos;

use super::{DEADLINE, LONG, within};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Answer, Ping, Registry};
use crate::{Taken, taken};
use labrun_docker::{Clock, Endpoint, Engine, Silence, plain};

/// Asks whether an engine answers.
pub(super) async fn ping(endpoint: &Endpoint) -> Answer<Ping> {
    let asked = async {
        let before = Clock::default().now();
        let answer = plain::get(endpoint, "/_ping").await?;
        let ours = before.midpoint(Clock::default().now());
        let date = answer.headers.get(header::DATE).and_then(|date| seconds(date.to_str().ok()?));
        // The date is cut off to the second: in the middle it is half a second behind.
        let off = |date: i64| (date * 1_000_000_000 + 500_000_000 - ours) / 1_000_000_000;
        Ok(Ping { seconds_off: date.map(off) })
    };
    within(DEADLINE, &format!("the engine ({})", endpoint.describe()), asked).await
}

/// A date as HTTP writes it, in seconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok().map(jiff::Timestamp::as_second)
}

/// An engine to be asked.
pub(super) struct Asked<'a> {
    pub(super) engine: &'a Engine,
    pub(super) endpoint: &'a Endpoint,
}

impl Asked<'_> {
    fn name(&self, of: &str) -> String {
        format!("the engine, asked for {of} ({}),", self.endpoint.describe())
    }

    pub(super) async fn version(&self) -> Answer<SystemVersion> {
        let asked = async { self.engine.docker.version().await.map_err(|error| self.engine.trouble(&error)) };
        self.of_itself(&self.name("its version"), asked).await
    }

    pub(super) async fn info(&self) -> Answer<(SystemInfo, Nanos)> {
        let asked = async { self.engine.info().await.map(|(info, clock)| (info, clock.skew)) };
        self.of_itself(&self.name("itself"), asked).await
    }

    /// What an engine tells of itself takes Podman long on a busy machine.
    async fn of_itself<T>(&self, what: &str, asked: impl Future<Output = Answer<T>>) -> Answer<T> {
        self.engine.patiently(LONG, asked).await.unwrap_or_else(|silence| Err(silence.cannot_look(what)))
    }

    pub(super) async fn networks(&self) -> Answer<Vec<Network>> {
        let networks = self.engine.docker.list_networks(None::<ListNetworksOptions>);
        let asked = async { networks.await.map_err(|error| self.engine.trouble(&error)) };
        // An engine that locks itself up hangs here first; a busy one is not to be taken for that.
        within(LONG, &self.name("networks"), asked).await
    }

    pub(super) async fn containers(&self) -> Answer<Vec<ContainerSummary>> {
        let running = ListContainersOptionsBuilder::new().build();
        let asked = async { self.engine.list_containers(running).await.map_err(|error| self.engine.trouble(&error)) };
        within(DEADLINE, &self.name("containers"), asked).await
    }

    /// The architecture of each image, or that it is not there.
    pub(super) async fn images(&self, needs: &Needs) -> Vec<(String, Answer<Option<String>>)> {
        let images = needs.images().into_iter().map(async |name| {
            let answer = within(DEADLINE, &self.name(&name), self.engine.architecture(&name)).await;
            (name, answer)
        });
        join_all(images).await
    }

    /// What the registry says of an image, as this engine reaches it. Nothing is pulled.
    pub(super) async fn registry(&self, image: &str) -> (String, Answer<Registry>) {
        let asked = async {
            match self.engine.docker.inspect_registry_image(image, None).await {
                Ok(_) => Ok(Registry::Has),
                Err(Error::DockerResponseServerError { message, .. }) => Ok(Registry::Says(message)),
                Err(error) => Err(self.engine.trouble(&error)),
            }
        };
        let silent = |_| Err(Silence::of(LONG).cannot_look(&format!("the registry, asked for {image},")));
        (image.to_owned(), tokio::time::timeout(LONG, asked).await.unwrap_or_else(silent))
    }

    /// The names of labs that are not begun and that something has.
    pub(super) async fn taken(&self, needs: &Needs) -> Answer<Vec<(String, Vec<Taken>)>> {
        let labs = needs
            .labs
            .iter()
            .filter(|needs| needs.meant && !needs.begun)
            .map(async |needs| taken(&needs.owns, self.engine).await.map(|taken| (needs.id.clone(), taken)));
        within(DEADLINE, &self.name("the labs' names"), try_join_all(labs)).await
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(seconds("Mon, 23 Nov 2026 10:11:06 GMT"), Some(1_795_428_666));
        assert_eq!(seconds("soon"), None);
    }
}
