//! How the YAML of labs is read, with its limits: the same by the program and by `build.rs`.

/// The greatest depth of a value.
const MAX_DEPTH: usize = 40;

/// The most nodes that a file may have, expanded aliases included.
const MAX_NODES: usize = 20_000;

/// What is read, and what is refused. Repeated keys come through, for the decoder to point at; merge keys (`<<`) do not,
/// since what they bring in has no place of its own in the file.
pub(crate) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 16,
            max_alias_expansions_per_anchor: 1_000,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}
