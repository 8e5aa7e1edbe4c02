// rusty.rs - Rust as people write it, std only: collections, boxed closures, channels and threads,
// Arc and Rc, a panic that is caught. The sum it prints does not depend on the schedule.
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

#[inline(never)]
fn words(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("word number {}", i * 7919 % count)).collect()
}

#[inline(never)]
fn count_letters(words: &[String]) -> HashMap<char, usize> {
    let mut letters = HashMap::new();
    for word in words {
        for letter in word.chars() {
            *letters.entry(letter).or_insert(0) += 1;
        }
    }
    letters
}

fn in_threads(words: Arc<Vec<String>>) -> usize {
    let (sender, receiver) = mpsc::channel();
    let shared = Arc::new(Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..4)
        .map(|part| {
            let (words, sender, shared) = (words.clone(), sender.clone(), shared.clone());
            thread::Builder::new()
                .name(format!("rusty-{part}"))
                .spawn(move || {
                    for word in words.iter().skip(part).step_by(4) {
                        sender.send(Box::new(word.len())).unwrap();
                        shared.lock().unwrap().push(word.to_uppercase());
                    }
                })
                .unwrap()
        })
        .collect();
    drop(sender);
    let total: usize = receiver.iter().map(|length| *length).sum();
    for worker in workers {
        worker.join().unwrap();
    }
    let uppercase = shared.lock().unwrap().len();
    total + uppercase
}

fn main() {
    let words = Arc::new(words(5000));
    let letters: BTreeMap<_, _> = count_letters(&words).into_iter().collect();
    let closures: Vec<Rc<dyn Fn(usize) -> usize>> =
        (0..100usize).map(|i| Rc::new(move |x| x + i) as Rc<dyn Fn(usize) -> usize>).collect();
    let sum: usize = closures.iter().map(|closure| closure(1)).sum();
    let caught = std::panic::catch_unwind(|| {
        std::panic::set_hook(Box::new(|_| {}));
        panic!("{}", "x".repeat(100));
    });
    println!("{} {} {} {}", letters.len(), sum, in_threads(words.clone()), caught.is_err());
}
