//! A file in this process's memory, shared with whoever else maps it. The one place with pointers.

use super::layout::WORD;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::io;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

/// Mapped memory, seen as words that other processes may change at any time.
#[derive(Debug)]
pub(super) struct Mapping {
    base: NonNull<c_void>,
    bytes: usize,
}

// SAFETY: The memory is mapped until the mapping is dropped, by whichever thread, and is only ever seen as atomic words.
unsafe impl Send for Mapping {}
// SAFETY: As above: atomic words may be seen from several threads at once.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps the first `bytes` of a file, to read and to write.
    pub(super) fn of(file: impl AsFd, bytes: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // All of it at once: a page that is brought in at a row's first store would delay the message.
        let flags = MapFlags::SHARED | MapFlags::POPULATE;
        // SAFETY: A new mapping at an address of the kernel's choice overlaps nothing that Rust knows of.
        let base = unsafe { mmap(std::ptr::null_mut(), bytes, protection, flags, file, 0)? };
        let base = NonNull::new(base).ok_or_else(|| io::Error::other("mapped at no address"))?;
        Ok(Self { base, bytes })
    }

    /// The word at this byte.
    ///
    /// # Panics
    /// It is not a word's place within the mapping.
    #[inline]
    pub(super) fn word(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(WORD) && at < self.bytes && self.bytes - at >= WORD, "no word at {at}");
        // SAFETY: Within the mapping, as just asserted; aligned, for mappings begin at a page; and valid for as long as `self`.
        // All who share the file are asked to see it as such words; who does not, spoils values and not memory.
        unsafe { AtomicU64::from_ptr(self.base.as_ptr().byte_add(at).cast()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: Mapped by `of`, and nothing that borrows from `self` is left.
        let _ = unsafe { munmap(self.base.as_ptr(), self.bytes) };
    }
}
