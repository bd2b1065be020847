#!/usr/bin/env python3
"""Lays the public test data beside the project out as libFuzzer's corpus folders.

seeds.py SHARED_DATA FOLDER   makes FOLDER/<kind>/, one input a file; prints how many of each

The data is read in place and never becomes part of the project; what is not there is skipped.
"""

import ast
import os
import struct
import sys
import zipfile


def folder_inputs(*parts):
    """The content of every file of a folder."""
    folder = os.path.join(*parts)
    if not os.path.isdir(folder):
        return
    for name in sorted(os.listdir(folder)):
        if not name.endswith((".txt", ".tsv")):
            with open(os.path.join(folder, name), "rb") as file:
                yield file.read()


def zip_inputs(*parts):
    path = os.path.join(*parts)
    if not os.path.isfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/"):
                yield archive.read(name)


def go_inputs(*parts):
    """Go's text format: a line of its own, then string("...") or []byte("...")."""
    for content in folder_inputs(*parts):
        for line in content.decode("utf-8", "replace").splitlines()[1:]:
            quoted = line[line.find("(") + 1:line.rfind(")")]
            try:
                yield ast.literal_eval("b" + quoted)
            except (SyntaxError, ValueError):
                continue


def bodies_of(messages):
    """What stands behind the header section of each message that has something there."""
    for message in messages:
        body = message.partition(b"\r\n\r\n")[2]
        if body:
            yield body


def multiparts_of(messages):
    """The Content-Type, an empty line and the body of each multipart message."""
    for message in messages:
        header, _, body = message.partition(b"\r\n\r\n")
        for line in header.replace(b"\r\n ", b" ").split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() in (b"content-type", b"c") and b"multipart" in value.lower():
                yield value.strip() + b"\r\n\r\n" + body


def values_of(messages):
    """The field values of each message, without folds taken apart."""
    for message in messages:
        for line in message.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n")[1:]:
            value = line.partition(b":")[2].strip()
            if value:
                yield value


def datagrams_of(path):
    """The payload of each UDP datagram of a capture: Ethernet or cooked, IPv4, not in fragments."""
    if not os.path.isfile(path):
        return
    with open(path, "rb") as file:
        content = file.read()
    order = "<" if content[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack(order + "I", content[20:24])[0]
    link_octets = {1: 14, 113: 16}.get(link)
    place = 24
    while link_octets and place + 16 <= len(content):
        length = struct.unpack(order + "I", content[place + 8:place + 12])[0]
        packet = content[place + 16 + link_octets:place + 16 + length]
        place += 16 + length
        if len(packet) > 28 and packet[0] >> 4 == 4 and packet[9] == 17:
            yield packet[(packet[0] & 15) * 4 + 8:]


def scripts_of(packets, at_once=10):
    """As relay_fuzz.cc reads them: how a packet comes, its length, its octets; 20 ms apart."""
    packets = [packet[:200] for packet in packets]
    for how in (b"\x10", b"\x11", b"\x93"):
        for first in range(0, len(packets), at_once):
            yield b"".join(how + bytes([len(packet)]) + packet
                           for packet in packets[first:first + at_once])


def secrets_of(packets):
    """As srtp_fuzz.cc reads them: the suite, and whether it is RTCP, before the packet."""
    for number, packet in enumerate(packets):
        yield bytes([number % 6]) + packet
        yield bytes([0x80 | number % 6]) + packet


def write(folder, kind, inputs):
    os.makedirs(os.path.join(folder, kind), exist_ok=True)
    seen = sorted(set(inputs))
    for number, content in enumerate(seen):
        with open(os.path.join(folder, kind, f"shared-{number}"), "wb") as file:
            file.write(content)
    print(f"seeds: {len(seen)} of kind {kind}")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    shared, folder = arguments
    if not os.path.isdir(shared):
        print(f"seeds: {shared} is not there, its seeds are skipped")
        return 0
    pjsip = os.path.join(shared, "fuzz", "pjsip-seeds")
    messages = [*folder_inputs(shared, "rfc4475"), *folder_inputs(shared, "sipmsg", "advisories"),
                *folder_inputs(shared, "sipmsg", "rfc-flows-msg"),
                *zip_inputs(pjsip, "fuzz-sip_seed_corpus.zip"),
                *zip_inputs(pjsip, "fuzz-sip-dialog_seed_corpus.zip"),
                *go_inputs(shared, "fuzz", "sipgo")]
    bodies = list(bodies_of(messages))
    write(folder, "message", messages)
    # With an empty script, see split_script() in input.h.
    write(folder, "edit", messages)
    write(folder, "stream", messages)
    write(folder, "sdp", [b for b in bodies if b.startswith(b"v=")] +
          [*zip_inputs(pjsip, "fuzz-sdp_seed_corpus.zip"),
           *zip_inputs(pjsip, "fuzz-sdes_seed_corpus.zip")])
    write(folder, "multipart", multiparts_of(messages))
    values = sorted(set(values_of(messages)))
    write(folder, "value", values)
    write(folder, "digest", [v for v in values if b"nonce" in v])
    write(folder, "uri", zip_inputs(pjsip, "fuzz-uri_seed_corpus.zip"))
    pcap = os.path.join(shared, "pcap")
    packets = [packet for kind in ("rtp", "rtcp", "stun")
               for packet in zip_inputs(pjsip, f"fuzz-{kind}_seed_corpus.zip")]
    for name in ("ast-AST-2017-012-rtcp-crash", "sipp-dtmf2833-1", "sipp-g711a"):
        packets += list(datagrams_of(os.path.join(pcap, name + ".pcap")))[:40]
    write(folder, "packets", scripts_of(packets))
    write(folder, "srtp", secrets_of(
        [*zip_inputs(pjsip, "fuzz-srtp_seed_corpus.zip"),
         *list(datagrams_of(os.path.join(pcap, "rtpproxy-alice-srtp.pcap")))[:40]]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
