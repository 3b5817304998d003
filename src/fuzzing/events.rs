//! The engine's events. However the bytes are cut into pieces, they mean the same, and what follows events as they come
//! hears of each.

use std::collections::HashSet;

use labrun_graders::evidence::Entry;
use labrun_graders::{CannotLook, Nanos};

use labrun_docker::testing::{Answer, engine, pieces, wait};
use labrun_docker::{Engine, Keeper, follow, past};
use labrun_journal::Share;

/// The first byte says how large the pieces are; the rest are the events.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let Some((size, events)) = bytes.split_first() else { return };
    let whole = read(events, pieces(events, u8::MAX));
    let cut = read(events, pieces(events, *size));
    // The client's decoder may stumble over a line that is no JSON by itself, or not, as it was cut.
    let usual = is_usual(events);
    assert!(!usual || whole == cut, "in pieces of {size}: {whole:?} became {cut:?}");
    let mut heard = Heard::default();
    let told = telling(pieces(events, *size));
    let _ = wait(follow(&told, 0, HashSet::new(), &mut heard));
    if let Ok(entries) = whole {
        assert!(entries.is_sorted_by_key(|entry| entry.at));
        let others = entries.iter().filter(|entry| !entry.is_our_own()).count();
        assert!(!usual || heard.moments.len() == others, "what is followed is what is told");
    }
}

/// Whether it is what engines send: an object a line, and all numbers whole ones.
fn is_usual(events: &[u8]) -> bool {
    let is_object = |line: &[u8]| serde_json::from_slice::<serde_json::Map<_, _>>(line).is_ok_and(|map| whole(&map));
    let lines = events.strip_suffix(b"\n").map(|lines| lines.split(|byte| *byte == b'\n'));
    lines.is_some_and(|mut lines| lines.all(is_object)) && !events.contains(&b'\r')
}

/// Whether the numbers in an object are whole and not below 0: the decoder takes one that is cut behind its sign or point
/// for none.
fn whole(map: &serde_json::Map<String, serde_json::Value>) -> bool {
    fn is_whole(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Number(number) => number.is_u64(),
            serde_json::Value::Array(items) => items.iter().all(is_whole),
            serde_json::Value::Object(map) => whole(map),
            _ => true,
        }
    }
    map.values().all(is_whole)
}

/// An engine that tells these events, and of everything else that it is not there.
fn telling(pieces: Vec<Vec<u8>>) -> Engine {
    engine(move |_, path| {
        path.ends_with("/events")
            .then(|| -> Answer { ("Content-Type: application/json\r\n".to_owned(), pieces.clone()) })
    })
}

fn read(events: &[u8], pieces: Vec<Vec<u8>>) -> Result<Vec<Entry>, CannotLook> {
    let entries = wait(past(&telling(pieces), 0, Nanos::MAX));
    let lines = events.split(|byte| *byte == b'{').count();
    assert!(entries.as_ref().map_or(0, Vec::len) < lines.max(1), "more entries than there are objects");
    entries
}

#[derive(Default)]
struct Heard {
    moments: Vec<Nanos>,
}

impl Keeper for Heard {
    fn heard(&mut self, at: Nanos) {
        self.moments.push(at);
    }

    fn keep(&mut self, _: Entry, _: Share) {}

    fn waiting(&mut self, _: usize, _: Option<Nanos>) {}
}
