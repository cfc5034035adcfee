/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * window_text.h - how does the text of a windows file change, and the rest of it stay?
 *
 * Lines are edited where they stand, by what ndr_windows_of_file said of them.
 * None of these can tell whether the result means what it should (a file may be
 * written in many ways): the caller loads it and compares. Edit from the last
 * entry to the first, then append.
 */
#ifndef NDR_WINDOW_TEXT_H
#define NDR_WINDOW_TEXT_H

#include "ndrscan_rules.h"
#include "yaml_file.h"

/* Add an entry at the end. `begun`: the text has a list of windows, whose entries are
 * indented by `indent`. */
void
ndr_window_text_append(ndr_buffer *text, bool begun, size_t indent, const ndr_window *w);
/* Have entry `entry` begin at `from`. False when its lines are not as expected. */
bool
ndr_window_text_begin(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, int64_t from);
/* Have entry `entry` end at `until`. False when its lines are not as expected. */
bool
ndr_window_text_end(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, int64_t until);
/* Take entry `entry` of `count` out; comment lines stay. Likewise. */
bool
ndr_window_text_drop(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, size_t count);
/* Let entries be added to a file whose list has none: "windows: []" loses its brackets.
 * Text of another form stays as it is. */
void ndr_window_text_unlist(ndr_buffer *text);
/* Blanks before the dash of entry `entry`; SIZE_MAX when it begins otherwise. */
size_t ndr_window_text_indent(ndr_slice text, const ndr_yaml *yaml, size_t entry);

#endif
