//! Borrows the chain for one call.

use std::ptr::NonNull;

use wasmtime::Store;

use super::vm::{Escape, State};
use crate::stylus::host::Host;

/// The chain side, borrowed for as long as one call runs.
///
/// A store's data has to be `'static`, which a borrowed chain is not; so the borrow is kept as a
/// pointer that [`lend`] sets and takes away again.
#[derive(Default)]
pub struct HostRef(Option<NonNull<dyn Host>>);

/// Lends `host` to the store's data while `run` runs.
pub fn lend<R>(
    store: &mut Store<State>,
    host: &mut dyn Host,
    run: impl FnOnce(&mut Store<State>) -> R,
) -> R {
    struct Lent<'s>(&'s mut Store<State>);
    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            self.0.data_mut().host = HostRef(None);
        }
    }
    let pointer: NonNull<dyn Host + '_> = NonNull::from(host);
    // SAFETY: only the lifetime changes. The pointer leaves the store when `lent` is dropped, on
    // unwinding too, which is before the borrow of `host` ends; `HostRef::get` hands out borrows
    // no longer than that of the store's data.
    let pointer: NonNull<dyn Host> = unsafe { std::mem::transmute(pointer) };
    let lent = Lent(store);
    lent.0.data_mut().host = HostRef(Some(pointer));
    run(lent.0)
}

impl HostRef {
    pub fn get(&mut self) -> Result<&mut dyn Host, Escape> {
        let pointer = self.0.as_mut().ok_or(Escape::Missing("a host"))?;
        // SAFETY: the pointer comes from an exclusive borrow that `lend` holds for as long as it
        // is here, and the result borrows `self` exclusively.
        Ok(unsafe { pointer.as_mut() })
    }
}
