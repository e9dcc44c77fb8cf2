//! Memory that is read at random.

use super::Salsa;

/// States in huge pages, where the system has some: a third less time than with pages of 4 KiB.
pub(super) fn zeroed(states: usize) -> Vec<Salsa> {
    let mut memory = vec![[0; 16]; states];
    #[cfg(target_os = "linux")]
    advise_huge(&mut memory);
    memory
}

/// A refusal means small pages, which work as well.
#[cfg(target_os = "linux")]
fn advise_huge(memory: &mut [Salsa]) {
    use rustix::mm::{Advice, madvise};
    const PAGE: usize = 2 << 20;
    let whole = memory.as_flattened_mut();
    let skipped = whole.as_ptr().align_offset(PAGE);
    let pages = whole.len().saturating_sub(skipped) * size_of::<u32>() / PAGE;
    if pages > 0 {
        // SAFETY: the range lies within `memory`, and this advice leaves contents alone.
        let _ = unsafe { madvise(whole[skipped..].as_mut_ptr().cast(), pages * PAGE, Advice::LinuxHugepage) };
    }
}
