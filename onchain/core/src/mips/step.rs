//! One step.

use super::{Cpu, Memory, Status, Stop, Trap, WordAddr, decode, execute};

/// Takes one step: the successor of a running state, or nothing for an exited or trapped one.
///
/// Total: an error is the memory's own and leaves `cpu` as it was.
pub fn step<M: Memory>(cpu: &mut Cpu, memory: &mut M) -> Result<(), M::Error> {
    if cpu.status != Status::Running {
        return Ok(());
    }
    let outcome = match WordAddr::new(cpu.pc) {
        Some(address) => execute(cpu, decode(memory.fetch(address)?), memory),
        None => Err(Stop::Trap(Trap::MisalignedFetch)),
    };
    match outcome {
        Ok(()) => {
            cpu.step = cpu.step.wrapping_add(1);
            Ok(())
        }
        Err(stop) => cpu.stop(stop),
    }
}
