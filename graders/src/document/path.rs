//! Where something is in a document: `services.app.image`.

/// A path from the outside inwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Keys, and for items their numbers, counted from 0.
    pub steps: Vec<String>,
}

impl Path {
    /// Reads a path of keys with dots between them; a key with a dot of its own is in quotes: `labels."com.example"`.
    /// `None` where a key is empty or a quote does not end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mut steps, mut step, mut quote, mut quoted) = (Vec::new(), String::new(), None, false);
        for letter in text.chars() {
            match (letter, quote) {
                (letter, Some(open)) if letter == open => quote = None,
                ('"' | '\'', None) if step.is_empty() && !quoted => (quote, quoted) = (Some(letter), true),
                ('.', None) => {
                    steps.push(std::mem::take(&mut step));
                    quoted = false;
                }
                (letter, _) => step.push(letter),
            }
        }
        steps.push(step);
        (quote.is_none() && steps.iter().all(|step| !step.trim().is_empty())).then_some(Self { steps })
    }

    /// The path of a part of what is here.
    #[must_use]
    pub fn below(&self, step: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step.to_owned());
        Self { steps }
    }

    /// Its first steps.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self { steps: self.steps.iter().take(count).cloned().collect() }
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            if step.contains('.') { write!(f, "\"{step}\"")? } else { f.write_str(step)? }
        }
        Ok(())
    }
}
