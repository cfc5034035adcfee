/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_lines.c - how do the lines of an explanation lie? */
#include "explain.h"

#include "app/text.h"

#include <string.h>

void
explain_heading(ndr_buffer *out, const char *text)
{
    ndr_buffer_printf(out, "\n%s\n", text);
}

void
explain_labelled(ndr_buffer *out, const char *label, ndr_slice words)
{
    const int n = (int)strlen(label);
    ndr_buffer_printf(out, "  %s%*s", label,
                      n + 2 < EXPLAIN_LABEL ? EXPLAIN_LABEL - n - 2 : 1, "");
    text_wrap(out, words, n + 2 < EXPLAIN_LABEL ? EXPLAIN_LABEL : (size_t)n + 3,
              EXPLAIN_LABEL, EXPLAIN_WIDTH);
}

void
explain_add_step(explainer *e, ndr_slice words)
{
    ndr_buffer_printf(&e->steps, "  %2zu. ", ++e->step_count);
    text_wrap(&e->steps, words, 6, 6, EXPLAIN_WIDTH);
}
