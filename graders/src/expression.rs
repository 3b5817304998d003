//! Author's expressions over facts: the escape hatch for what no typed check covers.
//!
//! minijinja expressions with strict undefined values, a fuel limit and a length limit: a lab from a stranger can
//! neither loop nor read what it was not given.

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

use crate::verdict::{CannotLook, Obstacle};

/// The longest expression that is evaluated, in bytes.
pub const MAX_LENGTH: usize = 1024;

/// Instructions that one evaluation may take; a comparison takes about five.
const FUEL: u64 = 20_000;

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
        let what = format!("the lab's expression `{expression}` gives {value}, not true or false");
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
}
