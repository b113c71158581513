"""The graph machine and the handover (docs/spec.md, 5 to 7), from its specification alone."""

from dataclasses import dataclass, replace

from keccak import keccak256
from kernels import INPUTS, PARAMS, Geometry, cost, fits
from state import EXITED, Refused, WitnessRefused
from state import decode as decode_machine
from state import State as Machine
from state import encode as encode_machine

TAG = b"opml.graph.state.v1" + bytes(13)
RUNNING, HALTED, FAILED = 0, 1, 2
NEXT, LOOP, EXIT_IF, HALT = 0, 1, 2, 3
REQUEST, REQUEST_LOG2 = 2**39, 28
WORKING = REQUEST + 2**REQUEST_LOG2

ZEROS = [bytes(32)]
while len(ZEROS) < 36:
    ZEROS.append(keccak256(ZEROS[-1] * 2))


class RequestRefused(Refused):
    """The bytes encode no request."""


class OutputRefused(Refused):
    """The bytes are not the output of the state."""


class GraphStateRefused(Refused):
    """The bytes encode no graph state."""


class NoRun(Refused):
    """The step has no run."""


@dataclass
class Graph:
    root: bytes
    pc: int
    tile: int
    iteration: int
    status: int


def decode(data):
    if len(data) != 48:
        raise GraphStateRefused(f"{len(data)} bytes")
    numbers = [int.from_bytes(data[i : i + 4], "big") for i in range(32, 48, 4)]
    if numbers[3] > FAILED:
        raise GraphStateRefused(f"status {numbers[3]}")
    return Graph(data[:32], *numbers)


def encode(graph):
    numbers = [graph.pc, graph.tile, graph.iteration, graph.status]
    return graph.root + b"".join(number.to_bytes(4, "big") for number in numbers)


def graph_hash(graph):
    return keccak256(TAG + encode(graph))


def little(data, offset, size=4):
    return int.from_bytes(data[offset : offset + size], "little")


def subtree(data, log2):
    """Root of 2^log2 bytes that begin with `data` and are zero behind it."""
    if len(data) > 2**log2:
        raise ValueError(f"{len(data)} bytes in 2^{log2}")
    nodes = [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)] or [ZEROS[0]]
    for height in range(log2 - 5):
        if len(nodes) % 2:
            nodes.append(ZEROS[height])
        nodes = [keccak256(nodes[i] + nodes[i + 1]) for i in range(0, len(nodes), 2)]
    return nodes[0]


def lifted(node, low, high):
    for height in range(low - 5, high - 5):
        node = keccak256(node + ZEROS[height])
    return node


@dataclass
class Region:
    base: int
    log2: int


def region_of(descriptor, offset, graph):
    """The region of an entry at the state's iteration and tile, or None (rule 7)."""
    base, per_iteration, per_row, per_column = (little(descriptor, offset + 8 * i, 8) for i in range(4))
    log2, columns = little(descriptor, offset + 32), little(descriptor, 12)
    row, column = divmod(graph.tile, columns)
    # Partial sums only grow: none overflows if the last does not.
    address = base + graph.iteration * per_iteration + row * per_row + column * per_column
    if not 5 <= log2 <= 28 or address >= 2**40 or address % 2**log2:
        return None
    return Region(address, log2)


def legal(descriptor, graph):
    """Output and inputs of a legal step, or None."""
    kernel, count, tiles, columns, bound, control, target, repeat = (little(descriptor, 4 * i) for i in range(8))
    entries = [96 + 40 * i for i in range(9)]
    reserved = descriptor[456:] + b"".join(descriptor[entry + 36 : entry + 40] for entry in entries)
    if any(reserved) or not tiles or not columns or graph.tile >= tiles or bound > 30:
        return None
    if control > HALT or target >= 65536 or not 1 <= kernel <= 22:
        return None
    if (target and control in (NEXT, HALT)) or (repeat and control != LOOP) or (control == LOOP and not repeat):
        return None
    unused = descriptor[136 + 40 * count : 456] + descriptor[32 + 4 * PARAMS[kernel - 1] : 96]
    if count != INPUTS[kernel - 1] or any(unused):
        return None
    output, *inputs = (region_of(descriptor, entry, graph) for entry in entries[: 1 + count])
    if output is None or None in inputs or output.base < WORKING:
        return None
    params = [little(descriptor, 32 + 4 * i) for i in range(16)]
    sizes = [output.log2, *(region.log2 for region in inputs)]
    geometry = Geometry(kernel, params, (tiles, columns), sizes, graph.iteration)
    if not fits(geometry) or 2 * cost(geometry) > 2**bound:
        return None
    return output, inputs


class Parts:
    """The parts of a witness, taken one after the other."""

    def __init__(self, data):
        self.rest = data

    def take(self, size):
        if len(self.rest) < size:
            raise WitnessRefused("too short")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def path(self, node, region, root, space):
        """The siblings of a region with root `node`, checked."""
        path = [self.take(32) for _ in range(space - region.log2)]
        if climb(node, path, region) != root:
            raise WitnessRefused(f"another root for {region}")
        return path

    def node(self, region, root, space):
        node = self.take(32)
        return node, self.path(node, region, root, space)

    def finish(self):
        if self.rest:
            raise WitnessRefused(f"{len(self.rest)} bytes too long")


def climb(node, path, region):
    index = region.base >> region.log2
    for sibling in path:
        node = keccak256(sibling + node if index % 2 else node + sibling)
        index //= 2
    return node


def proven(graph, program_root, parts):
    """Descriptor, output and inputs of a step with a run; otherwise the successor."""
    failed = replace(graph, status=FAILED)
    if graph.status != RUNNING:
        return None, graph
    if graph.pc >= 65536:
        return None, failed
    descriptor = parts.take(512)
    parts.path(subtree(descriptor, 9), Region(512 * graph.pc, 9), program_root, 25)
    regions = legal(descriptor, graph)
    return (descriptor, *regions) if regions else None, failed


def begin(state, program_root, image_root, witness):
    """("direct", successor's encoding) or ("run", hash of the first MIPS state, bound)."""
    graph, parts = decode(state), Parts(witness)
    step, successor = proven(graph, program_root, parts)
    if step is None:
        parts.finish()
        return "direct", encode(successor)
    descriptor, _, inputs = step
    place = graph.iteration.to_bytes(4, "little") + graph.tile.to_bytes(4, "little")
    windows = [image_root, subtree(descriptor + place, 28)]
    for region in inputs:
        node, _ = parts.node(region, graph.root, 40)
        windows.append(lifted(node, region.log2, 28))
    parts.finish()
    nodes = windows + [ZEROS[23]] * (16 - len(windows))
    while len(nodes) > 1:
        nodes = [keccak256(nodes[i] + nodes[i + 1]) for i in range(0, len(nodes), 2)]
    first = Machine(root=nodes[0], pc=0x1000, next_pc=0x1004)
    first_hash = keccak256(b"opml.mips.state.v1" + bytes(14) + encode_machine(first))
    return "run", first_hash, little(descriptor, 16)


def end(state, program_root, final, witness):
    """Encoding of the successor."""
    graph, machine, parts = decode(state), decode_machine(final), Parts(witness)
    step, failed = proven(graph, program_root, parts)
    if step is None:
        raise NoRun()
    if (machine.status, machine.code) != (EXITED, 0):
        parts.finish()
        return encode(failed)
    descriptor, output, _ = step
    new, _ = parts.node(Region(10 * 2**28, output.log2), machine.root, 32)
    _, siblings = parts.node(output, graph.root, 40)
    after = replace(graph, root=climb(new, siblings, output), tile=graph.tile + 1)
    if after.tile == little(descriptor, 8):
        after = control(replace(after, tile=0), descriptor, lambda: parts.node(Region(0, 5), new, output.log2)[0])
    parts.finish()
    return encode(after)


def control(graph, descriptor, first_leaf):
    kind, target, count = (little(descriptor, offset) for offset in (20, 24, 28))
    if kind == HALT:
        return replace(graph, status=HALTED)
    if kind == LOOP and graph.iteration + 1 < count:
        return replace(graph, pc=target, iteration=graph.iteration + 1)
    if kind == LOOP:
        return replace(graph, pc=graph.pc + 1, iteration=0)
    if kind == EXIT_IF and little(first_leaf(), 0) != 0:
        return replace(graph, pc=target, iteration=0)
    return replace(graph, pc=graph.pc + 1)


def initial_state(weights_root, request):
    """Encoding of the first state on a request."""
    if len(request) < 128 or little(request, 0) != len(request) - 128 or little(request, 4):
        raise RequestRefused(f"{len(request)} bytes")
    upper = lifted(subtree(request, REQUEST_LOG2), REQUEST_LOG2, 39)
    return encode(Graph(keccak256(weights_root + upper), 0, 0, 0, RUNNING))


def check_output(state, region, output, path):
    """Refuses what is not the output of the state."""
    graph = decode(state)
    if graph.status == FAILED and not output and not path:
        return
    if graph.status != HALTED or len(path) != 32 * (40 - region.log2):
        raise OutputRefused(f"status {graph.status}, {len(path)} bytes of path")
    node = subtree(len(output).to_bytes(4, "little") + bytes(28) + output, region.log2)
    siblings = [path[i : i + 32] for i in range(0, len(path), 32)]
    if climb(node, siblings, region) != graph.root:
        raise OutputRefused("another root")


def output_root(state, region, proof):
    """Length and root of the output of a halted state, by the region's first leaf and its siblings."""
    graph = decode(state)
    if graph.status != HALTED or len(proof) != 32 * 36:
        raise OutputRefused(f"status {graph.status}, {len(proof)} bytes")
    leaf, *siblings = [proof[i : i + 32] for i in range(0, len(proof), 32)]
    length = int.from_bytes(leaf[:4], "little")
    if any(leaf[4:]) or length + 32 > 2**region.log2:
        raise OutputRefused(f"no length: {leaf.hex()}")
    inside = region.log2 - 5
    root = climb(leaf, siblings[:inside], Region(region.base, 5))
    if climb(root, siblings[inside:], region) != graph.root:
        raise OutputRefused("another root")
    return length, root
