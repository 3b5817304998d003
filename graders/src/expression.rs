//! Author's expressions over facts: the escape hatch for what no typed check covers.
//!
//! minijinja expressions with strict undefined values, a fuel limit and a length limit: a lab from a stranger can
//! neither loop nor read what it was not given.

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

use crate::verdict::{CannotLook, Obstacle};

mod growth;

/// The longest expression that is evaluated, in bytes.
pub const MAX_LENGTH: usize = 1024;

/// Instructions that one evaluation may take; a comparison takes about five.
const FUEL: u64 = 20_000;

/// The most characters of a value that are told.
const MAX_TOLD: usize = 80;

const REPEATS: &str = "`*` stands between two written numbers here, as in 64 * 1024: of a text it would make many";

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("trim", minijinja::filters::trim);
    environment.add_filter("first", minijinja::filters::first);
    environment.add_filter("last", minijinja::filters::last);
    environment.add_test("startingwith", minijinja::tests::is_startingwith);
    environment.add_test("endingwith", minijinja::tests::is_endingwith);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment
}

/// Whether an expression can be understood at all.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn lint(expression: &str) -> Result<(), String> {
    if expression.len() > MAX_LENGTH {
        return Err(format!("an expression has at most {MAX_LENGTH} bytes; this one has {}", expression.len()));
    }
    if growth::repeats(expression) {
        return Err(REPEATS.to_owned());
    }
    environment().compile_expression(expression).map(drop).map_err(|error| one_line(&error))
}

/// Evaluates an expression; the top-level keys of `facts` are its variables.
///
/// # Errors
/// [`Obstacle::Lab`] when it is faulty, uses what is not there, or takes too long.
pub fn evaluate(expression: &str, facts: &serde_json::Value) -> Result<Value, CannotLook> {
    let fail = |why: String| {
        CannotLook::new(
            Obstacle::Lab,
            format!("the lab's expression `{expression}` cannot be evaluated: {why}"),
            "tell the lab's author",
        )
    };
    if expression.len() > MAX_LENGTH {
        return Err(fail(format!("it has more than {MAX_LENGTH} bytes")));
    }
    if growth::repeats(expression) {
        return Err(fail(REPEATS.to_owned()));
    }
    let environment = environment();
    let compiled = environment.compile_expression(expression).map_err(|error| fail(one_line(&error)))?;
    let value = compiled.eval(Value::from(minijinja::value::Serde(facts))).map_err(|error| fail(one_line(&error)))?;
    if value.is_undefined() { Err(fail("it names something that is not there".to_owned())) } else { Ok(value) }
}

/// Evaluates an expression that must be true or false.
///
/// # Errors
/// As [`evaluate`], and when it gives something else.
pub fn holds(expression: &str, facts: &serde_json::Value) -> Result<bool, CannotLook> {
    let value = evaluate(expression, facts)?;
    bool::try_from(value.clone()).map_err(|_| {
        let told = value.to_string();
        let end = told.char_indices().nth(MAX_TOLD).map(|(end, _)| end);
        let told = end.map_or(told.clone(), |end| format!("{}…", &told[..end]));
        let what = format!("the lab's expression `{expression}` gives {told}, not true or false");
        CannotLook::new(Obstacle::Lab, what, "tell the lab's author")
    })
}

fn one_line(error: &minijinja::Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{detail}", error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_expression_sees_the_facts_by_their_top_level_names() {
        let facts = json!({"State": {"Running": true}, "Mounts": [{"RW": false}]});
        assert_eq!(holds("State.Running and not Mounts[0].RW", &facts), Ok(true));
        assert_eq!(evaluate("Mounts|length", &facts).map(|v| v.to_string()), Ok("1".to_owned()));
    }

    #[test]
    fn what_cannot_be_evaluated_is_the_labs_trouble() {
        let facts = json!({"State": {"Running": true}});
        let long = format!("'{}' == ''", "a".repeat(MAX_LENGTH));
        let costly = "[1,2,3]|length == 3 and ".repeat(40) + "true";
        for faulty in ["State.Nope", "Nope.Deep", "State.", "range(100000)|length", "State.Running.x.y", &long, "1 + 1"]
        {
            let error = holds(faulty, &facts).expect_err(faulty);
            assert_eq!(error.obstacle, Obstacle::Lab, "{faulty}");
        }
        assert_eq!(holds(&costly, &facts), Ok(true), "a long but honest expression has the fuel it needs");
    }

    /// Each of these once took seconds or gigabytes, or would: the fuel counts instructions, not what one of them does.
    #[test]
    fn costly_expressions_are_the_labs_trouble_at_once() {
        let facts = json!({"Text": "x".repeat(1_000), "List": [1, 2, 3], "Running": true});
        let long = |part: &str, by: &str, end: &str| (part.to_owned() + by).repeat(900 / (part.len() + by.len())) + end;
        let costly = [
            "'x' * 100000000 == ''".to_owned(),
            "100000000 * Text == ''".to_owned(),
            "99999999 * 7|lower == ''".to_owned(),
            "1 in [0] * 100000000".to_owned(),
            "[0] * 100000000 == [0] * 100000000".to_owned(),
            "([0] * 10000) * 10000 == 1".to_owned(),
            long("'x' * 100000000", " ~ ", "'x' == ''"),
            "9 ** 9 ** 9 ** 9 == 1".to_owned(),
            long("9", " ** ", "9 == 1"),
            "(".repeat(1_000),
            "[".repeat(1_000),
            long("not", " ", "Running.x"),
            "-".repeat(1_000) + "1",
            long("List[0]", "[", "0"),
            long("Text", " ~ ", "Text"),
            long("List", " + ", "List"),
            long("{'a': ", "", "1"),
        ];
        for expression in costly {
            let began = std::time::Instant::now();
            let error = holds(&expression, &facts).expect_err(&expression);
            assert_eq!(error.obstacle, Obstacle::Lab, "{expression}");
            assert!(error.what.len() < 3 * MAX_LENGTH, "{expression}: {}", error.what.len());
            assert!(began.elapsed().as_secs() < 20, "{expression}: {:?}", began.elapsed());
        }
        assert_eq!(holds("64 * 1024 * 1024 == 67108864 and 3 * 4 > 2 * 2", &facts), Ok(true));
    }
}
