//! Deployments that are cut off.

use alloy_primitives::Address;
use alloy_rpc_types_eth::TransactionRequest;
use opml_client::Role;
use opml_client::contracts::IGame;
use opml_client::deploy::{DeployError, Done, Journal, Plan, Profile, deploy};
use opml_client::send;

use crate::support::{Stage, account};

/// The program dies behind each of its transactions. Run again, it makes nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_was_cut_off_goes_on_without_making_anything_twice() {
    let stage = Stage::new().await;
    let mut journal = stage.begin().await;
    let (deployment, done) = stage.run(&mut journal).await;
    let (whole, deployment) = (done.len(), deployment.unwrap());
    for stop in 0..whole {
        let stage = Stage::new().await;
        // Dropped in the middle of a call to the reporter: nothing behind that transaction happens.
        let mut left = stop;
        let mut journal = stage.begin().await;
        let cut = async {
            let mut report = |_: Done| left = left.saturating_sub(1);
            deploy(&stage.connection, stage.plan(), &mut journal, &mut report).await.map(|_| ())
        };
        let stopped = until(cut, &stage, stop as u64).await;
        let mut journal = Journal::resume(&stage.file()).unwrap();
        let (resumed, _) = stage.run(&mut journal).await;
        assert_eq!(resumed.unwrap().hub.code_hash, deployment.hub.code_hash);
        assert_eq!(stage.transactions().await, whole as u64, "stopped: {stopped}");
    }
}

/// Polls `work` until the account has sent `count` transactions, then drops it.
async fn until(
    work: impl Future<Output = Result<(), DeployError>>,
    stage: &Stage,
    count: u64,
) -> bool {
    let enough = async {
        while stage.transactions().await < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = enough => true,
        done = work => { done.unwrap(); false }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_was_begun_is_not_begun_again_or_mixed_with_another() {
    let stage = Stage::new().await;
    let _journal = stage.begin().await;
    let again = Journal::begin(&stage.file(), (1, 0), &stage.plan());
    assert!(matches!(again, Err(DeployError::Begun(_))));
    let terms = opml_client::deploy::Terms { clock: 7200, ..Profile::Dev.terms() };
    let others = [
        (Plan { terms: &terms, ..stage.plan() }, "set of terms"),
        (Plan { deployer: Address::ZERO, ..stage.plan() }, "deployer"),
    ];
    for (plan, what) in others {
        let mut journal = Journal::resume(&stage.file()).unwrap();
        let error = deploy(&stage.connection, plan, &mut journal, &mut |_| ()).await.unwrap_err();
        assert!(matches!(error, DeployError::OtherDeployment(part) if part == what), "{error}");
    }
}

/// Who initialises our game contract first only makes us deploy another.
#[tokio::test(flavor = "multi_thread")]
async fn a_game_contract_that_somebody_else_has_initialised_is_replaced() {
    let stage = Stage::new().await;
    let mut journal = stage.begin().await;
    let cut = async {
        deploy(&stage.connection, stage.plan(), &mut journal, &mut |_| ()).await.map(|_| ())
    };
    // Step and game are created and activated.
    assert!(until(cut, &stage, 4).await);
    let game = account().create(2);
    let foreign = IGame::new(game, stage.connection.clone());
    let request: TransactionRequest =
        foreign.initialize(game, game, 3600).into_transaction_request();
    send(&stage.connection, request).await.unwrap();
    let mut journal = Journal::resume(&stage.file()).unwrap();
    let (stopped, _) = stage.run(&mut journal).await;
    let error = stopped.unwrap_err();
    assert!(matches!(error, DeployError::Foreign { role: Role::Game, .. }), "{error}");
    let (resumed, _) = stage.run(&mut journal).await;
    let resumed = resumed.unwrap();
    assert_ne!(resumed.game.address, game);
    resumed.check(&stage.connection).await.unwrap();
}
