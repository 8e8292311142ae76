//! The judge is judged: seeded trials in virtual time whose truth is known.
//!
//! A seed becomes a [`plan`], the plan happens in a [`world`] that notes the [`truth`] and writes the history that workers
//! would write; the history is judged as any other, and [`compare`] holds every verdict and every count against the truth.

pub mod chance;
pub mod compare;
mod damage;
mod limits;
pub mod plan;
pub mod seed;
pub mod shrink;
pub mod survey;
pub mod truth;
pub mod world;
