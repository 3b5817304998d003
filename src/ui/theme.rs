//! Colours by meaning. No colour ever carries a meaning alone: there is always a word.

use console::Style;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading.
    Title,
    /// Something that holds.
    Good,
    /// Something that does not hold yet.
    Open,
    /// Trouble.
    Bad,
    /// Something beside the point.
    Quiet,
}

/// Whether and how things are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// Whether there are colours at all.
    pub colour: bool,
}

impl Theme {
    /// The text in the colour of its role.
    #[must_use]
    pub fn paint(self, role: Role, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let style = Style::new().force_styling(true);
        let style = match role {
            Role::Title => style.bold(),
            Role::Good => style.green(),
            Role::Open => style.yellow(),
            Role::Bad => style.red(),
            Role::Quiet => style.dim(),
        };
        style.apply_to(text).to_string()
    }
}
