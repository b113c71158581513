//! The fold.

use alloy_primitives::{B256, U256};
use opml_client::contracts::courier::ICourier::ICourierEvents;
use opml_client::contracts::game::IGame;
use opml_client::contracts::game::IGame::IGameEvents;
use opml_client::contracts::hub::IHub;
use opml_client::contracts::hub::IHub::IHubEvents;
use opml_core::game::Side;

use super::{
    Acceptance, Claim, ClaimStatus, Event, Game, Model, Order, Request, RequestStatus, Seen, Stage,
    Stakes, World,
};

impl World {
    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Hub(event) => self.apply_hub(event),
            Event::Game(event) => self.apply_game(event),
            Event::Courier(event) => self.apply_courier(event),
        }
    }

    fn apply_courier(&mut self, event: &ICourierEvents) {
        match event {
            ICourierEvents::Ordered(event) => {
                let (gas_limit, pay) = (event.gasLimit, saturating(event.pay));
                self.orders.insert(event.requestId, Order { gas_limit, pay });
            }
            // Paid once: whether the consumer took it is no deliverer's matter.
            ICourierEvents::Delivered(event) => {
                self.orders.remove(&event.requestId);
            }
            ICourierEvents::Initialized(_) | ICourierEvents::Withdrawn(_) => {}
        }
    }

    fn apply_hub(&mut self, event: &IHubEvents) {
        match event {
            IHubEvents::ModelRegistered(event) => self.registered(event),
            IHubEvents::ModelRetired(event) => {
                if let Some(model) = self.models.get_mut(&event.modelId) {
                    model.retired = true;
                }
            }
            IHubEvents::Requested(event) => self.requested(event),
            IHubEvents::Refunded(event) => {
                self.set_request(event.requestId, RequestStatus::Refunded);
            }
            IHubEvents::Accepted(event) => {
                let accepted = Acceptance { server: event.server, until: event.until };
                self.set_acceptance(event.requestId, Some(accepted));
            }
            IHubEvents::AcceptanceEnded(event) => self.set_acceptance(event.requestId, None),
            IHubEvents::Claimed(event) => self.claimed(event),
            IHubEvents::Challenged(event) => self.challenged(event),
            IHubEvents::StakeLocked(event) => {
                if let Some(game) = self.games.get_mut(&event.gameId) {
                    game.stake_locked = true;
                }
            }
            IHubEvents::GameClosed(event) => self.closed(event),
            IHubEvents::Voided(event) => self.set_claim(event.claimId, ClaimStatus::Void),
            IHubEvents::Finalized(event) => {
                self.set_claim(event.claimId, ClaimStatus::Final);
                self.set_request(event.requestId, RequestStatus::Final);
            }
            IHubEvents::Released(event) => self.set_claim(event.claimId, ClaimStatus::Released),
            IHubEvents::Initialized(_)
            | IHubEvents::PayerAllowed(_)
            | IHubEvents::Deposited(_)
            | IHubEvents::Withdrawn(_)
            | IHubEvents::BurnFlushed(_) => {}
        }
    }

    fn registered(&mut self, event: &IHub::ModelRegistered) {
        let (record, uri) = (event.model.clone(), event.uri.clone());
        self.models.insert(event.modelId, Model { record, uri, retired: false });
    }

    fn requested(&mut self, event: &IHub::Requested) {
        let request = Request {
            model: event.modelId,
            requester: event.requester,
            start: event.start,
            deadline: event.deadline,
            fee: saturating(event.fee),
            bytes: event.request.clone(),
            status: RequestStatus::Open,
            accepted: None,
            claims: Vec::new(),
        };
        self.requests.insert(event.requestId, request);
    }

    fn claimed(&mut self, event: &IHub::Claimed) {
        let Some(request) = self.requests.get_mut(&event.requestId) else { return };
        request.claims.push(event.claimId);
        let claim = Claim {
            request: event.requestId,
            server: event.server,
            final_hash: event.finalHash,
            window_end: event.windowEnd,
            failed: event.failed,
            status: ClaimStatus::Live,
            games: Vec::new(),
        };
        self.claims.insert(event.claimId, claim);
    }

    /// The game contract speaks before or after the hub: whoever is first makes the game.
    fn challenged(&mut self, event: &IHub::Challenged) {
        let Some(claim) = self.claims.get_mut(&event.claimId) else { return };
        claim.games.push(event.gameId);
        let server = claim.server;
        let game = self.games.entry(event.gameId).or_insert_with(new_game);
        (game.claim, game.server, game.challenger) = (event.claimId, server, event.challenger);
    }

    fn closed(&mut self, event: &IHub::GameClosed) {
        let Some(game) = self.games.get_mut(&event.gameId) else { return };
        game.stakes = match event.status {
            IHub::GameStatus::ChallengerWon => Stakes::ChallengerWon,
            IHub::GameStatus::ServerWon => Stakes::ServerWon,
            IHub::GameStatus::Cancelled => Stakes::Cancelled,
            IHub::GameStatus::None | IHub::GameStatus::Open | IHub::GameStatus::__Invalid => return,
        };
    }

    fn set_request(&mut self, id: B256, status: RequestStatus) {
        if let Some(request) = self.requests.get_mut(&id) {
            request.status = status;
        }
    }

    fn set_acceptance(&mut self, id: B256, accepted: Option<Acceptance>) {
        if let Some(request) = self.requests.get_mut(&id) {
            request.accepted = accepted;
        }
    }

    fn set_claim(&mut self, id: B256, status: ClaimStatus) {
        if let Some(claim) = self.claims.get_mut(&id) {
            claim.status = status;
        }
    }

    fn apply_game(&mut self, event: &IGameEvents) {
        match event {
            IGameEvents::Opened(event) => {
                let game = self.games.entry(event.gameId).or_insert_with(new_game);
                (game.server, game.challenger) = (event.server, event.challenger);
            }
            IGameEvents::Moved(event) => {
                // A position that is none comes from no game contract: it is left out.
                let Ok((position, clock)) = opml_client::game::moved(event) else { return };
                if let Some(game) = self.games.get_mut(&event.gameId) {
                    game.moves.push(Seen::of(&position, &clock));
                    game.stage = Stage::Turn { position, clock };
                }
            }
            IGameEvents::Over(event) => {
                let winner = match event.winner {
                    IGame::Side::Server => Side::Server,
                    IGame::Side::Challenger => Side::Challenger,
                    IGame::Side::__Invalid => return,
                };
                if let Some(game) = self.games.get_mut(&event.gameId) {
                    game.stage = Stage::Over { winner };
                }
            }
        }
    }
}

/// A game of which nothing is known yet but its id.
fn new_game() -> Game {
    Game {
        claim: B256::ZERO,
        server: alloy_primitives::Address::ZERO,
        challenger: alloy_primitives::Address::ZERO,
        stage: Stage::Opened,
        stakes: Stakes::Open,
        stake_locked: false,
        moves: Vec::new(),
    }
}

fn saturating(amount: U256) -> u128 {
    amount.saturating_to()
}
