#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Reads TensorBoard's files of events below a folder, frame by frame with both sums of each, and prints
# "FOLDER TAG STEP VALUE" for every figure.  The formats are those that src/cli/runs/tensorboard.c names.
import glob
import os
import struct
import sys


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def records(data):
    at = 0
    while at < len(data):
        length, = struct.unpack_from('<Q', data, at)
        head, = struct.unpack_from('<I', data, at + 8)
        body = data[at + 12:at + 12 + length]
        foot, = struct.unpack_from('<I', data, at + 12 + length)
        assert head == masked(data[at:at + 8]) and foot == masked(body), 'a sum is wrong'
        at += 16 + length
        yield body


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at, found = 0, {}
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from('<d', data, at)[0], at + 8
        elif key & 7 == 5:
            value, at = struct.unpack_from('<f', data, at)[0], at + 4
        else:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        found[key >> 3] = value
    return found


assert crc32c(b'123456789') == 0xe3069283  # RFC 3720
for path in sorted(glob.glob(os.path.join(glob.escape(sys.argv[1]), '**', 'events.out.tfevents.*'), recursive=True)):
    events = [fields(body) for body in records(open(path, 'rb').read())]
    assert events[0][3] == b'brain.Event:2', 'the first event says no version'
    times = [event[1] for event in events]
    assert times == sorted(times) and times[0] > 1.6e9, 'times'
    for event in events[1:]:
        value = fields(fields(event[5])[1])
        folder = os.path.relpath(os.path.dirname(path), sys.argv[1])
        print(folder, value[1].decode(), event[2], '%.6g' % value[2])
