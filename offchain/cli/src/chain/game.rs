//! `opml game list`, `show` and `watch`.

use std::path::PathBuf;
use std::time::Duration;

use alloy_primitives::{Address, B256};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::BlockId;
use anyhow::{Context as _, Result, ensure};
use opml_client::ClientError;
use opml_client::contracts::IGame;
use opml_client::game::moved;
use opml_core::game::{Phase, Position};
use serde::Serialize;

use super::access::{Access, Reader};
use super::forecast::{Forecast, Forecaster};
use super::{block_on, logs};
use crate::output::{Format, table};

/// `opml game`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// All games, the last one first.
    List(List),
    /// Who is on turn, the clock, the range that is left, who will win.
    Show(Show),
    /// The same, again with every move, until the game is decided.
    Watch(Watch),
}

impl Command {
    /// Runs it.
    pub fn execute(&self) -> Result<()> {
        match self {
            Self::List(list) => list.execute(),
            Self::Show(show) => show.execute(),
            Self::Watch(watch) => block_on(watch.follow()),
        }
    }
}

/// Arguments.
#[derive(clap::Args)]
pub struct List {
    /// Only games that are open.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

/// Arguments.
#[derive(clap::Args)]
pub struct Show {
    /// The game.
    #[arg(value_name = "GAME")]
    game: B256,
    /// Bundle to compute the forecast with; by default those of the configuration and the built-in model are looked
    /// through.
    #[arg(long, value_name = "BUNDLE")]
    model: Option<PathBuf>,
    /// Compute nothing: forecast by the clock only.
    #[arg(long, conflicts_with = "model")]
    no_compute: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

/// Arguments.
#[derive(clap::Args)]
pub struct Watch {
    #[command(flatten)]
    show: Show,
    /// Seconds between looks at the chain.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    poll: f64,
}

/// A game as it stands.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Standing {
    game: B256,
    status: &'static str,
    server: Address,
    challenger: Address,
    moves: u32,
    on_turn: Option<&'static str>,
    /// Of the side on turn, by the chain's clock.
    seconds_left: Option<u64>,
    range: String,
    /// Only a side that errs is ever without a legal move: who holds the truth wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<&'static str>,
    /// While it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<Forecast>,
    /// What is to be answered.
    #[serde(skip)]
    position: Option<Position>,
}

impl List {
    fn execute(&self) -> Result<()> {
        let games = block_on(async {
            let reader = self.access.read().await?;
            let address = reader.deployment.game.address;
            let opened = logs::all::<IGame::Opened>(&reader, address, None).await?;
            let mut games = Vec::new();
            for found in opened.iter().rev() {
                let game = standing(&reader, found.event.gameId).await?;
                if !self.open || game.on_turn.is_some() {
                    games.push(game);
                }
            }
            Ok(games)
        })?;
        self.format.print(&games, |games| {
            let rows = games.iter().map(|game| {
                let turn = game.on_turn.unwrap_or_default();
                let moves = game.moves.to_string();
                [game.game.to_string(), game.status.into(), turn.into(), moves, game.range.clone()]
            });
            table(["game", "", "on turn", "moves", "range"], rows)
        })
    }
}

impl Show {
    fn execute(&self) -> Result<()> {
        let game = block_on(async {
            let reader = self.access.read().await?;
            let mut game = standing(&reader, self.game).await?;
            if game.on_turn.is_some() {
                game.foresee(&mut self.forecaster(&reader).await?)?;
            }
            Ok(game)
        })?;
        self.format.print(&game, Standing::text)
    }

    async fn forecaster(&self, reader: &Reader) -> Result<Forecaster> {
        if self.no_compute {
            return Ok(Forecaster::Watching("nothing is to be computed".into()));
        }
        Forecaster::new(reader, self.game, (&self.access, self.model.as_ref())).await
    }
}

impl Watch {
    async fn follow(&self) -> Result<()> {
        let reader = self.show.access.read().await?;
        let pause = Duration::try_from_secs_f64(self.poll.max(0.1))?;
        let mut last: Option<Standing> = None;
        let mut forecaster = self.show.forecaster(&reader).await?;
        loop {
            let mut game = standing(&reader, self.show.game).await?;
            let news = last
                .as_ref()
                .is_none_or(|last| (last.moves, last.status) != (game.moves, game.status));
            if news {
                game.foresee(&mut forecaster)?;
                self.show.format.print(&game, Standing::text)?;
            }
            if game.on_turn.is_none() {
                return Ok(());
            }
            last = Some(game);
            tokio::time::sleep(pause).await;
        }
    }
}

async fn standing(reader: &Reader, game: B256) -> Result<Standing> {
    let contract = reader.deployment.game(&reader.connection);
    let found = contract.getGame(game).call().await.map_err(ClientError::from)?;
    ensure!(!found.server.is_zero(), "there is no game {game}");
    let address = reader.deployment.game.address;
    let made = logs::all::<IGame::Moved>(reader, address, Some(game)).await?;
    let position = match made.last() {
        Some(last) => Some(moved(&last.event).context("a position cannot be read")?.0),
        None => None,
    };
    let open = found.status == IGame::Status::Open;
    let left = if found.onTurn == IGame::Side::Server {
        found.serverSeconds
    } else {
        found.challengerSeconds
    };
    let now = reader.connection.get_block(BlockId::latest()).await?;
    let passed = now.map_or(0, |block| block.header.timestamp).saturating_sub(found.started);
    Ok(Standing {
        game,
        status: status(found.status),
        server: found.server,
        challenger: found.challenger,
        moves: position.as_ref().map_or(0, Position::moves),
        on_turn: open.then(|| side(found.onTurn)),
        seconds_left: open.then(|| u64::from(left).saturating_sub(passed)),
        range: position.as_ref().map(range).unwrap_or_default(),
        winner: match found.status {
            IGame::Status::ChallengerWon | IGame::Status::Unsettled => Some("challenger"),
            IGame::Status::ServerWon => Some("server"),
            _ => None,
        },
        forecast: None,
        position,
    })
}

fn range(position: &Position) -> String {
    let degree = position.segments().ends.degree();
    let (first, last) = (position.step_at(0), position.step_at(degree));
    match position.phase() {
        Phase::Graph => format!("graph steps {first} to {last}, in {degree}"),
        Phase::Run { graph_step } => {
            format!("instructions {first} to {last} of graph step {graph_step}, in {degree}")
        }
    }
}

impl Standing {
    /// Adds the forecast of an open game.
    fn foresee(&mut self, forecaster: &mut Forecaster) -> Result<()> {
        if let (Some(left), Some(position)) = (self.seconds_left, &self.position) {
            self.forecast = Some(forecaster.forecast(position, left)?);
        }
        Ok(())
    }

    fn text(&self) -> String {
        let turn = match (self.on_turn, self.seconds_left, self.winner) {
            (Some(side), Some(left), _) => format!("{side}, {left} s left"),
            (_, _, Some(winner)) => format!("over: the {winner} has won"),
            _ => "over".into(),
        };
        let forecast = self.forecast.as_ref();
        let forecast =
            forecast.map(|forecast| format!("\nforecast    {}", forecast.text)).unwrap_or_default();
        format!(
            "game        {}\nstatus      {}\nserver      {}\nchallenger  {}\nmoves       {}\non turn     {turn}\n\
             range       {}{}",
            self.game, self.status, self.server, self.challenger, self.moves, self.range, forecast
        )
    }
}

const fn side(side: IGame::Side) -> &'static str {
    match side {
        IGame::Side::Server => "server",
        _ => "challenger",
    }
}

const fn status(status: IGame::Status) -> &'static str {
    match status {
        IGame::Status::Open => "open",
        IGame::Status::Unsettled => "unsettled",
        IGame::Status::ChallengerWon => "challenger won",
        IGame::Status::ServerWon => "server won",
        _ => "none",
    }
}
