//! Joins what the ways through a lab have proved.

use super::VerifyOptions;
use super::round::{Aim, Round, TypedStep};
use crate::proof::LabReport;
use labrun_lab::Lab;

impl LabReport {
    /// Takes in what one way through the lab has proved.
    pub(super) fn add(&mut self, aim: Aim, round: Round, lab: &Lab, options: &VerifyOptions) {
        self.left_behind.extend(round.left_behind);
        self.foreign_touched.extend(round.foreign_touched);
        let index = match aim {
            Aim::Steps | Aim::Step(_) => {
                self.steps = round.steps;
                for proof in self.steps.iter_mut().filter(|proof| proof.passed_over.is_none()) {
                    let mistakes = lab.steps.get(proof.index).map_or(0, |step| step.mistakes.len());
                    proof.mistakes_wanted = if options.no_mistakes { 0 } else { mistakes };
                    proof.shell_wanted = options.in_shell.is_some();
                }
                return;
            }
            Aim::Mistakes(index) => index,
            Aim::InShell { .. } => return self.add_in_shell(round.in_shell),
        };
        let Some(proof) = self.steps.iter_mut().find(|proof| proof.index == index) else { return };
        proof.mistakes = round.mistakes;
        proof.took += round.took_for_mistakes;
        if let Some(failed) = round.steps.first() {
            proof.repeatable = false;
            let title = &failed.title;
            proof.because(&format!(
                "for its mistakes the steps before were done again, and then “{title}” did not pass"
            ));
        }
    }

    /// Takes in what passed in the practice shell. A step that did not is told of where it is asked for, else beside the
    /// first that is: it stands in the way of all behind it.
    fn add_in_shell(&mut self, typed: Vec<TypedStep>) {
        for typed in typed {
            let place = self.steps.iter().position(|proof| proof.index == typed.index);
            let Some(proof) = place.or((!typed.passed).then_some(0)).and_then(|place| self.steps.get_mut(place)) else {
                continue;
            };
            proof.passes_in_shell = Some(typed.passed);
            if let Some(why) = typed.why {
                let before =
                    if proof.index == typed.index { String::new() } else { format!("step {}: ", typed.index + 1) };
                proof.because(&format!("{before}{why}"));
            }
        }
    }
}
