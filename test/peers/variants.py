"""Variants of a GGUF model: every quantized tensor in another format, everything else as it is.

    python variants.py MODEL.gguf OUT.gguf Q8_0|Q4_0|Q4_1|F16

Weights are dequantized and quantized again by the `gguf` package, so that all engines read the same file.
"""

import sys

import gguf
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter

FLOATS = (GGMLQuantizationType.F32, GGMLQuantizationType.F16)
FILE_TYPES = {"F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7}


def copy_metadata(reader, writer, name):
    """All key-value pairs; the file type is the new one."""
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value = FILE_TYPES[name] if field.name == "general.file_type" else field.contents()
        kind = field.types[0]
        sub_type = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, value, kind, sub_type=sub_type)


def convert(source, target, name):
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents())
    copy_metadata(reader, writer, name)
    wanted = GGMLQuantizationType[name]
    for tensor in reader.tensors:
        if tensor.tensor_type in FLOATS:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
            continue
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, gguf.quants.quantize(values, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in FILE_TYPES:
        sys.exit(__doc__)
    convert(*sys.argv[1:])
