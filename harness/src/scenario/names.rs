//! The names of elements of a list: as they name themselves, and else as the scenario names them.

use super::node::TreeNode;
use crate::fault::{FAULTS, FaultSpec};
use std::collections::BTreeMap;

/// The name that an element of a list gives itself.
pub(super) fn name_of(node: &TreeNode) -> Option<&str> {
    node.value.as_table()?.get("name")?.node.value.as_str()
}

/// Counts faults of each kind.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<&'static str, usize>);

impl Numbers {
    /// `down-2`: the second of its kind.
    pub(super) fn next(&mut self, kind: &'static str) -> String {
        let count = self.0.entry(kind).or_default();
        *count += 1;
        format!("{kind}-{count}")
    }
}

/// The names of all elements of a list, in their order; empty where one has none.
pub(super) fn names_in(list: &str, items: &[TreeNode]) -> Vec<String> {
    let mut numbers = Numbers::default();
    let default = |item: &TreeNode| if list == "faults" { kind_of(item).map(|spec| spec.name) } else { None };
    let each = items.iter().map(|item| {
        let numbered = default(item).map(|kind| numbers.next(kind));
        name_of(item).map(str::to_owned).or(numbered).unwrap_or_default()
    });
    each.collect()
}

fn kind_of(item: &TreeNode) -> Option<&'static FaultSpec> {
    let table = item.value.as_table()?;
    FAULTS.iter().copied().find(|spec| table.get(spec.name).is_some())
}
