//! revm with a second kind of frame.

use std::convert::Infallible;

use revm::bytecode::Bytecode;
use revm::context::{BlockEnv, CfgEnv, Context, Evm, FrameStack, Journal, TxEnv};
use revm::context_interface::context::ContextError;
use revm::handler::evm::FrameInitResult;
use revm::handler::instructions::{EthInstructions, InstructionProvider};
use revm::handler::{EthFrame, EvmTr, FrameInitOrResult, FrameResult, ItemOrResult};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{
    CallScheme, FrameInput, InstructionResult, InterpreterAction, InterpreterResult,
};

use super::env::{ArbEnv, OpenFrame};
use super::program;
use super::trace::Tracer;
use crate::chain::precompiles::ArbPrecompiles;
use crate::chain::state::View;
use crate::stylus::code::is_stylus;

/// revm's context over this chain's state.
pub type ArbContext<'a> = Context<BlockEnv, TxEnv, CfgEnv, View<'a>, Journal<View<'a>>, ArbEnv>;

/// An execution that broke down; no contract can cause it.
pub type Fault = ContextError<Infallible>;

type Inner<'a> = Evm<
    ArbContext<'a>,
    (),
    EthInstructions<EthInterpreter, ArbContext<'a>>,
    ArbPrecompiles,
    EthFrame<EthInterpreter>,
>;

/// The EVM with Stylus frames.
pub struct ArbEvm<'a>(Inner<'a>);

impl<'a> ArbEvm<'a> {
    /// An EVM over `context`.
    pub fn new(context: ArbContext<'a>) -> Self {
        let spec = context.cfg.spec;
        let instructions = EthInstructions::new_mainnet_with_spec(spec);
        Self(Evm::new(context, instructions, ArbPrecompiles::new(spec)))
    }

    /// The context.
    pub fn context(&mut self) -> &mut ArbContext<'a> {
        &mut self.0.ctx
    }

    /// Whether the call tree is collected.
    pub fn is_tracing(&self) -> bool {
        self.0.ctx.chain.tracer.as_ref().is_some_and(Tracer::is_recording)
    }

    /// The frame running.
    pub fn frame(&mut self) -> &mut EthFrame<EthInterpreter> {
        self.0.frame_stack.get()
    }

    /// Gives the context back.
    pub fn into_context(self) -> ArbContext<'a> {
        self.0.ctx
    }

    /// Runs a call or creation on top of the running frame, to its end.
    pub fn run_nested(&mut self, input: FrameInput) -> Result<FrameResult, Fault> {
        let base = self.0.frame_stack.index();
        let frame = self.frame();
        let depth = frame.depth + 1;
        let memory = frame.interpreter.memory.new_child_context();
        let result = self.run_above(base, FrameInit { depth, memory, frame_input: input });
        self.frame().interpreter.memory.free_child_context();
        result
    }

    fn run_above(&mut self, base: Option<usize>, init: FrameInit) -> Result<FrameResult, Fault> {
        if let ItemOrResult::Result(result) = self.frame_init(init)? {
            return Ok(result);
        }
        loop {
            let result = match self.frame_run()? {
                ItemOrResult::Item(init) => match self.frame_init(init)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            self.pop_finished(&result);
            if self.0.frame_stack.index() == base {
                return Ok(result);
            }
            let context = &mut self.0.ctx;
            self.0.frame_stack.get().return_result::<_, Fault>(context, result)?;
        }
    }

    fn pop_finished(&mut self, result: &FrameResult) {
        if self.frame().is_finished() {
            self.0.frame_stack.pop();
            self.0.ctx.chain.frames.pop();
            if let Some(tracer) = &mut self.0.ctx.chain.tracer {
                tracer.leave(result);
            }
        }
    }

    /// Runs the Stylus program in the running frame, to its end.
    fn run_program(&mut self) -> Result<InterpreterAction, Fault> {
        program::run(self).map(InterpreterAction::Return)
    }

    fn run_interpreter(&mut self) -> InterpreterAction {
        let Evm { ctx, instruction, frame_stack, .. } = &mut self.0;
        let frame = frame_stack.get();
        let mut action = frame.interpreter.run_plain(
            instruction.instruction_table(),
            instruction.gas_table(),
            ctx,
        );
        if let InterpreterAction::Return(result) = &mut action
            && frame.data.is_create()
        {
            refuse_reserved_code(result);
        }
        action
    }
}

/// EIP-3541 with the exception that Arbitrum makes for Stylus programs.
fn refuse_reserved_code(result: &mut InterpreterResult) {
    let reserved = result.output.first() == Some(&0xef) && !is_stylus(&result.output);
    if result.result.is_ok() && reserved {
        result.result = InstructionResult::CreateContractStartingWithEF;
    }
}

fn open_frame(frame: &EthFrame<EthInterpreter>) -> OpenFrame {
    let input = &frame.interpreter.input;
    let borrows = match &frame.input {
        FrameInput::Call(call) => {
            matches!(call.scheme, CallScheme::DelegateCall | CallScheme::CallCode)
        }
        FrameInput::Create(_) | FrameInput::Empty => false,
    };
    OpenFrame { caller: input.caller_address, own: (!borrows).then_some(input.target_address) }
}

impl<'a> EvmTr for ArbEvm<'a> {
    type Context = ArbContext<'a>;
    type Instructions = EthInstructions<EthInterpreter, ArbContext<'a>>;
    type Precompiles = ArbPrecompiles;
    type Frame = EthFrame<EthInterpreter>;

    fn all(
        &self,
    ) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        self.0.all()
    }

    fn all_mut(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Self::Frame>,
    ) {
        self.0.all_mut()
    }

    fn frame_init(&mut self, init: FrameInit) -> Result<FrameInitResult<'_, Self::Frame>, Fault> {
        if let Some(tracer) = &mut self.0.ctx.chain.tracer {
            tracer.enter(&init, &self.0.ctx.local);
        }
        match self.0.frame_init(init)? {
            ItemOrResult::Item(frame) => {
                let open = open_frame(frame);
                self.0.ctx.chain.frames.push(open);
                Ok(ItemOrResult::Item(self.0.frame_stack.get()))
            }
            ItemOrResult::Result(result) => {
                if let Some(tracer) = &mut self.0.ctx.chain.tracer {
                    tracer.leave(&result);
                }
                Ok(ItemOrResult::Result(result))
            }
        }
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Self::Frame>, Fault> {
        let code: &Bytecode = &self.frame().interpreter.bytecode;
        let action = if is_stylus(code.original_byte_slice()) {
            self.run_program()?
        } else {
            self.run_interpreter()
        };
        let Evm { ctx, frame_stack, .. } = &mut self.0;
        let frame = frame_stack.get();
        let next = frame.process_next_action::<_, Fault>(ctx, action)?;
        if next.is_result() {
            frame.set_finished(true);
        }
        Ok(next)
    }

    fn frame_return_result(&mut self, result: FrameResult) -> Result<Option<FrameResult>, Fault> {
        self.pop_finished(&result);
        if self.0.frame_stack.index().is_none() {
            return Ok(Some(result));
        }
        self.0.frame_stack.get().return_result::<_, Fault>(&mut self.0.ctx, result)?;
        Ok(None)
    }
}
