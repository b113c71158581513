//! Answers against the Python in `test/second_verifier`, which was written from the specification.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use alloy_primitives::keccak256;
use opml_core::graph::handover::{Begun, begin, end};
use opml_core::graph::operator::{Descriptor, Kernel, RegionSpec, WORKING_BASE, legal};
use opml_core::graph::{
    GraphState, GraphStatus, OutputProof, OutputRootProof, Request, initial_state,
};
use opml_core::keccak::AlloyKeccak;

use crate::draw;
use crate::graph::{GRAPH_LEVELS, Range, write};
use crate::naive::NaiveMemory;
use crate::random::edited;
use crate::scenario::Entropy;

const REGION: Range = Range { base: 0xc0_1234_5400, log2_size: 10 };

/// Cases to compare; the Python takes about a tenth of a second for one.
const CASES: u64 = 60;

fn field(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".into() } else { hex::encode(bytes) }
}

fn line(kind: &str, fields: &[String], answer: Option<String>) -> String {
    let answer = answer.unwrap_or_else(|| "refused".into());
    format!("{kind} {} = {answer}\n", fields.join(" "))
}

fn step(entropy: &mut Entropy<'_>) -> String {
    let scene = draw::scene(entropy);
    let (state, roots) = (scene.state(), scene.roots());
    let mut witness = scene.begin_witness();
    if entropy.below(4) == 0 {
        witness = edited(&witness, entropy);
    }
    let begun = begin::<AlloyKeccak>(&state, &roots, &witness).ok();
    let answer = begun.map(|begun| match begun {
        Begun::Direct(state) => format!("direct {}", hex::encode(state.encode())),
        Begun::Run(run) => {
            format!("run {} {}", hex::encode(run.initial.hash::<AlloyKeccak>()), run.bound)
        }
    });
    let [encoded, program] = [field(&state.encode()), field(&roots.program_root.0)];
    let image = field(&roots.image_root.0);
    let fields = [encoded.clone(), program.clone(), image, field(&witness)];
    let mut lines = line("begin", &fields, answer);

    let Some(ended) = draw::ended(&scene, entropy) else { return lines };
    let mut witness = scene.end_witness(&ended);
    if entropy.below(4) == 0 {
        witness = edited(&witness, entropy);
    }
    let last = ended.state();
    let after = end::<AlloyKeccak>(&state, roots.program_root, &last, &witness).ok();
    let fields = [encoded, program, field(&last.encode()), field(&witness)];
    lines += &line("end", &fields, after.map(|after| hex::encode(after.encode())));
    lines
}

fn request(entropy: &mut Entropy<'_>) -> String {
    let input = vec![entropy.byte(); entropy.below(200).into()];
    let request = Request::new(&input, 77, [5; 28]).unwrap();
    let mut bytes = [&request.header()[..], &input].concat();
    if entropy.below(2) == 0 {
        bytes = edited(&bytes, entropy);
    }
    let weights = keccak256("weights");
    let state = Request::decode(&bytes)
        .map(|request| initial_state::<AlloyKeccak>(&weights, &request).encode());
    line("initial", &[field(&weights.0), field(&bytes)], state.ok().map(hex::encode))
}

fn output(entropy: &mut Entropy<'_>) -> String {
    let region = REGION;
    let text = vec![entropy.byte(); entropy.below(200).into()];
    let mut memory = NaiveMemory::new(GRAPH_LEVELS);
    write(&mut memory, region.base, &[u8::try_from(text.len()).unwrap()]);
    write(&mut memory, region.base + 32, &text);
    let mut path = memory.path_bytes(region.level(), region.index());
    let statuses = [GraphStatus::Running, GraphStatus::Halted, GraphStatus::Failed];
    let status = statuses[usize::from(entropy.below(3))];
    let state = GraphState { status, ..GraphState::start(memory.root()) };
    if entropy.below(4) == 0 {
        path = edited(&path, entropy);
    }
    let Range { base, log2_size } = region;
    let proof = OutputProof { base, log2_size, output: &text, path: &path };
    let answer = proof.check::<AlloyKeccak>(&state).ok().map(|_| "yes".into());
    let fields = [
        field(&state.encode()),
        base.to_string(),
        log2_size.to_string(),
        field(&text),
        field(&path),
    ];
    line("output", &fields, answer) + &root(&memory, state, entropy)
}

/// Its length and root, by a leaf that sometimes is another, or has something behind the length.
fn root(memory: &NaiveMemory, state: GraphState, entropy: &mut Entropy<'_>) -> String {
    let Range { base, log2_size } = REGION;
    let place = if entropy.below(4) == 0 { base + 32 } else { base };
    let leaf = Range { base: place, log2_size: 5 };
    let (level, index) = (leaf.level(), leaf.index());
    let mut path = [&memory.leaf(index)[..], &memory.path_bytes(level, index)].concat();
    if entropy.below(4) == 0 {
        path = edited(&path, entropy);
    }
    let shown = OutputRootProof { base, log2_size, path: &path }.check::<AlloyKeccak>(&state);
    let answer = shown.ok().map(|output| format!("{} {}", output.length, field(&output.root.0)));
    let fields = [field(&state.encode()), base.to_string(), log2_size.to_string(), field(&path)];
    line("root", &fields, answer)
}

/// Parameters with which each kernel can be legal.
const PARAMS: [&[u32]; 19] = [
    &[96],
    &[96, 64, 2],
    &[40],
    &[40],
    &[40],
    &[40],
    &[40],
    &[40],
    &[40, 0x3727_c5ac],
    &[40, 0x3727_c5ac],
    &[16, 1],
    &[8, 4, 1],
    &[64, 4, 2, 8, 16, 0x3e00_0000],
    &[64, 4, 2, 8, 16],
    &[96, 64, 4],
    &[40],
    &[40],
    &[40, 128, 0x3f80_0000],
    &[40],
];

/// Whether a descriptor near the edge of what a kernel takes is legal, and the line that says so.
fn legality(entropy: &mut Entropy<'_>) -> (bool, String) {
    let kernel = Kernel::ALL[usize::from(entropy.below(19))];
    let region =
        |base, log2: u8| RegionSpec { base, log2_size: log2.into(), ..RegionSpec::default() };
    let mut descriptor = Descriptor {
        kernel: kernel.id(),
        input_count: kernel.inputs(),
        tiles: 4,
        columns: 1 + u32::from(entropy.below(8) / 7),
        bound: 18 + u32::from(entropy.below(8)),
        output: region(WORKING_BASE, 6 + entropy.below(6)),
        ..Descriptor::default()
    };
    for (to, from) in descriptor.params.iter_mut().zip(PARAMS[kernel.id() as usize - 1]) {
        *to = *from;
        match entropy.below(16) {
            0 => *to = to.wrapping_add(1),
            1 => *to = to.wrapping_sub(1),
            2 => *to = to.wrapping_mul(2),
            3 => *to = entropy.value(),
            4 => *to = u32::from(entropy.below(6)),
            _ => {}
        }
    }
    let like_output = entropy.below(8) > 0 && (3..=8).contains(&kernel.id());
    for spec in descriptor.input_specs.iter_mut().take(kernel.inputs() as usize) {
        *spec = region(1 << 30, 6 + entropy.below(10));
        if like_output {
            spec.log2_size = descriptor.output.log2_size;
        }
    }
    let iteration = u32::from(entropy.below(20));
    let tile = u32::from(entropy.below(5));
    let verdict = legal(&descriptor, iteration, tile).is_ok();
    let fields = [field(&descriptor.encode()), iteration.to_string(), tile.to_string()];
    (verdict, line("legal", &fields, Some(if verdict { "yes" } else { "no" }.into())))
}

/// Many of these, of every kernel some that are legal.
fn legalities() -> String {
    let (mut lines, mut kernels) = (String::new(), BTreeSet::new());
    for case in 0..4_000_u64 {
        let noise: Vec<u8> =
            (0..4_u64).flat_map(|n| keccak256([!case, n].map(u64::to_be_bytes).concat())).collect();
        let (verdict, line) = legality(&mut Entropy::new(&noise));
        if verdict {
            kernels.insert(line[6..8].to_owned());
        }
        lines += &line;
    }
    assert_eq!(kernels.len(), 19, "{kernels:?}");
    lines
}

#[test]
fn the_second_verifier_gives_the_same_answers() {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/second_verifier/check_graph.py");
    let mut python = match Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(python) => python,
        Err(error) => {
            println!("not compared: no python3 ({error})");
            return;
        }
    };
    let mut answers = String::new();
    for case in 0..CASES {
        let noise: Vec<u8> =
            (0..20_u64).flat_map(|n| keccak256([case, n].map(u64::to_be_bytes).concat())).collect();
        let mut entropy = Entropy::new(&noise);
        answers += &step(&mut entropy);
        answers += &request(&mut entropy);
        answers += &output(&mut entropy);
    }
    answers += &legalities();
    for kind in ["begin", "end", "initial", "output", "root"] {
        let of_kind = || answers.lines().filter(|line| line.starts_with(kind));
        let refused = of_kind().filter(|line| line.ends_with("= refused")).count();
        assert!(refused > 0 && refused < of_kind().count(), "{kind}: {refused} refused");
    }
    assert!(answers.contains("= run ") && answers.contains("= direct "));
    // It stops reading at the first difference, and then says which.
    let written = python.stdin.take().unwrap().write_all(answers.as_bytes());
    let result = python.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success() && written.is_ok(), "{errors}");
    print!("{}", String::from_utf8_lossy(&result.stdout));
}
