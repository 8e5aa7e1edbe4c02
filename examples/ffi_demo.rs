// ffi_demo.rs - the Rust side of ffi_demo.c, built by rustc alone into libffi_demo.a. Its allocator is the
// system's malloc, so memscope sees its blocks as it sees C's; what belongs to whom is still a matter of
// contract: a Rust box goes back to Rust, a block that C gave is released by C's free.
use std::ffi::{c_void, CStr};
use std::os::raw::c_char;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

extern "C" {
    fn free(block: *mut c_void);
    fn c_make_label(number: u32) -> *mut c_char;
    fn c_will_be_freed(block: *mut c_void);
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static KEPT: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());

/// The text in upper case, in a box of Rust's: give it to rust_drop_text.
///
/// # Safety
/// `text` is a C string.
#[no_mangle]
#[inline(never)]
pub unsafe extern "C" fn rust_shout(text: *const c_char) -> *mut c_char {
    let text = CStr::from_ptr(text).to_bytes_with_nul();
    let mut shout = Vec::with_capacity(text.len());
    shout.extend(text.iter().map(u8::to_ascii_uppercase));
    ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    BYTES.fetch_add(text.len() as u64, Ordering::Relaxed);
    Box::into_raw(shout.into_boxed_slice()).cast()
}

/// # Safety
/// `text` came from rust_shout and was not dropped before.
#[no_mangle]
pub unsafe extern "C" fn rust_drop_text(text: *mut c_char) {
    let size = CStr::from_ptr(text).to_bytes_with_nul().len();
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(text.cast::<u8>(), size)));
}

/// The sum of the bytes, which it only looks at.
///
/// # Safety
/// `size` bytes can be read at `bytes`.
#[no_mangle]
pub unsafe extern "C" fn rust_sum(bytes: *const u8, size: usize) -> u64 {
    std::slice::from_raw_parts(bytes, size).iter().map(|&byte| u64::from(byte)).sum()
}

/// Takes a block over from C and releases it.
///
/// # Safety
/// `block` came from malloc and nobody else uses it.
#[no_mangle]
pub unsafe extern "C" fn rust_consume(block: *mut u8) {
    c_will_be_freed(block.cast());
    free(block.cast());
}

/// Takes a block over from C and keeps it for good.
#[no_mangle]
pub extern "C" fn rust_keep(block: *mut u8) {
    KEPT.store(block, Ordering::Relaxed);
}

/// Asks C for labels, and releases them: the length of all.
///
/// # Safety
/// c_make_label keeps its word.
#[no_mangle]
pub unsafe extern "C" fn rust_use_labels(count: u32) -> usize {
    (0..count)
        .map(|number| {
            let label = c_make_label(number);
            let length = CStr::from_ptr(label).to_bytes().len();
            free(label.cast());
            length
        })
        .sum()
}

#[no_mangle]
pub extern "C" fn rust_allocations() -> u64 {
    ALLOCATIONS.load(Ordering::Relaxed)
}

#[no_mangle]
pub extern "C" fn rust_bytes() -> u64 {
    BYTES.load(Ordering::Relaxed)
}
