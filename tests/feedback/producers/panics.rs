//! A program of many mistakes: each makes its own panic, named by the first argument.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

// MORE LINES

mod ledger {
    use super::*;

    pub struct Book<T> {
        pub rows: Vec<T>,
        pub names: RefCell<Vec<String>>,
    }

    pub trait Keeps {
        fn left(&self, spent: usize) -> usize;
    }

    impl<T: Clone + Debug> Book<T> {
        pub fn first(&self) -> T {
            self.rows.first().cloned().unwrap()
        }

        #[inline(never)]
        pub fn last(&self) -> T {
            self.rows.iter().last().cloned().unwrap()
        }

        pub fn at(&self, index: usize) -> T {
            let row = &self.rows[index];
            row.clone()
        }

        pub fn rename(&self, name: &str) {
            let names = self.names.borrow();
            if names.is_empty() {
                self.names.borrow_mut().push(name.to_owned());
            }
        }
    }

    impl<T: Debug> Keeps for Book<T> {
        fn left(&self, spent: usize) -> usize {
            self.rows.len() - spent
        }
    }

    pub fn account(all: &HashMap<u32, String>, id: u32) -> &str {
        match all.get(&id) {
            Some(name) => name,
            None => panic!("no account {id} in ledger of {} rows", all.len()),
        }
    }

    pub fn unrelated() -> usize {
        3
    }
}

mod parse {
    pub fn number(text: &str) -> u32 {
        text.parse::<u32>().unwrap()
    }

    pub fn config(path: &str) -> String {
        std::fs::read_to_string(path).expect("config is readable")
    }

    pub fn open(path: &str) -> String {
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot open {path}: {error}"))
    }

    pub fn head(text: &str, most: usize) -> &str {
        &text[..most]
    }

    pub fn range(rows: &[u32], to: usize) -> u32 {
        rows[1..to].iter().sum()
    }

    pub fn each(rows: &[&str]) -> Vec<usize> {
        rows.iter().map(|row| row.split(',').nth(1).unwrap().len()).collect()
    }

    pub fn check(rows: &[u32]) {
        assert!(rows.len() > 3, "too few rows: {}", rows.len());
    }

    pub fn same(a: usize, b: usize) {
        assert_eq!(a, b, "totals of {a}");
    }

    pub fn sorted(rows: &[usize]) {
        assert!(rows.is_sorted());
    }

    pub fn state(n: usize) -> usize {
        match n {
            0..=3 => n,
            _ => unreachable!("state {n}"),
        }
    }

    pub fn pointer(value: &usize) {
        panic!("bad pointer {value:p} in {}", std::env::current_dir().unwrap().display());
    }

    #[track_caller]
    fn must<T>(value: Option<T>) -> T {
        value.expect("it is there")
    }

    pub fn one(value: Option<u32>) -> u32 {
        must(value)
    }

    pub fn other(value: Option<u32>) -> u32 {
        let it = must(value);
        it + 1
    }
}

mod net {
    use super::*;

    struct Twice(bool);

    impl Future for Twice {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    async fn fetch(id: usize) -> usize {
        Twice(false).await;
        let replies = vec![1usize, 2];
        let at = replies.len() + id;
        return replies[at];
    }

    pub async fn ask(id: usize) -> usize {
        fetch(id).await + 1
    }

    pub async fn pay(amount: i64) {
        Twice(false).await;
        if amount < 0 {
            panic!("amount {amount} is below zero");
        }
    }

    pub fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
        }
    }
}

type Row = u32;

fn share(a: usize, b: usize) -> usize {
    a / b
}

fn job(n: usize) {
    let thread = std::thread::Builder::new().name(format!("worker-{n}"));
    let lost = move || {
        if n > 0 {
            panic!("job {n} is lost");
        }
    };
    drop(thread.spawn(lost).unwrap().join());
}

fn never() {
    panic!()
}

fn run(mistake: &str, n: usize) -> usize {
    use ledger::Keeps;
    let book = ledger::Book::<Row> { rows: Vec::new(), names: RefCell::new(Vec::new()) };
    match mistake {
        "first" => drop(book.first()),
        "last" => drop(book.last()),
        "at" => drop(book.at(n)),
        "rename" => book.rename("x"),
        "left" => return book.left(n),
        "account" => return ledger::account(&HashMap::new(), n as u32).len(),
        "number" => return parse::number(&format!("x{n}")) as usize,
        "empty" => return parse::number(&"x"[n - n..0]) as usize,
        "config" => return parse::config(&format!("/no/such/{n}")).len(),
        "open" => return parse::open(&format!("/no/such/{n}")).len(),
        "head" => return parse::head("a\u{e9}", 2).len(),
        "range" => return parse::range(&[1, 2], 2 + n) as usize,
        "each" => return parse::each(&["a,b", "c"]).len(),
        "check" => parse::check(&vec![1; n % 3]),
        "same" => parse::same(n, n + 1),
        "sorted" => parse::sorted(&[n + 2, 1]),
        "state" => return parse::state(n + 4),
        "pointer" => parse::pointer(&n),
        "one" => return parse::one(None) as usize,
        "other" => return parse::other(None) as usize,
        "ask" => return net::block_on(net::ask(n)),
        "pay" => net::block_on(net::pay(-(n as i64))),
        "job" => job(n),
        "share" => return share(n, n - n),
        "never" => never(),
        "any" => std::panic::panic_any(n),
        _ => return ledger::unrelated(),
    }
    0
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    println!("{}", run(&words[1], words[2].parse().unwrap()));
}
