//! The memory of a journal: a file without a name, gone when nobody holds it any more.

use super::layout::{HEADER_BYTES, MAGIC, ROW_BYTES, ROWS_AT, VERSION, VERSION_AT};
use super::mapping::Mapping;
use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, memfd_create};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::Release;

/// How long the file of a journal of so many rows is.
pub(super) const fn bytes(rows: u64) -> usize {
    HEADER_BYTES + rows as usize * ROW_BYTES
}

/// An empty journal. All its memory is taken here, so that no store can fail for want of it later.
pub(super) fn reserve(worker: &str, rows: u64) -> io::Result<(OwnedFd, Mapping)> {
    let bytes = bytes(rows);
    let file = memfd_create(format!("journal-{worker}"), MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    fallocate(&file, FallocateFlags::empty(), 0, bytes as u64)?;
    // Nobody can take the memory away from under the others.
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
    let mapping = Mapping::of(&file, bytes)?;
    mapping.word(VERSION_AT).store((u64::from(VERSION) | (ROW_BYTES as u64) << 32).to_le(), Release);
    mapping.word(ROWS_AT).store(rows.to_le(), Release);
    mapping.word(0).store(MAGIC.to_le(), Release);
    Ok((file, mapping))
}
