//! Time as the engine tells it.

/// A moment of the engine's clock, in nanoseconds since 1970-01-01 UTC.
pub type Nanos = i64;
