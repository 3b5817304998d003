//! What was done on another engine than the lab's: said so, in the practice shell, where the line is known.

use crate::harness::Learner;
use crate::practice::shell;
use crate::second::Second;
use crate::terminal::Terminal;

#[test]
fn what_was_made_on_another_engine_is_told_from_what_was_not_made() {
    let (learner, other) = (Learner::new(), Second::start());
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let line = format!("DOCKER_HOST={} docker volume create app-data", other.host);
    terminal.run_until(&learner.named(&line), "Which engine does your docker talk to?");
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.leave();
}

#[test]
fn what_sudo_made_on_roots_engine_is_told_by_its_sudo() {
    let (learner, other) = (Learner::new(), Second::start());
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let line = format!("sudo DOCKER_HOST={} docker volume create app-data", other.host);
    terminal.run_until(&learner.named(&line), "Whose engine holds");
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.leave();
}
