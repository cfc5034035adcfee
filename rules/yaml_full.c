/* SPDX-License-Identifier: BSD-3-Clause */
/* yaml_full.c - how does YAML read with everything in it written out? */
#include "yaml_full.h"

static int
keep_text(void *ctx, unsigned char *bytes, size_t len)
{
    ndr_buffer *text = ctx;
    ndr_buffer_add(text, (ndr_slice){bytes, len});
    return text->failed ? 0 : 1;
}

/* `made` is what the event's initializer answered; the emitter owns the event then. */
static void
put(ndr_yaml_full *f, int made, yaml_event_t *event)
{
    if (!f->begun || f->failed)
        made = 0;
    if (made == 0 || yaml_emitter_emit(&f->emitter, event) == 0)
        f->failed = true;
}

void
ndr_yaml_full_begin(ndr_yaml_full *f)
{
    *f = (ndr_yaml_full){0};
    if (yaml_emitter_initialize(&f->emitter) == 0) {
        f->failed = true;
        return;
    }
    f->begun = true;
    yaml_emitter_set_output(&f->emitter, keep_text, &f->text);
    yaml_emitter_set_unicode(&f->emitter, 1);
    yaml_emitter_set_width(&f->emitter, -1);
    yaml_event_t e;
    put(f, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING), &e);
    put(f, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1), &e);
}

void
ndr_yaml_full_free(ndr_yaml_full *f)
{
    if (f->begun)
        yaml_emitter_delete(&f->emitter);
    ndr_buffer_free(&f->text);
    *f = (ndr_yaml_full){0};
}

void
ndr_yaml_full_scalar(ndr_yaml_full *f, ndr_slice value, bool plain)
{
    if (!f->begun || f->failed)
        return;
    yaml_event_t e;
    put(f,
        yaml_scalar_event_initialize(&e, NULL, NULL, value.ptr, (int)value.len, 1, 1,
                                     plain ? YAML_PLAIN_SCALAR_STYLE
                                           : YAML_DOUBLE_QUOTED_SCALAR_STYLE),
        &e);
}

void
ndr_yaml_full_open_map(ndr_yaml_full *f)
{
    yaml_event_t e;
    put(f,
        yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
        &e);
}

void
ndr_yaml_full_close_map(ndr_yaml_full *f)
{
    yaml_event_t e;
    put(f, yaml_mapping_end_event_initialize(&e), &e);
}

void
ndr_yaml_full_open_list(ndr_yaml_full *f)
{
    yaml_event_t e;
    put(f,
        yaml_sequence_start_event_initialize(&e, NULL, NULL, 1,
                                             YAML_BLOCK_SEQUENCE_STYLE),
        &e);
}

void
ndr_yaml_full_close_list(ndr_yaml_full *f)
{
    yaml_event_t e;
    put(f, yaml_sequence_end_event_initialize(&e), &e);
}

bool
ndr_yaml_full_end(ndr_yaml_full *f, ndr_slice *ret)
{
    yaml_event_t e;
    put(f, yaml_document_end_event_initialize(&e, 1), &e);
    put(f, yaml_stream_end_event_initialize(&e), &e);
    *ret = (ndr_slice){f->text.ptr, f->text.len};
    return !f->failed && !f->text.failed;
}
