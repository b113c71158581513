//! Answers against the Python in `test/second_verifier`, which was written from the specification.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use alloy_primitives::keccak256;
use opml_core::graph::handover::{Begun, begin, end};
use opml_core::graph::operator::{Illegal, legal};
use opml_core::graph::{GraphState, GraphStatus, OutputProof, Request, initial_state};
use opml_core::keccak::AlloyKeccak;

use crate::draw;
use crate::graph::{GRAPH_LEVELS, Range, Scene, write};
use crate::naive::NaiveMemory;
use crate::random::edited;
use crate::scenario::Entropy;

/// Cases to compare; the Python takes about a tenth of a second for one.
const CASES: u64 = 60;

fn field(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".into() } else { hex::encode(bytes) }
}

fn line(kind: &str, fields: &[String], answer: Option<String>) -> String {
    let answer = answer.unwrap_or_else(|| "refused".into());
    format!("{kind} {} = {answer}\n", fields.join(" "))
}

/// Whether the rules that are the kernel's own hold, or another one is broken first.
fn fits(scene: &Scene) -> bool {
    let Some(descriptor) = scene.fields() else { return true };
    !matches!(
        legal(&descriptor, scene.iteration, scene.tile),
        Err(Illegal::Param { .. }
            | Illegal::Shape { .. }
            | Illegal::KernelGrid { .. }
            | Illegal::Iteration { .. }
            | Illegal::Cost { .. })
    )
}

fn step(entropy: &mut Entropy<'_>) -> String {
    let scene = draw::scene(entropy);
    let (state, roots) = (scene.state(), scene.roots());
    let mut witness = scene.begin_witness();
    if entropy.below(4) == 0 {
        witness = edited(&witness, entropy);
    }
    let fits = u8::from(fits(&scene)).to_string();
    let begun = begin::<AlloyKeccak>(&state, &roots, &witness).ok();
    let answer = begun.map(|begun| match begun {
        Begun::Direct(state) => format!("direct {}", hex::encode(state.encode())),
        Begun::Run(run) => {
            format!("run {} {}", hex::encode(run.initial.hash::<AlloyKeccak>()), run.bound)
        }
    });
    let [encoded, program] = [field(&state.encode()), field(&roots.program_root.0)];
    let image = field(&roots.image_root.0);
    let fields = [encoded.clone(), program.clone(), image, field(&witness), fits.clone()];
    let mut lines = line("begin", &fields, answer);

    let Some(ended) = draw::ended(&scene, entropy) else { return lines };
    let mut witness = scene.end_witness(&ended);
    if entropy.below(4) == 0 {
        witness = edited(&witness, entropy);
    }
    let last = ended.state();
    let after = end::<AlloyKeccak>(&state, roots.program_root, &last, &witness).ok();
    let fields = [encoded, program, field(&last.encode()), field(&witness), fits];
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
    let region = Range { base: 0xc0_1234_5400, log2_size: 10 };
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
    let answer = proof.check::<AlloyKeccak>(&state).ok().map(|()| "yes".into());
    let fields = [
        field(&state.encode()),
        base.to_string(),
        log2_size.to_string(),
        field(&text),
        field(&path),
    ];
    line("output", &fields, answer)
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
    for kind in ["begin", "end", "initial", "output"] {
        let of_kind = || answers.lines().filter(|line| line.starts_with(kind));
        let refused = of_kind().filter(|line| line.ends_with("= refused")).count();
        assert!(refused > 0 && refused < of_kind().count(), "{kind}: {refused} refused");
    }
    assert!(answers.contains("= run ") && answers.contains("= direct "));
    python.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let result = python.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{errors}");
    print!("{}", String::from_utf8_lossy(&result.stdout));
}
