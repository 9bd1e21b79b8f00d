/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --report: commands that leave a folder make a page of it, too. */
#ifndef LAB_REPORT_OPTION_H
#define LAB_REPORT_OPTION_H

#include <stdbool.h>

#include "lab/base/error.h"

#define COMMAND_REPORT(flag)                                                                       \
	{"report", 0, 0, G_OPTION_ARG_NONE, flag, "Write report.html there too: one page of it all", NULL}

/* What `dir` has to the file `out`, whole or not at all.  False and *error. */
bool report_write(const char *dir, const char *out, GError **error);
/* DIR/report.html, once all else is there; `status` is what the command came to, and what is returned unless the
 * page cannot be written. */
int report_option(const char *dir, int status);

#endif
