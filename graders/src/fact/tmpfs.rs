//! The limits of a mount in memory, as the engine hands them to the kernel.

/// What limits a tmpfs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tmpfs {
    /// How much it may hold; `None` without a limit of its own.
    pub size: Option<TmpfsSize>,
    /// How many files and directories it may hold; `None` without a limit of its own.
    pub inodes: Option<u64>,
}

/// How much a tmpfs may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TmpfsSize {
    /// So many bytes.
    Bytes(u64),
    /// So many percent of the host's memory.
    Percent(u64),
}

/// The unit of the kernel's `nr_blocks`, in bytes: a page, as large as on most machines.
const PAGE: u64 = 4096;

impl Tmpfs {
    /// A limit of so many bytes; 0 is none.
    #[must_use]
    pub fn of_bytes(bytes: u64) -> Self {
        Self { size: (bytes > 0).then_some(TmpfsSize::Bytes(bytes)), inodes: None }
    }

    /// Reads mount options: `size=4m,nr_inodes=32`. Of an option that is given twice the last counts, and 0 is no limit.
    ///
    /// Source: the kernel's `mm/shmem.c` and `lib/cmdline.c`, tmpfs(5).
    #[must_use]
    pub fn of_options(options: &str) -> Self {
        let mut limits = Self::default();
        for (key, value) in options.split(',').filter_map(|option| option.trim().split_once('=')) {
            match key {
                "size" => {
                    let percent = value.strip_suffix('%').and_then(|percent| percent.parse().ok());
                    let bytes = || number(value).map(TmpfsSize::Bytes);
                    limits.size = percent.map(TmpfsSize::Percent).or_else(bytes).filter(is_limit);
                }
                "nr_blocks" => {
                    let bytes = number(value).map(|blocks| blocks.saturating_mul(PAGE));
                    limits.size = bytes.map(TmpfsSize::Bytes).filter(is_limit);
                }
                "nr_inodes" => limits.inodes = number(value).filter(|inodes| *inodes > 0),
                _ => {}
            }
        }
        limits
    }
}

fn is_limit(size: &TmpfsSize) -> bool {
    !matches!(size, TmpfsSize::Bytes(0) | TmpfsSize::Percent(0))
}

/// A number as the kernel takes it: decimal, or hexadecimal after `0x`, or octal after `0`; `k`, `m`, `g`, `t` multiply it
/// by powers of 1,024.
fn number(text: &str) -> Option<u64> {
    let last = text.chars().next_back()?.to_ascii_lowercase();
    let is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let power = "kmgtpe".find(last).filter(|_| !(is_hexadecimal && last == 'e')).map(|power| power + 1);
    let digits = if power.is_some() { text.get(..text.len() - 1)? } else { text };
    let number = match digits.get(2..).filter(|_| is_hexadecimal) {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
        None if digits.len() > 1 && digits.starts_with('0') => u64::from_str_radix(digits, 8),
        None => digits.parse(),
    };
    number.ok()?.checked_mul(1 << (10 * power.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{Tmpfs, TmpfsSize};

    #[test]
    fn every_spelling_of_a_limit_is_read() {
        for options in [
            "size=4m",
            "size=4M",
            "size=4096k",
            "size=4194304",
            "rw,size=4m,mode=1777",
            "size=1g,size=4m",
            "nr_blocks=1024",
            "nr_blocks=1k",
            "size=0x400000",
            "size=020000000",
        ] {
            assert_eq!(Tmpfs::of_options(options).size, Some(TmpfsSize::Bytes(4 << 20)), "{options}");
        }
        for options in
            ["", "mode=1777", "size=0", "nr_blocks=0", "size=", "size=4mb", "nosize=4m", "size", "size=4m,size=0"]
        {
            assert_eq!(Tmpfs::of_options(options).size, None, "{options}");
        }
        assert_eq!(Tmpfs::of_options("size=10%").size, Some(TmpfsSize::Percent(10)));
        assert_eq!(Tmpfs::of_options("size=16m,nr_inodes=32").inodes, Some(32));
        assert_eq!(Tmpfs::of_options("nr_inodes=1k").inodes, Some(1024));
        assert_eq!(Tmpfs::of_options("size=16m,nr_inodes=0").inodes, None);
        assert_eq!(Tmpfs::of_bytes(0), Tmpfs::default());
    }
}
