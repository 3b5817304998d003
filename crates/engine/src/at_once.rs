//! Many questions at once, but not too many: each takes a connection, and a process may open only so many files.

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

/// How many are under way at a time. An engine answers no faster when more of them wait.
const AT_ONCE: usize = 32;

/// Runs all of them, and gives what they come to in their order.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting = futures.into_iter();
    let mut under_way: FuturesOrdered<F> = waiting.by_ref().take(AT_ONCE).collect();
    let mut done = Vec::new();
    while let Some(output) = under_way.next().await {
        done.push(output);
        under_way.extend(waiting.next());
    }
    done
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{AT_ONCE, all};

    #[tokio::test]
    async fn a_thousand_questions_are_never_under_way_together_and_their_answers_keep_their_order() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let ask = async |number: usize| {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            for _ in 0..=number % 7 {
                tokio::task::yield_now().await;
            }
            now.set(now.get() - 1);
            number
        };
        let answers = all((0..1_000).map(&ask)).await;
        assert_eq!(answers, (0..1_000).collect::<Vec<_>>());
        assert!((2..=AT_ONCE).contains(&most.get()), "{} at once", most.get());
    }
}
