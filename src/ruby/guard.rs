//! Keeps a hostile file from taking the program down: the parser recurses when it drops its tree,
//! is quadratic on some shapes, and panics on a few.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::parse::Rejection;

/// The largest file that is parsed; the largest config seen in the wild has 10 KB.
pub(super) const SIZE_LIMIT: usize = 256 * 1024;
const MIB: usize = 1024 * 1024;
/// Enough for [`SIZE_LIMIT`] bytes of the deepest nesting.
const STACK: usize = 128 * MIB;
/// What is tried where memory is short, and the size of a file that is safe with it.
const SMALL_STACK: usize = 16 * MIB;
const SMALL_STACK_SIZE_LIMIT: usize = 32 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(10);
const THREAD: &str = "ruby-parser";

/// What some shapes cost grows with the square of their number: the limits keep each below two seconds.
struct Counts {
    pairs: usize,
    branches: usize,
    blocks: usize,
    carriage_returns: usize,
}

/// Refuses what would take too much time or memory, from the text alone.
pub(super) fn check(bytes: &[u8]) -> Result<(), Rejection> {
    if bytes.len() > SIZE_LIMIT {
        return Err(Rejection::TooLarge { bytes: bytes.len() });
    }
    let counts = count(bytes);
    let limits = [
        (counts.pairs, 2000, "hash pairs"),
        (counts.branches, 5000, "branches (`when`, `rescue`, `&&`, `||`)"),
        (counts.blocks, 3000, "blocks"),
        (counts.carriage_returns, 1000, "bare carriage returns"),
    ];
    match limits.iter().find(|(found, limit, _)| found > limit) {
        Some((found, limit, what)) => {
            Err(Rejection::TooComplex(format!("{found} {what}; at most {limit} are read")))
        }
        None => Ok(()),
    }
}

fn count(bytes: &[u8]) -> Counts {
    let mut counts = Counts { pairs: 0, branches: 0, blocks: 0, carriage_returns: 0 };
    for line in bytes.split(|b| *b == b'\n') {
        let returns = line.iter().filter(|b| **b == b'\r').count();
        counts.carriage_returns += returns - usize::from(line.ends_with(b"\r"));
        if returns < 2 && line.trim_ascii_start().starts_with(b"#") {
            continue;
        }
        for pair in line.windows(2) {
            match pair {
                b"=>" => counts.pairs += 1,
                b"&&" | b"||" => counts.branches += 1,
                [before, b':'] if is_word(*before) || matches!(before, b'"' | b'\'') => counts.pairs += 1,
                [b':', b':'] => counts.pairs = counts.pairs.saturating_sub(1),
                _ => {}
            }
        }
        counts.blocks += line.iter().filter(|b| **b == b'{').count();
        for word in line.split(|b| !is_word(*b)) {
            match word {
                b"when" | b"rescue" | b"and" | b"or" | b"in" => counts.branches += 1,
                b"do" => counts.blocks += 1,
                _ => {}
            }
        }
    }
    counts
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'?' || byte == b'!'
}

/// Runs `job` on a thread with a deep stack; a panic, or too long a time, is a [`Rejection`].
/// After a timeout the thread is left behind: nothing can stop it.
pub(super) fn run<T: Send + 'static>(
    bytes: &[u8],
    job: impl Fn(&[u8]) -> Result<T, Rejection> + Send + Clone + 'static,
) -> Result<T, Rejection> {
    silence();
    let spawn = |stack: usize| {
        let (send, receive) = sync_channel(1);
        let (bytes, job) = (bytes.to_vec(), job.clone());
        thread::Builder::new()
            .name(THREAD.to_owned())
            .stack_size(stack)
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(|| job(&bytes)));
                // Nobody listens any more after a timeout.
                let _ = send.send(result.unwrap_or_else(|panic| Err(failed(panic.as_ref()))));
            })
            .map(|_| receive)
    };
    let receive = match spawn(STACK) {
        Err(_) if bytes.len() <= SMALL_STACK_SIZE_LIMIT => spawn(SMALL_STACK),
        spawned => spawned,
    };
    match receive {
        Err(error) => Err(Rejection::NoThread(error.to_string())),
        Ok(receive) => match receive.recv_timeout(TIME_LIMIT) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(Rejection::TimedOut),
            Err(RecvTimeoutError::Disconnected) => {
                Err(Rejection::ParserFailed("its thread ended without a result".to_owned()))
            }
        },
    }
}

fn failed(panic: &(dyn Any + Send)) -> Rejection {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    Rejection::ParserFailed(words.unwrap_or_else(|| "it panicked".to_owned()))
}

/// Keeps the parser's panics off standard error; those of other threads are shown as ever.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_rejection() {
        let result: Result<(), _> = run(b"", |_| panic!("lost its way"));
        assert_eq!(result, Err(Rejection::ParserFailed("lost its way".to_owned())));
    }

    #[test]
    fn counts_leave_comments_and_scopes_out() {
        let counts = count(b"# a: 1, b: 2\nx a: 1, \"b\": 2, :c => A::B\r\nif a && b then c do end end\n");
        assert_eq!((counts.pairs, counts.branches, counts.blocks, counts.carriage_returns), (3, 1, 1, 0));
    }
}
