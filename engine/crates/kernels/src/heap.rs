//! Where freed memory goes.

/// From this size on, in bytes, a buffer is mapped for itself.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED: libc::c_int = 1 << 20;

/// Lets large buffers of this process go back to the system as soon as they are freed. The C library would raise the size
/// from which it does so to that of the largest one freed, 32 MiB at most; from then on buffers of packs and long blobs
/// leave holes between small things, which stay resident: 10 to 15 MB in a backup.
pub fn return_large_buffers() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets a number, under a lock of the C library; a refusal means more memory and nothing else.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
    }
}
