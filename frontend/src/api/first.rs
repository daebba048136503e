//! A browser's first request that changes something begins its session. Two of them at once would begin two, and what
//! belongs to the one (a challenge) would be unknown to the other: so the first goes alone.

use super::Answer;
use crate::ui::timer::sleep;
use std::cell::Cell;

/// Between two looks whether the first request is over, milliseconds.
const PAUSE: i32 = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Waits,
    Runs,
    Done,
}

thread_local! {
    static FIRST: Cell<First> = const { Cell::new(First::Waits) };
}

/// Sends it once no other first request is under way.
pub async fn alone<T>(request: impl Future<Output = Answer<T>>) -> Answer<T> {
    while FIRST.get() == First::Runs {
        sleep(PAUSE).await;
    }
    let first = FIRST.get() == First::Waits;
    if first {
        FIRST.set(First::Runs);
    }
    let answer = request.await;
    if first {
        // One that never arrived began nothing.
        FIRST.set(if answer.is_ok() { First::Done } else { First::Waits });
    }
    answer
}
