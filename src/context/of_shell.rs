//! The session of the practice shell that a command is typed in. Several shells can be open in one home, so the newest
//! session need not be this shell's.

use crate::variables;
use labrun_engine::report::SessionId;
use labrun_engine::{EngineError, Session, by_id};
use labrun_lab::AsName;
use labrun_store::{SessionRow, Store};

use super::Practice;

/// Which session a practice shell is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfShell {
    session: Known,
    /// The session's `--as` name.
    pub(super) learner: Option<AsName>,
}

/// How a session is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// By its row: the command runs in the shell's parent.
    Row(i64),
    /// By its id: the command runs in a process of its own, whose store may be another one.
    Id(SessionId),
}

impl OfShell {
    /// What the parent knows, or the shell's environment says.
    pub(super) fn find(practice: Option<&Practice>, env: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        if let Some(practice) = practice {
            return Some(Self { session: Known::Row(practice.session), learner: practice.learner.clone() });
        }
        env(variables::SOCKET)?;
        let value = env(variables::SESSION)?;
        let (id, learner) = value.split_once('/')?;
        let session = Known::Id(SessionId::try_from(id.to_owned()).ok()?);
        Some(Self { session, learner: learner.parse().ok() })
    }

    /// The session, if it is still open.
    pub(super) fn session(&self, store: &Store) -> Result<Option<Session>, EngineError> {
        match &self.session {
            Known::Row(row) => by_id(store, *row),
            Known::Id(id) => {
                let open = store.sessions()?.into_iter().find(|row| row.ended.is_none() && id_of(row) == *id);
                open.map_or(Ok(None), |row| by_id(store, row.id))
            }
        }
    }

    /// Whether an ended session leaves nothing to fall back on: the parent is of this one session.
    pub(super) fn is_of_parent(&self) -> bool {
        matches!(self.session, Known::Row(_))
    }
}

fn id_of(row: &SessionRow) -> SessionId {
    let begin = &row.begin;
    SessionId::of(&begin.engine, &begin.address, begin.learner.as_deref().unwrap_or_default(), begin.started)
}

/// What the environment of a session's practice shell says.
pub(crate) fn value(row: &SessionRow) -> String {
    format!("{}/{}", String::from(id_of(row)), row.begin.learner.as_deref().unwrap_or_default())
}

/// Whether this session is the one that a shell's environment names.
pub(crate) fn is_named_by(value: &str, row: &SessionRow) -> bool {
    value == self::value(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shells_environment_names_its_session() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let found = |pairs| OfShell::find(None, &env(pairs));
        let of = |learner: Option<&str>| {
            let learner = learner.map(|name| name.parse().expect("a name"));
            Some(OfShell { session: Known::Id(SessionId(0x1f3a_9c07)), learner })
        };
        assert_eq!(found(&[("LABRUN_SOCKET", "/s"), ("LABRUN_SESSION", "1f3a9c07/bob")]), of(Some("bob")));
        assert_eq!(found(&[("LABRUN_SOCKET", "/s"), ("LABRUN_SESSION", "1f3a9c07/")]), of(None));
        for unknown in [
            &[("LABRUN_SESSION", "1f3a9c07/bob")][..],
            &[("LABRUN_SOCKET", "/s")],
            &[("LABRUN_SOCKET", "/s"), ("LABRUN_SESSION", "bob")],
            &[("LABRUN_SOCKET", "/s"), ("LABRUN_SESSION", "1f3a9c0x/bob")],
        ] {
            assert_eq!(found(unknown), None, "{unknown:?}");
        }
    }
}
