//! Text in, text out, and the three ends that there are.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::sol;

use crate::abi::IHub;
use crate::court::{FEE, PATIENCE, STRANGER};
use crate::desk::{Consumer, Desk, USER};
use crate::model::Answer;

sol! {
    #![sol(all_derives)]
    interface PromptConsumer {
        struct Settings { uint64 seed; uint32 temperature; uint32 topK; uint32 iterations; uint32 topP; }
        enum Status { None, Asked, Answered, Failed, Refunded }
        struct Entry { address asker; Status status; string prompt; string answer; uint32 answerLength; bytes32 answerRoot; }
        function ask(string prompt, Settings settings) external payable returns (bytes32);
        function estimate(uint32 iterations) external view returns (uint256);
        function entryOf(bytes32 requestId) external view returns (Entry memory);
    }
}

pub const SOURCE: &str = "sol/examples/PromptConsumer.sol";
const PROMPT: &str = "What is seven times six?";

pub fn ask(desk: &mut Desk, (consumer, model): (Address, B256)) -> B256 {
    let price = desk.view(consumer, PromptConsumer::estimateCall { iterations: 0 });
    let settings = PromptConsumer::Settings::default();
    let call = PromptConsumer::askCall { prompt: PROMPT.into(), settings };
    desk.ask(model, (consumer, price), call)
}

fn entry(desk: &Desk, (consumer, requestId): (Address, B256)) -> PromptConsumer::Entry {
    desk.view(consumer, PromptConsumer::entryOfCall { requestId })
}

/// Answered with as much text as is kept, failed, refunded.
#[test]
fn a_prompt_is_answered_or_failed_or_paid_back() {
    let mut desk = Desk::new();
    // No trace is disputed here: any halted state will do that holds the text.
    let id = desk.register(12);
    let consumer = desk.deploy(SOURCE, (desk.courier, id));
    for text in ["forty-two, as everybody knows by now", &"x".repeat(1_024)] {
        let request = ask(&mut desk, (consumer, id));
        assert_eq!(entry(&desk, (consumer, request)).status, PromptConsumer::Status::Asked);
        let answer = Answer::holding(text.as_bytes(), 12);
        desk.answer(request, &answer);
        let done = desk.deliver_with(request, true);
        println!("delivery of {} bytes of text: {} gas", text.len(), done.receipt.gas_used);
        let wanted = PromptConsumer::Entry {
            asker: USER,
            status: PromptConsumer::Status::Answered,
            prompt: PROMPT.into(),
            answer: text.into(),
            answerLength: u32::try_from(text.len()).unwrap(),
            answerRoot: answer.root(12),
        };
        assert_eq!(entry(&desk, (consumer, request)), wanted);
    }
    let request = ask(&mut desk, (consumer, id));
    let failed =
        Answer { state: Answer::holding(b"", 12).state.failed(), output: vec![], path: vec![] };
    desk.answer(request, &failed);
    desk.deliver_with(request, true);
    assert_eq!(entry(&desk, (consumer, request)).status, PromptConsumer::Status::Failed);
    // What a failed result leaves of the fee is the consumer's credit at the hub.
    assert_eq!(desk.court.credit(consumer), FEE - FEE.div_ceil(4));

    let request = ask(&mut desk, (consumer, id));
    desk.court.pass(PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    desk.court.ask(STRANGER, 0, reclaim).unwrap();
    desk.deliver_with(request, true);
    assert_eq!(entry(&desk, (consumer, request)).status, PromptConsumer::Status::Refunded);
    let due = desk.view(consumer, Consumer::refundOfCall { account: USER });
    assert_eq!(due, U256::from(desk.court.price));
    // Anybody sends it where it belongs, once.
    let before = desk.court.balance(USER);
    for paid in [desk.court.price, desk.court.price] {
        desk.send(STRANGER, consumer, Consumer::sendRefundCall { account: USER }).unwrap();
        assert_eq!(desk.court.balance(USER), before + paid);
    }
}
