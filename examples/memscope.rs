//! memscope.rs - what a Rust program may tell memscope about its memory: the explicit words of
//! include/memscope/*.h, by the same table of functions. A module to copy: `mod memscope;`. Nothing is
//! linked, and without memscope each call is a load, a test and a branch.
#![allow(dead_code)] // nobody uses all of it

use std::ffi::c_void;
use std::os::raw::{c_char, c_uint};
use std::sync::atomic::AtomicU64;

/// A place in the program that speaks: `struct memscope_place`. The macros below make one each.
#[repr(C)]
pub struct Place {
    name: *const c_char,
    kind_of: *const c_char, // its type
    file: *const c_char,
    function: *const c_char,
    line: c_uint,
    kind: c_uint,
    id: AtomicU64, // memscope's own
}

// SAFETY: the texts are constant.
unsafe impl Sync for Place {}

pub const OTHER: c_uint = 0;
pub const POINTER: c_uint = 1;

impl Place {
    /// The texts end with a 0 byte; a type may be empty.
    pub const fn new(
        name: &'static str,
        of: &'static str,
        file: &'static str,
        line: u32,
        kind: c_uint,
    ) -> Place {
        Place {
            name: name.as_ptr().cast(),
            kind_of: of.as_ptr().cast(),
            file: file.as_ptr().cast(),
            function: std::ptr::null(),
            line,
            kind,
            id: AtomicU64::new(0),
        }
    }
}

// enum memscope_note
const TRACK: c_uint = 1;
const UNTRACK: c_uint = 2;
const SCOPE_ENTER: c_uint = 7;
const SCOPE_LEAVE: c_uint = 8;
const TAG: c_uint = 9;
const SNAPSHOT: c_uint = 24;

type Note = extern "C" fn(*const Place, c_uint, *const c_void, *const c_void, usize, u64);

/// The first entries of `struct memscope_calls`, which only grows at its end.
#[repr(C)]
struct Calls {
    size: usize,
    note: Note,
    note_stack: Note,
    describe: extern "C" fn(*const Place, usize, u64, *mut c_void, usize),
    task_begin: extern "C" fn(*const Place) -> u64,
    task_switch: extern "C" fn(u64),
    task_end: extern "C" fn(u64),
    task_current: extern "C" fn() -> u64,
}

/// As in C: a weak symbol, read by hand from the global offset table.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn calls() -> Option<&'static Calls> {
    let calls: *const Calls;
    // SAFETY: it is NULL, or the address of a table that begins so and lives as long as the program.
    unsafe {
        std::arch::asm!(
            ".weak memscope_calls_1",
            "mov {}, qword ptr [rip + memscope_calls_1@GOTPCREL]",
            out(reg) calls,
            options(nostack, preserves_flags, pure, readonly)
        );
        calls.as_ref()
    }
}

#[cfg(not(target_arch = "x86_64"))] // which is all that memscope records
fn calls() -> Option<&'static Calls> {
    None
}

fn note<T>(place: &'static Place, what: c_uint, address: *const T, size: usize) {
    if let Some(calls) = calls() {
        (calls.note)(place, what, address.cast(), address.cast(), size, 0);
    }
}

/// Where this stands. `name` and `of`, a type, are constant texts.
#[macro_export]
macro_rules! place {
    ($name:expr, $of:expr, $kind:expr) => {{
        static PLACE: $crate::memscope::Place = $crate::memscope::Place::new(
            concat!($name, "\0"),
            concat!($of, "\0"),
            concat!(file!(), "\0"),
            line!(),
            $kind,
        );
        &PLACE
    }};
}

/// `track!(lines: u8)`: the block that a vector, a string or a boxed slice of `u8` has is `lines`' from here
/// on, until it is freed; realloc is followed.
#[macro_export]
macro_rules! track {
    ($variable:ident: $type:ty) => {
        $crate::memscope::track(
            $crate::place!(
                stringify!($variable),
                concat!(stringify!($type), " *"),
                $crate::memscope::POINTER
            ),
            $variable.as_ptr(),
        )
    };
}

pub fn track<T>(place: &'static Place, block: *const T) {
    note(place, TRACK, block, 0);
}

pub fn untrack<T>(place: &'static Place, block: *const T) {
    note(place, UNTRACK, block, 0);
}

/// The block belongs to what the name of the place says.
pub fn tag<T>(place: &'static Place, block: *const T) {
    note(place, TAG, block, 0);
}

/// Names this moment.
pub fn snapshot(place: &'static Place) {
    note(place, SNAPSHOT, std::ptr::null::<u8>(), 0);
}

/// From here to where it is dropped, which has to be the same thread.
pub struct Scope(&'static Place, std::marker::PhantomData<*const ()>);

impl Scope {
    pub fn enter(place: &'static Place) -> Scope {
        note(place, SCOPE_ENTER, std::ptr::null::<u8>(), 0);
        Scope(place, std::marker::PhantomData)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        note(self.0, SCOPE_LEAVE, std::ptr::null::<u8>(), 0);
    }
}

/// A new task, a child of the one that the thread works for, which is not switched to it. 0 without memscope.
pub fn task_begin(place: &'static Place) -> u64 {
    calls().map_or(0, |calls| (calls.task_begin)(place))
}

/// The calling thread works for `task` from now on; 0: for none.
pub fn task_switch(task: u64) {
    if let Some(calls) = calls() {
        (calls.task_switch)(task);
    }
}

pub fn task_end(task: u64) {
    if let Some(calls) = calls().filter(|_| task != 0) {
        (calls.task_end)(task);
    }
}

pub fn task_current() -> u64 {
    calls().map_or(0, |calls| (calls.task_current)())
}

/// The thread works for a new task until this is dropped, and then for what it worked for before.
pub struct Task {
    task: u64,
    before: u64,
    of_thread: std::marker::PhantomData<*const ()>,
}

impl Task {
    pub fn enter(place: &'static Place) -> Task {
        let entered = Task {
            task: task_begin(place),
            before: task_current(),
            of_thread: std::marker::PhantomData,
        };
        task_switch(entered.task);
        entered
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        task_switch(self.before);
        task_end(self.task);
    }
}
