#!/usr/bin/env python3
"""Checks the output of `opml vm witness PROGRAM --step N --json` with the second verifier.

    for n in 0 1 2 3; do opml vm witness PROGRAM --step $n --json; done | check.py
    check.py --cover FILE          # also: every instruction and every trap must occur
    check.py --mutate 1 FILE       # also: damaged states and witnesses must be refused
    check.py --program ELF FILE    # also: step 0 must start where the ELF file says

Exit code 1, and the step and field, at the first difference.
"""

import argparse
import json
import random
import sys

from cases import flip, resize
from decoder import NAMES
from loader import initial_state
from state import TRAPPED
from state import decode as decode_state
from verifier import Refused, StateRefused, WitnessRefused, instruction, state_hash, step


class Difference(Exception):
    pass


def records(text):
    """The JSON objects of `text`, one after the other, whatever space is between them."""
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        record, position = decoder.raw_decode(text, position)
        yield record


def unhex(record, field):
    return bytes.fromhex(record[field].removeprefix("0x"))


def compare(record, field, ours):
    if unhex(record, field) != ours:
        where = f"step {record['step']} ({record.get('instruction')})"
        raise Difference(f"{where}: {field} is {record[field]}, the second verifier has 0x{ours.hex()}")


def check(record):
    """Pre-hash, successor and its hash. Returns the successor's bytes."""
    state, witness = unhex(record, "pre_state"), unhex(record, "witness")
    compare(record, "pre_hash", state_hash(state))
    try:
        after = step(state, witness)
    except Refused as refusal:
        raise Difference(f"step {record['step']}: witness refused: {refusal}") from refusal
    compare(record, "post_state", after)
    compare(record, "post_hash", state_hash(after))
    return after


def mutate(record, rng):
    """Damages state and witness in turn; each bit of a witness counts, and so does its length."""
    state, witness = unhex(record, "pre_state"), unhex(record, "witness")
    damaged = [resize(witness, rng)] + ([flip(witness, rng)] if witness else [])
    for bad in damaged:
        expect_refusal(record, WitnessRefused, state, bad)
    expect_refusal(record, StateRefused, resize(state, rng), witness)
    other = flip(state, rng)
    try:
        step(other, witness)
    except Refused:
        return
    # Another state may have a successor. It must not pass for the claimed one.
    if state_hash(other) == unhex(record, "pre_hash"):
        raise Difference(f"step {record['step']}: another state has the same hash")


def expect_refusal(record, kind, state, witness):
    try:
        step(state, witness)
    except kind:
        return
    raise Difference(f"step {record['step']}: no {kind.__name__} for a damaged input")


def uncovered(seen_instructions, seen_traps):
    missing = [name for name in [*NAMES, "reserved"] if name not in seen_instructions]
    return missing + [f"trap {code}" for code in range(1, 11) if code not in seen_traps]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=argparse.FileType(), default=sys.stdin)
    parser.add_argument("--mutate", type=int, metavar="SEED")
    parser.add_argument("--cover", action="store_true")
    parser.add_argument("--program", type=argparse.FileType("rb"), metavar="ELF")
    return parser.parse_args()


def main():
    options = arguments()
    rng = random.Random(options.mutate)
    count, names, traps = 0, set(), set()
    for record in records(options.file.read()):
        after = decode_state(check(record))
        if options.program and record["step"] == 0:
            compare(record, "pre_state", initial_state(options.program.read()))
        if options.mutate is not None:
            mutate(record, rng)
        names.add(instruction(unhex(record, "pre_state"), unhex(record, "witness")))
        traps.add(after.code if after.status == TRAPPED else None)
        count += 1
    if options.cover and (missing := uncovered(names, traps)):
        raise Difference(f"never executed: {', '.join(missing)}")
    if count == 0:
        raise Difference("no steps")
    print(f"{count} steps agree")


if __name__ == "__main__":
    try:
        main()
    except Difference as difference:
        sys.exit(str(difference))
