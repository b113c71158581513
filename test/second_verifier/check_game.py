#!/usr/bin/env python3
"""Replays recorded disputes, one call a line, fields in hex or decimal:

    open GAME SERVER CHALLENGER PROGRAM IMAGE START END LOG2 CLOCK TIME MOVE = ANSWER
    move GAME SENDER TIME CALLDATA = ANSWER
    timeout GAME TIME = server | challenger | refused

ANSWER is what the contract did: `HEADER HASHES SERVER_SECONDS CHALLENGER_SECONDS STARTED`, `won` or `refused`. `timeout` answers
the side that has lost. Exit code 1 at the first difference.
"""

import sys
from collections import Counter

from game import Game, Position
from state import Refused


def described(game, position):
    if position is None:
        return "won"
    hashes = b"".join(position.hashes).hex()
    return f"{position.header().hex()} {hashes} {game.left[0]} {game.left[1]} {game.started}"


def answer(games, kind, fields):
    if kind == "open":
        game_id, server, challenger, program, image, start, end = map(bytes.fromhex, fields[:7])
        log2, clock, now = map(int, fields[7:10])
        claim = Position(1, 0, 0, 0, log2, [start, end])
        game = Game(server, challenger, program, image, [clock, clock], now, claim)
        after = game.first(bytes.fromhex(fields[10]))
        games[game_id] = game
        return described(game, after)
    game = games[bytes.fromhex(fields[0])]
    if kind == "timeout":
        return ("server", "challenger")[game.timeout(int(fields[1]))]
    game_id, sender, calldata = (bytes.fromhex(fields[i]) for i in (0, 1, 3))
    return described(game, game.move(game_id, sender, int(fields[2]), calldata))


def main():
    games, seen = {}, Counter()
    for line_number, line in enumerate(sys.stdin, 1):
        question, theirs = line.strip().split(" = ")
        kind, *fields = question.split(" ")
        try:
            ours, reason = answer(games, kind, fields), ""
        except Refused as refusal:
            ours, reason = "refused", str(refusal)
        if ours != theirs:
            sys.exit(f"line {line_number}, {kind}: {theirs}, the second verifier says {ours} {reason}")
        seen[f"{kind} {theirs if theirs in ('won', 'refused') else 'taken'}"] += 1
    if not seen:
        sys.exit("no calls")
    print(", ".join(f"{name}: {count}" for name, count in sorted(seen.items())))


if __name__ == "__main__":
    main()
