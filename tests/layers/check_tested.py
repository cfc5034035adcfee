#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_tested.py ROOT - which test holds each source file?

FILE.c is held by a test_FILE.c, or by what ELSEWHERE names. Prints a line for each file
that nothing is named for, and for each row of ELSEWHERE that says what is not so; exit
status 0 none, 1 some.
"""
import fnmatch
import pathlib
import sys

# What is tested through another: files as fnmatch names them, and what holds them. A row
# goes when its files have tests of their own.
ELSEWHERE = [
    # the engine and what it stands on
    ("engine/base/version.c", "tests/library/test_library.py"),
    ("engine/match/hs_compiler.c", "tests/engine/match/test_builder.c"),
    ("engine/proof/crypto_lib.c", "tests/engine/proof/test_dkim_verify.c"),
    ("engine/proof/dkim_keys.c", "tests/engine/proof/test_dkim_key.c"),
    ("engine/proof/key_record.c", "tests/rules/test_identity_file.c"),
    ("engine/proof/instance.c", "tests/engine/proof/test_whose.c"),
    ("engine/proof/secrets.c", "tests/engine/proof/test_whose.c"),
    ("engine/proof/weak_limit_file.c", "tests/engine/proof/test_weak_limit.c"),
    ("engine/proof/whose_*.c", "tests/engine/proof/test_whose.c"),
    # bytes in
    ("io/codec/codec_*.c", "tests/io/codec/test_codec.c"),
    ("io/pass/archive_*.c", "tests/cli"),
    ("io/pass/passthrough_packed.c", "tests/io/pass/test_passthrough.c"),
    ("io/source/pack*.c", "tests/io/source/test_packer.c"),
    ("io/source/input_named.c", "tests/io/source/test_input.c"),
    ("io/source/reader_*.c", "tests/io/source/test_reader.c"),
    ("io/sink/piece_*.c", "tests/pieces/test_pieces.py"),
    ("io/source/*plan*.c", "tests/pieces/test_pieces.py"),
    ("io/source/large_file.c", "tests/pieces/test_pieces.py"),
    # rooms of their own
    ("io/move/journal_settle.c", "tests/io/move/test_journal.c"),
    ("io/sent/log_joins.c", "tests/io/sent/test_log_postfix.c"),
    ("io/sent/log_state.c", "tests/io/sent/test_log_postfix.c"),
    ("io/sent/sent_folder.c", "tests/io/sent/test_sent_care.c"),
    ("io/sent/sent_log.c", "tests/io/sent/test_log_exim.c"),
    ("io/stats/count*.c", "tests/io/stats/test_counts_rows.c"),
    ("rules/edit_identity.c", "tests/rules/test_identity_file.c"),
    ("rules/secrets_file.c", "tests/rules/test_identity_file.c"),
    ("rules/roots_file.c", "tests/rules/test_admins_watch.c"),
    ("rules/whole_file.c", "tests/rules/test_load_mailboxes.c"),
    ("rules/keep.c", "tests/rules/test_load_windows.c"),
    ("rules/yaml_*.c", "tests/rules/test_yaml_file.c"),
    ("rules/cache_dir.c", "tests/cli"),
    # the command
    ("tools/ndrscan.c", "tests/cli"),
    ("tools/*/cmd_*.c", "tests/cli"),
    ("tools/app/tables.c", "tests/tools/app/test_opts.c"),
    ("tools/app/verbs_*.c", "tests/tools/app/test_opts.c"),
    ("tools/app/*.c", "tests/cli"),
    ("tools/console/*.c", "tests/console"),
    ("tools/examples/*.c", "tests/library/test_library.py"),
    ("tools/identity/*.c", "tests/cli"),
    ("tools/move/*.c", "tests/cli"),
    ("tools/notify/*.c", "tests/watch/test_notify.py"),
    ("tools/pieces/*.c", "tests/pieces/test_pieces.py"),
    ("tools/report/*.c", "tests/switch/test_report.py"),
    ("tools/scan/*.c", "tests/cli"),
    ("tools/sent/*.c", "tests/cli"),
    ("tools/stream/*.c", "tests/serve"),
    ("tools/watch/*.c", "tests/watch"),
    ("tools/windows/*.c", "tests/switch/test_switch.py"),
]


def main():
    root = pathlib.Path(sys.argv[1])
    tests = {p.stem[len("test_"):] for p in (root / "tests").rglob("test_*.c")}
    used, wrong = set(), []
    for folder in ("engine", "rules", "io", "tools"):
        for path in sorted((root / folder).rglob("*.c")):
            name = path.relative_to(root).as_posix()
            if path.stem in tests:
                continue
            rows = [row for row in ELSEWHERE if fnmatch.fnmatchcase(name, row[0])]
            if rows:
                used.add(rows[0])
            else:
                wrong.append(f"{name}:1: no test_{path.stem}.c, and check_tested.py names no other")
    for row in ELSEWHERE:
        if row not in used:
            wrong.append(f"{row[0]}: nothing that has no test of its own is so called")
        if not (root / row[1]).exists():
            wrong.append(f"{row[0]}: {row[1]} is not there")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


sys.exit(main())
