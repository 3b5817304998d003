//! The labs that ship with labrun, built into the binary as `build.rs` has read them.

use include_dir::{Dir, include_dir};

static LABS: Dir<'static> = include_dir!("$OUT_DIR/labs");

/// Makes them known to all that loads labs.
pub fn provide() {
    labrun_lab::provide(&LABS);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use labrun_lab::{AsName, Loaded, Source, catalogue, lint_track, load, load_dir};

    /// All that a lab says, without the places where it stands.
    fn told(loaded: &Loaded) -> String {
        let told = format!("{:?}", loaded.lab);
        let mut parts = told.split("Span { start: ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |told, part| told + part.split_once('}').map_or(part, |(_, rest)| rest))
    }

    #[test]
    fn what_was_built_in_is_what_the_files_say_and_they_have_no_faults() {
        super::provide();
        let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
        let learner: Option<AsName> = Some("alice".parse().expect("a name"));
        let mut seen = 0;
        for track in catalogue().expect("the tracks") {
            assert!(lint_track(&labs.join(&track.id)).expect("it is read").is_empty(), "{}", track.id);
            for id in &track.labs {
                let built = load(id, learner.clone()).expect("it is built in");
                assert_eq!(built.source, Source::Shipped(format!("{}/{id}", track.id)));
                let read = load_dir(&labs.join(&track.id).join(id), learner.clone()).expect("it has no faults");
                assert_eq!(told(&built), told(&read));
                assert_eq!(built.hash, read.hash, "{id}");
                seen += 1;
            }
        }
        assert!(seen > 0, "there are labs");
    }
}
