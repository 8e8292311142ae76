//! How fast the machine itself is: the CPU time of a piece of work that is always the same.
//!
//! A virtual machine's cores may do twice as much at one hour as at another, and everything that is measured on them follows
//! (`docs/decisions/0026-a-yardstick.md`).

use reports::units::Nanos;
use rustix::time::{ClockId, clock_gettime};

/// Words of memory that the work goes through: 8 MiB, more than a core's own caches hold.
const WORDS: usize = 1 << 20;
/// How often it changes one of them. A debug build, whose code is many times as slow, does less.
const CHANGES: u32 = if cfg!(debug_assertions) { 150_000 } else { 1_500_000 };

/// Does the work once, away from the threads that others wait for. Takes some hundredths of a second. Zero: this process was told
/// nothing of its CPU time.
pub(super) async fn measure() -> Nanos {
    tokio::task::spawn_blocking(cpu_time_of_the_work).await.unwrap_or_default()
}

fn cpu_time_of_the_work() -> Nanos {
    let mut words: Vec<u64> = (0..WORDS as u64).collect();
    let before = cpu_time();
    change(&mut words);
    let after = cpu_time();
    std::hint::black_box(&words);
    after.since(before)
}

/// Changes words here and there, each by what the last one was: arithmetic that cannot be done ahead, and memory that is far away.
fn change(words: &mut [u64]) {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..CHANGES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = &mut words[state as usize % WORDS];
        *word = word.rotate_left(5) ^ state;
        state = state.wrapping_add(*word >> 60);
    }
}

/// Of this thread.
fn cpu_time() -> Nanos {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    Nanos::from_secs(seconds.unwrap_or_default()).plus(Nanos(nanos.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_work_takes_time() {
        assert!(measure().await > Nanos::ZERO);
    }

    #[test]
    fn the_work_is_always_the_same_and_reaches_all_parts_of_the_memory() {
        let mut words: Vec<u64> = vec![0; WORDS];
        change(&mut words);
        let mut again: Vec<u64> = vec![0; WORDS];
        change(&mut again);
        assert!(words == again);
        let parts = words.chunks(WORDS / 64);
        assert!(parts.into_iter().all(|part| part.iter().any(|word| *word != 0)));
    }
}
