/* SPDX-License-Identifier: BSD-3-Clause */
/* transfer.h - which bytes does a transfer encoding stand for? (RFC 2045 6) */
#ifndef NDR_TRANSFER_H
#define NDR_TRANSFER_H

#include "ndrscan.h"

enum ndr_transfer { NDR_TRANSFER_NONE, NDR_TRANSFER_QP, NDR_TRANSFER_BASE64 };

/* Of a Content-Transfer-Encoding value; unknown words are NDR_TRANSFER_NONE. */
enum ndr_transfer ndr_transfer_find(ndr_slice word);
/* Append the decoded bytes: what is not in the alphabet is passed over, the first
 * '=' ends them. */
void ndr_base64_decode(ndr_slice in, ndr_buffer *out);
/* Append the decoded bytes; `word` also turns '_' into a space (RFC 2047 4.2). */
void ndr_qp_decode(ndr_slice in, bool word, ndr_buffer *out);

#endif
