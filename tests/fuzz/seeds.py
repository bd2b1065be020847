#!/usr/bin/env python3
"""Lays the public test data beside the project out as libFuzzer's corpus folders.

seeds.py SHARED_DATA FOLDER   makes FOLDER/<kind>/, one input a file; prints how many of each

The data is read in place and never becomes part of the project; what is not there is skipped.
"""

import ast
import os
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
          list(zip_inputs(pjsip, "fuzz-sdp_seed_corpus.zip")))
    write(folder, "multipart", multiparts_of(messages))
    values = sorted(set(values_of(messages)))
    write(folder, "value", values)
    write(folder, "digest", [v for v in values if b"nonce" in v])
    write(folder, "uri", zip_inputs(pjsip, "fuzz-uri_seed_corpus.zip"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
