//! Parameters of requests, read as strictly as geth reads them.

mod block;
mod hex;
mod objects;
mod value;

pub use block::At;
pub use objects::{Call, Logs};
pub use value::{BadValue, Number, Quantity, Slot};

use serde_json::Value;

use crate::error::Error;

/// A type of parameter.
pub trait Arg: Sized {
    /// Reads one that is there.
    ///
    /// # Errors
    /// [`BadValue`].
    fn read(value: &Value) -> Result<Self, BadValue>;

    /// What stands for one that is missing, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Arg> Arg for Option<T> {
    fn read(value: &Value) -> Result<Self, BadValue> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// All parameters of a method.
pub trait Args: Sized {
    /// Reads them.
    ///
    /// # Errors
    /// [`Error`] naming the place.
    fn read(values: &[Value]) -> Result<Self, Error>;
}

/// The parameters as JSON values.
///
/// # Errors
/// [`Error::NotArray`].
pub fn values(params: Option<&str>) -> Result<Vec<Value>, Error> {
    match params {
        None | Some("null") => Ok(Vec::new()),
        Some(params) => serde_json::from_str(params).map_err(|_| Error::NotArray),
    }
}

fn at<T: Arg>(values: &[Value], index: usize) -> Result<T, Error> {
    match values.get(index) {
        None | Some(Value::Null) => T::absent().ok_or(Error::Missing(index)),
        Some(value) => T::read(value).map_err(|reason| Error::Argument { index, reason }),
    }
}

macro_rules! args {
    ($count:literal $($name:ident $index:literal)*) => {
        impl<$($name: Arg),*> Args for ($($name,)*) {
            fn read(values: &[Value]) -> Result<Self, Error> {
                if values.len() > $count {
                    return Err(Error::TooMany($count));
                }
                Ok(($(at::<$name>(values, $index)?,)*))
            }
        }
    };
}

args!(0);
args!(1 A 0);
args!(2 A 0 B 1);
args!(3 A 0 B 1 C 2);
args!(4 A 0 B 1 C 2 D 3);
