/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can the file of --trace be written? */
#include "lab/commands/trace_option.h"

#include "lab/base/error.h"

static bool cannot(const struct trace_option *o, int error, GError **gerror) {
	g_set_error(gerror, LAB_ERROR, LAB_ERROR_INPUT,
	            "--trace: cannot write '%s': %s; allowed: a file in a folder that is there",
	            o->path, g_strerror(error));
	return false;
}

bool trace_option_open(const struct trace_option *o, struct trace_file **file, GError **error) {
	int why = 0;

	if (!o->path)
		return true;
	if (o->limit < 1 || o->limit > G_MAXUINT32 / 2) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--trace-limit: %" G_GINT64_FORMAT
		            "; allowed: a whole number from 1 to %u",
		            o->limit, G_MAXUINT32 / 2);
		return false;
	}
	*file = trace_file_open(o->path, (uint64_t)o->limit, &why);
	return *file || cannot(o, why, error);
}

bool trace_option_keep(const struct trace_option *o, struct trace_file *file, GError **error) {
	int why = file ? trace_file_keep(file) : 0;

	return why == 0 || cannot(o, why, error);
}
