//! The registry of models.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolEvent;
use opml_core::game::MAX_LOG2_LENGTH;
use opml_core::graph::MAX_INPUT_BYTES;
use opml_core::merkle::{Region, Space};
use opml_host::host::{self, HostKeccak, sender};
use opml_host::{Arguments, Packer, concat, emit, with_bytes, words};

use super::records::{self, Kind, Model};
use super::setup::require_initialized;
use super::{Answer, place, require};
use crate::abi::IHub::{
    self, BadOutputRegion, InputTooLong, ModelExists, ModelIsRetired, ModelRegistered,
    ModelRetired, NotModelOwner, PriceTooHigh, TooManyIterations, TooManySteps, UnknownModel,
};
use crate::ids;

/// Size of the largest region that a program can address, as a power of two.
const MAX_OUTPUT_LOG2: u8 = 28;

/// Most iterations that a model can take: a request keeps them in three bytes.
const MAX_ITERATIONS: u32 = (1 << 24) - 1;

/// Fees lie below: three numbers share a word.
const FEE_LIMIT: u128 = 1 << 96;

/// Where the request ends: nothing that a program writes may lie before.
const REQUEST_END: u64 = (1 << 39) + (1 << 28);

/// What a request costs.
pub struct Price {
    pub fee: u128,
    pub work_burn: u128,
}

impl Price {
    pub fn total(&self) -> u128 {
        self.fee.saturating_add(self.work_burn)
    }
}

pub fn register(arguments: Arguments<'_>) -> Answer<B256> {
    require_initialized()?;
    let (model, uri) = (given(arguments)?, arguments.bytes(10)?);
    check(&model)?;
    let owner = sender();
    let id = ids::model::<HostKeccak>(place(), owner, &model, uri);
    require!(Model::load(id).owner.is_zero(), ModelExists, id);
    keep(id, &model);
    let topics = words![ModelRegistered::SIGNATURE_HASH, id, owner];
    host::log(&topics, &with_bytes(&fields(&model), uri));
    Ok(id)
}

fn given(arguments: Arguments<'_>) -> Answer<IHub::Model> {
    Ok(IHub::Model {
        programRoot: arguments.word(0)?,
        weightsRoot: arguments.word(1)?,
        imageRoot: arguments.word(2)?,
        outputBase: arguments.number(3)?,
        outputLog2: arguments.number(4)?,
        stepsLog2: arguments.number(5)?,
        maxInput: arguments.number(6)?,
        fee: arguments.number(7)?,
        iterationFee: arguments.number(8)?,
        maxIterations: arguments.number(9)?,
    })
}

fn fields(model: &IHub::Model) -> [B256; 10] {
    words![
        model.programRoot,
        model.weightsRoot,
        model.imageRoot,
        model.outputBase,
        model.outputLog2,
        model.stepsLog2,
        model.maxInput,
        model.fee,
        model.iterationFee,
        model.maxIterations,
    ]
}

fn check(model: &IHub::Model) -> Answer<()> {
    let (base, log2) = (model.outputBase, model.outputLog2);
    let region = Region::new(Space::GRAPH, base, log2).is_ok() && log2 <= MAX_OUTPUT_LOG2;
    require!(region && base >= REQUEST_END, BadOutputRegion, base, log2);
    require!(model.stepsLog2 <= MAX_LOG2_LENGTH, TooManySteps, model.stepsLog2);
    let most = MAX_INPUT_BYTES;
    require!(model.maxInput <= most, InputTooLong, model.maxInput, most);
    let most = MAX_ITERATIONS;
    require!(model.maxIterations <= most, TooManyIterations, model.maxIterations, most);
    require!(model.fee.max(model.iterationFee) < FEE_LIMIT, PriceTooHigh);
    Ok(())
}

fn keep(id: B256, model: &IHub::Model) {
    let record = Kind::Model.record(id);
    let head = Model {
        record,
        owner: sender(),
        retired: false,
        output_log2: model.outputLog2,
        steps_log2: model.stepsLog2,
        max_input: model.maxInput,
        max_iterations: model.maxIterations,
    };
    head.save();
    let terms = Packer::default()
        .number(model.outputBase, 8)
        .number(model.fee, 12)
        .number(model.iterationFee, 12);
    record.set(Model::TERMS, terms.word());
    record.set(Model::PROGRAM_ROOT, model.programRoot);
    record.set(Model::WEIGHTS_ROOT, model.weightsRoot);
    record.set(Model::IMAGE_ROOT, model.imageRoot);
}

pub fn retire(id: B256) -> Answer<()> {
    let mut model = accepting(id)?;
    let (sender, owner) = (sender(), model.owner);
    require!(sender == owner, NotModelOwner, sender, owner);
    model.retired = true;
    model.save();
    emit!(ModelRetired[id]);
    Ok(())
}

/// A model that takes requests.
pub fn accepting(id: B256) -> Answer<Model> {
    let model = known(id)?;
    require!(!model.retired, ModelIsRetired, id);
    Ok(model)
}

fn known(id: B256) -> Answer<Model> {
    let model = Model::load(id);
    require!(!model.owner.is_zero(), UnknownModel, id);
    Ok(model)
}

/// What a request for so many iterations costs. Nothing overflows: fees are below 2^96, iterations below
/// 2^24.
#[inline(never)]
pub fn price(model: &Model, iterations: u32) -> Price {
    let terms = model.terms();
    let work = terms.iteration_fee.saturating_mul(iterations.into());
    Price { fee: terms.fee.saturating_add(work), work_burn: work_burn(model.steps_log2) }
}

fn work_burn(steps_log2: u8) -> u128 {
    let per_step = u128::from(records::parameters().burnPerStep);
    // Below 2^64 times 2^62.
    per_step.checked_shl(steps_log2.into()).unwrap_or_default()
}

/// The iterations that a request pays for which asks for so many.
pub fn iterations(model: &Model, asked: u32) -> Answer<u32> {
    let most = model.max_iterations;
    require!(asked <= most, TooManyIterations, asked, most);
    Ok(if asked == 0 { most } else { asked })
}

pub fn quote(arguments: Arguments<'_>) -> Answer<Vec<u8>> {
    let (model, asked) = (accepting(arguments.word(0)?)?, arguments.number(1)?);
    let Price { fee, work_burn } = price(&model, iterations(&model, asked)?);
    Ok(concat(&words![fee, work_burn]))
}

pub fn get(id: B256) -> Answer<Vec<u8>> {
    let model = known(id)?;
    let terms = model.terms();
    Ok(concat(&words![
        model.record.get(Model::PROGRAM_ROOT),
        model.record.get(Model::WEIGHTS_ROOT),
        model.record.get(Model::IMAGE_ROOT),
        terms.output_base,
        model.output_log2,
        model.steps_log2,
        model.max_input,
        terms.fee,
        terms.iteration_fee,
        model.max_iterations,
        model.owner,
        model.retired,
    ]))
}
