//! The digest of a file of the history: what it held when its writer ended, in four bytes.

use super::integrity::shown;
use std::io;

/// A sink that counts and sums what passes.
#[derive(Debug)]
pub(super) struct Summed<W> {
    sink: W,
    bytes: u64,
    sum: u32,
}

impl<W> Summed<W> {
    pub(super) const fn new(sink: W) -> Self {
        Self { sink, bytes: 0, sum: 0 }
    }

    /// How many bytes the sink has taken.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Of the bytes that the sink has taken.
    pub(super) fn digest(&self) -> String {
        shown(self.sum)
    }
}

impl<W: io::Write> io::Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.sink.write(bytes)?;
        self.sum = crc32c::crc32c_append(self.sum, &bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Takes three bytes at a time.
    struct Slow(Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(3);
            self.0.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_sink_took_is_counted_and_summed_once() {
        let mut summed = Summed::new(Slow(Vec::new()));
        summed.write_all(b"123456789").unwrap();
        // The check value of CRC-32C, as catalogues of checksums list it.
        assert_eq!((summed.bytes(), summed.digest().as_str()), (9, "crc32c:e3069283"));
    }
}
