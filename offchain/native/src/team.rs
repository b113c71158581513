//! Threads that share out the tasks of one operator after another.
//!
//! An operator takes microseconds, as long as it takes to wake a thread. So members watch for the next
//! tasks for a while before they sleep, and whoever calls works too: nobody waits for a member that has
//! no processor, unless it has begun a task. Each has its own range of tasks, so that it reads memory
//! in order, and takes from the others' when it is done. While it watches it fetches the weights that
//! it is told will be wanted next.

use std::any::Any;
use std::fmt;
use std::hint::spin_loop;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError, mpsc};
use std::thread::{self, Builder, JoinHandle};

use crate::float_mode::{FloatMode, check_float_mode};
use crate::isa::{LINE_BYTES, fetch};

/// Looks for tasks before a member lets others have its processor: about 30 us.
const WATCHES: u32 = 2_000;
/// Times that it lets them before it sleeps.
const YIELDS: u32 = 200;

/// Most bytes that a member fetches: half of a usual second-level cache.
const MOST_FETCHED: usize = 512 << 10;

/// What is done for a number of a task.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// A caller and threads that help it.
pub struct Team {
    shared: Arc<Shared>,
    members: Vec<JoinHandle<()>>,
    /// Held by who calls.
    turn: Mutex<()>,
}

/// Tasks that nobody has begun of one range: in the upper half of the word the number of the call, in
/// the lower how many are left. Alone in its cache lines.
#[derive(Default)]
#[repr(align(128))]
struct Range(AtomicU64);

#[derive(Clone, Copy)]
struct Call {
    task: &'static Task<'static>,
    count: usize,
}

struct Shared {
    /// The caller's, then the members'.
    ranges: Box<[Range]>,
    call: RwLock<Option<Call>>,
    /// Tasks of the call that have ended.
    done: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// Members that sleep, or are about to.
    asleep: AtomicUsize,
    /// The number of the last call, so that members see it.
    latest: AtomicU64,
    /// Words that are likely to be read next. Only their address is used.
    expected: (AtomicPtr<u32>, AtomicUsize),
    dismissed: AtomicBool,
}

impl Team {
    /// A caller with so many members, who are checked to round as they must.
    pub fn new(members: usize) -> io::Result<Result<Self, FloatMode>> {
        let shared = Arc::new(Shared::new(members + 1));
        let (sender, modes) = mpsc::channel();
        let mut team = Self { shared, members: Vec::new(), turn: Mutex::new(()) };
        for number in 1..=members {
            let (shared, sender) = (Arc::clone(&team.shared), sender.clone());
            let member = Builder::new().name(format!("kernels-{number}")).spawn(move || {
                // Who made the team may be gone.
                let _ = sender.send(check_float_mode());
                drop(sender);
                shared.serve(number);
            });
            team.members.push(member?);
        }
        drop(sender);
        Ok(modes.into_iter().collect::<Result<(), _>>().map(|()| team))
    }

    /// Threads that work: the members and who calls.
    pub fn size(&self) -> usize {
        self.members.len() + 1
    }

    /// Calls `each` with every part of `size` items, and its number. As [`Self::run`].
    #[allow(unsafe_code, reason = "parts that are handed out by number")]
    pub fn run_parts<T: Send>(
        &self,
        items: &mut [T],
        size: usize,
        each: &(dyn Fn(usize, &mut [T]) + Sync),
    ) {
        let (size, length) = (size.max(1), items.len());
        let items = Items(items.as_mut_ptr());
        self.run(length.div_ceil(size), &|number| {
            let start = number * size;
            // SAFETY: the part lies inside of `items`, which is borrowed until all calls have ended, and
            // every number is called once, so no two parts share an item.
            let part = unsafe {
                std::slice::from_raw_parts_mut(items.at(start), size.min(length - start))
            };
            each(number, part);
        });
    }

    /// Tells members what will be read next, in equal shares from the caller's on.
    pub fn expect(&self, words: &[u32]) {
        let (start, count) = &self.shared.expected;
        start.store(words.as_ptr().cast_mut(), Ordering::Relaxed);
        count.store(words.len(), Ordering::Relaxed);
    }

    /// Calls `task` with every number below `count`, each once, in any order and by any thread, and
    /// returns when all calls have. If the team is taken the caller does all. Panics if a task did.
    #[allow(unsafe_code, reason = "threads that live longer than what they work on")]
    pub fn run(&self, count: usize, task: &Task<'_>) {
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => return (0..count).for_each(task),
        };
        // SAFETY: members use the task only between taking one of its numbers and counting it as done.
        // Below, nothing returns or unwinds before all numbers are done: tasks' panics are kept. The
        // last call is then forgotten, and numbers of an earlier call are never taken.
        let task = unsafe { std::mem::transmute::<&Task<'_>, &'static Task<'static>>(task) };
        self.shared.publish(Call { task, count });
        if self.shared.asleep.load(Ordering::SeqCst) > 0 {
            self.members.iter().for_each(|member| member.thread().unpark());
        }
        self.shared.help(0);
        self.shared.finish(count);
        drop(turn);
        let panic = self.shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

/// Where items begin.
struct Items<T>(*mut T);

// SAFETY: threads make slices of different items of it, as they might be given them by `split_at_mut`.
#[allow(unsafe_code, reason = "parts that are handed out by number")]
unsafe impl<T: Send> Sync for Items<T> {}

impl<T> Items<T> {
    /// The item so many behind the first.
    const fn at(&self, index: usize) -> *mut T {
        self.0.wrapping_add(index)
    }
}

impl Shared {
    fn new(size: usize) -> Self {
        Self {
            ranges: (0..size).map(|_| Range::default()).collect(),
            call: RwLock::new(None),
            done: AtomicUsize::new(0),
            panic: Mutex::new(None),
            asleep: AtomicUsize::new(0),
            latest: AtomicU64::new(0),
            expected: (AtomicPtr::default(), AtomicUsize::new(0)),
            dismissed: AtomicBool::new(false),
        }
    }

    /// First number of a range, or the one behind the last range.
    fn start(&self, range: usize, count: usize) -> usize {
        count * range / self.ranges.len()
    }

    /// Offers tasks; those of the call before are done.
    fn publish(&self, call: Call) {
        *self.call.write().unwrap_or_else(PoisonError::into_inner) = Some(call);
        self.done.store(0, Ordering::Relaxed);
        let number = self.latest.load(Ordering::Relaxed).wrapping_add(1) & u64::from(u32::MAX);
        for (index, range) in self.ranges.iter().enumerate() {
            let left = self.start(index + 1, call.count) - self.start(index, call.count);
            range.0.store(number << 32 | left as u64, Ordering::Release);
        }
        self.latest.store(number, Ordering::SeqCst);
    }

    /// Waits for tasks that others have begun, and forgets the call.
    fn finish(&self, count: usize) {
        let mut watches = 0;
        while self.done.load(Ordering::Acquire) < count {
            watches += 1;
            if watches < WATCHES { spin_loop() } else { thread::yield_now() }
        }
        *self.call.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes the next task of a range: how many were left.
    fn take(&self, range: usize) -> Option<usize> {
        let word = &self.ranges[range].0;
        let mut seen = word.load(Ordering::Acquire);
        loop {
            let left = seen & u64::from(u32::MAX);
            if left == 0 {
                return None;
            }
            let next =
                word.compare_exchange_weak(seen, seen - 1, Ordering::AcqRel, Ordering::Acquire);
            match next {
                Ok(_) => return Some(left as usize),
                Err(now) => seen = now,
            }
        }
    }

    /// Does tasks, a thread's own first, until none is left to begin.
    fn help(&self, own: usize) {
        let size = self.ranges.len();
        for range in (own..size).chain(0..own) {
            while let Some(left) = self.take(range) {
                // A number has been taken and not been done, so the call is there.
                let call = *self.call.read().unwrap_or_else(PoisonError::into_inner);
                if let Some(Call { task, count }) = call {
                    let number = self.start(range + 1, count) - left;
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| task(number))) {
                        *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
                    }
                }
                self.done.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// A member's life.
    fn serve(&self, own: usize) {
        let mut seen = 0;
        while !self.dismissed.load(Ordering::Acquire) {
            let latest = self.watch(seen, own);
            if latest != seen {
                seen = latest;
                self.help(own);
            }
        }
    }

    /// Lines of what a member will read next. They may be outdated: they are only fetched.
    fn wanted(&self, own: usize) -> impl Iterator<Item = *const u32> {
        let (start, count) = &self.expected;
        let (start, count) = (start.load(Ordering::Relaxed), count.load(Ordering::Relaxed));
        let first = start.cast_const().wrapping_add(self.start(own, count));
        let bytes = (count / self.ranges.len() * 4).min(MOST_FETCHED);
        (0..bytes).step_by(LINE_BYTES).map(move |offset| first.wrapping_byte_add(offset))
    }

    /// The number of the latest call, as soon as it is another than `seen` or the team is dismissed.
    fn watch(&self, seen: u64, own: usize) -> u64 {
        let mut wanted = self.wanted(own);
        let mut turn = 0;
        while turn < WATCHES + YIELDS {
            let latest = self.latest.load(Ordering::Acquire);
            if latest != seen {
                return latest;
            }
            if let Some(line) = wanted.next() {
                fetch(line);
                continue;
            }
            turn += 1;
            if turn < WATCHES { spin_loop() } else { thread::yield_now() }
        }
        // Who calls looks for sleepers behind its call, and this one for calls behind falling asleep.
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let mut latest = self.latest.load(Ordering::SeqCst);
        while latest == seen && !self.dismissed.load(Ordering::SeqCst) {
            thread::park();
            latest = self.latest.load(Ordering::SeqCst);
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        latest
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.dismissed.store(true, Ordering::SeqCst);
        for member in self.members.drain(..) {
            member.thread().unpark();
            // It does not panic: tasks' panics are kept.
            let _ = member.join();
        }
    }
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Team").field("size", &self.size()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
