//! `mode` and `owner`: who may use a file or directory, and how.

use crate::decode::Fields;
use crate::fact::{Access, Owner};
use crate::name::Text;
use crate::shape::{Field, Form};
use crate::verdict::{CannotLook, Feedback, Obstacle};

pub(super) const MODE: Field = Field::optional(
    "mode",
    Form::Mode,
    "Its permission bits, as `chmod` takes them: `0750`, in quotes. With setuid, setgid and the sticky bit: `1777`.",
);

pub(super) const OWNER: Field = Field::optional(
    "owner",
    Form::Owner,
    "The numbers of its user and group, `1000:1000`, or of its user alone, `1000`, in quotes. Of names, only `root` is \
     known: any other is the container's own.",
);

/// What is wanted of the mode and the owner.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    mode: Option<u32>,
    user: Option<u64>,
    group: Option<u64>,
}

impl Wanted {
    pub(super) fn read(fields: &mut Fields) -> Self {
        let mode = fields.optional::<Text>("mode").and_then(|text| {
            let mode = mode(&text.text);
            if mode.is_none() {
                let message = format!("`{text}` is no mode: it has three or four digits from 0 to 7, such as `0750`");
                fields.faults.add("wrong-value", text.span, message);
            }
            mode
        });
        let owner = fields.optional::<Text>("owner").and_then(|text| {
            let owner = owner(&text.text);
            if owner.is_none() {
                let message = format!("`{text}` is no owner: give numbers, such as `1000:1000`");
                let help = "of names, only `root` has the same number everywhere";
                fields.faults.add_with_help("wrong-value", text.span, message, help);
            }
            owner
        });
        let (user, group) = owner.unwrap_or((None, None));
        Self { mode, user, group }
    }

    pub(super) fn is_anything(&self) -> bool {
        self.mode.is_none() && self.user.is_none()
    }

    /// What is wanted, to follow the name of the file.
    pub(super) fn wants(&self) -> Vec<String> {
        let mode = self.mode.map(|mode| format!("has mode {mode:04o}"));
        [mode, self.owner().map(|owner| format!("belongs to {owner}"))].into_iter().flatten().collect()
    }

    fn owner(&self) -> Option<String> {
        let user = self.user?;
        Some(self.group.map_or_else(|| format!("user {user}"), |group| format!("{user}:{group}")))
    }

    /// What is wrong with the mode or the owner of what is called `at`, if anything is.
    pub(super) fn judge(&self, found: &Access, at: &str) -> Result<Option<Feedback>, CannotLook> {
        if let Some(wanted) = self.mode.filter(|wanted| *wanted != found.mode) {
            let expected = format!("{at} has mode {wanted:04o}");
            let seen = format!("its mode is {:04o}", found.mode);
            return Ok(Some(Feedback::wrong(expected, seen, who_may(wanted, found.mode)).diagnosed("wrong-mode")));
        }
        let Some(user) = self.user else { return Ok(None) };
        let Some(Owner { user: found_user, group: found_group }) = found.owner else {
            let what = format!("the owner of {at} cannot be seen: its file system gives no container's numbers");
            return Err(CannotLook::new(Obstacle::Unseen, what, "use an engine that runs on this machine as root"));
        };
        if user == found_user && self.group.is_none_or(|group| group == found_group) {
            return Ok(None);
        }
        let sentence = match user == found_user {
            true => "The user is right, and the group is another one. Which number comes after the colon?",
            false => "A new file belongs to the user that the program runs as. Who wrote it, and who is to own it?",
        };
        let expected = format!("{at} belongs to {}", self.owner().unwrap_or_default());
        let seen = format!("it belongs to {found_user}:{found_group}");
        Ok(Some(Feedback::wrong(expected, seen, sentence).diagnosed("wrong-owner")))
    }
}

fn mode(text: &str) -> Option<u32> {
    let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..b'8').contains(&byte));
    is_octal.then(|| u32::from_str_radix(text, 8).ok()).flatten()
}

/// A user, and perhaps a group.
fn owner(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let number = |name: &str| match name {
        "root" => Some(0),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u32>().ok().map(u64::from),
        _ => None,
    };
    match text.split_once(':') {
        Some((user, group)) => Some((Some(number(user)?), Some(number(group)?))),
        None => Some((Some(number(text)?), None)),
    }
}

/// The first difference of two modes, from the bits that let in the most people.
fn who_may(wanted: u32, found: u32) -> String {
    let classes = [(0, "everybody else"), (3, "the group"), (6, "the owner")];
    let difference = classes.into_iter().find(|(shift, _)| (wanted ^ found) >> shift & 0o7 != 0);
    let Some((shift, who)) = difference else {
        return "The digits for owner, group and others are right. Look at the digit before them.".to_owned();
    };
    let rights = found >> shift & 0o7;
    let names: Vec<&str> = [(4, "read"), (2, "write"), (1, "execute")]
        .into_iter()
        .filter(|(bit, _)| rights & bit != 0)
        .map(|(_, name)| name)
        .collect();
    let rights = match names.as_slice() {
        [] => "nothing".to_owned(),
        [name] => (*name).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!(
        "Now {who} may {}. The last three digits are for the owner, the group and everybody else.",
        match rights.as_str() {
            "nothing" => "do nothing with it".to_owned(),
            rights => format!("{rights} it"),
        }
    )
}
