//! Bounds the stack in words that do not depend on compiler or machine.
//!
//! A frame counts the most values it ever holds (block results reserved on entry), its declared
//! locals and four words of overhead. Entering takes the frame from what is left, returning gives
//! it back.

use wasmparser::{BlockType, FuncType, Operator};

use super::effect::{self, Effect};
use super::{Code, Globals};
use crate::stylus::error::ActivationError;
use crate::stylus::module::ModuleView;

/// Largest frame in words.
const MAX_FRAME: u32 = 10 * 1024;

/// Most values at once in a frame.
const MAX_VALUES: u32 = 4096;

/// Words a frame takes beyond its values and declared locals.
const FRAME_OVERHEAD: u32 = 4;

/// What the measure of a frame depends on, apart from the code.
pub struct Frame<'v, 'w> {
    function: usize,
    locals: u32,
    view: &'v ModuleView<'w>,
}

impl<'v, 'w> Frame<'v, 'w> {
    pub fn new(function: usize, locals: u32, view: &'v ModuleView<'w>) -> Self {
        Self { function, locals, view }
    }

    fn words(&self, code: &Code<'_>) -> Result<u32, ActivationError> {
        let values = most_values(code, self.view)?;
        if values > MAX_VALUES {
            return Err(ActivationError::TooManyValues {
                function: self.function,
                values,
                limit: MAX_VALUES,
            });
        }
        let words = values.saturating_add(self.locals).saturating_add(FRAME_OVERHEAD);
        if words > MAX_FRAME {
            return Err(ActivationError::FrameTooLarge {
                function: self.function,
                words,
                limit: MAX_FRAME,
            });
        }
        Ok(words)
    }
}

pub fn apply<'a>(
    mut code: Code<'a>,
    frame: &Frame<'_, '_>,
    globals: Globals,
) -> Result<Code<'a>, ActivationError> {
    let words = frame.words(&code)?.cast_signed();
    // An explicit return before the last `end` gives the frame back there too.
    let end = code.pop();
    code.push(Operator::Return);
    code.extend(end);

    let mut out = Code::with_capacity(code.len() + 16);
    out.extend(enter(words, globals.stack_left));
    for op in code {
        if matches!(op, Operator::Return) {
            out.extend(leave(words, globals.stack_left));
        }
        out.push(op);
    }
    Ok(out)
}

/// If `words` or fewer are left: leave none and trap; else take them.
fn enter(words: i32, global_index: u32) -> [Operator<'static>; 12] {
    use Operator as O;
    [
        O::GlobalGet { global_index },
        O::I32Const { value: words },
        O::I32LeU,
        O::If { blockty: BlockType::Empty },
        O::I32Const { value: 0 },
        O::GlobalSet { global_index },
        O::Unreachable,
        O::End,
        O::GlobalGet { global_index },
        O::I32Const { value: words },
        O::I32Sub,
        O::GlobalSet { global_index },
    ]
}

fn leave(words: i32, global_index: u32) -> [Operator<'static>; 4] {
    use Operator as O;
    [
        O::GlobalGet { global_index },
        O::I32Const { value: words },
        O::I32Add,
        O::GlobalSet { global_index },
    ]
}

/// Height of the operand stack as the chain counts it: code after a branch is walked as if it
/// were reached.
struct Height {
    now: u32,
    most: u32,
    scopes: Vec<u32>,
}

impl Height {
    fn push(&mut self, count: usize) {
        self.now = self.now.saturating_add(words(count));
        self.most = self.most.max(self.now);
    }

    fn pop(&mut self, count: usize) {
        self.now = self.now.saturating_sub(words(count));
    }

    fn call(&mut self, ty: &FuncType) {
        self.push(ty.results().len());
        self.pop(ty.params().len());
    }

    fn open(&mut self, block: BlockType, types: &[FuncType]) {
        match block {
            BlockType::Empty => {}
            BlockType::Type(_) => self.push(1),
            BlockType::FuncType(index) => {
                if let Some(ty) = types.get(index as usize) {
                    self.call(ty);
                }
            }
        }
        self.scopes.push(self.now);
    }
}

/// Counts come from a module of at most 128 KiB.
fn words(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn most_values(code: &Code<'_>, view: &ModuleView<'_>) -> Result<u32, ActivationError> {
    let mut height = Height { now: 0, most: 0, scopes: vec![0] };
    for op in code {
        match op {
            Operator::Block { blockty } | Operator::Loop { blockty } => {
                height.open(*blockty, &view.types);
            }
            Operator::If { blockty } => {
                height.pop(1);
                height.open(*blockty, &view.types);
            }
            Operator::Else => height.now = height.scopes.last().copied().unwrap_or(0),
            Operator::End => height.now = height.scopes.pop().unwrap_or(0),
            Operator::Call { function_index } => {
                if let Some(ty) = view.function_type(*function_index) {
                    height.call(ty);
                }
            }
            Operator::CallIndirect { type_index, .. } => {
                if let Some(ty) = view.types.get(*type_index as usize) {
                    height.call(ty);
                }
                height.pop(1);
            }
            other => match effect::of(other) {
                Some(Effect::Push) => height.push(1),
                Some(Effect::Keep) => {}
                Some(Effect::Pop(count)) => height.pop(usize::from(count)),
                None => return Err(ActivationError::Instruction(format!("{other:?}"))),
            },
        }
    }
    Ok(height.most)
}
