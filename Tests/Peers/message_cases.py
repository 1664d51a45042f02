"""Messages serialised by the official libraries, with the values that a decoder must find in them.

    message_cases.py random --seed 1 --count 8 > Tests/ROSTests/Fixtures/messages.tsv
    message_cases.py recordings FOLDER > /tmp/cases.tsv

One line a message, with tabs between: what it is, message encoding, schema name, schema encoding, schema (base64),
payload (base64), value. A value is written so that two are equal exactly where their texts are: b1 truth, i-5 signed, u5
unsigned, f<8 hex digits> and d<16> the bits of a float and a double, s<hex> text, x<hex> bytes, t5 and r5 nanoseconds of a
time and a duration, [a,b] a list, {name=value,…} a message.

ROSTests reads the committed file, and another one where EXPORTD_MESSAGE_CASES names it.
Needs rosbags, protobuf, grpcio-tools, cyclonedds; for recordings also mcap, mcap-ros1-support, mcap-ros2-support, zstandard.
"""

import argparse
import base64
import json
import pathlib
import random
import struct
import sys
import tempfile

SIGNED = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
UNSIGNED = {"uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}
IDL = {"bool": "boolean", "uint8": "octet", "int8": "int8", "int16": "short", "uint16": "unsigned short", "int32": "long",
       "uint32": "unsigned long", "int64": "long long", "uint64": "unsigned long long", "float32": "float", "float64": "double",
       "string": "string"}
TEXTS = ["", "a", "joint_1", "漢字", "four", "naïve 🤖", "line\nbreak \"quoted\"", "x" * 300]


# Values as text

def text_of(value):
    kind, content = value
    if kind == "bool":
        return "b1" if content else "b0"
    if kind in SIGNED:
        return f"i{content}"
    if kind in UNSIGNED:
        return f"u{content}"
    if kind == "float32":
        return "f" + struct.pack(">f", content).hex()
    if kind == "float64":
        return "d" + struct.pack(">d", content).hex()
    if kind == "string":
        return "s" + content.encode().hex()
    if kind == "bytes":
        return "x" + bytes(content).hex()
    if kind == "time":
        return f"t{content}"
    if kind == "duration":
        return f"r{content}"
    if kind == "list":
        return "[" + ",".join(text_of(item) for item in content) + "]"
    return "{" + ",".join(f"{name}={text_of(item)}" for name, item in content) + "}"


def emit(what, encoding, name, schema_encoding, schema, payload, value):
    fields = [what, encoding, name, schema_encoding, base64.b64encode(schema).decode(), base64.b64encode(payload).decode(), text_of(value)]
    print("\t".join(fields))


# Random definitions, the same for every way to write them: T0 uses T1 … Tn

class Model:
    def __init__(self, rng, ros1, idl=False):
        self.rng = rng
        self.ros1 = ros1
        count = rng.randint(1, 5)
        self.types = []
        for level in range(count):
            fields = []
            for index in range(rng.randint(1, 7)):
                kinds = list(SIGNED) + list(UNSIGNED) + ["bool", "float32", "float64", "string", "time", "duration"]
                kinds += [("message", inner) for inner in range(level + 1, count)] * 3
                kind = rng.choice(kinds)
                shape = rng.choice([None, None, None, "sequence", ("bounded", 5), ("fixed", rng.randint(1, 4))])
                if ros1 and isinstance(shape, tuple) and shape[0] == "bounded":
                    shape = "sequence"
                fields.append((f"f{index}", kind, shape))
            self.types.append(fields)

    def element(self, kind):
        rng = self.rng
        if kind == "bool":
            return kind, rng.random() < 0.5
        if kind in SIGNED:
            bits = SIGNED[kind] - 1
            return kind, rng.choice([-(1 << bits), (1 << bits) - 1, rng.randint(-(1 << bits), (1 << bits) - 1)])
        if kind in UNSIGNED:
            return kind, rng.choice([0, (1 << UNSIGNED[kind]) - 1, rng.randint(0, (1 << UNSIGNED[kind]) - 1)])
        if kind == "float32":
            return kind, struct.unpack("<f", struct.pack("<f", rng.choice([0.0, -0.0, float("inf"), rng.uniform(-1e6, 1e6)])))[0]
        if kind == "float64":
            return kind, rng.choice([0.0, -0.0, float("-inf"), rng.uniform(-1e12, 1e12)])
        if kind == "string":
            return kind, rng.choice(TEXTS)
        if kind == "time":
            return kind, rng.randint(0, 2_147_483_647) * 10**9 + rng.randint(0, 999_999_999)
        if kind == "duration":
            seconds = rng.randint(0 if self.ros1 else -1000, 2_147_483_647)
            return kind, seconds * 10**9 + rng.randint(0, 999_999_999)
        return self.message(kind[1])

    def message(self, index=0):
        fields = []
        for name, kind, shape in self.types[index]:
            if shape is None:
                fields.append((name, self.element(kind)))
                continue
            count = shape[1] if isinstance(shape, tuple) and shape[0] == "fixed" else self.rng.randint(0, 5)
            items = [self.element(kind) for _ in range(count)]
            fields.append((name, ("bytes", [item[1] for item in items]) if kind == "uint8" else ("list", items)))
        return "message", fields

    def ros_type(self, kind):
        if isinstance(kind, tuple):
            return self.rng.choice([f"T{kind[1]}", f"p/T{kind[1]}"] + ([] if self.ros1 else [f"p/msg/T{kind[1]}"]))
        if kind in ("time", "duration"):
            return kind if self.ros1 else "builtin_interfaces/" + kind.capitalize()
        return kind

    def msg(self):
        parts = []
        for index, fields in enumerate(self.types):
            lines = [f"int32 LIMIT={index}  # not on the wire"]
            for name, kind, shape in fields:
                suffix = {None: "", "sequence": "[]"}.get(shape) if not isinstance(shape, tuple) else (
                    f"[{shape[1]}]" if shape[0] == "fixed" else f"[<={shape[1]}]")
                default = " 5" if not self.ros1 and kind in SIGNED and shape is None and self.rng.random() < 0.3 else ""
                lines.append(f"{self.ros_type(kind)}{suffix} {name}{default}")
            parts.append((f"p/{'' if self.ros1 else 'msg/'}T{index}", "\n".join(lines) + "\n"))
        return parts

    def idl(self):
        def spell(kind):
            if isinstance(kind, tuple):
                return f"p::msg::T{kind[1]}"
            if kind in ("time", "duration"):
                return "builtin_interfaces::msg::" + kind.capitalize()
            return IDL[kind]
        parts = []
        for index, fields in enumerate(self.types):
            typedefs, members = [], []
            for name, kind, shape in fields:
                if isinstance(shape, tuple) and shape[0] == "fixed":
                    alias = spell(kind).replace("::", "__").replace(" ", "_") + f"__{shape[1]}"
                    line = f"    typedef {spell(kind)} {alias}[{shape[1]}];"
                    if line not in typedefs:
                        typedefs.append(line)
                    declared = alias
                elif shape == "sequence":
                    declared = f"sequence<{spell(kind)}>"
                elif shape:
                    declared = f"sequence<{spell(kind)}, {shape[1]}>"
                else:
                    # rosbags packs a single octet as a signed number.
                    declared = "uint8" if kind == "uint8" else spell(kind)
                members.append(f"      @verbatim (language=\"comment\", text=\"about\" \"\\n\" \"{name}\")\n      {declared} {name};\n")
            text = f"// generated\n#include \"builtin_interfaces/msg/Time.idl\"\n\nmodule p {{\n  module msg {{\n"
            text += "\n".join(typedefs) + f"\n    module T{index}_Constants {{\n      const int32 LIMIT = {index};\n    }};\n"
            text += f"    struct T{index} {{\n" + "\n".join(members) + "    };\n  };\n};\n"
            parts.append((f"p/msg/T{index}", text))
        for name in ("Time", "Duration"):
            parts.append((f"builtin_interfaces/msg/{name}", "module builtin_interfaces {\n  module msg {\n    struct " + name
                          + " {\n      long sec;\n      unsigned long nanosec;\n    };\n  };\n};\n"))
        return parts


def joined(parts, title):
    separator = "=" * 80 + "\n"
    if title == "IDL":
        return "".join(f"{separator}IDL: {name}\n{text}" for name, text in parts)
    return parts[0][1] + "".join(f"{separator}MSG: {name}\n{text}" for name, text in parts[1:])


# rosbags

def build(store, model, index, value):
    """The value as an instance of the type that rosbags made of the definition."""
    import numpy

    def element(kind, item):
        if isinstance(kind, tuple):
            return build(store, model, kind[1], item)
        if kind in ("time", "duration"):
            seconds, rest = divmod(item[1], 10**9)
            return store.types["builtin_interfaces/msg/" + kind.capitalize()](sec=seconds, nanosec=rest)
        return item[1]

    arguments = {}
    for (name, kind, shape), (_, item) in zip(model.types[index], value[1]):
        if shape is None:
            arguments[name] = element(kind, item)
        elif item[0] == "bytes":
            arguments[name] = numpy.array(item[1], dtype=numpy.uint8)
        elif isinstance(kind, tuple) or kind in ("time", "duration", "string"):
            arguments[name] = [element(kind, inner) for inner in item[1]]
        else:
            arguments[name] = numpy.array([inner[1] for inner in item[1]], dtype=kind)
    if not arguments:
        arguments["structure_needs_at_least_one_member"] = 0
    return store.types[f"p/msg/T{index}"](**arguments)


def ros_cases(rng, count, dialect):
    from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore

    for number in range(count):
        model = Model(rng, ros1=dialect == "ros1")
        store = get_typestore(Stores.ROS1_NOETIC if dialect == "ros1" else Stores.ROS2_HUMBLE)
        if dialect == "idl":
            parts, known = model.idl(), {}
            for _, text in parts:
                # Its parser takes no comment before an include.
                known.update(get_types_from_idl(text[text.index("module"):]))
            schema = joined(parts, "IDL")
        else:
            parts, known = model.msg(), {}
            for name, text in parts:
                known.update(get_types_from_msg(text, name if dialect == "ros1" else name))
            schema = joined(parts, "MSG")
        store.register({name: known[name] for name in known if name.startswith("p/")})
        for variant in range(2):
            value = model.message()
            message = build(store, model, 0, value)
            if dialect == "ros1":
                payload = bytes(store.serialize_ros1(message, "p/msg/T0"))
                emit(f"rosbags ros1 {number}.{variant}", "ros1", "p/T0", "ros1msg", schema.encode(), payload, value)
            else:
                payload = bytes(store.serialize_cdr(message, "p/msg/T0", little_endian=variant == 0))
                emit(f"rosbags {dialect} {number}.{variant}", "cdr", "p/msg/T0", "ros2idl" if dialect == "idl" else "ros2msg",
                     schema.encode(), payload, value)


# cyclonedds: XCDR 1 and 2, final, appendable, mutable

def xcdr_cases(rng, count):
    from cyclonedds.idl import types
    from cyclonedds.idl import annotations as annotate
    from cyclonedds.idl._support import Endianness

    primitives = {"bool": bool, "int16": types.int16, "uint16": types.uint16, "int32": types.int32, "uint32": types.uint32,
                  "int64": types.int64, "uint64": types.uint64, "float32": types.float32, "float64": types.float64,
                  "uint8": types.uint8, "string": str}
    for number in range(count):
        model = Model(rng, ros1=False)
        # What the library does not have, or packs in a way of its own.
        model.types = [[(name, "int32" if kind in ("time", "duration", "int8") else kind, shape) for name, kind, shape in fields]
                       for fields in model.types]
        manners = [rng.choice(["final", "appendable", "mutable"]) for _ in model.types]
        classes = {}
        texts = []
        for index in reversed(range(len(model.types))):
            fields, lines = [], []
            for name, kind, shape in model.types[index]:
                base = classes[kind[1]] if isinstance(kind, tuple) else primitives[kind]
                spelt = f"x::T{kind[1]}" if isinstance(kind, tuple) else IDL[kind]
                if shape is None:
                    annotation, line = base, f"{spelt} {name};"
                elif isinstance(shape, tuple) and shape[0] == "fixed":
                    annotation, line = types.array[base, shape[1]], f"{spelt} {name}[{shape[1]}];"
                else:
                    annotation, line = types.sequence[base], f"sequence<{spelt}> {name};"
                fields.append((name, annotation))
                lines.append("    " + line)
            classes[index] = dds_class(f"x.T{index}", fields, getattr(annotate, manners[index]))
            texts.append(f"module x {{\n  @{manners[index]}\n  struct T{index} {{\n" + "\n".join(lines) + "\n  };\n};\n")
        schema = "".join(reversed(texts))

        def instance(index, value):
            def element(kind, item):
                return instance(kind[1], item) if isinstance(kind, tuple) else item[1]
            arguments = {}
            for (name, kind, shape), (_, item) in zip(model.types[index], value[1]):
                if shape is None:
                    arguments[name] = element(kind, item)
                elif item[0] == "bytes":
                    arguments[name] = list(item[1])
                else:
                    arguments[name] = [element(kind, inner) for inner in item[1]]
            return classes[index](**arguments)

        for variant in range(4):
            version2 = variant >= 2
            value = model.message()
            payload = instance(0, value).serialize(endianness=Endianness.Little if variant % 2 == 0 else Endianness.Big, use_version_2=version2)
            emit(f"cyclonedds xcdr{2 if version2 else 1} {number}.{variant} {'/'.join(manners)}", "cdr", "x::T0", "ros2idl", schema.encode(),
                 bytes(payload), value)


def dds_class(name, fields, annotation):
    """A class made as the library's metaclass wants it, which `make_dataclass` goes around."""
    import dataclasses
    import types

    from cyclonedds.idl import IdlStruct

    def body(namespace):
        namespace["__annotations__"] = dict(fields)
        namespace["__module__"] = __name__

    return dataclasses.dataclass(annotation(types.new_class(name.split(".")[-1], (IdlStruct,), {"typename": name}, body)))


# protobuf

PROTO_KINDS = {"double": "float64", "float": "float32", "int32": "int32", "int64": "int64", "uint32": "uint32", "uint64": "uint64",
               "sint32": "int32", "sint64": "int64", "fixed32": "uint32", "fixed64": "uint64", "sfixed32": "int32",
               "sfixed64": "int64", "bool": "bool", "string": "string", "bytes": "bytes", "Color": "int32"}


def protobuf_text(rng, syntax):
    count = rng.randint(1, 4)
    head = f'syntax = "{syntax}";\n' if syntax != "2023" else 'edition = "2023";\n'
    out = [head + "package q.v1;", 'import "google/protobuf/timestamp.proto";', 'import "google/protobuf/duration.proto";',
           'import "other.proto";', "enum Color { NONE = 0; RED = 5; BLUE = -3; }"]
    for level in range(count):
        lines, number = [], 0

        def next_number():
            nonlocal number
            number += rng.choice([1, 1, 1, 7, 300])
            return number
        for index in range(rng.randint(1, 8)):
            kinds = list(PROTO_KINDS) + ["google.protobuf.Timestamp", "google.protobuf.Duration", ".q.other.Shared", "M0"]
            kinds += [f"M{inner}" for inner in range(level + 1, count)] * 4
            kind = rng.choice(kinds)
            name = f"f{index}"
            scalar = kind in PROTO_KINDS
            choice = rng.random()
            if choice < 0.3 or (kind == "M0" and choice < 0.6):
                packed = ""
                if scalar and kind not in ("string", "bytes") and syntax != "2023" and rng.random() < 0.5:
                    packed = f" [packed = {rng.choice(['true', 'false'])}]"
                lines.append(f"  repeated {kind} {name} = {next_number()}{packed};")
            elif choice < 0.4:
                key = rng.choice(["string", "int32", "uint64", "bool", "sint64"])
                lines.append(f"  map<{key}, {kind}> {name} = {next_number()};")
            elif choice < 0.5:
                other = rng.choice([k for k in PROTO_KINDS])
                lines.append(f"  oneof o{index} {{ {kind} {name}a = {next_number()}; {other} {name}b = {next_number()}; }}")
            elif syntax == "proto2":
                default = ""
                if kind in ("int32", "sint64", "uint32", "fixed64") and rng.random() < 0.6:
                    default = " [default = 42]"
                if kind in ("double", "float") and rng.random() < 0.6:
                    default = " [default = -1.5]"
                if kind == "bytes" and rng.random() < 0.6:
                    default = ' [default = "a\\000\\377\\n\\"b"]'
                if kind == "Color" and rng.random() < 0.6:
                    default = " [default = BLUE]"
                if rng.random() < 0.15:
                    lines.append(f"  optional group G{level}x{index} = {next_number()} {{ optional int32 a = 1; repeated string b = 2; }}")
                else:
                    lines.append(f"  optional {kind} {name} = {next_number()}{default};")
            elif syntax == "proto3" and rng.random() < 0.3:
                lines.append(f"  optional {kind} {name} = {next_number()};")
            elif syntax == "2023" and scalar and rng.random() < 0.4:
                lines.append(f"  {kind} {name} = {next_number()} [features.field_presence = IMPLICIT];")
            elif syntax == "2023" and not scalar and rng.random() < 0.3:
                lines.append(f"  {kind} {name} = {next_number()} [features.message_encoding = DELIMITED];")
            else:
                lines.append(f"  {kind} {name} = {next_number()};")
        out.append(f"message M{level} {{\n" + "\n".join(lines) + "\n}")
    return "\n".join(out) + "\n"


def protobuf_cases(rng, count):
    import grpc_tools
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    from grpc_tools import protoc

    include = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    for number in range(count):
        syntax = rng.choice(["proto2", "proto3", "proto3", "2023"])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "main.proto").write_text(protobuf_text(rng, syntax))
            (path / "other.proto").write_text('syntax = "proto3";\npackage q.other;\nmessage Shared { double x = 1; repeated int32 n = 2; Shared next = 3; }\n')
            if protoc.main(["", f"-I{folder}", f"-I{include}", "--include_imports", f"--descriptor_set_out={folder}/set", "main.proto"]):
                raise SystemExit((path / "main.proto").read_text())
            files = descriptor_pb2.FileDescriptorSet.FromString((path / "set").read_bytes())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        shuffled = list(files.file)
        rng.shuffle(shuffled)
        schema = descriptor_pb2.FileDescriptorSet(file=shuffled).SerializeToString()
        kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("q.v1.M0"))
        for variant in range(3):
            message = kind()
            fill(rng, message, 0)
            payload = message.SerializeToString(deterministic=True)
            if variant == 1:
                # Two messages one after another are their merger; fields that nobody knows are stepped over.
                other = kind()
                fill(rng, other, 0)
                payload += other.SerializeToString(deterministic=True) + b"\xfa\xff\x7f\x03abc\xe0\xff\x7f\x05"
                message = kind.FromString(payload)
            emit(f"protobuf {syntax} {number}.{variant}", "protobuf", "q.v1.M0", "protobuf", schema, payload, protobuf_value(message))


def fill(rng, message, depth):
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.3:
            continue
        nested = field.message_type is not None
        if nested and depth > 3:
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
            for _ in range(rng.randint(0, 3)):
                if value.message_type is not None:
                    fill(rng, getattr(message, field.name)[scalar(rng, key)], depth + 1)
                else:
                    getattr(message, field.name)[scalar(rng, key)] = scalar(rng, value)
        elif field.is_repeated:
            for _ in range(rng.randint(0, 3)):
                if nested:
                    fill(rng, getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(scalar(rng, field))
        elif nested:
            inner = getattr(message, field.name)
            inner.SetInParent()
            fill(rng, inner, depth + 1)
        else:
            setattr(message, field.name, scalar(rng, field))


def scalar(rng, field):
    from google.protobuf.descriptor import FieldDescriptor as F

    if field.containing_type.full_name == "google.protobuf.Timestamp" or field.containing_type.full_name == "google.protobuf.Duration":
        return rng.randint(0, 999_999_999) if field.name == "nanos" else rng.randint(-1000, 4_000_000_000)
    if field.type == F.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type == F.TYPE_STRING:
        return rng.choice(TEXTS[:6]).replace(",", "")
    if field.type == F.TYPE_BYTES:
        return rng.randbytes(rng.randint(0, 6))
    if field.type == F.TYPE_ENUM:
        return rng.choice([0, 5, -3])
    if field.type == F.TYPE_DOUBLE:
        return rng.choice([0.0, -0.0, rng.uniform(-1e9, 1e9), float("inf")])
    if field.type == F.TYPE_FLOAT:
        return struct.unpack("<f", struct.pack("<f", rng.choice([0.0, rng.uniform(-1e9, 1e9)])))[0]
    signed = field.type in (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_SINT32, F.TYPE_SINT64, F.TYPE_SFIXED32, F.TYPE_SFIXED64)
    bits = 64 if field.type in (F.TYPE_INT64, F.TYPE_UINT64, F.TYPE_SINT64, F.TYPE_FIXED64, F.TYPE_SFIXED64) else 32
    if signed:
        return rng.choice([0, -1, -(1 << bits - 1), (1 << bits - 1) - 1, rng.randint(-1000, 1000)])
    return rng.choice([0, (1 << bits) - 1, rng.randint(0, 1000)])


def protobuf_value(message):
    """What is there, and what stands for it where it is not."""
    descriptor = message.DESCRIPTOR
    if descriptor.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        return "time" if descriptor.name == "Timestamp" else "duration", message.seconds * 10**9 + message.nanos

    def element(field, item):
        from google.protobuf.descriptor import FieldDescriptor as F

        if field.message_type is not None:
            return protobuf_value(item)
        names = {F.TYPE_DOUBLE: "float64", F.TYPE_FLOAT: "float32", F.TYPE_BOOL: "bool", F.TYPE_STRING: "string", F.TYPE_BYTES: "bytes",
                 F.TYPE_UINT32: "uint32", F.TYPE_FIXED32: "uint32", F.TYPE_UINT64: "uint64", F.TYPE_FIXED64: "uint64"}
        return names.get(field.type, "int64"), item

    fields = []
    for field in descriptor.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            entries = [(map_key(key), element(value, item)) for key, item in getattr(message, field.name).items()]
            fields.append((field.name, ("message", sorted(entries, key=lambda entry: entry[0]))))
        elif field.is_repeated:
            fields.append((field.name, ("list", [element(field, item) for item in getattr(message, field.name)])))
        elif field.has_presence and not message.HasField(field.name) and not field.has_default_value:
            continue
        else:
            fields.append((field.name, element(field, getattr(message, field.name))))
    return "message", fields


def map_key(key):
    return str(key).lower() if isinstance(key, bool) else str(key)


# JSON

def json_cases(rng, count):
    for number in range(count):
        model = Model(rng, ros1=False)
        value = model.message()

        def schema(index):
            def form(kind):
                if isinstance(kind, tuple):
                    return schema(kind[1])
                if kind in ("time", "duration"):
                    return {"type": "object", "title": kind, "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
                return {"type": {"bool": "boolean", "float32": "number", "float64": "number", "string": "string"}.get(kind, "integer")}
            properties = {}
            for name, kind, shape in model.types[index]:
                if shape is None:
                    properties[name] = form(kind)
                elif kind == "uint8":
                    properties[name] = {"type": "string", "contentEncoding": "base64"}
                else:
                    properties[name] = {"type": "array", "items": form(kind)}
            return {"type": "object", "properties": properties}

        def plain(item):
            kind, content = item
            if kind == "message":
                return {name: plain(inner) for name, inner in content}
            if kind == "list":
                return [plain(inner) for inner in content]
            if kind == "bytes":
                return base64.b64encode(bytes(content)).decode()
            if kind in ("time", "duration"):
                return {"sec": content // 10**9, "nsec": content % 10**9}
            return content

        def seen(item):
            kind, content = item
            if kind == "message":
                return kind, [(name, seen(inner)) for name, inner in content]
            if kind == "list":
                return kind, [seen(inner) for inner in content]
            if kind == "float32":
                return "float64", content
            if kind in SIGNED or kind in UNSIGNED:
                return ("int64" if content < 1 << 63 else "uint64"), content
            return item

        text = json.dumps(plain(value), ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 2]))
        emit(f"json {number}", "json", "J", "jsonschema", json.dumps(schema(0)).encode(), text.encode(), seen(value))


# Recordings

def recording_cases(folder):
    """Every message of a folder's recordings, as rosbags' and mcap's decoders see it."""
    import numpy
    import zstandard
    from mcap.stream_reader import StreamReader
    from mcap.exceptions import McapError
    from mcap.records import Channel, Message, Schema
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore
    from rosbags.interfaces import Nodetype

    for path in sorted(pathlib.Path(folder).glob("*.mcap")):
        schemas, channels, stores = {}, {}, {}
        records = StreamReader(open(path, "rb")).records
        while True:
            try:
                record = next(records)
            except StopIteration:
                break
            except (McapError, EOFError, struct.error) as error:
                print(f"{path.name}: {error}", file=sys.stderr)
                break
            if isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel):
                channels[record.id] = record
            elif isinstance(record, Message):
                channel = channels[record.channel_id]
                schema = schemas[channel.schema_id]
                is_ros1 = schema.encoding == "ros1msg"
                key = (schema.id, schema.name)
                if key not in stores:
                    store = get_typestore(Stores.ROS1_NOETIC if is_ros1 else Stores.ROS2_HUMBLE)
                    name = schema.name if "/msg/" in schema.name else schema.name.replace("/", "/msg/", 1)
                    try:
                        store.fielddefs.update(get_types_from_msg(schema.data.decode(), name))
                        fresh = get_typestore(Stores.EMPTY)
                        fresh.register(get_types_from_msg(schema.data.decode(), name) | {
                            k: v for k, v in store.fielddefs.items() if k.startswith("builtin_interfaces/")})
                        stores[key] = (fresh, name)
                    except Exception as error:  # noqa: BLE001 - whatever the peer cannot read is listed
                        print(f"{path.name}: {schema.name}: {type(error).__name__}", file=sys.stderr)
                        stores[key] = None
                if stores[key] is None:
                    continue
                store, name = stores[key]
                data = record.data
                if data[:4] == b"\x28\xb5\x2f\xfd":
                    data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
                message = store.deserialize_ros1(data, name) if is_ros1 else store.deserialize_cdr(data, name)
                value = rosbags_value(store, name, message, Nodetype)
                emit(f"{path.name} {channel.topic}", channel.message_encoding, schema.name, schema.encoding, schema.data, data, value)


def rosbags_value(store, name, message, nodetype):
    if name in ("builtin_interfaces/msg/Time", "builtin_interfaces/msg/Duration"):
        return "time" if name.endswith("Time") else "duration", message.sec * 10**9 + message.nanosec

    def element(kind, detail, item):
        if kind == nodetype.NAME:
            return rosbags_value(store, detail, item, nodetype)
        base = detail[0] if isinstance(detail, tuple) else detail
        names = {"byte": "uint8", "char": "uint8", "octet": "uint8"}
        base = names.get(base, base)
        item = item.item() if hasattr(item, "item") else item
        # rosbags reads an octet as a signed number.
        return base, item & 255 if base == "uint8" else item

    fields = []
    for field, (kind, detail) in store.fielddefs[name][1]:
        if field == "structure_needs_at_least_one_member":
            continue
        item = getattr(message, field)
        if kind in (nodetype.ARRAY, nodetype.SEQUENCE):
            (inner_kind, inner), _ = detail
            base = inner[0] if isinstance(inner, tuple) else inner
            if inner_kind == nodetype.BASE and base in ("uint8", "byte", "octet", "char"):
                fields.append((field, ("bytes", [int(x) & 255 for x in item])))
            else:
                fields.append((field, ("list", [element(inner_kind, inner, x) for x in item])))
        else:
            fields.append((field, element(kind, detail, item)))
    return "message", fields


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    made = commands.add_parser("random")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--count", type=int, default=8, help="definitions of each kind")
    commands.add_parser("recordings").add_argument("folder")
    arguments = parser.parse_args()
    if arguments.command == "recordings":
        return recording_cases(arguments.folder)
    for kind in ("ros1", "ros2", "idl"):
        ros_cases(random.Random(f"{kind} {arguments.seed}"), arguments.count, kind)
    xcdr_cases(random.Random(f"xcdr {arguments.seed}"), arguments.count)
    protobuf_cases(random.Random(f"protobuf {arguments.seed}"), arguments.count)
    json_cases(random.Random(f"json {arguments.seed}"), arguments.count)


if __name__ == "__main__":
    main()
