//! Probes: each looks at one part of a Docker engine or of the host, and returns a fact. None judges.
//!
//! Here are the connection to an engine, what is asked of it, its events, and the helper containers that labrun makes to
//! look into a volume. It stands on `labrun-lab` and `labrun-journal`, and knows neither the store nor a session.

mod archive;
mod bound;
pub mod clock;
mod connect;
mod container;
mod detail;
mod endpoint;
mod entry;
mod events;
mod follow;
mod host;
mod http;
mod inside;
mod lenient;
mod logs;
mod mapped;
mod mark;
mod named;
mod network;
mod object;
mod own;
pub mod path_identity;
mod pending;
pub mod plain;
mod podman;
mod replaced;
mod sight;
mod sort;
mod ssh;
#[cfg(any(test, fuzzing, feature = "testing"))]
pub mod testing;
#[cfg(feature = "tls")]
mod tls;
mod tools;
mod trouble;
mod unpack;
mod volume;
mod wider;
mod wire;

pub use clock::Clock;
pub use connect::{Engine, Identity, is_podman};
pub use endpoint::{Ambient, ChosenBy, Endpoint, EndpointError, Tls, Transport};
#[cfg(any(test, fuzzing, feature = "testing"))]
pub use events::past;
pub use events::{fill, newest_event, past_events};
pub use follow::{AGAIN, Keeper, follow};
pub use host::{Presence, presence};
pub use mark::Marks;
pub use object::{Described, Ids, Snapshot};
pub use own::own_container;
pub use pending::{Silence, ask_within};
pub use tools::Tools;

use labrun_graders::fact::Access;
use labrun_graders::{Ask, CannotLook, Fact, Place};
use sight::Aspect;

/// The most bytes of a file that are read.
pub const MAX_CONTENT: usize = 64 * 1024;

/// Answers a question about the engine or the host. `None` for a question about the session, which no probe can answer.
pub async fn look(ask: &Ask, engine: &Result<Engine, CannotLook>) -> Option<Result<Fact, CannotLook>> {
    if let Some((aspect, place, path)) = Aspect::of(ask) {
        return Some(file(aspect, place, path, ask, engine).await);
    }
    Some(match (ask, engine) {
        (Ask::HostPath(path), _) => host::path(path).await,
        (Ask::RealPath(path), _) => host::real_path(path).await,
        (Ask::Journal | Ask::Lifetime(_) | Ask::Reached(_) | Ask::Sighted(_) | Ask::Typed | Ask::Answer, _) => {
            return None;
        }
        (_, Err(reason)) => Err(reason.clone()),
        (Ask::Container(name), Ok(engine)) => engine.within(ask, container::settled(engine, name)).await,
        (Ask::Volume(name), Ok(engine)) => engine.within(ask, volume::volume(engine, name)).await,
        (Ask::Image(name), Ok(engine)) => engine.within(ask, object::image(engine, name)).await,
        (Ask::Network(name), Ok(engine)) => engine.within(ask, network::network(engine, name)).await,
        (Ask::Networks, Ok(engine)) => engine.within(ask, network::networks(engine)).await,
        (Ask::Log(name), Ok(engine)) => engine.within(ask, logs::log(engine, name)).await,
        (Ask::Http { container, port, path }, Ok(engine)) => {
            engine.within(ask, http::get(engine, container, *port, path)).await
        }
        (Ask::Inspect(target), Ok(engine)) => engine.within(ask, object::inspect(engine, target)).await,
        (Ask::Everything, Ok(engine)) => engine.within(ask, wider::everything(engine)).await,
        (Ask::Changes(name), Ok(engine)) => engine.within(ask, wider::changes(engine, name)).await,
        (Ask::File { .. } | Ask::Archive { .. } | Ask::Digest { .. } | Ask::Access { .. }, Ok(_)) => return None,
    })
}

/// Answers a question about what is at a path.
async fn file(
    aspect: Aspect,
    place: &Place,
    path: &str,
    ask: &Ask,
    engine: &Result<Engine, CannotLook>,
) -> Result<Fact, CannotLook> {
    match (place, engine) {
        (Place::Host, Ok(engine)) if aspect == Aspect::Access => {
            // What a container calls 0 may have another number on the host.
            let looked = host::file(path, aspect).await;
            let maps = engine.within(ask, mapped::maps_users(engine)).await;
            Ok(match (looked?, maps?) {
                (Fact::Access(access), true) => Fact::Access(Access { owner: None, ..access }),
                (fact, _) => fact,
            })
        }
        (Place::Host, _) => host::file(path, aspect).await,
        (_, Err(reason)) => Err(reason.clone()),
        (Place::Container(name), Ok(engine)) => engine.within(ask, archive::file(engine, name, path, aspect)).await,
        (Place::Volume(name), Ok(engine)) => engine.within(ask, volume::file(engine, name, path, aspect)).await,
    }
}

#[cfg(test)]
mod tests {
    use labrun_graders::{Ask, CannotLook, Obstacle};

    use super::look;

    #[test]
    fn a_question_takes_little_room_while_it_waits() {
        let nowhere = Err(CannotLook::new(Obstacle::NoEngine, "nobody is asked", "ask nobody"));
        let bytes = size_of_val(&look(&Ask::Networks, &nowhere));
        assert!(bytes <= 4 * 1024, "{bytes} bytes for each of the many that may wait at once");
    }
}
