#!/usr/bin/env python3
"""Checks answers of the graph machine's verifier, one a line, fields in hex or decimal:

    begin STATE PROGRAM_ROOT IMAGE_ROOT WITNESS = direct STATE | run HASH BOUND | refused
    end STATE PROGRAM_ROOT FINAL_STATE WITNESS = STATE | refused
    legal DESCRIPTOR ITERATION TILE = yes | no
    initial WEIGHTS_ROOT REQUEST = STATE | refused
    output STATE BASE LOG2 OUTPUT PATH = yes | refused
    root STATE BASE LOG2 PROOF = LENGTH ROOT | refused

An empty field is a dash. Exit code 1 at the first difference.
"""

import sys

from graph import RUNNING, Graph, Region, begin, check_output, end, initial_state, legal, output_root
from state import Refused


def data(field):
    return b"" if field == "-" else bytes.fromhex(field)


def answer(kind, fields):
    if kind == "begin":
        result = begin(*map(data, fields))
        return " ".join(part.hex() if isinstance(part, bytes) else str(part) for part in result)
    if kind == "end":
        return end(*map(data, fields)).hex()
    if kind == "legal":
        descriptor, iteration, tile = fields
        state = Graph(bytes(32), 0, int(tile), int(iteration), RUNNING)
        return "yes" if legal(data(descriptor), state) else "no"
    if kind == "initial":
        return initial_state(*map(data, fields)).hex()
    if kind == "root":
        state, base, log2, proof = fields
        length, root = output_root(data(state), Region(int(base), int(log2)), data(proof))
        return f"{length} {root.hex()}"
    state, base, log2, output, path = fields
    check_output(data(state), Region(int(base), int(log2)), data(output), data(path))
    return "yes"


def main():
    count = 0
    for number, line in enumerate(sys.stdin, 1):
        question, theirs = line.strip().split(" = ")
        kind, *fields = question.split(" ")
        try:
            ours = answer(kind, fields)
        except Refused as refusal:
            ours = "refused"
            reason = str(refusal)
        else:
            reason = ""
        if ours != theirs:
            sys.exit(f"line {number}, {kind}: {theirs}, the second verifier says {ours} {reason}")
        count += 1
    if count == 0:
        sys.exit("no answers")
    print(f"{count} answers agree")


if __name__ == "__main__":
    main()
