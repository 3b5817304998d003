//! Words that are nearly the same, and where they differ, letter by letter.

use crate::decode::nearest;

/// The most letters that a slip changes.
const SLIPS: usize = 3;

/// The longest word whose letters are compared.
const LONGEST: usize = 80;

/// Whether one word may be the other, typed wrongly: a few letters apart, in proportion to the word's length.
pub fn is_slip(found: &str, wanted: &str) -> bool {
    let length = wanted.chars().count();
    if found == wanted || length > LONGEST || found.chars().count() > LONGEST {
        return false;
    }
    let apart = strsim::damerau_levenshtein(&found.to_lowercase(), &wanted.to_lowercase());
    apart <= SLIPS.min(length / 4).max(1)
}

/// The candidate that is most likely the wanted word, typed wrongly.
pub fn slip<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(wanted, candidates.into_iter().filter(|found| is_slip(found, wanted)))
}

/// A letter of one word that is not the other's.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    Other(usize, char, char),
    Extra(usize, char),
    Missing(usize, char),
    Swapped(usize, char, char),
}

impl Edit {
    /// In words; letters are counted from 1 in the word found, a missing one in the word wanted.
    fn describe(&self) -> String {
        match self {
            Self::Other(at, found, wanted) => format!("letter {at} is {}, not {}", shown(*found), shown(*wanted)),
            Self::Extra(at, found) => format!("letter {at}, {}, is one too many", shown(*found)),
            Self::Missing(at, wanted) => format!("letter {at}, {}, is missing", shown(*wanted)),
            Self::Swapped(at, one, two) => {
                format!("letters {at} and {}, {} and {}, are swapped", at + 1, shown(*one), shown(*two))
            }
        }
    }
}

/// A blank is nothing to look at.
fn shown(letter: char) -> String {
    if letter.is_whitespace() { "a blank".to_owned() } else { letter.to_string() }
}

/// Where two words differ, as words of a sentence: "letter 4 is _, not -". Read aloud it says the same, and it wraps.
pub fn difference(found: &str, wanted: &str) -> String {
    let told: Vec<String> = edits(found, wanted).iter().map(Edit::describe).collect();
    if told.is_empty() { "they differ".to_owned() } else { told.join("; ") }
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
            edits.push(Edit::Swapped(i - 1, a[i - 2], a[i - 1]));
            (i, j) = (i - 2, j - 2);
        } else if i > 0 && j > 0 && here == cost[of(i - 1, j - 1)] + 1 {
            edits.push(Edit::Other(i, a[i - 1], b[j - 1]));
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && here == cost[of(i - 1, j)] + 1 {
            edits.push(Edit::Extra(i, a[i - 1]));
            i -= 1;
        } else {
            edits.push(Edit::Missing(j, b[j - 1]));
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
    fn the_difference_is_told_letter_by_letter() {
        for (found, wanted, told) in [
            ("app_data", "app-data", "letter 4 is _, not -"),
            ("App-data", "app-data", "letter 1 is A, not a"),
            ("app-datas", "app-data", "letter 9, s, is one too many"),
            ("appdata", "app-data", "letter 4, -, is missing"),
            ("app-adta", "app-data", "letters 5 and 6, a and d, are swapped"),
            ("apq_data", "app-data", "letter 3 is q, not p; letter 4 is _, not -"),
            ("xpq_data", "app-data", "letter 1 is x, not a; letter 3 is q, not p; letter 4 is _, not -"),
            ("app data", "app-data", "letter 4 is a blank, not -"),
            ("größe", "größen", "letter 6, n, is missing"),
            ("same", "same", "they differ"),
        ] {
            assert_eq!(difference(found, wanted), told, "{found}");
        }
    }

    #[test]
    fn a_slip_is_a_few_letters_and_not_another_name() {
        for found in ["app_data", "appdata", "app-date", "App-Data", "ap-dta", "app-data2"] {
            assert!(is_slip(found, "app-data"), "{found}");
        }
        for found in ["app-data", "logs", "bob-app-data", "data", "app-data-copy", ""] {
            assert!(!is_slip(found, "app-data"), "{found}");
        }
        assert!(!is_slip(&"a".repeat(5_000), &"a".repeat(4_999)), "what is too long is not compared");
        assert_eq!(slip("app-data", ["logs", "appdat", "app_data"]), Some("app_data"));
    }
}
