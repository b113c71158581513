//! Whole rows of tiles at once, in one thread or several.

use std::io;
use std::ops::Range;

use opml_operator::{Operator, Place};
use thiserror::Error;

use crate::backend::{Backend, BackendError, Lanes};
use crate::float_mode::{FloatMode, check_float_mode};
use crate::isa::LANES;
use crate::part::{Part, Product, Start, cut, is_elementwise, scalar, width};
use crate::team::Team;

/// Least weight bytes of a task: about a microsecond.
const BYTES_A_TASK: usize = 24 << 10;
/// Least elements of a task.
const ELEMENTS_A_TASK: usize = 8 << 10;
/// Tasks that a thread gets, so that a slow one does not hold up all.
const TASKS_A_THREAD: usize = 8;

/// Why an engine could not start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The backend cannot be used.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A thread would compute other bits.
    #[error("a thread's floating-point mode: {0}")]
    FloatMode(#[from] FloatMode),
    /// Threads could not be started.
    #[error("cannot start threads")]
    Threads(#[from] io::Error),
}

/// Tiles of an operator that lie beside each other in a row of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// What is computed.
    pub operator: Operator,
    /// Iteration of the loop.
    pub iteration: u32,
    /// Row of the grid.
    pub row: u32,
    /// Columns of the grid. `0..1` for kernels whose tile is a whole row.
    pub columns: Range<u32>,
}

impl Columns {
    /// One tile.
    pub const fn one(operator: Operator, Place { iteration, row, column }: Place) -> Self {
        Self { operator, iteration, row, columns: column..column.saturating_add(1) }
    }
}

/// Computes tiles with one backend, in the caller's thread or in some more.
#[derive(Debug)]
pub struct Engine {
    backend: Backend,
    lanes: Option<Lanes>,
    team: Option<Team>,
}

impl Engine {
    /// An engine with `threads` threads, the caller's among them, all of them checked to round as they
    /// must.
    pub fn new(backend: Backend, threads: usize) -> Result<Self, EngineError> {
        let lanes = backend.check()?.lanes();
        check_float_mode()?;
        let members = threads.saturating_sub(1);
        let team = if members > 0 { Some(Team::new(members)??) } else { None };
        Ok(Self { backend, lanes, team })
    }

    /// The fastest backend, or the one that the environment names, and a thread a core.
    pub fn from_env() -> Result<Self, EngineError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(Backend::from_env()?, threads)
    }

    /// The backend that computes.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    pub(crate) const fn lanes(&self) -> Option<Lanes> {
        self.lanes
    }

    /// Threads that compute.
    pub fn threads(&self) -> usize {
        self.team.as_ref().map_or(1, Team::size)
    }

    /// Tells which weights the next product will read, so that idle threads fetch them meanwhile.
    pub fn expect(&self, weights: &[u32]) {
        if let Some(team) = &self.team {
            team.expect(weights);
        }
    }

    /// Calls `each` with every part of `size` items and its number, in all threads if there are
    /// several parts.
    pub(crate) fn share<T: Send>(
        &self,
        items: &mut [T],
        size: usize,
        each: impl Fn(usize, &mut [T]) + Sync,
    ) {
        match &self.team {
            Some(team) if size < items.len() => team.run_parts(items, size, &each),
            _ => {
                let parts = items.chunks_mut(size.max(1)).enumerate();
                parts.for_each(|(number, part)| each(number, part));
            }
        }
    }

    /// Adjacent tiles of a row: what [`opml_kernels::run`] computes for each, one after another in
    /// `output`, which is overwritten.
    ///
    /// `output` has a tile's words times the count of columns. Inputs of element-wise kernels
    /// (`Add` to `GeluTanh`) hold the tiles' regions one after another likewise, as far as the tensor
    /// goes; inputs of all other
    /// kernels are the region that the tiles have in common. The operator must be legal at every
    /// tile, and no tile may read what another writes. With slices of other lengths it may panic.
    pub fn run_columns(&self, tiles: &Columns, inputs: &[&[u32]], output: &mut [u32]) {
        if output.is_empty() {
            return;
        }
        let job = Job { engine: self, tiles, inputs };
        job.in_parts(job.part_size(output.len()), output);
    }
}

struct Job<'a> {
    engine: &'a Engine,
    tiles: &'a Columns,
    inputs: &'a [&'a [u32]],
}

impl<'a> Job<'a> {
    /// Elements of a part when `len` are split over the threads: whole groups of weight rows, whole
    /// tiles for the reference.
    fn part_size(&self, len: usize) -> usize {
        let threads = self.engine.threads();
        let Some(width) = width(&self.tiles.operator).filter(|_| threads > 1) else {
            return len;
        };
        let least = match &self.tiles.operator {
            Operator::Matmul(shape) => {
                let group = shape.matrix.kind.group_bytes(shape.matrix.k) as usize;
                BYTES_A_TASK.div_ceil(group.max(1)) * LANES
            }
            Operator::Scores(_) | Operator::Mix(_) => return len,
            _ => ELEMENTS_A_TASK,
        };
        let unit = if self.engine.lanes.is_some() { LANES } else { width as usize };
        len.div_ceil(threads * TASKS_A_THREAD).max(least).next_multiple_of(unit)
    }

    fn in_parts(&self, size: usize, output: &mut [u32]) {
        match (&self.tiles.operator, self.engine.lanes) {
            (Operator::Matmul(shape), Some(lanes)) => {
                let input = |number: usize| self.inputs.get(number).copied().unwrap_or_default();
                let product = Product::new(shape, [input(0), input(1)], lanes);
                let rows = shape.matrix.rows as usize;
                self.split(size, output, |start, out| {
                    let written = rows.saturating_sub(start.element).min(out.len());
                    out[written..].fill(0);
                    Part { lanes, start }.product(&product, out);
                });
            }
            (_, Some(lanes)) => self.split(size, output, |start, out| {
                let inputs = self.inputs_at(start, out.len());
                Part { lanes, start }.compute(&self.tiles.operator, &inputs, out);
            }),
            (_, None) => self.split(size, output, |start, out| {
                scalar(&self.tiles.operator, start, &self.inputs_at(start, out.len()), out);
            }),
        }
    }

    /// Calls `each` with every part of `size` elements.
    fn split(&self, size: usize, output: &mut [u32], each: impl Fn(Start, &mut [u32]) + Sync) {
        let first = self.first();
        let start = |index: usize| Start {
            iteration: self.tiles.iteration,
            row: self.tiles.row,
            element: first.saturating_add(index * size),
        };
        self.engine.share(output, size, |index, out| each(start(index), out));
    }

    /// Element of the row at which the tiles begin.
    fn first(&self) -> usize {
        let width = width(&self.tiles.operator).unwrap_or(0) as usize;
        width.saturating_mul(self.tiles.columns.start as usize)
    }

    fn inputs_at(&self, start: Start, len: usize) -> Vec<&'a [u32]> {
        if !is_elementwise(&self.tiles.operator) {
            return self.inputs.to_vec();
        }
        let offset = start.element - self.first();
        let part = |input: &&'a [u32]| cut(input, offset..offset + len);
        self.inputs.iter().map(part).collect()
    }
}
