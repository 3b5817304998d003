//! What the Docker commands of a shell text leave on the engine: the objects that they make by name, and those that they
//! take away. It is read from a lab's own solutions, where names are written out.

use super::docker_calls;
use crate::fact::Target;
use crate::name::NameKind;

/// What a command does to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It makes the object, or sees that it is there.
    Makes(Target),
    /// It takes the object away.
    Removes(Target),
    /// It may take away any object of this kind.
    Prunes(NameKind),
}

/// The effects of the commands of this text, in order.
#[must_use]
pub fn effects(text: &str) -> Vec<Effect> {
    use NameKind::{Container, Network, Volume};
    let mut effects = Vec::new();
    for call in docker_calls(text) {
        let target = |kind, name: &str| Target { kind, name: name.to_owned() };
        let operands = || call.operands.iter().filter_map(crate::shell::Word::known);
        let removes = |kind| operands().map(move |name| Effect::Removes(target(kind, name)));
        match call.command.as_str() {
            "container run" | "container create" => {
                // The engine makes a named volume that is not there yet.
                let named = call.mounts.iter().map(|mount| mount.source.as_str()).filter(|source| is_name(source));
                effects.extend(named.map(|source| Effect::Makes(target(Volume, source))));
                effects.extend(call.name.iter().map(|name| Effect::Makes(target(Container, name))));
            }
            "volume create" => effects.extend(call.operand(0).map(|name| Effect::Makes(target(Volume, name)))),
            "network create" => effects.extend(call.operand(0).map(|name| Effect::Makes(target(Network, name)))),
            "container rename" => {
                effects.extend(call.operand(0).map(|name| Effect::Removes(target(Container, name))));
                effects.extend(call.operand(1).map(|name| Effect::Makes(target(Container, name))));
            }
            "container rm" => effects.extend(removes(Container)),
            "volume rm" => effects.extend(removes(Volume)),
            "network rm" => effects.extend(removes(Network)),
            "container prune" => effects.push(Effect::Prunes(Container)),
            "volume prune" => effects.push(Effect::Prunes(Volume)),
            "network prune" => effects.push(Effect::Prunes(Network)),
            command if command.starts_with("system prune") || command.starts_with("compose") => {
                effects.extend([Container, Volume, Network].map(Effect::Prunes));
            }
            _ => {}
        }
    }
    effects
}

/// Whether a mount's source is a volume's name, and no path.
fn is_name(source: &str) -> bool {
    source.starts_with(|first: char| first.is_ascii_alphanumeric())
        && source.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '_' | '.' | '-'))
}

/// Whether a text has this name as a word of its own.
#[must_use]
pub fn mentions(text: &str, name: &str) -> bool {
    let is_of_name = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '_' | '.' | '-');
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_of_name) && !text[at + name.len()..].starts_with(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let word = |target: &Target| format!("{} {}", target.kind.word(), target.name);
        effects(text)
            .iter()
            .map(|effect| match effect {
                Effect::Makes(target) => format!("+ {}", word(target)),
                Effect::Removes(target) => format!("- {}", word(target)),
                Effect::Prunes(kind) => format!("-- {}", kind.word()),
            })
            .collect()
    }

    #[test]
    fn what_commands_make_and_take_away_is_read() {
        for (text, expected) in [
            ("docker volume create v", &["+ volume v"][..]),
            ("docker run -dit --name w -v v:/data busybox sh", &["+ volume v", "+ container w"]),
            ("docker run -d --name w -v /tmp/x:/data -v ./y:/z busybox", &["+ container w"]),
            ("docker create --name w --mount type=volume,src=v,dst=/d busybox", &["+ volume v", "+ container w"]),
            ("docker run --rm -v v:/check busybox cat /check/f", &["+ volume v"]),
            ("docker network create n\ndocker run -d --network n --name w busybox", &["+ network n", "+ container w"]),
            ("docker rm -f w x", &["- container w", "- container x"]),
            ("docker container rm w && docker volume rm v", &["- container w", "- volume v"]),
            ("docker rename w x", &["- container w", "+ container x"]),
            ("docker volume prune -f", &["-- volume"]),
            ("docker compose down", &["-- container", "-- volume", "-- network"]),
            ("docker exec w cat /data/f; echo docker rm w", &[]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["docker exec w-1 ls", "-v w-1:/data", "{w-1}", "w-1", "'w-1'"] {
            assert!(mentions(text, "w-1"), "{text}");
        }
        for text in ["w-10", "ada-w-1", "w-1.txt", "w-1-old", ""] {
            assert!(!mentions(text, "w-1"), "{text}");
        }
    }
}
