//! Authors' expressions: whatever they say of whatever facts, the answer comes soon, takes little memory, and is true,
//! false, or the lab's fault in a short line.

use labrun_graders::{Obstacle, expression};

/// An object as the engine tells of one, for expressions that bring no facts of their own.
const FACTS: &str = r#"{"Name":"a","State":{"Running":true,"ExitCode":0,"Status":"running"},"Mounts":[{"Type":"volume",
    "Name":"app-data","RW":false,"Destination":"/data"}],"Config":{"Env":["A=1","B=2"],"Labels":{"a.b":"c"}},
    "HostConfig":{"Memory":67108864,"NanoCpus":1.5},"Big":18446744073709551615,"None":null}"#;

/// The longest that the reason of a fault may be, beside the expression itself.
const LONGEST: usize = 1024;

/// An expression; after a NUL the facts, as JSON.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (text, facts) = text.split_once('\0').unwrap_or((text, FACTS));
    let Ok(facts) = serde_json::from_str(facts) else { return };
    let linted = expression::lint(text);
    match expression::holds(text, &facts) {
        Ok(_) => assert_eq!(linted, Ok(()), "it was understood"),
        Err(reason) => {
            assert_eq!(reason.obstacle, Obstacle::Lab);
            assert!(reason.what.len() <= 2 * text.len() + LONGEST, "{}", reason.what.len());
        }
    }
    if let Err(why) = linted {
        assert!(!why.is_empty() && why.len() <= text.len() + LONGEST && !why.contains('\n'), "{why:?}");
    }
}
