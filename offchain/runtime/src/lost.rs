//! Pages of mapped files that are lost: a file that is cut short while it is mapped has nothing behind its new
//! end, and reading there raises a signal (SIGBUS) that kills a process which does not expect it.
//!
//! A process that calls [`survive`] reads zeros there instead, and is told by [`Guard::pages`]. What was computed
//! of them is wrong, so whoever survives has to ask behind every computation, and to throw its result away.
//! Without that call everything stays as the system has it: a program that ends with its result shall rather die.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Mappings that are guarded at a time; those beyond are not, and kill the process as ever.
const MOST: usize = 256;

/// A mapping: addresses from `start` to before `end`; none while `end` is zero.
#[derive(Debug)]
struct Mapping {
    taken: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    lost: AtomicUsize,
}

/// A handler of signals may read nothing that takes a lock.
static MAPPINGS: [Mapping; MOST] = [const {
    Mapping {
        taken: AtomicUsize::new(0),
        start: AtomicUsize::new(0),
        end: AtomicUsize::new(0),
        lost: AtomicUsize::new(0),
    }
}; MOST];

/// Watches over a mapping. To be dropped before it is unmapped.
#[derive(Debug)]
pub struct Guard(Option<&'static Mapping>);

impl Guard {
    /// Over these bytes.
    pub fn new(mapped: &[u8]) -> Self {
        let free = |place: &&Mapping| {
            let (old, new) = (Ordering::Acquire, Ordering::Relaxed);
            place.taken.compare_exchange(0, 1, old, new).is_ok()
        };
        let place = MAPPINGS.iter().find(free);
        if let Some(place) = place {
            let range = mapped.as_ptr_range();
            place.lost.store(0, Ordering::Relaxed);
            place.start.store(range.start.addr(), Ordering::Relaxed);
            place.end.store(range.end.addr(), Ordering::Release);
        }
        Self(place)
    }

    /// Pages of the system that were lost and are read as zeros since: once there are some, nothing that is computed
    /// of the mapping counts.
    pub fn pages(&self) -> usize {
        self.0.map_or(0, |place| place.lost.load(Ordering::Acquire))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.end.store(0, Ordering::Release);
            place.taken.store(0, Ordering::Release);
        }
    }
}

/// From now on this process survives that mapped files are cut short. Every call but the first does nothing.
pub fn survive() {
    #[cfg(unix)]
    unix::survive();
}

#[cfg(unix)]
mod unix {
    use std::sync::Once;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use libc::{c_int, c_void, siginfo_t};

    use super::{MAPPINGS, Mapping};

    /// Bytes of a page of the system.
    static PAGE: AtomicUsize = AtomicUsize::new(4096);

    pub(super) fn survive() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: it asks for a number.
            let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            if let Some(page) = usize::try_from(page).ok().filter(|page| page.is_power_of_two()) {
                PAGE.store(page, Ordering::Relaxed);
            }
            set(
                on_bus_error as *const () as libc::sighandler_t,
                libc::SA_SIGINFO | libc::SA_ONSTACK,
            );
        });
    }

    fn set(handler: libc::sighandler_t, flags: c_int) {
        // SAFETY: all-zero is a value of this type, an empty set of signals among it.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        (action.sa_sigaction, action.sa_flags) = (handler, flags);
        // SAFETY: the action is whole; its handler is of the form that its flags say, and does only what a handler
        // may do. It fails for signals that there are not.
        unsafe { libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()) };
    }

    /// What is read next at `address` is zero, if it lies in a mapping.
    fn fill(address: usize) -> bool {
        let holds = |place: &&Mapping| {
            let end = place.end.load(Ordering::Acquire);
            address < end && place.start.load(Ordering::Relaxed) <= address
        };
        let Some(place) = MAPPINGS.iter().find(holds) else { return false };
        let page = PAGE.load(Ordering::Relaxed);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        let start = std::ptr::with_exposed_provenance_mut(address & !(page - 1));
        place.lost.fetch_add(1, Ordering::Release);
        // SAFETY: the page lies in a mapping of ours that is only read, and has nothing to be read: nobody has a
        // reference to what it held. A mapping of nothing is put in its place; unmapping the whole unmaps it, too.
        let mapped = unsafe { libc::mmap(start, page, libc::PROT_READ, flags, -1, 0) };
        mapped != libc::MAP_FAILED
    }

    extern "C" fn on_bus_error(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: the system hands over what it knows of the signal.
        let address = unsafe { (*info).si_addr() }.addr();
        if !fill(address) {
            // Of something else: it comes again, and kills as it would have done.
            set(libc::SIG_DFL, 0);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::OpenOptions;

    use crate::words::SharedWords;

    #[test]
    fn what_is_cut_off_is_read_as_zeros_and_counted() {
        super::survive();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words");
        std::fs::write(&path, vec![7; 1 << 20]).expect("written");
        let words = SharedWords::map(&path).expect("mapped");
        let other = SharedWords::map(&path).expect("mapped");
        let file = OpenOptions::new().write(true).open(&path).expect("opened");
        file.set_len(1 << 19).expect("cut off");
        assert_eq!(words[0], 0x0707_0707);
        assert_eq!((words.lost(), other.lost()), (0, 0));
        assert_eq!(words.iter().filter(|word| **word == 0).count(), 1 << 17);
        assert_eq!(words.lost() * 4096, 1 << 19);
        assert_eq!(other.lost(), 0, "it has read nothing of it");
        // What is lost once is not found again.
        file.set_len(1 << 20).expect("longer");
        assert!(words.part(0..1).expect("a part").lost() > 0);
        drop((words, other));
        let again = SharedWords::map(&path).expect("mapped");
        assert_eq!((again[(1 << 18) - 1], again.lost()), (0, 0), "a hole of the file itself");
    }
}
