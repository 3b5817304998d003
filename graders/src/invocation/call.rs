//! The Docker commands of a typed line: what each was about, and what the calling shell made of the rest.

use super::{Invocation, MountWords};
use crate::args::Flag;
use crate::shell::{self, Ended, Reach, RedirectKind, Word};
use crate::wrappers::{self, Inner, base_name};

/// One Docker command as it was typed.
#[derive(Debug)]
pub(crate) struct DockerCall {
    /// In its canonical form, as `container run`.
    pub(crate) command: String,
    /// What it is about: for an exec the container and the command, for a run the image and the command.
    pub(crate) operands: Vec<Word>,
    /// What `--name` says.
    pub(crate) name: Option<String>,
    /// What `--publish` says, once for each.
    pub(crate) published: Vec<String>,
    /// What `--volume` and `--mount` say, once for each.
    pub(crate) mounts: Vec<MountWords>,
    /// The files that the calling shell sends its output to.
    pub(crate) writes: Vec<Word>,
    /// What `--workdir` says.
    pub(crate) workdir: Option<String>,
    /// What `--format` says.
    pub(crate) format: Option<String>,
    /// It was run as another user.
    pub(crate) as_another: bool,
}

impl DockerCall {
    /// Whether it makes a container.
    pub(crate) fn makes_container(&self) -> bool {
        matches!(self.command.as_str(), "container run" | "container create")
    }

    /// The operand at this place, if it is known what it means.
    pub(crate) fn operand(&self, at: usize) -> Option<&str> {
        self.operands.get(at)?.known()
    }
}

/// The Docker commands of a line that can have run, in order; those that only ask for help are left out.
pub(crate) fn docker_calls(line: &str) -> Vec<DockerCall> {
    let course = shell::course(line, &Ended::default());
    course.iter().filter(|(_, fate)| fate.reach != Reach::No).filter_map(|(command, _)| call(command)).collect()
}

/// A command as one of Docker's, if it is one.
pub(super) fn call(command: &shell::Command) -> Option<DockerCall> {
    let Inner::Program(name, args) = wrappers::inner(&command.words) else { return None };
    let invocation = Invocation::new(name, args);
    if invocation.program != "docker" || invocation.help || invocation.command.is_empty() {
        return None;
    }
    let written = |redirect: &&shell::Redirect| {
        redirect.fd == 1 && matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append)
    };
    let of = |flags: &[Flag<'_>]| {
        let mut options = invocation.options.iter().rev();
        options.find_map(|(flag, value)| value.filter(|_| flags.contains(flag)))
    };
    let (name, workdir) = (of(&[Flag::Long("--name")]), of(&[Flag::Short('w'), Flag::Long("--workdir")]));
    let format = of(&[Flag::Long("--format")]);
    let publishes = |flag: &Flag<'_>| matches!(flag, Flag::Short('p') | Flag::Long("--publish"));
    let published = invocation.options.iter().filter(|(flag, _)| publishes(flag)).filter_map(|(_, value)| *value);
    let mounts = invocation.options.iter().filter_map(|(flag, value)| MountWords::of(flag, (*value)?));
    let first = command.words.first().and_then(Word::known).map(base_name);
    Some(DockerCall {
        name: name.map(str::to_owned),
        workdir: workdir.map(str::to_owned),
        format: format.map(str::to_owned),
        published: published.map(str::to_owned).collect(),
        mounts: mounts.collect(),
        operands: invocation.operands.iter().map(|word| (*word).clone()).collect(),
        command: invocation.command,
        writes: command.redirects.iter().filter(written).map(|redirect| Word::clone(&redirect.target)).collect(),
        as_another: matches!(first, Some("sudo" | "doas")),
    })
}

#[cfg(test)]
mod tests {
    use super::docker_calls;

    #[test]
    fn a_line_tells_what_was_called_and_where_its_output_went() {
        let told = |line: &str| -> Vec<String> {
            let calls = docker_calls(line);
            let words =
                |words: &[crate::shell::Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<_>>().join("|");
            calls
                .iter()
                .map(|call| {
                    let (about, to) = (words(&call.operands), words(&call.writes));
                    format!("{} {:?} {about} > {to} {}", call.command, call.name, call.as_another)
                })
                .collect()
        };
        assert_eq!(
            told("sudo docker run -dit --name w1 -v a:/b busybox sh && docker exec w1 echo hi > /data/f"),
            [r#"container run Some("w1") busybox|sh >  true"#, "container exec None w1|echo|hi > /data/f false"]
        );
        assert_eq!(told("docker exec w1 sh -c 'echo hi > /f'"), ["container exec None w1|sh|-c|echo hi > /f >  false"]);
        assert_eq!(told("docker run --help; echo docker ps; ls"), Vec::<String>::new());
    }
}
