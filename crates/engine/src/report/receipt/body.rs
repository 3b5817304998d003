//! The last word of a receipt.
//!
//! Its bytes: how many follow; flags; the session, 4; when it began, in seconds since 1970; for how long something was
//! recorded; the steps' fingerprint, 3; each step; a checksum, 4. Numbers of no fixed size are LEB128. A step is a byte:
//! from the lowest bit two for its state, one each for whether the solution was seen and whether its time is known, two
//! each for hints and attempts; where these are 3 or more, how many more follows, and then its time in seconds.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use jiff::Timestamp;

use super::{Receipt, ReceiptError};
use crate::report::line::Line;
use crate::report::model::{Run, SessionId, State, StepRun, fingerprint};

const EXAM: u8 = 1;
const RESET: u8 = 2;

/// From here on a count does not fit into a step's byte.
const MORE: u8 = 3;

/// A session of ten years is none.
const LONGEST: u64 = 10 * 366 * 24 * 3600;

/// Crockford's base32, in lower case; read in any.
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.translate.from.push_str("ABCDEFGHJKMNPQRSTVWXYZoOiIlL");
    specification.translate.to.push_str("abcdefghjkmnpqrstvwxyz001111");
    specification.encoding().ok()
});

/// The body that belongs to what can be read of a receipt.
pub(super) fn encode(receipt: &Receipt, readable: &str) -> String {
    let run = &receipt.run;
    let mut bytes = vec![u8::from(run.exam) * EXAM + u8::from(run.reset) * RESET];
    bytes.extend(run.session.0.to_be_bytes());
    number(&mut bytes, u64::try_from(run.started.as_second()).unwrap_or_default());
    let lasted = run.last.as_second().saturating_sub(run.started.as_second());
    number(&mut bytes, u64::try_from(lasted).unwrap_or_default().min(LONGEST));
    bytes.extend(&receipt.steps.to_be_bytes()[1..]);
    for step in &run.steps {
        encode_step(&mut bytes, step);
    }
    bytes.extend(checksum(readable, &bytes));
    let mut body = Vec::new();
    number(&mut body, bytes.len() as u64);
    body.extend(bytes);
    BASE32.as_ref().map(|base32| base32.encode(&body)).unwrap_or_default()
}

fn encode_step(bytes: &mut Vec<u8>, step: &StepRun) {
    let state = State::ALL.iter().position(|state| *state == step.state).unwrap_or_default();
    let small = |count: u32| u8::try_from(count).unwrap_or(MORE).min(MORE);
    let flags = u8::try_from(state).unwrap_or_default()
        | u8::from(step.solution) << 2
        | u8::from(step.seconds.is_some()) << 3
        | small(step.hints) << 4
        | small(step.attempts) << 6;
    bytes.push(flags);
    for count in [step.hints, step.attempts] {
        if let Some(more) = count.checked_sub(MORE.into()) {
            number(bytes, more.into());
        }
    }
    if let Some(seconds) = step.seconds {
        number(bytes, seconds.into());
    }
}

/// How many characters a body has in all, as its first ones tell; `None` while these are too few.
pub(super) fn length(start: &str) -> Result<Option<usize>, ReceiptError> {
    // Eight characters are five bytes, and every body has more.
    let Some(start) = start.get(..8) else { return Ok(None) };
    let bytes = decode_base32(start)?;
    let mut rest = bytes.as_slice();
    let after = usize::try_from(take_number(&mut rest)?).map_err(|_| ReceiptError::Checksum)?;
    let all = after.saturating_add(bytes.len() - rest.len());
    Ok(Some(all.saturating_mul(8).div_ceil(5)))
}

/// The session in a body; `readable` is what the checksum counts in, its parts are the rest.
pub(super) fn decode(
    body: &str,
    readable: &str,
    lab: &str,
    learner: Option<&str>,
    count: (usize, usize),
) -> Result<Receipt, ReceiptError> {
    let bytes = decode_base32(body)?;
    let mut rest = bytes.as_slice();
    take_number(&mut rest)?;
    let Some((mut rest, checked)) = rest.split_last_chunk::<4>() else { return Err(ReceiptError::CutOff) };
    if checksum(readable, rest) != *checked {
        return Err(ReceiptError::Checksum);
    }
    let [flags] = take(&mut rest)?;
    let session = SessionId(u32::from_be_bytes(take(&mut rest)?));
    let started = take_number(&mut rest)?;
    let lasted = take_number(&mut rest)?.min(LONGEST);
    let moment = |second: u64| {
        let second = i64::try_from(second).ok();
        second.and_then(|second| Timestamp::from_second(second).ok()).ok_or(ReceiptError::Content)
    };
    let [high, middle, low] = take(&mut rest)?;
    let steps = (1..=count.1).map(|place| decode_step(&mut rest, place)).collect::<Result<Vec<_>, _>>()?;
    let run = Run {
        lab: Line::new(lab),
        title: Line::new(lab),
        learner: learner.map(Line::new),
        session,
        started: moment(started)?,
        last: moment(started.saturating_add(lasted))?,
        reset: flags & RESET != 0,
        exam: flags & EXAM != 0,
        steps,
    };
    if !rest.is_empty() || run.count(State::Passed) != count.0 {
        return Err(ReceiptError::Content);
    }
    Ok(Receipt { run, steps: u32::from_be_bytes([0, high, middle, low]) })
}

fn decode_step(rest: &mut &[u8], place: usize) -> Result<StepRun, ReceiptError> {
    let [flags] = take(rest)?;
    let mut count = |small: u8| match small & MORE {
        MORE => u64::from(MORE).saturating_add(take_number(rest)?).try_into().map_err(|_| ReceiptError::Content),
        small => Ok(u32::from(small)),
    };
    let (hints, attempts) = (count(flags >> 4)?, count(flags >> 6)?);
    let seconds = match flags & 1 << 3 {
        0 => None,
        _ => Some(take_number(rest)?.try_into().map_err(|_| ReceiptError::Content)?),
    };
    Ok(StepRun {
        step: Line::new(&place.to_string()),
        title: Line::new(&format!("Step {place}")),
        state: State::ALL[usize::from(flags & 3)],
        passed_over: None,
        attempts,
        hints,
        solution: flags & 1 << 2 != 0,
        seconds,
        diagnoses: Default::default(),
    })
}

fn decode_base32(text: &str) -> Result<Vec<u8>, ReceiptError> {
    let base32 = BASE32.as_ref().ok_or(ReceiptError::Content)?;
    base32.decode(text.as_bytes()).map_err(|error| match text[error.position..].chars().next() {
        Some(ch) if error.kind == data_encoding::DecodeKind::Symbol => ReceiptError::Symbol(ch),
        _ => ReceiptError::Checksum,
    })
}

fn checksum(readable: &str, bytes: &[u8]) -> [u8; 4] {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    fingerprint(&["receipt", readable, &hex]).to_be_bytes()
}

fn number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take<const COUNT: usize>(rest: &mut &[u8]) -> Result<[u8; COUNT], ReceiptError> {
    let (taken, after) = rest.split_first_chunk::<COUNT>().ok_or(ReceiptError::Content)?;
    *rest = after;
    Ok(*taken)
}

fn take_number(rest: &mut &[u8]) -> Result<u64, ReceiptError> {
    let mut number = 0;
    // 5 bytes are 35 bits: more than any number in a receipt.
    for shift in [0, 7, 14, 21, 28] {
        let [byte] = take(rest)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(ReceiptError::Content)
}
