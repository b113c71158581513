//! Steps made by hand.

use opml_core::graph::operator::{
    Control, Descriptor, Kernel, REQUEST_BASE, RegionSpec, WORKING_BASE, WeightType,
};

use crate::graph::{Range, Scene, write};

pub fn region(base: u64, log2_size: u32) -> RegionSpec {
    RegionSpec { base, log2_size, ..RegionSpec::default() }
}

/// 64 rows of 96 weights of eight bits, sixteen a tile; the vector lies in working memory.
pub fn matmul() -> Descriptor {
    let mut descriptor = Descriptor {
        kernel: Kernel::Matmul.id(),
        input_count: 2,
        tiles: 4,
        columns: 4,
        bound: 25,
        output: RegionSpec { column_stride: 64, ..region(WORKING_BASE, 6) },
        ..Descriptor::default()
    };
    descriptor.params[..3].copy_from_slice(&[96, 64, WeightType::Q8_0.id()]);
    descriptor.input_specs[0] = region(0x4000, 13);
    descriptor.input_specs[1] = region(WORKING_BASE + 4096, 7);
    descriptor
}

/// One tile over eight numbers, in place if `input` is `output`.
pub fn relu(input: RegionSpec, output: RegionSpec) -> Descriptor {
    let mut descriptor = Descriptor {
        kernel: Kernel::Relu.id(),
        input_count: 1,
        tiles: 1,
        columns: 1,
        bound: 20,
        output,
        ..Descriptor::default()
    };
    descriptor.params[0] = 8;
    descriptor.input_specs[0] = input;
    descriptor
}

/// Eight bytes from the request to a region; sizes as given.
pub fn emit(input_log2: u32, output_log2: u32) -> Descriptor {
    let mut descriptor = relu(region(REQUEST_BASE, input_log2), region(1 << 39 | 1 << 30, 5));
    descriptor.kernel = Kernel::Emit.id();
    descriptor.output.log2_size = output_log2;
    // Every word of the output costs a step.
    descriptor.bound = 28;
    descriptor
}

/// A descriptor with this control.
pub fn with_control(mut descriptor: Descriptor, control: Control) -> Descriptor {
    (descriptor.control, descriptor.target, descriptor.count) = control.encode();
    descriptor
}

/// A step of `descriptor` with something in each of its regions and beside them.
pub fn filled(descriptor: &Descriptor) -> Scene {
    let mut scene = Scene::new(descriptor);
    let ranges: Vec<Range> = scene.inputs().into_iter().chain([scene.output()]).collect();
    for (number, range) in (1..).zip(ranges) {
        write(&mut scene.memory, range.base, &[number; 32]);
        write(&mut scene.memory, range.base + (1 << range.log2_size) - 32, &[number + 16; 32]);
        write(&mut scene.memory, range.base ^ 1 << range.log2_size, &[number + 32; 32]);
    }
    scene
}
