use super::*;
use crate::worker::backoff::tests::policy;
use crate::worker::record::tests::{kept, rows};
use crate::worker::{Records, Row};
use futures_util::FutureExt;
use std::cell::Cell;
use std::rc::Rc;

/// A server that may be away, and connections that are numbers.
#[derive(Clone, Default)]
struct Server(Rc<Cell<bool>>);

impl Open for Server {
    type Connection = ();

    async fn open(&self) -> Result<(), String> {
        if self.0.get() { Err("connection refused".to_owned()) } else { Ok(()) }
    }

    async fn is_alive(&self, (): &mut ()) -> Result<bool, String> {
        if self.0.get() { Err("connection reset".to_owned()) } else { Ok(true) }
    }
}

const WAIT: Duration = Duration::from_millis(60);

struct Bench {
    pool: Rc<Pool<Server>>,
    server: Server,
    gauges: Arc<ClientGauges>,
    records: Records,
}

impl Bench {
    fn new(max_total: usize, max_idle: usize, min_idle: usize) -> Self {
        let (server, gauges, records) = (Server::default(), Arc::<ClientGauges>::default(), kept());
        let size = PoolSize { max_total, max_idle, min_idle, max_wait: WAIT };
        let log = ConnectionLog::new("producer-0", records.clone());
        let policy = Policy {
            backoff_first_ns: Nanos::from_millis(4),
            backoff_max_ns: Nanos::from_millis(16),
            heartbeat_every_ns: Nanos::from_millis(20),
            ..policy()
        };
        let pool = Rc::new(Pool::new(server.clone(), size, &policy, log, Arc::clone(&gauges)));
        Self { pool, server, gauges, records }
    }

    /// Lets the pool work while something happens.
    async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            () = self.pool.keep() => unreachable!(),
            () = self.pool.look_after() => unreachable!(),
        }
    }

    fn events(&self) -> Vec<(String, ConnectionEvent)> {
        let of_connections = rows(&self.records).into_iter().filter_map(|row| match row {
            Row::Connection(row) => Some((row.peer, row.event)),
            _ => None,
        });
        of_connections.collect()
    }
}

fn of(events: &[(String, ConnectionEvent)], event: ConnectionEvent) -> Vec<&str> {
    events.iter().filter(|(_, what)| *what == event).map(|(peer, _)| peer.as_str()).collect()
}

#[tokio::test]
async fn as_many_are_lent_as_there_may_be_and_whoever_comes_then_waits_his_time_and_goes_without() {
    let bench = Bench::new(2, 2, 0);
    let why = bench.during(async {
        let (first, _second) = (bench.pool.borrow().await.expect("one"), bench.pool.borrow().await.expect("two"));
        let asked = Instant::now();
        let why = bench.pool.borrow().await.err().expect("there is none");
        assert!(asked.elapsed() >= WAIT);
        first.give_back();
        assert!(bench.pool.borrow().await.is_ok());
        why
    });
    assert_eq!(why.await, "none of the pool's 2 connections was free within 60.0 ms");
    assert_eq!(of(&bench.events(), ConnectionEvent::Connected), ["pool-0", "pool-1"], "none was opened twice");
    let gauges = bench.gauges.take();
    assert_eq!((gauges["pool-active"], gauges["pool-waiting"]), (2.0, 1.0));
    assert!(gauges["pool-wait-ms"] >= 60.0, "{gauges:?}");
}

#[tokio::test]
async fn what_is_given_back_beyond_the_limit_is_closed_and_what_is_to_be_unused_is_opened_ahead() {
    let bench = Bench::new(4, 1, 1);
    bench
        .during(async {
            let mut lent = Vec::new();
            for _ in 0..3 {
                lent.push(bench.pool.borrow().await.expect("one"));
            }
            while bench.pool.state.borrow().idle.len() != 1 {
                tokio::task::yield_now().await;
            }
            lent.into_iter().for_each(Borrowed::give_back);
        })
        .await;
    let state = bench.pool.state.borrow();
    let open = state.slots.iter().filter(|slot| slot.is_open).count();
    assert_eq!((open, state.idle.len(), state.active), (1, 1, 0));
}

#[tokio::test]
async fn while_one_cannot_be_opened_no_other_is_tried_and_the_waits_are_the_policys() {
    let bench = Bench::new(3, 3, 0);
    let why = bench.during(async {
        let mut lent = Vec::new();
        for _ in 0..3 {
            lent.push(bench.pool.borrow().await.expect("one"));
        }
        bench.server.0.set(true);
        lent.into_iter().for_each(|borrowed| borrowed.lose("connection reset"));
        let waits = (0..3).map(|_| bench.pool.borrow());
        let why = join_all(waits).await.into_iter().filter_map(Result::err).next().expect("none is there");
        bench.server.0.set(false);
        while bench.pool.borrow().await.is_err() {}
        why
    });
    assert_eq!(why.await, "the pool could open no connection within 60.0 ms: connection refused");
    let events = bench.events();
    assert_eq!(of(&events, ConnectionEvent::Lost).len(), 3);
    let failed = of(&events, ConnectionEvent::AttemptFailed);
    // Waits of 4, 6, 9 … 16 ms within 60 ms, and those until the server is back.
    assert!((2..40).contains(&failed.len()) && failed.iter().all(|peer| *peer == failed[0]), "{failed:?}");
}

#[tokio::test]
async fn who_finds_one_unused_does_not_wait_and_one_that_was_looked_at_is_lent_last() {
    let bench = Bench::new(2, 2, 0);
    bench
        .during(async {
            let lent = [bench.pool.borrow().await.expect("one"), bench.pool.borrow().await.expect("two")];
            bench.gauges.take();
            lent.into_iter().for_each(Borrowed::give_back);
            bench.gauges.take();
            bench.pool.borrow().await.expect("one is unused").give_back();
        })
        .await;
    assert_eq!(bench.gauges.take()["pool-waiting"], 0.0);
    let looked_at = bench.pool.state.borrow_mut().idle.pop().expect("one");
    let slot = looked_at.slot;
    bench.pool.look_at(looked_at).await;
    assert_ne!(bench.pool.borrow().await.expect("the other").kept.slot, slot);
}

#[tokio::test]
async fn what_comes_back_is_for_who_waits_and_not_for_who_comes_then() {
    let bench = Bench::new(2, 2, 0);
    bench
        .during(async {
            let only = bench.pool.borrow().await.expect("one");
            bench.server.0.set(true);
            let mut waits = std::pin::pin!(bench.pool.borrow());
            assert!(waits.as_mut().now_or_never().is_none());
            only.give_back();
            assert!(bench.pool.borrow_unused().is_none(), "somebody has waited for it");
            assert!(waits.await.is_ok());
        })
        .await;
}

#[tokio::test]
async fn a_dead_connection_that_nobody_uses_is_found_by_its_heartbeat() {
    let bench = Bench::new(2, 2, 0);
    bench
        .during(async {
            bench.pool.borrow().await.expect("one").give_back();
            bench.server.0.set(true);
            while bench.pool.state.borrow().slots[0].is_open {
                tokio::task::yield_now().await;
            }
        })
        .await;
    assert_eq!(of(&bench.events(), ConnectionEvent::Lost), ["pool-0"]);
}

#[tokio::test]
async fn what_is_dropped_is_closed_and_its_place_is_free() {
    let bench = Bench::new(1, 1, 0);
    bench
        .during(async {
            drop(bench.pool.borrow().await.expect("one"));
            assert!(bench.pool.borrow().await.is_ok(), "another");
        })
        .await;
    assert_eq!(of(&bench.events(), ConnectionEvent::Connected).len(), 2);
}
