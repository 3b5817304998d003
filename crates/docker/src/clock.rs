//! The engine's clock as seen from here.
//!
//! Events and files carry the engine's time. On the same machine that is our own; a virtual machine's or a far engine's
//! is some way off, by an amount that is measured when a session begins.

use std::time::{SystemTime, UNIX_EPOCH};

use labrun_graders::Nanos;

/// Tells the engine's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The engine's clock minus ours, in nanoseconds. Exactly zero when it is the same clock.
    pub skew: Nanos,
}

impl Clock {
    /// Now, by the engine's clock.
    #[must_use]
    pub fn now(self) -> Nanos {
        ours().saturating_add(self.skew)
    }

    /// How far from the truth [`now`](Self::now) may be: what a measured skew is worth.
    #[must_use]
    pub fn uncertainty(self) -> Nanos {
        if self.skew == 0 { 0 } else { 20_000_000 }
    }
}

/// Now, by this machine's clock.
#[must_use]
pub fn ours() -> Nanos {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| Nanos::try_from(since.as_nanos()).ok())
        .unwrap_or_default()
}

/// A time as the engine writes it; `None` for none, and for its zero time.
#[must_use]
pub fn parse(time: Option<&str>) -> Option<Nanos> {
    let time: jiff::Timestamp = time?.parse().ok()?;
    Nanos::try_from(time.as_nanosecond()).ok().filter(|nanos| *nanos > 0)
}

/// A time as the engine's event filters want it: seconds, a point, nine digits.
#[must_use]
pub fn seconds(at: Nanos) -> String {
    format!("{}.{:09}", at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_times_are_read_and_written() {
        assert_eq!(parse(Some("2026-11-23T07:22:21.389205935Z")), Some(1_795_418_541_389_205_935));
        assert_eq!(parse(Some("0001-01-01T00:00:00Z")), None, "the engine's zero time means never");
        assert_eq!(parse(Some("2026-11-23T08:22:21+01:00")), Some(1_795_418_541_000_000_000));
        assert_eq!(parse(Some("soon")), None);
        assert_eq!(seconds(1_795_418_541_000_000_007), "1795418541.000000007");
    }
}
