/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archive_lib.h - how is libarchive there only for those who meet an archive?
 *
 * It brings a dozen libraries along, and to load them takes longer than to scan a
 * message. So it is not linked: ndr_archive_load() loads it, and behind this header its
 * functions go by their own names through a table. Include this, not <archive.h>.
 */
#ifndef NDR_ARCHIVE_LIB_H
#define NDR_ARCHIVE_LIB_H

#include "ndrscan.h"

#include <archive.h>
#include <archive_entry.h>

#define NDR_ARCHIVE_CALLS(X)                                                             \
    X(archive_entry_filetype)                                                            \
    X(archive_entry_hardlink)                                                            \
    X(archive_entry_is_data_encrypted)                                                   \
    X(archive_entry_mtime)                                                               \
    X(archive_entry_mtime_is_set)                                                        \
    X(archive_entry_pathname)                                                            \
    X(archive_entry_pathname_utf8)                                                       \
    X(archive_error_string)                                                              \
    X(archive_read_data)                                                                 \
    X(archive_read_free)                                                                 \
    X(archive_read_new)                                                                  \
    X(archive_read_next_header)                                                          \
    X(archive_read_open1)                                                                \
    X(archive_read_set_callback_data)                                                    \
    X(archive_read_set_read_callback)                                                    \
    X(archive_read_set_seek_callback)                                                    \
    X(archive_read_support_format_7zip)                                                  \
    X(archive_read_support_format_tar)                                                   \
    X(archive_read_support_format_zip_seekable)                                          \
    X(archive_read_support_format_zip_streamable)                                        \
    X(archive_version_number)

#define NDR_ARCHIVE_MEMBER(name) __typeof__(&name) name;
typedef struct ndr_archive_calls {
    NDR_ARCHIVE_CALLS(NDR_ARCHIVE_MEMBER)
} ndr_archive_calls;

/* Filled by ndr_archive_load. */
extern ndr_archive_calls ndr_archive;

/* Load the library, once. NDR_E_LIMIT: it is not there, or another than this was built
 * for. Thread: any. */
int ndr_archive_load(ndr_error *err);

#if !defined(NDR_ARCHIVE_OWN_NAMES)
#define archive_entry_filetype            ndr_archive.archive_entry_filetype
#define archive_entry_hardlink            ndr_archive.archive_entry_hardlink
#define archive_entry_mtime               ndr_archive.archive_entry_mtime
#define archive_entry_mtime_is_set        ndr_archive.archive_entry_mtime_is_set
#define archive_entry_pathname            ndr_archive.archive_entry_pathname
#define archive_entry_pathname_utf8       ndr_archive.archive_entry_pathname_utf8
#define archive_error_string              ndr_archive.archive_error_string
#define archive_read_data                 ndr_archive.archive_read_data
#define archive_read_free                 ndr_archive.archive_read_free
#define archive_read_new                  ndr_archive.archive_read_new
#define archive_read_next_header          ndr_archive.archive_read_next_header
#define archive_entry_is_data_encrypted   ndr_archive.archive_entry_is_data_encrypted
#define archive_read_open1                ndr_archive.archive_read_open1
#define archive_read_set_callback_data    ndr_archive.archive_read_set_callback_data
#define archive_read_set_read_callback    ndr_archive.archive_read_set_read_callback
#define archive_read_set_seek_callback    ndr_archive.archive_read_set_seek_callback
#define archive_read_support_format_7zip  ndr_archive.archive_read_support_format_7zip
#define archive_read_support_format_tar   ndr_archive.archive_read_support_format_tar
#define archive_read_support_format_zip_seekable                                         \
    ndr_archive.archive_read_support_format_zip_seekable
#define archive_read_support_format_zip_streamable                                       \
    ndr_archive.archive_read_support_format_zip_streamable
#define archive_version_number            ndr_archive.archive_version_number
#endif

#endif
