//! Amounts of memory and storage with their units: as a lab writes them, as learners answer them, as mounts take them.

use crate::decode::{Decode, Faults, wrong_type};
use crate::node::{Node, Value};

/// The units that a lab may write.
pub const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];

/// A number of bytes, as a lab writes it: `4MiB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// The same in bytes.
    pub(crate) bytes: u64,
    /// As it was written, with one space before the unit: "4 MiB".
    pub(crate) text: String,
}

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let bytes = number.parse::<u64>().ok()?.checked_mul(bytes_of(unit)?)?;
        (bytes > 0).then(|| Self { bytes, text: format!("{number} {unit}") })
    }
}

impl Decode for Size {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::Text(text) = &node.value else {
            wrong_type(node, "an amount with its unit is wanted here, such as `4MiB`", faults);
            return None;
        };
        let size = Self::parse(text.trim());
        if size.is_none() {
            let message = format!("`{text}` is no amount of memory");
            let help = format!("write a whole number and one of: {}", UNITS.join(", "));
            faults.add_with_help("wrong-value", node.span, message, help);
        }
        size
    }
}

/// How many bytes a unit of a lab's has.
pub(crate) fn bytes_of(unit: &str) -> Option<u64> {
    let place = UNITS.iter().position(|known| *known == unit)?;
    Some(1 << (10 * place))
}

/// A number of bytes in the largest unit that divides it: "4 MiB".
pub(crate) fn describe(bytes: u64) -> String {
    let (place, unit) = (0..UNITS.len())
        .rev()
        .map(|place| (1_u64 << (10 * place), UNITS[place]))
        .find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size))
        .unwrap_or((1, "B"));
    format!("{} {unit}", bytes / place)
}

/// The number at the start of a text, and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (!number.is_empty()).then(|| (number, unit.trim_start()))
}

/// What a learner's text says as a number, with or without a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity<'a> {
    number: f64,
    unit: &'a str,
}

impl<'a> Quantity<'a> {
    /// Reads `4`, `4.0`, `4M`, `4 MiB`. `None` for what does not begin with a number.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (number, unit) = split(text.trim())?;
        let number = number.parse::<f64>().ok()?;
        Some(Self { number, unit })
    }

    /// Whether it has a unit.
    pub(crate) fn has_unit(self) -> bool {
        !self.unit.is_empty()
    }

    /// Whether it is this number, whatever its unit.
    pub(crate) fn is_number(self, number: u32) -> bool {
        (self.number - f64::from(number)).abs() < f64::EPSILON
    }

    /// Whether it may be so many of a lab's unit; without a unit it is taken to be of that one. `None` for a unit that is
    /// not known.
    ///
    /// Programs write `M` and `MB` for both 1,000,000 and 1,048,576 bytes: either will do.
    pub(crate) fn is(self, number: u32, unit: &str) -> Option<bool> {
        let size = bytes_of(unit)?;
        let wanted = f64::from(number) * to_float(size);
        let factors = if self.has_unit() { factors(self.unit)? } else { [size, size] };
        Some(factors.into_iter().any(|factor| (self.number * to_float(factor) - wanted).abs() < 0.5))
    }
}

/// What a unit may stand for, in bytes: counted by 1,024 and by 1,000.
fn factors(unit: &str) -> Option<[u64; 2]> {
    let unit = unit.to_ascii_lowercase();
    let is_binary = unit.ends_with("ib");
    let prefix = match unit.as_str() {
        "byte" | "bytes" => "",
        unit => unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(unit),
    };
    let power = ["", "k", "m", "g", "t"].iter().position(|known| *known == prefix)?;
    let binary = 1_u64 << (10 * power);
    let decimal = 1_000_u64.pow(u32::try_from(power).ok()?);
    Some([binary, if is_binary { binary } else { decimal }])
}

/// Exact up to 2^53, which is more bytes than any answer is about.
#[expect(clippy::cast_precision_loss, reason = "answers are compared to within half a byte of small amounts")]
fn to_float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::{Quantity, Size, describe};

    #[test]
    fn a_lab_writes_a_whole_number_and_a_unit() {
        for (text, bytes) in
            [("4MiB", 4 << 20), ("4 MiB", 4 << 20), ("512KiB", 512 << 10), ("1 GiB", 1 << 30), ("7B", 7)]
        {
            assert_eq!(Size::parse(text).map(|size| size.bytes), Some(bytes), "{text}");
        }
        for text in ["", "4", "MiB", "4MB", "4m", "4 mib", "0MiB", "-4MiB", "4.5MiB", "4MiB2", "99999999999999GiB"] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_told_in_their_largest_whole_unit() {
        for (bytes, text) in
            [(4 << 20, "4 MiB"), (2_000_000, "2000000 B"), (1 << 30, "1 GiB"), (1536, "1536 B"), (0, "0 B")]
        {
            assert_eq!(describe(bytes), text);
        }
    }

    #[test]
    fn an_answer_may_have_any_unit() {
        let is = |text| Quantity::read(text).and_then(|quantity| quantity.is(4, "MiB"));
        for text in [
            "4",
            " 4 ",
            "4.0",
            "4M",
            "4m",
            "4 MiB",
            "4MiB",
            "4 mib",
            "4MB",
            "4096 KiB",
            "4096k",
            "4194304 B",
            "4194304 bytes",
        ] {
            assert_eq!(is(text), Some(true), "{text}");
        }
        for text in ["5", "4 GiB", "4 KiB", "4000 KiB", "4194304", "0.4M"] {
            assert_eq!(is(text), Some(false), "{text}");
        }
        for text in ["ac", "", "four", "MiB", "4 apples", "1.2.3", "-4", "4 MiB of it"] {
            assert_eq!(is(text), None, "{text}");
        }
    }
}
