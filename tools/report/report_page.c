/* SPDX-License-Identifier: BSD-3-Clause */
/* report_page.c - how does the page come under its name? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/publish.h"
#include "report.h"

int
report_page(const report *r, const char *path)
{
    publish p;
    ndr_error err = {0};
    ndr_buffer out = {0};
    int code = report_html(r, &out, &err);
    if (code == 0 && out.failed)
        code = ndr_fail(&err, NDR_E_NOMEM, "out of memory");
    if (code == 0)
        code = publish_begin(&p, path, true, &err);
    if (code == 0 && (code = put_all(p.fd, (ndr_slice){out.ptr, out.len}, &err)) != 0) {
        ndr_error_prefix(&err, "'%s'", path);
        publish_drop(&p);
    } else if (code == 0) {
        code = publish_commit(&p, true, NULL, &err);
    }
    ndr_buffer_free(&out);
    if (code != 0)
        diag("%s", err.text);
    return code == 0 ? EXIT_READ : EXIT_NOT_RUN;
}
