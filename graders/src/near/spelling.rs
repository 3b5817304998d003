//! Words that are nearly the same, and where they differ, letter by letter.

use crate::decode::nearest;

/// The most letters that a slip changes.
const SLIPS: usize = 3;

/// The longest word whose letters are compared.
const LONGEST: usize = 80;

/// Whether one word may be the other, typed wrongly: a few letters apart, in proportion to the word's length.
#[must_use]
pub fn is_slip(found: &str, wanted: &str) -> bool {
    let (length, other) = (wanted.chars().count(), found.chars().count());
    let slips = SLIPS.min(length / 4).max(1);
    // Most of what is on a full engine is told apart by this alone; a letter may become two in lower case.
    if found == wanted || length > LONGEST || other > LONGEST || length.abs_diff(other) > 2 * slips {
        return false;
    }
    is_reordered(found, wanted) || strsim::damerau_levenshtein(&found.to_lowercase(), &wanted.to_lowercase()) <= slips
}

/// Whether two names have the same words in another order.
fn is_reordered(found: &str, wanted: &str) -> bool {
    let words = |name: &str| name.split(['-', '_', '.', '/']).map(str::to_owned).collect::<Vec<_>>();
    let (mut one, mut other) = (words(found), words(wanted));
    let differ = one != other;
    one.sort_unstable();
    other.sort_unstable();
    differ && one == other
}

/// Whether one file's name may be the other's, typed wrongly: by a few letters, or by the ending.
#[must_use]
pub fn is_file_slip(found: &str, wanted: &str) -> bool {
    found != wanted && (is_slip(found, wanted) || ending(found, wanted).is_some() || ending(wanted, found).is_some())
}

/// What a name has behind a whole other name: `.txt`.
fn ending<'a>(longer: &'a str, shorter: &str) -> Option<&'a str> {
    longer.strip_prefix(shorter).filter(|rest| !shorter.is_empty() && rest.len() > 1 && rest.starts_with('.'))
}

/// Where two names of files differ, as words of a sentence.
pub fn file_difference(found: &str, wanted: &str) -> String {
    match (ending(found, wanted), ending(wanted, found)) {
        (Some(ending), _) => format!("`{ending}` at the end is too much"),
        (_, Some(ending)) => format!("`{ending}` at the end is missing"),
        _ => difference(found, wanted),
    }
}

/// The candidate that is most likely the wanted word, typed wrongly.
pub fn slip<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(wanted, candidates.into_iter().filter(|found| is_slip(found, wanted)))
}

/// A letter of one word that is not the other's; letters are counted from 0 in the word found, where a missing one would
/// stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    Other(usize, char, char),
    Extra(usize, char),
    Missing(usize, char),
    Swapped(usize, char, char),
}

impl Edit {
    /// In words, by the letters that stand before it: nobody counts letters.
    fn describe(&self, found: &str) -> String {
        let (Self::Other(at, ..) | Self::Extra(at, _) | Self::Missing(at, _) | Self::Swapped(at, ..)) = self;
        let before: String = found.chars().take(*at).collect();
        let before = last_of(&before);
        let place = if before.is_empty() { "at the start".to_owned() } else { format!("after `{before}`") };
        match self {
            Self::Other(0, found, wanted) => format!("the first letter is {}, not {}", shown(*found), shown(*wanted)),
            Self::Other(_, found, wanted) => format!("{place} comes {}, not {}", shown(*found), shown(*wanted)),
            Self::Extra(_, found) => format!("{} {place} is too much", shown(*found)),
            Self::Missing(_, wanted) => format!("{} {place} is missing", shown(*wanted)),
            Self::Swapped(_, one, two) => format!("{} and {} {place} are swapped", shown(*one), shown(*two)),
        }
    }
}

/// The letters in front of a place by which it is found again: of a longer text the last ones.
fn last_of(before: &str) -> String {
    const ENOUGH: usize = 10;
    match before.chars().count().checked_sub(ENOUGH) {
        Some(left_out) if left_out > 1 => format!("…{}", before.chars().skip(left_out).collect::<String>()),
        _ => before.to_owned(),
    }
}

/// A blank is nothing to look at.
fn shown(letter: char) -> String {
    if letter.is_whitespace() { "a blank".to_owned() } else { format!("`{letter}`") }
}

/// Where two words differ, as words of a sentence: "`-` after `app` is missing". Read aloud it says the same, and it
/// wraps. One letter is told of; how many more there are, to be found by comparing.
pub fn difference(found: &str, wanted: &str) -> String {
    if is_reordered(found, wanted) {
        return "the words are in another order".to_owned();
    }
    let edits = edits(found, wanted);
    let Some(first) = edits.first() else { return "something differs".to_owned() };
    match edits.len() {
        1 => first.describe(found),
        2 => format!("{}, and one more letter differs", first.describe(found)),
        more => format!("{}, and {} more letters differ", first.describe(found), more - 1),
    }
}

/// The fewest edits between two words, as Damerau and Levenshtein count them, in the order of the letters.
fn edits(found: &str, wanted: &str) -> Vec<Edit> {
    let (a, b): (Vec<char>, Vec<char>) =
        (found.chars().take(LONGEST).collect(), wanted.chars().take(LONGEST).collect());
    let width = b.len() + 1;
    let mut cost = vec![0_usize; (a.len() + 1) * width];
    let of = |i: usize, j: usize| i * width + j;
    let swapped = |i: usize, j: usize| i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            cost[of(i, j)] = match (i, j) {
                (0, more) | (more, 0) => more,
                _ => {
                    let same = cost[of(i - 1, j - 1)] + usize::from(a[i - 1] != b[j - 1]);
                    let best = same.min(cost[of(i - 1, j)] + 1).min(cost[of(i, j - 1)] + 1);
                    if swapped(i, j) { best.min(cost[of(i - 2, j - 2)] + 1) } else { best }
                }
            };
        }
    }
    let (mut i, mut j, mut edits) = (a.len(), b.len(), Vec::new());
    while i > 0 || j > 0 {
        let here = cost[of(i, j)];
        if i > 0 && j > 0 && a[i - 1] == b[j - 1] && here == cost[of(i - 1, j - 1)] {
            (i, j) = (i - 1, j - 1);
        } else if swapped(i, j) && here == cost[of(i - 2, j - 2)] + 1 {
            edits.push(Edit::Swapped(i - 2, a[i - 2], a[i - 1]));
            (i, j) = (i - 2, j - 2);
        } else if i > 0 && j > 0 && here == cost[of(i - 1, j - 1)] + 1 {
            edits.push(Edit::Other(i - 1, a[i - 1], b[j - 1]));
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && here == cost[of(i - 1, j)] + 1 {
            edits.push(Edit::Extra(i - 1, a[i - 1]));
            i -= 1;
        } else {
            edits.push(Edit::Missing(i, b[j - 1]));
            j -= 1;
        }
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::{difference, is_slip, slip};

    #[test]
    fn the_difference_is_told_by_the_letters_before_it() {
        for (found, wanted, told) in [
            ("app_data", "app-data", "after `app` comes `_`, not `-`"),
            ("App-data", "app-data", "the first letter is `A`, not `a`"),
            ("app-datas", "app-data", "`s` after `app-data` is too much"),
            ("xapp-data", "app-data", "`x` at the start is too much"),
            ("appdata", "app-data", "`-` after `app` is missing"),
            ("pp-data", "app-data", "`a` at the start is missing"),
            ("app-dat", "app-data", "`a` after `app-dat` is missing"),
            ("app-adta", "app-data", "`a` and `d` after `app-` are swapped"),
            ("apq_data", "app-data", "after `ap` comes `q`, not `p`, and one more letter differs"),
            ("xpq_data", "app-data", "the first letter is `x`, not `a`, and 2 more letters differ"),
            ("app data", "app-data", "after `app` comes a blank, not `-`"),
            ("größe", "größen", "`n` after `größe` is missing"),
            ("/tmp/alice-dind/tst.txt", "/tmp/alice-dind/test.txt", "`e` after `…ice-dind/t` is missing"),
            ("same", "same", "something differs"),
            ("ada-app-shop", "ada-shop-app", "the words are in another order"),
        ] {
            assert_eq!(difference(found, wanted), told, "{found}");
        }
    }

    #[test]
    fn a_slip_is_a_few_letters_and_not_another_name() {
        for found in ["data-app", "app_data", "appdata", "app-date", "App-Data", "ap-dta", "app-data2"] {
            assert!(is_slip(found, "app-data"), "{found}");
        }
        for found in ["app-data", "logs", "bob-app-data", "data", "app-data-copy", ""] {
            assert!(!is_slip(found, "app-data"), "{found}");
        }
        assert!(!is_slip(&"a".repeat(5_000), &"a".repeat(4_999)), "what is too long is not compared");
        assert_eq!(slip("app-data", ["logs", "appdat", "app_data"]), Some("app_data"));
    }
}
