//! A deployment from start to end, and what is found wrong with one.

use alloy_primitives::B256;
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::BlockId;
use opml_client::deploy::{Done, Profile, verify};
use opml_client::{ClientError, ConnectSettings, Deployment, Severity, connect};

use crate::support::{Stage, account, signer};

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_whole_and_says_so() {
    let stage = Stage::new().await;
    let mut journal = stage.begin().await;
    let (deployment, done) = stage.run(&mut journal).await;
    let deployment = deployment.unwrap();
    assert_eq!(deployment.terms.as_ref(), Some(&Profile::Dev.terms()));
    deployment.check(&stage.connection).await.unwrap();
    let findings = verify(&stage.connection, &deployment, Some(&stage.artifacts)).await.unwrap();
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.good).collect();
    assert!(bad.is_empty(), "{bad:?}");
    for (role, _) in deployment.contracts() {
        let created = |step: &&Done| matches!(step, Done::Created { role: of, .. } if *of == role);
        assert_eq!(done.iter().filter(created).count(), 1, "{role}");
    }
    assert_eq!(stage.transactions().await, done.len() as u64);

    let file = stage.file().with_extension("deployment");
    deployment.write(&file).unwrap();
    assert_eq!(Deployment::read(&file).unwrap(), deployment);
    journal.remove().unwrap();
    assert!(!stage.file().exists());
}

/// Activation costs no more than its fee and its gas, though more was sent along.
#[tokio::test(flavor = "multi_thread")]
async fn the_surplus_of_the_data_fee_comes_back() {
    let stage = Stage::new().await;
    let before = stage.balance(account()).await;
    let mut journal = stage.begin().await;
    let (deployment, done) = stage.run(&mut journal).await;
    deployment.unwrap();
    let (mut sent, mut gas) = (0_u128, 0_u128);
    for step in done {
        match step {
            Done::Activated { fee, gas: used, .. } => {
                sent += u128::try_from(fee).unwrap();
                gas += u128::from(used);
            }
            Done::Created { gas: used, .. } | Done::Initialized { gas: used, .. } => {
                gas += u128::from(used);
            }
            Done::Found { .. } => {}
        }
    }
    let block = stage.connection.get_block(BlockId::latest()).await.unwrap().unwrap();
    // The sequencer takes no tips.
    let price = u128::from(block.header.base_fee_per_gas.unwrap());
    let after = stage.balance(account()).await;
    let fees = before.checked_sub(after + gas * price).unwrap();
    assert!(fees > 0 && fees < sent, "{fees} of {sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_and_other_code_are_noticed() {
    let stage = Stage::new().await;
    let mut journal = stage.begin().await;
    let (deployment, _) = stage.run(&mut journal).await;
    let deployment = deployment.unwrap();
    let elsewhere = Deployment { chain_id: 1, ..deployment.clone() };
    let error = elsewhere.check(&stage.connection).await.unwrap_err();
    assert!(matches!(error, ClientError::WrongChain { expected: 1, .. }), "{error}");
    assert_eq!(error.severity(), Severity::Fatal);

    let mut other = deployment.clone();
    other.game.code_hash = B256::repeat_byte(1);
    let error = other.check(&stage.connection).await.unwrap_err();
    assert!(matches!(error, ClientError::WrongCode { contract: "game", .. }), "{error}");
    let findings = verify(&stage.connection, &other, None).await.unwrap();
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.good).collect();
    assert!(matches!(bad[..], [finding] if finding.subject == "code hash"), "{bad:?}");

    let mut missing = deployment;
    missing.hub.address = alloy_primitives::Address::repeat_byte(9);
    let error = missing.check(&stage.connection).await.unwrap_err();
    assert!(matches!(error, ClientError::NoCode { contract: "hub", .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_away_is_asked_again_later() {
    let stage = Stage::new().await;
    let url = stage.handle.url();
    let settings = ConnectSettings { retries: 0, ..ConnectSettings::default() };
    let connection = connect(&url, Some(signer()), settings).await.unwrap();
    stage.handle.stop().await;
    let error = ClientError::from(connection.get_chain_id().await.unwrap_err());
    assert_eq!(error.severity(), Severity::Retry, "{error:?}");
    for bad in ["ftp://node", "node:8547", ""] {
        let error = connect(bad, None, settings).await.unwrap_err();
        assert!(matches!(error, ClientError::BadUrl { .. }), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_serves_as_well() {
    let stage = Stage::new().await;
    let url = stage.handle.ws_url();
    let connection = connect(&url, Some(signer()), ConnectSettings::default()).await.unwrap();
    let stage = Stage { connection, ..stage };
    let mut journal = stage.begin().await;
    let (deployment, _) = stage.run(&mut journal).await;
    deployment.unwrap().check(&stage.connection).await.unwrap();
}
