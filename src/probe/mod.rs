//! Probes: each looks at one part of the world and returns a fact. None judges.

mod archive;
mod clock;
mod connect;
mod container;
mod endpoint;
mod events;
mod follow;
mod host;
mod http;
mod object;
mod volume;
mod wider;

pub use clock::Clock;
pub use connect::{Engine, Identity};
pub use endpoint::{Ambient, ChosenBy, Endpoint, EndpointError, Tls, Transport};
pub use events::{Fill, fill, newest_event};
pub use follow::{AGAIN, Keeper, follow};
pub use host::{Presence, presence};
pub use object::{Ids, Snapshot};

use labrun_graders::{Ask, CannotLook, Fact, Place};

/// The most bytes of a file that are read.
pub const MAX_CONTENT: usize = 64 * 1024;

/// Answers a question about the engine or the host. `None` for a question about the session, which no probe can answer.
pub async fn look(ask: &Ask, engine: &Result<Engine, CannotLook>) -> Option<Result<Fact, CannotLook>> {
    if let Ask::File { place: Place::Host, path } = ask {
        return Some(host::file(path).await);
    }
    if let Ask::HostPath(path) = ask {
        return Some(host::path(path).await);
    }
    if let Ask::RealPath(path) = ask {
        return Some(host::real_path(path).await);
    }
    if matches!(ask, Ask::Journal | Ask::Lifetime(_) | Ask::Sighted(_) | Ask::Typed | Ask::Answer) {
        return None;
    }
    let engine = match engine {
        Ok(engine) => engine,
        Err(reason) => return Some(Err(reason.clone())),
    };
    let looked = match ask {
        Ask::Container(name) => engine.within(ask, container::settled(engine, name)).await,
        Ask::Volume(name) => engine.within(ask, volume::volume(engine, name)).await,
        Ask::Image(name) => engine.within(ask, object::image(engine, name)).await,
        Ask::Http { container, port, path } => engine.within(ask, http::get(engine, container, *port, path)).await,
        Ask::Inspect(target) => engine.within(ask, object::inspect(engine, target)).await,
        Ask::File { place: Place::Container(name), path } => {
            engine.within(ask, archive::file(engine, name, path)).await
        }
        Ask::File { place: Place::Volume(name), path } => engine.within(ask, volume::file(engine, name, path)).await,
        Ask::Everything => engine.within(ask, wider::everything(engine)).await,
        Ask::Changes(name) => engine.within(ask, wider::changes(engine, name)).await,
        Ask::File { place: Place::Host, .. }
        | Ask::HostPath(_)
        | Ask::RealPath(_)
        | Ask::Journal
        | Ask::Lifetime(_)
        | Ask::Sighted(_)
        | Ask::Typed
        | Ask::Answer => return None,
    };
    Some(looked)
}
