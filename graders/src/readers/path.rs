//! Paths and patterns: which file a word means.
//!
//! Paths are taken as text (POSIX.1-2024 4.16 Pathname Resolution, without
//! symbolic links); patterns follow Shell Command Language 2.14.

use super::Reading;
use crate::matching::Match;
use crate::shell::{Command, Joint, Word, work};
use crate::trace::Doubt;
use crate::wrappers::base_name;

/// Longer paths name no file on Linux (`PATH_MAX`), so they match none.
const MAX_PATH: usize = 4096;

/// Nor are deeper paths looked at: after `cd` each command sees all of it again.
const MAX_PARTS: usize = 64;

/// A directory with a longer name is not gone into: every command after it would look at that name.
const MAX_PLACE: usize = 1024;

/// A working directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// Without it, `path` follows a directory that is not known.
    rooted: bool,
    /// Its parts, each with a slash before it: one piece, since each `cd` makes another of it.
    path: String,
}

/// The file that is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Target<'f> {
    parts: Vec<&'f str>,
}

/// A component of a path, and whether it is a pattern.
type Part<'p> = (&'p str, bool);

impl Place {
    pub(crate) fn from_cwd(cwd: Option<&str>) -> Self {
        let word = cwd.map(Word::literal);
        word.and_then(|word| Self::default().entered(&word)).unwrap_or_default()
    }

    /// Where the shell is after `words`, if they are a `cd`.
    fn after(&self, words: &[Word]) -> Option<Self> {
        let (program, args) = words.split_first()?;
        if !matches!(base_name(program.known()?), "cd" | "pushd") {
            return None;
        }
        let directory = args.iter().find(|word| !word.text.starts_with('-') || word.text == "-");
        // `cd` alone goes home and `cd -` back; neither place is known here.
        let known = directory.filter(|word| word.text != "-" && word.glob.is_none());
        Some(known.and_then(|word| self.entered(word)).unwrap_or_default())
    }

    /// Where the shell is after a command of its own, if that has moved it. In a pipeline or in the background, `cd`
    /// moves only itself; `next` is how the command after it is joined.
    pub(crate) fn left_by(&self, command: &Command, next: Option<Joint>) -> Option<Self> {
        let alone = command.joined_by != Joint::Pipe && !matches!(next, Some(Joint::Pipe | Joint::Background));
        if alone { self.after(&command.words) } else { None }
    }

    fn entered(&self, directory: &Word) -> Option<Self> {
        let path = resolve(directory, self)?;
        let mut joined = String::new();
        for (part, _) in &path.parts {
            joined.extend(["/", part]);
        }
        work::did(joined.len());
        (joined.len() <= MAX_PLACE).then_some(Self { rooted: path.rooted, path: joined })
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').skip(1)
    }
}

/// A word as a path, with `.`, `..` and repeated slashes taken out.
struct Path<'p> {
    rooted: bool,
    parts: Vec<Part<'p>>,
}

fn resolve<'p>(word: &'p Word, place: &'p Place) -> Option<Path<'p>> {
    word.known()?;
    let is_pattern = word.glob.is_some();
    let text = word.glob.as_deref().unwrap_or(&word.text);
    if text.is_empty() || text.len() > MAX_PATH {
        return None;
    }
    let absolute = text.starts_with('/');
    let mut parts: Vec<Part<'p>> = Vec::new();
    if !absolute {
        parts.extend(place.parts().map(|part| (part, false)));
        work::did(place.path.len());
    }
    for part in text.split('/') {
        work::did(part.len() + 1);
        match part {
            "" | "." => {}
            // Above a directory that is not known is another such one.
            ".." => {
                parts.pop();
            }
            _ if parts.len() == MAX_PARTS => return None,
            _ => parts.push((part, is_pattern)),
        }
    }
    Some(Path { rooted: absolute || place.rooted, parts })
}

impl<'f> Target<'f> {
    pub(crate) fn new(file: &'f str) -> Self {
        let mut parts = Vec::new();
        for part in file.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        Self { parts }
    }

    /// Whether `word`, seen from `place`, names the file.
    pub(crate) fn named_by(&self, word: &Word, place: &Place) -> Reading {
        if word.unknowable {
            return self.may_be(word);
        }
        let Some(path) = resolve(word, place) else {
            return Reading::DoesNot;
        };
        let Some(above) = self.parts.len().checked_sub(path.parts.len()) else {
            return Reading::DoesNot;
        };
        // No file ends in a slash, and a path of no component is a directory.
        if path.parts.is_empty() || word.text.ends_with('/') {
            return Reading::DoesNot;
        }
        match path.rooted {
            true if above > 0 => Reading::DoesNot,
            _ if !all_match(&path.parts, self.parts.get(above..)) => Reading::DoesNot,
            true => Reading::Reads,
            false => Reading::ReadsRelative,
        }
    }

    /// Whether `word`, in which an expansion stands, can name the file: its last part can, where that is known.
    fn may_be(&self, word: &Word) -> Reading {
        let is_simple = !word.text.contains(['`', '(', '{']);
        match word.text.rsplit_once('/') {
            Some((_, last)) if is_simple && !last.contains('$') && self.parts.last() != Some(&last) => Reading::DoesNot,
            _ => Reading::May(Doubt::Unknowable),
        }
    }

    /// Whether `word` names a directory above the file.
    pub(crate) fn is_under(&self, word: &Word, place: &Place) -> bool {
        resolve(word, place)
            .is_some_and(|path| path.rooted && all_match(&path.parts, self.parts.get(..path.parts.len())))
    }
}

/// Whether `word`, seen from `place`, means the file or directory of this absolute path.
pub(crate) fn means(word: &Word, path: &str, place: &Place) -> Match {
    let target = Target::new(path);
    if word.unknowable {
        let without_slash = Word { text: word.text.trim_end_matches('/').to_owned(), ..word.clone() };
        return if target.may_be(&without_slash) == Reading::DoesNot { Match::No } else { Match::Perhaps };
    }
    let Some(found) = resolve(word, place) else { return Match::No };
    // What lies in a directory stands for it only where the shell finds something there.
    if let Some(((_, true), above)) = found.parts.split_last()
        && (!found.rooted || above.len() == target.parts.len())
        && all_match(above, target.parts.get(target.parts.len().saturating_sub(above.len())..))
    {
        return Match::Perhaps;
    }
    match target.parts.len().checked_sub(found.parts.len()) {
        None => Match::No,
        Some(above) if found.rooted && above > 0 => Match::No,
        Some(above) if !all_match(&found.parts, target.parts.get(above..)) => Match::No,
        Some(_) if found.rooted => Match::Yes,
        Some(_) => Match::Perhaps,
    }
}

/// Whether `word`, seen from `place`, means something in the directory of this absolute path, or the directory itself.
pub(crate) fn lies_in(word: &Word, directory: &str, place: &Place) -> Match {
    let target = Target::new(directory);
    let leads_in = |found: &Path<'_>| match found.parts.get(..target.parts.len()) {
        Some(above) if found.rooted => Match::when(all_match(above, Some(&target.parts))),
        None if found.rooted => Match::No,
        _ => Match::Perhaps,
    };
    if !word.unknowable {
        return resolve(word, place).map_or(Match::No, |found| leads_in(&found));
    }
    // `/data/$n`: the part before what only the shell knew may lead there already.
    let known = word.text.split(['$', '`', '~']).next().and_then(|known| known.rsplit_once('/'));
    let known = Word::literal(known.map_or("", |(above, _)| if above.is_empty() { "/" } else { above }));
    let Some(found) = resolve(&known, place) else { return Match::Perhaps };
    let is_apart = found.rooted && !found.parts.iter().zip(&target.parts).all(|((part, _), name)| part == name);
    match leads_in(&found) {
        _ if word.text.contains("..") => Match::Perhaps,
        Match::Yes => Match::Yes,
        _ if is_apart => Match::No,
        _ => Match::Perhaps,
    }
}

/// Whether `word` means a directory above the file or directory of this absolute path.
pub(crate) fn is_above(word: &Word, path: &str, place: &Place) -> bool {
    Target::new(path).is_under(word, place)
}

fn all_match(parts: &[Part<'_>], names: Option<&[&str]>) -> bool {
    names.is_some_and(|names| {
        parts.iter().zip(names).all(
            |((part, is_pattern), name)| {
                if *is_pattern { matches_name(part, name) } else { part == name }
            },
        )
    })
}

/// Whether a pattern matches a file name (POSIX 2.14.1 and 2.14.3).
///
/// Only the last `*` is ever gone back to, which takes at most the pattern's
/// length times the name's; the name is the lab's, so it is short.
pub(crate) fn matches_name(pattern: &str, name: &str) -> bool {
    // A leading period must be matched by a period.
    if name.starts_with('.') && !pattern.trim_start_matches('\\').starts_with('.') {
        return false;
    }
    let (mut pattern, mut name) = (pattern, name);
    let mut retry: Option<(&str, &str)> = None;
    loop {
        work::did(1);
        if let Some(after) = pattern.strip_prefix('*') {
            pattern = after;
            retry = Some((after, name));
            continue;
        }
        let mut rest = name.chars();
        match (rest.next(), one(pattern, name.chars().next())) {
            (None, _) if pattern.is_empty() => return true,
            (Some(_), Some(after)) => {
                pattern = after;
                name = rest.as_str();
            }
            _ => {
                // Let the last `*` take one character more.
                let Some((after_star, from)) = retry else {
                    return false;
                };
                let mut longer = from.chars();
                if longer.next().is_none() {
                    return false;
                }
                pattern = after_star;
                name = longer.as_str();
                retry = Some((after_star, name));
            }
        }
    }
}

/// Matches `c` with the first element of `pattern`; gives what follows it.
fn one(pattern: &str, c: Option<char>) -> Option<&str> {
    let c = c?;
    let mut rest = pattern.chars();
    let fits = match rest.next()? {
        '?' => true,
        '\\' => rest.next().unwrap_or('\\') == c,
        '[' => match bracket(rest.as_str(), c) {
            Some((fits, after)) => return fits.then_some(after),
            // Without its `]`, a bracket is an ordinary character.
            None => c == '[',
        },
        literal => literal == c,
    };
    fits.then_some(rest.as_str())
}

/// A bracket expression after its `[`: whether it has `c`, and what follows.
/// None if it is not one. Character classes are not known.
fn bracket(inside: &str, c: char) -> Option<(bool, &str)> {
    let (negated, mut inside) = match inside.strip_prefix(['!', '^']) {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let mut fits = false;
    let mut first = true;
    loop {
        work::did(1);
        let mut rest = inside.chars();
        let low = match rest.next()? {
            ']' if !first => return Some((fits != negated, rest.as_str())),
            '\\' => rest.next()?,
            literal => literal,
        };
        first = false;
        inside = rest.as_str();
        let mut high = low;
        if let Some(end) = inside.strip_prefix('-').filter(|end| !end.starts_with(']')) {
            let mut end = end.chars();
            high = match end.next()? {
                '\\' => end.next()?,
                literal => literal,
            };
            inside = end.as_str();
        }
        fits |= (low..=high).contains(&c);
    }
}
