//! A prediction comes back: what a learner expected, beside what the lab then showed.

/// A learner's prediction, once a step has settled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// What the learner expected, in the words of the choices taken.
    pub predicted: String,
    /// What is the case, in the words of the right choices.
    pub outcome: String,
    /// Both are the same.
    pub right: bool,
    /// Why it is not as predicted; `None` where the author gives no reason, or the prediction was right.
    pub why: Option<String>,
}
