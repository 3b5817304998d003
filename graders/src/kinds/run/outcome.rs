//! How far one container's life comes towards what is wanted.

use super::super::image::is_from;
use super::{Did, Outcome, Run, source};
use crate::evidence::{self, Argv, MountSeen};
use crate::fact::Facts;
use crate::grader::Grader;
use crate::name::NameKind;
use crate::path::{clean, hides};
use crate::verdict::{CannotLook, Feedback, Pass};

impl Run {
    /// How far this run comes.
    pub(super) fn outcome(
        &self,
        run: &evidence::Run,
        execs: &[evidence::Exec],
        facts: &Facts,
    ) -> Result<Outcome, CannotLook> {
        let name = &run.name;
        let wrong = |rank, seen, sentence, diagnosis| self.wrong(rank, seen, sentence, diagnosis);
        let detail = run.detail.as_ref();
        let image_id = detail.map(|detail| detail.image_id.as_str()).unwrap_or_default();
        let right_image = is_from(&run.image, image_id, &self.image.text, facts)?;
        let sources = || run.mounts.iter().filter(|mount| self.is_source(mount));
        let Some(mount) = sources().find(|mount| self.is_at(mount)).or_else(|| sources().next()) else {
            return Ok(match (right_image, detail, self.source.kind) {
                // Neither the one nor the other: that was about something else, or somebody else's.
                (false, ..) => Outcome::Unrelated,
                // It is older than the session, which reports every creation.
                (true, None, NameKind::Path) if run.created.is_none() => Outcome::Unrelated,
                // The engine tells of volumes that are mounted, of nothing else.
                (true, None, NameKind::Path) => {
                    Outcome::Unseen(format!("{name} was gone before it could be asked what was mounted in it"))
                }
                (true, ..) => match run.mounts.iter().find(|mount| self.is_at(mount)) {
                    Some(mount) => {
                        let other = source::other(self, mount, name);
                        wrong(0, other.seen, &other.sentence, Some(other.diagnosis))
                    }
                    None => {
                        let seen = format!("{name} ran without {}", self.source);
                        wrong(0, seen, "What did that container see of your data?", None)
                    }
                },
            });
        };
        if !self.is_at(mount) {
            let seen = format!("{name} had {} at {}", self.source, mount.destination);
            let sentence = "Where does the task want this container to see it?";
            return Ok(wrong(1, seen, sentence, Some("wrong-destination")));
        }
        if !right_image {
            let sentence = "Compare the image's name and tag with the task's.";
            return Ok(wrong(2, format!("{name} was from {}", run.image), sentence, Some("wrong-image")));
        }
        if let Some(over) = run.mounts.iter().find(|other| self.hides_file(other, mount)) {
            let seen = format!("{name} had {} at {}", over.source, over.destination);
            let sentence = "What lies over the file, that container does not see.";
            return Ok(wrong(2, seen, sentence, Some("hidden-by-mount")));
        }
        Ok(match self.by_exec(run, execs) {
            Some(outcome) => outcome,
            None => self.judge_command(run, mount),
        })
    }

    /// Whether another mount lies over the file that is to be read.
    fn hides_file(&self, other: &MountSeen, mount: &MountSeen) -> bool {
        let (other, mount) = (clean(&other.destination), clean(&mount.destination));
        let file = self.reads.as_ref().map(|file| clean(&file.text)).unwrap_or_default();
        hides(&other, &mount, &file)
    }

    /// The container had what it was to have: did it run, and do what it was to do?
    fn judge_command(&self, run: &evidence::Run, mount: &MountSeen) -> Outcome {
        let name = &run.name;
        let wrong = |rank, seen, sentence, diagnosis| self.wrong(rank, seen, sentence, diagnosis);
        let detail = run.detail.as_ref();
        let (died, code) = match (run.started, run.died) {
            // Only `run` and `start -a` attach: somebody tried to start it.
            (None, _) if run.attached.is_some() => {
                let sentence = "Is there such a command in the image, and is it spelled as you meant it?";
                return wrong(3, format!("{name} could not start"), sentence, Some("command-cannot-start"));
            }
            (None, _) => {
                let sentence = "Creating a container and running it are two things. Which one is still to be done?";
                return wrong(3, format!("{name} was never started"), sentence, Some("never-started"));
            }
            (Some(_), None) => {
                let sentence = "It was to do one thing and end. What is it waiting for?";
                return wrong(4, format!("{name} is still running"), sentence, Some("other-state"));
            }
            (Some(_), Some(died)) => died,
        };
        let is_any = self.reads.is_none() && self.runs.is_none();
        let did = match detail {
            _ if is_any => Some(Did::It),
            Some(detail) if !detail.argv.is_empty() => {
                let cwd = if detail.working_dir.is_empty() { "/" } else { &detail.working_dir };
                Some(self.did(&Argv::Known(detail.argv.clone()), Some(cwd)))
            }
            // It was gone before it could be asked.
            _ => None,
        };
        let argv = || detail.map(|detail| detail.argv.join(" ")).unwrap_or_default();
        match did {
            // How a shell ended tells of the last thing typed in it, if anything; without a terminal nothing was.
            Some(Did::Shell) if run.attached.is_some() => {
                return Outcome::Unseen(format!("there was a shell in {name}, but not what was typed in it"));
            }
            Some(Did::Another | Did::Shell) if self.runs.is_some() => {
                let sentence = "Did that do what the container was run for? Compare the command with the task.";
                return wrong(4, format!("{name} ran `{}`", argv()), sentence, Some("other-command"));
            }
            Some(Did::Another | Did::Shell) => {
                let sentence = "Did that show what is in the file?";
                return wrong(4, format!("{name} ran `{}`", argv()), sentence, Some("other-command"));
            }
            _ => {}
        }
        if code != 0 && mount.read_only {
            let sentence = "Writing needs write access. Look at the access that the mount was given.";
            let seen = format!("{name} had {} read-only, and ended with {code}", self.source);
            return wrong(5, seen, sentence, Some("read-only-mount"));
        }
        // `rm -f`, `kill` and `stop` leave these codes: the program did not end by itself, and has nothing to say.
        if matches!(code, 137 | 143) {
            let sentence = "It was to do one thing and end by itself. Which command did you give it?";
            return wrong(5, format!("{name} was ended from outside while it ran"), sentence, None);
        }
        if code != 0 {
            let sentence = "Read what it said: was everything there that it needed?";
            return wrong(5, format!("{name} ended with {code}"), sentence, Some("command-failed"));
        }
        match run.removed {
            None if self.gone && detail.is_some_and(|detail| detail.auto_remove) => {
                Outcome::Unseen(format!("{name} has ended, and the engine has not removed it yet"))
            }
            None if self.gone => {
                let sentence = "Who cleans up a container that has done its one thing?";
                wrong(6, format!("{name} did it, and is still there, stopped"), sentence, Some("left-behind"))
            }
            _ if did == Some(Did::Perhaps) => {
                let what = if self.reads.is_some() { "read the file" } else { "did it" };
                Outcome::Unseen(format!("whether {name} {what} cannot be told"))
            }
            _ if did.is_none() => {
                Outcome::Unseen(format!("{name} was gone before it could be asked which command it ran"))
            }
            // Its output may have been looked at with `docker logs`, of which the engine reports nothing.
            _ if self.reads.is_some() && run.attached.is_none() => Outcome::Unseen(format!(
                "{name} ran in the background, and whether anybody looked at its output cannot be seen"
            )),
            removed => Outcome::Right(Pass::since(Some(removed.unwrap_or(died).max(died)))),
        }
    }

    pub(super) fn wrong(&self, rank: u8, seen: String, sentence: &str, diagnosis: Option<&'static str>) -> Outcome {
        let diagnosis = diagnosis.map(Into::into);
        Outcome::Wrong(rank, Feedback { diagnosis, ..Feedback::wrong(self.wants(), seen, sentence) })
    }
}
