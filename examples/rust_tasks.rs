//! rust_tasks.rs - a program in Rust alone, without C: orders are tasks, taken up by four threads.
//!
//!     memscope run -- build/examples/rust_tasks
//!
//! The main thread begins a task for each order. Whichever thread is free works for it: it reads the lines of
//! the order into a vector, which grows in scope "read", and writes an invoice, a task within the task. Some
//! invoices are kept: the main thread drops them when all is done, outside of any task, but for two that
//! nobody ever drops. What Rust allocates for itself, for threads and the like, is in no task.
//!
//! Its words are those of memscope.rs. Its books: what each kind of task allocated, and each variable.
mod memscope;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

const ORDERS: usize = 40;
const THREADS: usize = 4;
const MORE: usize = 100;
const KEEP_EACH: usize = 5; // invoices
const FORGET_EACH: usize = 20;

/// What all tasks of a kind allocate, as they count by themselves.
struct Books {
    allocations: AtomicU64,
    reallocations: AtomicU64,
    bytes: AtomicU64,
    live_bytes: AtomicU64,
}

impl Books {
    const fn new() -> Books {
        Books {
            allocations: AtomicU64::new(0),
            reallocations: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            live_bytes: AtomicU64::new(0),
        }
    }

    fn take(&self, size: usize) {
        self.allocations.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(size as u64, Ordering::Relaxed);
        self.live_bytes.fetch_add(size as u64, Ordering::Relaxed);
    }

    fn grow(&self, old_size: usize, size: usize) {
        self.reallocations.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(size as u64, Ordering::Relaxed);
        self.live_bytes
            .fetch_add((size - old_size) as u64, Ordering::Relaxed);
    }

    fn give_back(&self, size: usize) {
        self.live_bytes.fetch_sub(size as u64, Ordering::Relaxed);
    }

    fn print(&self, who: &str) {
        println!(
            "{}.allocations={}",
            who,
            self.allocations.load(Ordering::Relaxed)
        );
        println!(
            "{}.reallocations={}",
            who,
            self.reallocations.load(Ordering::Relaxed)
        );
        println!(
            "{}.bytes_allocated={}",
            who,
            self.bytes.load(Ordering::Relaxed)
        );
        println!(
            "{}.live_bytes={}",
            who,
            self.live_bytes.load(Ordering::Relaxed)
        );
    }
}

static ORDER_BOOKS: Books = Books::new();
static INVOICE_BOOKS: Books = Books::new();

/// An order by number, and the task that it is.
type Order = (usize, u64);

#[inline(never)]
fn read_lines(number: usize) -> Vec<u8> {
    let size = 64 + number;
    let mut lines: Vec<u8> = Vec::with_capacity(size);
    ORDER_BOOKS.take(size);
    track!(lines: u8);
    let _read = memscope::Scope::enter(place!("read", "", memscope::OTHER));
    lines.resize(size, b'a');
    lines.reserve_exact(MORE);
    ORDER_BOOKS.grow(size, size + MORE);
    lines.resize(size + MORE, b'b');
    lines
}

#[inline(never)]
fn write_invoice(number: usize, lines: &[u8]) -> Box<[u8]> {
    let _invoice = memscope::Task::enter(place!("invoice", "", memscope::OTHER));
    let size = 200 + number;
    let mut invoice = vec![0u8; size].into_boxed_slice();
    INVOICE_BOOKS.take(size);
    track!(invoice: u8);
    invoice[..lines.len()].copy_from_slice(lines);
    invoice
}

fn serve((number, task): Order, kept: &Mutex<Vec<Box<[u8]>>>) {
    memscope::task_switch(task);
    let lines = read_lines(number);
    let invoice = write_invoice(number, &lines);
    ORDER_BOOKS.give_back(lines.len());
    drop(lines);
    if number % KEEP_EACH == 0 {
        kept.lock().unwrap().push(invoice); // which has room for all
    } else {
        INVOICE_BOOKS.give_back(invoice.len());
        drop(invoice);
    }
    memscope::task_switch(0);
    memscope::task_end(task);
}

fn main() {
    let begin = |number| {
        (
            number,
            memscope::task_begin(place!("order", "", memscope::OTHER)),
        )
    };
    let orders: Mutex<Vec<Order>> = Mutex::new((0..ORDERS).map(begin).collect());
    let kept = Mutex::new(Vec::with_capacity(ORDERS));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| loop {
                let order = orders.lock().unwrap().pop();
                match order {
                    Some(order) => serve(order, &kept),
                    None => break,
                }
            });
        }
    });

    let mut forgotten = 0;
    let kept = kept.into_inner().unwrap();
    let mut sum = 0u64;
    for invoice in kept {
        sum += invoice.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        if (invoice.len() - 200) % FORGET_EACH == 0 {
            std::mem::forget(invoice);
            forgotten += 1;
        } else {
            INVOICE_BOOKS.give_back(invoice.len());
        }
    }

    println!("{} letters on invoices", sum);
    println!(
        "task.order.count={}\ntask.order.parent=\ntask.order.zombies=0",
        ORDERS
    );
    ORDER_BOOKS.print("task.order");
    println!(
        "task.invoice.count={}\ntask.invoice.parent=order\ntask.invoice.zombies=0",
        ORDERS
    );
    INVOICE_BOOKS.print("task.invoice");
    println!("task.invoice.live_blocks={}", forgotten);
    // dropped by the order's task, or by none
    println!("task.invoice.freed_by_others={}", ORDERS - forgotten);
    println!(
        "scope.read.entered={}\nscope.read.reallocations={}",
        ORDERS, ORDERS
    );
    ORDER_BOOKS.print("site.rust_tasks::read_lines");
    INVOICE_BOOKS.print("site.rust_tasks::write_invoice");
    println!("variable.lines.count={}\nvariable.lines.alive=0", ORDERS);
    println!("variable.lines.type=u8 *\nvariable.lines.task=order");
    println!(
        "variable.invoice.count={}\nvariable.invoice.alive={}",
        ORDERS, forgotten
    );
    println!("variable.invoice.task=invoice");
}
