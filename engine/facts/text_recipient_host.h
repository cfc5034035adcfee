/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_recipient_host.h - which mail server does a bounce's text name?
 *
 * Each returns the first one that its words give away, as it stands in `text` and
 * borrowed from it; empty when there is none. Pure.
 */
#ifndef NDR_TEXT_RECIPIENT_HOST_H
#define NDR_TEXT_RECIPIENT_HOST_H

#include "ndrscan.h"

/* The one that refused ("host mx.example.com[192.0.2.1] said: 550 ..."). */
ndr_slice ndr_text_recipient_remote_host(ndr_slice text);
/* The one that writes ("This is the mail system at host mx.example.com."). */
ndr_slice ndr_text_recipient_reporting_host(ndr_slice text);

#endif
