// symbols_rust.rs - sites in Rust: generics, closures, traits, std's inlined containers, for the
// comparison of names and lines with addr2line. Everything is leaked, so every site shows.
use std::collections::BTreeMap;
use std::mem::forget;

trait Shape {
    fn make(&self) -> Box<[u8]>;
}

struct Square(usize);

impl Shape for Square {
    #[inline(never)]
    fn make(&self) -> Box<[u8]> {
        vec![1u8; self.0 * self.0].into_boxed_slice()
    }
}

#[inline(never)]
fn generic<T: Clone>(value: T, count: usize) -> Vec<T> {
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        list.push(value.clone());
    }
    list
}

mod inner {
    #[inline(never)]
    pub fn text(number: usize) -> String {
        format!("a text with a number: {number}")
    }
}

fn main() {
    let shape: Box<dyn Shape> = Box::new(Square(9));
    forget(shape.make());
    forget(generic(7u64, 5));
    forget(generic(String::from("cloned"), 3));
    forget(inner::text(42));
    let closure = |size: usize| vec![0u32; size];
    forget(closure(13));
    let mut tree = BTreeMap::new();
    for i in 0..20 {
        tree.insert(i, i.to_string());
    }
    forget(tree);
    forget(shape);
    println!("symbols done");
}
