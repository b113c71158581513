//! The list of operators in the making.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use opml_operator::{Descriptor, Illegal, Kernel, MAX_BOUND, legal};
use opml_runtime::build::{Builder, Place, Vector};

use super::ImageError;
use super::memory::{self, Tensor};
use super::tensor::{Bytes, Home, Image, QuantizedImage, Row, View};

/// Most steps of a tile that tiles are cut for, as a power of two: five dissections of a dispute. An
/// operator whose smallest tile needs more gets more.
pub(super) const USUAL_BOUND: u32 = 25;
/// The same of products, which are faster in large tiles: six dissections.
pub(super) const PRODUCT_BOUND: u32 = 30;
/// The same of sums over pixels, of which few are to be added up afterwards.
pub(super) const SUM_BOUND: u32 = 28;
/// Tiles that an operator has at least, as a power of two, if it can be cut into as many.
const TILES_LOG2: u32 = 3;
/// Largest region, as a power of two.
const REGION_LOG2: u32 = 28;

/// An image program in the making: constants go to the bundle at once, operators are noted, and
/// [`Graph::finish`] finds addresses for what they write.
pub struct Graph {
    pub(super) builder: Builder,
    events: Vec<Event>,
    /// Sizes of working tensors, as powers of two.
    sizes: Vec<u32>,
    /// Quantized forms of images that have not been written since.
    pub(super) quantized: HashMap<Home, QuantizedImage>,
    /// A row of zeros, the longest so far.
    pub(super) zeros: Option<Row>,
    /// Iterations of the loop that is being built.
    iterations: u32,
}

enum Event {
    Step(Step),
    BeginLoop(u32),
    EndLoop,
}

/// An operator with its grid.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is computed.
    pub kernel: Kernel,
    /// Its parameters.
    pub params: Vec<u32>,
    /// What its tiles read.
    pub inputs: Vec<View>,
    /// What they write.
    pub output: View,
    /// Tiles.
    pub tiles: u32,
    /// Tiles in a row of the grid.
    pub columns: u32,
    /// Most steps of a tile, as a power of two.
    pub bound: u32,
}

impl Step {
    /// An operator of one tile.
    pub fn one(kernel: Kernel, params: &[u32], inputs: &[View], output: View) -> Self {
        Self {
            kernel,
            params: params.to_vec(),
            inputs: inputs.to_vec(),
            output,
            tiles: 1,
            columns: 1,
            bound: USUAL_BOUND,
        }
    }

    /// The same on a grid of `rows` rows of `columns` tiles.
    #[must_use]
    pub fn grid(self, rows: u64, columns: u64) -> Self {
        let [columns, tiles] = [columns, rows.saturating_mul(columns)]
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Self { tiles, columns, ..self }
    }

    /// The descriptor, with working tensors at the addresses that `place` tells.
    fn descriptor(&self, place: impl Fn(usize) -> u64) -> Descriptor {
        let mut descriptor = Descriptor {
            kernel: self.kernel.id(),
            input_count: self.kernel.inputs(),
            tiles: self.tiles,
            columns: self.columns,
            bound: self.bound,
            output: self.output.at(&place),
            ..Descriptor::default()
        };
        for (spec, view) in descriptor.input_specs.iter_mut().zip(&self.inputs) {
            *spec = view.at(&place);
        }
        for (place, param) in descriptor.params.iter_mut().zip(&self.params) {
            *place = *param;
        }
        descriptor
    }

    /// Whether first and last tile are legal, in the first and the last of `iterations`.
    fn check(&self, iterations: u32) -> Result<(), Illegal> {
        let descriptor = self.descriptor(|_| memory::ARENA);
        for iteration in [0, iterations.saturating_sub(1)] {
            for tile in [0, self.tiles.saturating_sub(1)] {
                legal(&descriptor, iteration, tile)?;
            }
        }
        Ok(())
    }

    /// The same with the least bound that its cost allows, from the usual one on.
    fn bounded(mut self, iterations: u32) -> Result<Self, Illegal> {
        loop {
            match self.check(iterations) {
                Err(Illegal::Cost { .. }) if self.bound < MAX_BOUND => self.bound += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(self),
            }
        }
    }

    /// What it is called in errors.
    const fn kernel_name(&self) -> &'static str {
        match self.kernel {
            Kernel::Conv | Kernel::ConvAdd => "a convolution",
            Kernel::Attend => "attention",
            Kernel::Affine | Kernel::AffinePack | Kernel::NormRows => "a normalisation",
            Kernel::Pack => "quantization",
            Kernel::Resample => "another size of an image",
            _ => "an operator",
        }
    }

    fn homes(&self) -> impl Iterator<Item = usize> + '_ {
        self.inputs.iter().chain([&self.output]).filter_map(|view| match view.home {
            Home::Working(number) => Some(number),
            Home::Fixed(_) => None,
        })
    }
}

impl Graph {
    /// A program without operators behind those that `builder` has, with its weights in that bundle.
    pub fn new(builder: Builder) -> Self {
        Self {
            builder,
            events: Vec::new(),
            sizes: Vec::new(),
            quantized: HashMap::new(),
            zeros: None,
            iterations: 1,
        }
    }

    /// Constants of other kinds than images have; operators belong to the graph.
    pub const fn builder(&mut self) -> &mut Builder {
        &mut self.builder
    }

    /// What follows, up to [`Self::end_loop`], runs `count` times. Loops stand behind one another.
    pub fn begin_loop(&mut self, count: u32) {
        self.events.push(Event::BeginLoop(count));
        self.iterations = count;
    }

    /// The end of a loop's body.
    pub fn end_loop(&mut self) {
        self.events.push(Event::EndLoop);
        self.iterations = 1;
    }

    /// Working memory for an image of numbers.
    pub fn image(
        &mut self,
        (height, width): (u32, u32),
        channels: u32,
    ) -> Result<Image, ImageError> {
        let row_log2 = Image::row_log2_of(channels);
        self.image_of((height, width), channels, row_log2)
    }

    /// The same with rows of `2^row_log2` bytes.
    pub(super) fn image_of(
        &mut self,
        (height, width): (u32, u32),
        channels: u32,
        row_log2: u32,
    ) -> Result<Image, ImageError> {
        let image = Image { height, width, channels, row_log2, home: Home::Fixed(0) };
        let home = self.working("an image", image.bytes())?;
        Ok(Image { home, ..image })
    }

    /// Working memory of so many bytes.
    pub(super) fn working(&mut self, what: &'static str, bytes: u64) -> Result<Home, ImageError> {
        if bytes == 0 || bytes > 1 << REGION_LOG2 {
            return Err(ImageError::Large { what, bytes });
        }
        self.sizes.push(super::tensor::region_log2(bytes));
        Ok(Home::Working(self.sizes.len() - 1))
    }

    /// Adds an operator.
    pub fn push(&mut self, what: &'static str, step: Step) -> Result<(), ImageError> {
        let step =
            step.bounded(self.iterations).map_err(|source| ImageError::NoTile { what, source })?;
        self.quantized.remove(&step.output.home);
        self.events.push(Event::Step(step));
        Ok(())
    }

    /// Adds an operator in the largest of its tiles that is legal with a bound of `2^bound`, else in the
    /// smallest one, and tells its size: of those given, for each of which `tiled` makes the operator.
    pub(super) fn push_tiled(
        &mut self,
        what: &'static str,
        (sizes, bound): (RangeInclusive<u32>, u32),
        tiled: impl Fn(u32) -> Step,
    ) -> Result<u32, ImageError> {
        let smallest = *sizes.start();
        let iterations = self.iterations;
        let fits = |log2: &u32| Step { bound, ..tiled(*log2) }.check(iterations).is_ok();
        let log2 = sizes.rev().find(fits).unwrap_or(smallest);
        self.push(what, tiled(log2))?;
        Ok(log2)
    }

    /// Adds an operator whose tiles write `output` one after another and read all inputs as wholes. A
    /// tile has `2^least` bytes or more.
    pub(super) fn push_canvas(
        &mut self,
        step: &Step,
        output: &Image,
        (least, bound): (u32, u32),
    ) -> Result<(), ImageError> {
        let bytes = output.bytes();
        let least = least.max(super::tensor::REGION_MIN_LOG2);
        let widest = output.log2_size().saturating_sub(TILES_LOG2).max(least);
        self.push_tiled(step.kernel_name(), (least..=widest, bound), |log2| {
            let tiles = bytes.div_ceil(1 << log2);
            Step { output: output.rows(log2), ..step.clone() }.grid(tiles, 1)
        })?;
        Ok(())
    }

    /// Operators so far.
    pub fn operators(&self) -> usize {
        let steps = self.events.iter().filter(|event| matches!(event, Event::Step(_)));
        steps.count()
    }

    /// The bundle's builder with all operators, the last of which writes `result`.
    pub fn finish(mut self, result: Bytes) -> Result<Builder, ImageError> {
        let places = self.places(result)?;
        let place = |number: usize| places.get(number).copied().unwrap_or(memory::ARENA);
        for event in &self.events {
            match event {
                Event::Step(step) => self.builder.push(step.descriptor(place))?,
                Event::BeginLoop(count) => self.builder.begin_loop(*count),
                Event::EndLoop => self.builder.end_loop()?,
            }
        }
        let log2_size = super::tensor::region_log2(result.n.into());
        let base = result.home.view(log2_size).at(place).base;
        let place = Place { base, log2_size };
        self.builder.emit(Vector { place, n: result.n.div_ceil(4) }, result.n)?;
        Ok(self.builder)
    }

    /// Addresses of the working tensors.
    fn places(&self, result: Bytes) -> Result<Vec<u64>, ImageError> {
        let mut touches: Vec<Vec<usize>> = vec![Vec::new(); self.sizes.len()];
        let (mut loops, mut start) = (Vec::new(), 0);
        for (at, event) in self.events.iter().enumerate() {
            match event {
                Event::Step(step) => step.homes().for_each(|number| touches[number].push(at)),
                Event::BeginLoop(_) => start = at,
                Event::EndLoop => loops.push(start..=at),
            }
        }
        if let Home::Working(number) = result.home {
            touches[number].push(self.events.len());
        }
        let tensor = |(log2_size, touches): (&u32, &Vec<usize>)| {
            let life = touches.first().copied().zip(touches.last().copied());
            Tensor { log2_size: *log2_size, life }
        };
        let mut tensors: Vec<Tensor> = self.sizes.iter().zip(&touches).map(tensor).collect();
        memory::extend(&mut tensors, &loops, |number, body| {
            let first = touches[number].partition_point(|at| at < body.start());
            touches[number].get(first).is_some_and(|at| body.contains(at))
        });
        memory::assign(&tensors)
    }
}
