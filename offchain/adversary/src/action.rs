//! What a schedule is made of: actions of few small numbers, so that a script can be read, cut and replayed. What the
//! numbers stand for is decided when an action is performed, by what there is then ([`crate::director`]).

use std::fmt;
use std::str::FromStr;

use rand::{Rng, RngExt as _};

/// Why a line of a script is no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// No action has this name.
    #[error("no action is called `{0}`")]
    Name(String),
    /// A field is missing, unknown or no number.
    #[error("`{line}` has no number `{field}`")]
    Field {
        /// The line.
        line: String,
        /// The field.
        field: &'static str,
    },
}

macro_rules! actions {
    ($($(#[$doc:meta])* $weight:literal $name:literal $variant:ident { $($field:ident < $limit:literal),* $(,)? })*) => {
        /// One action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "fields are choices: see the director")]
        pub enum Action {
            $($(#[$doc])* $variant { $($field: u32),* },)*
        }

        const TOTAL: u32 = 0 $(+ $weight)*;

        impl Action {
            /// Any action, the likelier the heavier.
            pub fn draw(random: &mut impl Rng) -> Self {
                let mut number = random.random_range(0..TOTAL);
                $(
                    if number < $weight {
                        return Self::$variant { $($field: random.random_range(0..$limit)),* };
                    }
                    number -= $weight;
                )*
                unreachable!("{number} is below the sum of all weights")
            }
        }

        impl fmt::Display for Action {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant { $($field),* } => {
                        formatter.write_str($name)?;
                        $(write!(formatter, " {}={}", stringify!($field), $field)?;)*
                        Ok(())
                    })*
                }
            }
        }

        impl FromStr for Action {
            type Err = ScriptError;

            fn from_str(line: &str) -> Result<Self, ScriptError> {
                let mut parts = line.split_whitespace();
                match parts.next().unwrap_or_default() {
                    $($name => Ok(Self::$variant { $($field: field(line, stringify!($field))?),* }),)*
                    other => Err(ScriptError::Name(other.into())),
                }
            }
        }
    };
}

fn field(line: &str, name: &'static str) -> Result<u32, ScriptError> {
    let mut pairs = line.split_whitespace().filter_map(|part| part.split_once('='));
    let number = pairs.find(|(key, _)| *key == name).and_then(|(_, number)| number.parse().ok());
    number.ok_or_else(|| ScriptError::Field { line: line.into(), field: name })
}

actions! {
    /// A request.
    10 "infer" Infer { by < 5, model < 6, input < 16, pay < 12 }
    /// An acceptance.
    6 "accept" Accept { by < 5, request < 64, pay < 12 }
    /// The requester, or another, takes a request back.
    3 "cancel" Cancel { by < 8, request < 64 }
    /// Anyone brings a fee back.
    4 "reclaim" Reclaim { by < 5, request < 64 }
    /// A server allows a payer, or no longer.
    2 "allow" Allow { by < 5, payer < 6, allowed < 4 }
    /// A claim.
    20 "claim" Claim { by < 5, request < 64, answer < 16, fault < 32, pay < 12 }
    /// A claim in another's name.
    4 "claim-for" ClaimFor { by < 5, server < 6, request < 64, answer < 16, pay < 12 }
    /// A game.
    24 "challenge" Challenge { by < 5, claim < 64, kind < 16, seed < 64, fault < 60, pay < 12 }
    /// A move.
    90 "move" Move { by < 40, game < 64, kind < 24, segment < 64, seed < 64, fault < 90 }
    /// A game is played on for some moves, in one second: each side by its whim, or one of them by the truth.
    12 "duel" Duel { game < 64, plies < 10, truth < 4, seed < 64 }
    /// All that honest parties owe in the games that are open.
    6 "duty" Duty { side < 3 }
    /// The clock is said to have run out.
    8 "timeout" Timeout { by < 5, game < 64 }
    /// A first move's win is settled.
    5 "settle" Settle { by < 5, game < 64 }
    /// A claim is made final.
    10 "finalize" Finalize { by < 5, claim < 64 }
    /// A claim is released.
    5 "release" Release { by < 5, claim < 64 }
    /// A game of a void claim is refunded.
    5 "refund-game" RefundGame { by < 5, game < 64 }
    /// A verdict that nobody has the right to give.
    1 "verdict" Verdict { by < 5, game < 64, won < 2 }
    /// A stake that nobody has the right to lock.
    1 "lock-stake" LockStake { by < 5, game < 64 }
    /// Credit.
    9 "deposit" Deposit { by < 5, amount < 8 }
    /// Credit is taken out.
    5 "withdraw" Withdraw { by < 5, to < 9, amount < 5 }
    /// What is burned leaves.
    2 "flush" Flush { by < 5, pay < 12 }
    /// A model takes no more requests.
    1 "retire" Retire { by < 40, model < 6 }
    /// Time passes: a little, much, or to a second that matters (one before, the second, one behind).
    14 "pass" Pass { kind < 10, place < 64, offset < 3 }
    /// Activations get short: the chain's time goes to where something begins to be refused.
    1 "lapse" Lapse { call < 4, offset < 3, rarely < 6 }
    /// Gas costs something else from now on.
    3 "price" Price { level < 6 }
    /// Nobody reaches the chain for a while: time passes, and who is honest has not done its duty before.
    3 "outage" Outage { seconds < 300 }
    /// A point to which the chain may go back.
    2 "mark" Mark {}
    /// The chain goes back to the last such point.
    1 "reorg" Reorg {}
}

/// Actions, one a line; `#` begins a comment.
///
/// # Errors
/// [`ScriptError`].
pub fn parse(script: &str) -> Result<Vec<Action>, ScriptError> {
    let lines = script.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::parse).collect()
}

/// The script of actions.
pub fn write(actions: &[Action]) -> String {
    actions.iter().fold(String::new(), |script, action| script + &action.to_string() + "\n")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_script_is_read_as_it_was_written() {
        let mut random = StdRng::seed_from_u64(1);
        let actions: Vec<Action> = (0..1_000).map(|_| Action::draw(&mut random)).collect();
        assert_eq!(parse(&write(&actions)), Ok(actions));
    }

    #[test]
    fn what_is_no_action_is_named() {
        let error = parse("mark\nclaim by=1").err();
        let line = "claim by=1".into();
        assert_eq!(error, Some(ScriptError::Field { line, field: "request" }));
        assert_eq!(parse("dance").err(), Some(ScriptError::Name("dance".into())));
    }
}
