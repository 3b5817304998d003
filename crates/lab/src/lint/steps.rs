//! Which steps come before the one that is looked at: a check may refer to those alone.

use labrun_graders::decode::nearest;

/// The ids of a lab's steps in their order, and how many of them come before the one that is looked at.
#[derive(Default)]
pub(super) struct Steps {
    all: Vec<String>,
    earlier: usize,
}

impl Steps {
    /// Begins at the first of these.
    pub(super) fn new(all: Vec<String>) -> Self {
        Self { all, earlier: 0 }
    }

    /// Goes on to the next one.
    pub(super) fn next(&mut self) {
        self.earlier += 1;
    }

    /// What is wrong about a reference to this one, and what to do; `None` for an earlier step.
    pub(super) fn fault(&self, id: &str) -> Option<(String, String)> {
        let earlier: Vec<&str> = self.all.iter().take(self.earlier).map(String::as_str).collect();
        if earlier.contains(&id) {
            return None;
        }
        let is_later = self.all.iter().any(|known| known == id);
        let message = match is_later {
            true => format!("the step `{id}` is no earlier one"),
            false => format!("there is no step `{id}`"),
        };
        let near = nearest(id, earlier.iter().copied()).filter(|_| !is_later);
        Some((
            message,
            match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if earlier.is_empty() => "no step comes before this one".to_owned(),
                None => format!("before this step come: {}", earlier.join(", ")),
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn only_an_earlier_step_can_be_referred_to() {
        let mut steps = Steps::new(["create", "mount", "write"].map(str::to_owned).to_vec());
        let fault = |steps: &Steps, id: &str| steps.fault(id).map(|(message, help)| format!("{message}: {help}"));
        assert_eq!(
            fault(&steps, "create").as_deref(),
            Some("the step `create` is no earlier one: no step comes before this one")
        );
        steps.next();
        steps.next();
        assert_eq!(fault(&steps, "create"), None);
        assert_eq!(fault(&steps, "mount"), None);
        assert_eq!(
            fault(&steps, "write").as_deref(),
            Some("the step `write` is no earlier one: before this step come: create, mount")
        );
        assert_eq!(fault(&steps, "creat").as_deref(), Some("there is no step `creat`: did you mean `create`?"));
        assert_eq!(
            fault(&steps, "zzz").as_deref(),
            Some("there is no step `zzz`: before this step come: create, mount")
        );
    }
}
