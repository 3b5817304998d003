//! What would make much of little: `'x' * 100000000`. The evaluator bounds how many instructions an expression takes, and
//! not what one of them makes: with `*` a text or list becomes as large as a number says. So `*` stands between written
//! numbers alone.

/// A token of an expression, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Number,
    Times,
    Dot,
    /// `[`, `(` or `|`: behind a number they make something else of it.
    Applies,
    Other,
}

/// Whether an expression may repeat something: whether a `*` stands beside anything but a number as it is written.
pub(super) fn repeats(expression: &str) -> bool {
    let tokens = tokens(expression);
    let at = |index: Option<usize>| index.and_then(|index| tokens.get(index)).copied();
    let mut times = (0..tokens.len()).filter(|index| tokens[*index] == Token::Times);
    times.any(|index| {
        let between = [index.checked_sub(1), index.checked_add(1)].map(at) == [Some(Token::Number); 2];
        // `x.3 * 4` repeats a part of something, and `3 * 4|lower` a text.
        let part = at(index.checked_sub(2)) == Some(Token::Dot);
        let applied = matches!(at(index.checked_add(2)), Some(Token::Dot | Token::Applies));
        !between || part || applied
    })
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            _ if first.is_whitespace() => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            '\'' | '"' => (Token::Other, text(rest, first)),
            _ if first.is_ascii_digit() => number(rest),
            _ if is_word(first) => (Token::Other, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            '*' if rest.starts_with("**") => (Token::Other, 2),
            '*' => (Token::Times, 1),
            '.' => (Token::Dot, 1),
            '[' | '(' | '|' => (Token::Applies, 1),
            _ => (Token::Other, first.len_utf8()),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long the text is that begins with this quote.
fn text(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

/// A plain number; what only begins like one may be anything.
fn number(rest: &str) -> (Token, usize) {
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let plain = rest[..length].bytes().all(|byte| byte.is_ascii_digit());
    (if plain { Token::Number } else { Token::Other }, length)
}

#[cfg(test)]
mod tests {
    use super::repeats;

    #[test]
    fn numbers_are_multiplied_and_nothing_is_repeated() {
        for harmless in ["64 * 1024*1024", "(3 * 4) == [3 * 4][0]", "x == 'a * b'", r#"x == "\" * b""#, "2 ** 3", "a.b"]
        {
            assert!(!repeats(harmless), "{harmless}");
        }
        for repeating in [
            "'x' * 3",
            "3 * 'x'",
            "x * 3",
            "3 * x",
            "[0] * 3",
            "x.3 * 4",
            "x . 3 * 4",
            "3 * 4|lower",
            "3 * 4 | lower",
            "3 * 4.x",
            "3 * (4)",
            "(x) * 3",
            "x[0] * 3",
            "'a' * 3 * 4",
            "3 * 4 * x",
            "*",
            "3 *",
            r"'\'' * 9",
            "1.5 * 4",
            "3 * 4['x']",
            "3 ** x * 4 * (y)",
        ] {
            assert!(repeats(repeating), "{repeating}");
        }
    }
}
