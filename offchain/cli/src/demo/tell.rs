//! The story as it is told: on standard output, or on standard error where that is for JSON.

use alloy_primitives::Address;
use alloy_rpc_types_eth::TransactionReceipt;

use crate::output::Format;

/// Tells what happens.
#[derive(Clone, Copy)]
pub struct Teller {
    json: bool,
    /// Whether every move is told.
    pub verbose: bool,
}

impl Teller {
    pub const fn new(format: Format, verbose: bool) -> Self {
        Self { json: format.json, verbose }
    }

    fn line(self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    /// A chapter.
    pub fn title(self, text: &str) {
        self.line(&format!("\n{text}"));
    }

    /// Something that needs no transaction.
    pub fn note(self, text: &str) {
        self.line(&format!("  {:<10} {text}", ""));
    }

    /// Somebody's transaction.
    pub fn sent(self, who: &str, what: &str, receipt: &TransactionReceipt) {
        let (gas, hash) = (receipt.gas_used, receipt.transaction_hash.to_string());
        let hash = hash.get(..12).unwrap_or_default();
        self.line(&format!("  {who:<10} {what:<58} {gas:>10} gas  {hash}.."));
    }

    /// A contract of the deployment.
    pub fn placed(self, what: &str, address: Address, gas: u64) {
        self.line(&format!("  {:<10} {what:<15}{address} {gas:>10} gas", "deployer"));
    }

    /// Something that happens to it.
    pub fn step(self, what: &str, gas: u64) {
        self.line(&format!("  {:<10} {what:<58} {gas:>10} gas", "deployer"));
    }
}

/// Most characters of an answer in a line.
const MOST: usize = 40;

/// The beginning of an answer.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}...", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
