//! Memory of the commands that only read histories.

/// Lets all threads of the process share one arena of the C library's allocator.
///
/// One thread makes ready what another judges and frees. Each with an arena of its own, both keep holes that the other
/// could fill, and the longer a history is, the more. Few enough allocations are made that sharing costs no time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn share_one_arena() {
    // SAFETY: it sets a number of the allocator under the allocator's own lock. Where it is refused, nothing changes.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

/// Other C libraries' allocators have no arenas to share.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) const fn share_one_arena() {}
