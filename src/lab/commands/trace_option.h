/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do --trace and --trace-limit ask for? */
#ifndef LAB_TRACE_OPTION_H
#define LAB_TRACE_OPTION_H

#include <glib.h>
#include <stdbool.h>

#include "trace/file.h"

struct trace_option {
	char *path;   /* NULL: no trace */
	gint64 limit; /* spans */
};

#define COMMAND_TRACE(option)                                                                      \
	{"trace", 0, 0, G_OPTION_ARG_FILENAME, &(option)->path,                                    \
	 "Write all that happens there: X.pftrace for Perfetto, X.speedscope.json; .gz packs", "FILE"},       \
	{"trace-limit", 0, 0, G_OPTION_ARG_INT64, &(option)->limit,                                \
	 "Spans in it at most (2000000)", "N"}

/* Opens what the options ask for, if anything: *file stays NULL else.  False and *error. */
bool trace_option_open(const struct trace_option *option, struct trace_file **file, GError **error);
/* The run was good: the file is the new one.  False and *error. */
bool trace_option_keep(const struct trace_option *option, struct trace_file *file, GError **error);

#endif
