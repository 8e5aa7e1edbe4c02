// generics.rs - what the library of Rust allocates for a program. Of each line that allocates a comment at its
// end says how the types of the blocks begin, and behind an @ what keeps them.
//
// Usage: generics.
use std::collections::{BTreeMap, BinaryHeap, HashMap, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

struct Point {
    x: f64,
    y: f64,
}

struct Node {
    next: Option<Box<Node>>,
    value: u32,
    tag: u8,
}

trait Shape {
    fn area(&self) -> f64;
}

impl Shape for Point {
    fn area(&self) -> f64 {
        self.x * self.y
    }
}

fn node(value: u32) -> Node {
    Node { next: None, value, tag: 1 }
}

#[allow(dead_code)]
struct Store {
    samples: Vec<f32>,
    title: String,
    marks: VecDeque<i16>,
    shared: Rc<Point>,
}

/// What is made here is moved, part by part, to where the caller says.
#[inline(never)]
fn store(length: usize) -> Store {
    Store {
        samples: Vec::with_capacity(length),
        title: "a title".to_string(),
        marks: VecDeque::with_capacity(length),
        shared: Rc::new(Point { x: 1.0, y: 1.0 }),
    }
}

/// Either a text or why there is none: who takes the one apart from the other cannot be told.
#[inline(never)]
fn either(length: usize) -> Result<String, String> {
    let told = "one of two".repeat(length);
    if length > 100 { Err(told) } else { Ok(told) }
}

/// The compiler must believe that it is looked at. (std::hint::black_box is younger than some rustc.)
#[inline(never)]
fn keep<T>(value: &T) {
    unsafe { std::ptr::read_volatile(&(value as *const T)) };
}

fn main() {
    let point = Box::new(Point { x: 1.0, y: std::process::id() as f64 }); // generics::Point @point
    let boxed = Box::new(node(std::process::id())); // generics::Node @boxed
    let mut points: Vec<Point> = Vec::with_capacity(7); // generics::Point @points
    points.push(Point { x: 0.0, y: 0.0 });
    let mut nodes = Vec::new();
    nodes.push(node(2)); // generics::Node @nodes
    let text = String::from("words on the heap"); // u8 @text
    let copy = text.clone(); // u8 @copy
    let mut map: HashMap<u32, Point> = HashMap::new();
    map.insert(1, Point { x: 0.0, y: 0.0 }); // (u32, generics::Point) @map
    let mut tree: BTreeMap<u32, u64> = BTreeMap::new();
    tree.insert(1, 2); // alloc::collections::btree::node::LeafNode<u32, u64> @tree
    let counted = Rc::new(Point { x: 0.0, y: 0.0 }); // generics::Point @counted
    let shared = Arc::new(node(3)); // generics::Node @shared
    let shape: Box<dyn Shape> = Box::new(Point { x: 2.0, y: 3.0 }); // generics::Point @shape
    let numbers: Vec<u64> = (0..text.len() as u64).collect(); // u64 @numbers
    let mut queue: VecDeque<u16> = VecDeque::new();
    queue.push_back(3); // u16 @queue
    let mut list: LinkedList<Point> = LinkedList::new();
    list.push_back(Point { x: 0.0, y: 0.0 }); // generics::Point @list
    let mut heap: BinaryHeap<i64> = BinaryHeap::with_capacity(9); // i64 @heap
    heap.push(numbers.len() as i64);
    let store = store(heap.len() + 8); // f32 | generics::Point | i16 | u8 @store
    let got = either(store.samples.capacity()); // u8 @told
    let mut reason = String::new();
    let word = match got {
        Ok(word) => word,
        Err(why) => {
            reason = why;
            String::new()
        }
    };
    let sum = shape.area() + point.x + boxed.value as f64 + f64::from(boxed.tag) + counted.y;
    let all = (point, nodes, copy, map, tree, shared, queue, list, heap, points, store, word, reason);
    keep(&all);
    std::mem::forget(all);
    std::process::exit(if sum < 0.0 || boxed.next.is_some() { 1 } else { 0 });
}
