//! Whose turn it is: only so many ways through labs are gone at a time, and those of the first lab before the others'.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::sync::oneshot;

/// Which way through which lab waits: the lab's number and the way's, both from 0.
pub(super) type Place = (usize, usize);

/// The turns there are.
#[derive(Clone, Debug)]
pub(super) struct Turns(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Cell<usize>,
    waiting: RefCell<BTreeMap<Place, oneshot::Sender<Turn>>>,
}

/// A turn; when it is dropped, it is the turn of the first who waits.
#[derive(Debug)]
pub(super) struct Turn(Turns);

impl Turns {
    /// So many at a time, at least one.
    pub(super) fn new(at_a_time: usize) -> Self {
        Self(Rc::new(Inner { free: Cell::new(at_a_time.max(1)), waiting: RefCell::default() }))
    }

    /// Waits for a turn; nobody else may wait at this place. Whoever stops waiting is passed over.
    pub(super) async fn take(&self, place: Place) -> Turn {
        let free = self.0.free.get();
        if free == 0 {
            let (sender, called) = oneshot::channel();
            self.0.waiting.borrow_mut().insert(place, sender);
            if let Ok(turn) = called.await {
                return turn;
            }
        }
        self.0.free.set(free.saturating_sub(1));
        Turn(self.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Inner { free, waiting } = &*self.0.0;
        let first = waiting.borrow_mut().pop_first();
        match first {
            // Where nobody waits there any more, that turn is dropped in its turn.
            Some((_, first)) => drop(first.send(Turn(self.0.clone()))),
            None => free.set(free.get() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::Turns;

    #[tokio::test]
    async fn the_first_labs_ways_come_first_and_never_too_many_at_a_time() {
        let turns = Turns::new(2);
        let (under_way, most, order) = (RefCell::new(0), RefCell::new(0), RefCell::new(Vec::new()));
        let go = async |place| {
            let turn = turns.take(place).await;
            *under_way.borrow_mut() += 1;
            most.replace_with(|most| (*most).max(*under_way.borrow()));
            order.borrow_mut().push(place);
            tokio::task::yield_now().await;
            *under_way.borrow_mut() -= 1;
            drop(turn);
        };
        join_all([(2, 0), (1, 1), (1, 0), (0, 1), (0, 2)].map(&go)).await;
        assert_eq!(order.into_inner(), [(2, 0), (1, 1), (0, 1), (0, 2), (1, 0)], "two begin before anybody waits");
        assert_eq!(most.into_inner(), 2);
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_no_turn_away() {
        let turns = Turns::new(1);
        let held = turns.take((0, 0)).await;
        let mut first = Box::pin(turns.take((0, 1)));
        let mut second = Box::pin(turns.take((0, 2)));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        drop(first);
        drop(held);
        let called = second.await;
        let mut third = Box::pin(turns.take((1, 0)));
        assert!(third.as_mut().now_or_never().is_none());
        // It has been called, and gives up before it has heard of that.
        drop(called);
        drop(third);
        assert!(turns.take((1, 1)).now_or_never().is_some());
    }
}
