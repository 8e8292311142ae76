//! Plans: all that is decided about a trial before it runs, drawn from its seed.
//! From here only chance and plain facts may be touched; nothing has happened yet.
//! To vary one more thing: copy `bugs.rs`, give it an aspect in `chance.rs` and, where it can be left out, a feature.

mod answers;
mod bugs;
mod damage;
mod faults;
mod feature;
mod habits;
mod load;
mod policy;
mod shape;

pub use answers::{Answers, Lateness, Refusal};
pub use bugs::{Bug, Bugs, Forgets};
pub use damage::Cut;
pub use faults::{FaultKind, FaultPlan};
pub use feature::{Allowed, Feature};
pub use habits::{Brief, Habits};
pub use load::{Due, Load};
pub use policy::{AckMode, Ending, Journal, Manners, NodeEnd, Offline, Policy, Reading, Storm};
pub use shape::{BrokerKind, Shape};

use crate::chance::{Aspect, Chance};
use reports::units::Nanos;

/// A trial before it runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    /// What it may contain.
    pub allowed: Allowed,
    /// Who takes part.
    pub shape: Shape,
    /// What is sent when.
    pub load: Load,
    /// How clients behave when all goes well, and when not.
    pub policy: Policy,
    /// What is done to the network.
    pub faults: Vec<FaultPlan>,
    /// What the broker does wrong.
    pub bugs: Bugs,
    /// How it answers settlements and takeovers.
    pub answers: Answers,
    /// How each client keeps its promises.
    pub manners: Vec<Manners>,
    /// What clients do around faults beside that.
    pub habits: Habits,
    /// When each client is killed, if it is.
    pub kills: Vec<Option<Nanos>>,
    /// A consumer whose connections do not last, where there is no fault.
    pub storm: Option<Storm>,
    /// How it ends.
    pub ending: Ending,
    /// What is missing of the history when it is judged once more.
    pub cut: Option<Cut>,
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(seed: u64, allowed: Allowed) -> Self {
        let shape = Shape::draw(&mut Chance::of(seed, Aspect::Shape), allowed);
        let load = Load::draw(&mut Chance::of(seed, Aspect::Load), allowed, shape);
        let mut policy = Policy::draw(&mut Chance::of(seed, Aspect::Policy), allowed, shape, &load);
        let faults = faults::draw(&mut Chance::of(seed, Aspect::Faults), allowed, shape, &load, &policy);
        let habits = Habits::draw(&mut Chance::of(seed, Aspect::Habits), allowed, shape);
        policy.request_timeout = habits.patience.unwrap_or(policy.request_timeout);
        let bugs = Bugs::draw(seed, allowed, shape, &load);
        let answers = Answers::draw(&mut Chance::of(seed, Aspect::Answers), allowed, policy.request_timeout);
        let mut chance = Chance::of(seed, Aspect::Manners);
        let manners = (0..shape.clients()).map(|_| Manners::draw(&mut chance, allowed)).collect();
        let kills =
            (0..shape.clients()).map(|client| policy::kill(&mut chance, allowed, shape, client, &load)).collect();
        let storm = Storm::draw(&mut chance, allowed, shape, &load).filter(|_| faults.is_empty());
        let mut chance = Chance::of(seed, Aspect::Ending);
        let ending = Ending::draw(&mut chance, allowed, shape);
        let cut = damage::draw(&mut Chance::of(seed, Aspect::Damage), allowed);
        Self { seed, allowed, shape, load, policy, faults, bugs, answers, manners, habits, kills, storm, ending, cut }
    }
}
